//! Carries out the acts of users: the calls of the app, and tabs that open.

use crate::counts::Kind;
use crate::queue::What;
use crate::script::{Act, Detail};
use crate::service::Behaviour;
use crate::shared::Change;
use crate::tab::{device_of, is_worker, Call, Tab};
use crate::truth::{Truth, BOT_KIND, USER_KIND, VISITOR_KIND};
use crate::worker::Chore;
use crate::world::{World, MAX_TABS};
use social_plus_auth::session::{Event, Identity};

const VISITOR: Identity = Identity {
    kind: VISITOR_KIND,
    user: 0,
};
const BOT: Identity = Identity {
    kind: BOT_KIND,
    user: 0,
};

fn user(user: u32) -> Identity {
    let kind = USER_KIND;
    Identity { kind, user }
}

impl World<'_> {
    /// Opens two tabs in a seeded run. A scripted run starts without tabs.
    pub(crate) fn start(&mut self) {
        self.truth.users = vec![1, 2, 3];
        self.truth.last_user = 3;
        if self.is_scripted() {
            return self.plan_script();
        }
        self.perform(Act::Open { tab: 0 });
        self.perform(Act::Open { tab: 1 });
        self.push(50.0, What::Acts);
    }

    /// Carries out an act, or skips it if its tab cannot perform it. A shortened script can contain
    /// such acts.
    pub(crate) fn perform(&mut self, act: Act) {
        self.record_act(act);
        let is_awake =
            |tab: usize| tab < MAX_TABS && self.tabs[tab].alive && !self.tabs[tab].frozen;
        let is_free = |worker: usize| is_worker(worker) && !self.tabs[worker].alive;
        let is_ready = |tab: usize| is_awake(tab) && self.tabs[tab].ready;
        match act {
            Act::Open { tab } if !self.tabs[tab].alive => self.open(tab),
            Act::LogIn { tab, user: id } if is_awake(tab) => self.log_in_to(tab, user(id), false),
            Act::LogInSeparately { tab, user: id } if is_awake(tab) => {
                self.log_in_to(tab, user(id), true)
            }
            Act::LogInAsVisitor { tab } if is_awake(tab) => self.log_in_to(tab, VISITOR, false),
            Act::LogInAsBot { tab } if is_awake(tab) => self.log_in_to(tab, BOT, false),
            Act::Adopt { tab, user: id } if is_ready(tab) => self.adopt_in(tab, user(id)),
            Act::LogOut { tab } if is_awake(tab) => self.logout_of(tab, true),
            Act::LogOutUnrevoked { tab } if is_awake(tab) => self.logout_of(tab, false),
            Act::LogOutSecurely { tab } if is_ready(tab) => self.log_out_securely(tab),
            Act::AskForToken { tab, ms } if is_ready(tab) => {
                self.count(Kind::Token);
                self.step(
                    tab,
                    Event::AccessToken {
                        min_validity_ms: ms,
                    },
                    Some(Call::Token),
                );
            }
            Act::Fetch { tab } if is_ready(tab) => self.fetch(tab, false),
            Act::FetchEverywhere {} => self.fetch_everywhere(),
            Act::Renew { tab } if is_ready(tab) => {
                self.count(Kind::Renew);
                self.step(tab, Event::Renew, Some(Call::Renew));
            }
            Act::Wake { tab } if is_awake(tab) => {
                self.count(Kind::Wake);
                self.step(tab, Event::Wake { is_online: false }, None);
            }
            Act::WakeOnline { tab } if is_awake(tab) => {
                self.count(Kind::Online);
                self.step(tab, Event::Wake { is_online: true }, None);
            }
            Act::Abort { tab } if is_awake(tab) => self.abort_in(tab),
            Act::Close { tab } if is_awake(tab) => self.close_in(tab),
            Act::Die { tab } if self.tabs[tab].alive => self.die_in(tab),
            Act::Freeze { tab, ms } if is_awake(tab) => self.freeze_for(tab, ms),
            Act::Sleep { ms } => self.sleep_for(ms),
            Act::SetClock { ms } => self.set_clock_by(ms),
            Act::GoOffline { ms } => self.go_offline_for(ms),
            Act::ClearStorage {} => self.clear_storage(),
            Act::ClearShared {} => self.change_shared(Change::Clear),
            Act::JunkShared {} => self.change_shared(Change::Junk),
            Act::RestoreShared { ago } => self.change_shared(Change::Restore(ago)),
            Act::RevokeAll { user } => self.revoke_all_of(user),
            Act::Ban { user, ms } => self.ban_for(user, ms),
            Act::Delete { user } => self.delete_user(user),
            Act::ServeUser { worker, user: id } if is_free(worker) => {
                self.serve(
                    worker,
                    &[Chore::LogIn(user(id)), Chore::Token, Chore::Fetch],
                );
            }
            Act::ServeBot { worker } if is_free(worker) => {
                self.serve(worker, &[Chore::LogIn(BOT), Chore::Token]);
            }
            Act::ServeAgain { worker } if is_free(worker) => {
                self.serve(worker, &[Chore::Resume, Chore::Token, Chore::Fetch]);
            }
            Act::ServeLogOut { worker } if is_free(worker) => {
                self.serve(worker, &[Chore::Resume, Chore::LogOut]);
            }
            Act::Rest {} => self.rest_is_due = true,
            _ => {}
        }
    }

    pub(crate) fn log_in_to(&mut self, tab: usize, identity: Identity, is_separate: bool) {
        self.count(match (is_separate, identity.kind) {
            (true, _) => Kind::SeparateLogin,
            (false, USER_KIND) => Kind::Login,
            (false, BOT_KIND) => Kind::Bot,
            (false, _) => Kind::Visitor,
        });
        let before = self.tabs[tab].login;
        // A call that joins a pending login keeps that login's number.
        let joins = before.is_some_and(|(pending, _)| pending == identity && !is_separate);
        let login = match before {
            Some((_, login)) if joins => login,
            _ => self.truth.begin(identity, device_of(tab)),
        };
        self.tabs[tab].ready = true;
        self.tabs[tab].login = Some((identity, login));
        let call = Call::Login(identity, login);
        let waited = self.tabs[tab]
            .waits
            .iter()
            .find(|waiter| waiter.call == call)
            .map(|waiter| waiter.number);
        let attempts_before = self.attempts.len();
        self.step(
            tab,
            Event::Login {
                identity,
                needs_request: is_separate,
            },
            Some(call),
        );
        let waits = self.tabs[tab]
            .waits
            .iter()
            .position(|waiter| waiter.call == call && Some(waiter.number) != waited);
        if let (true, Some(place)) = (joins, waits) {
            // The pending login ended during this step, so this call began another login.
            let login = self.truth.begin(identity, device_of(tab));
            self.tabs[tab].login = Some((identity, login));
            self.tabs[tab].waits[place].call = Call::Login(identity, login);
            self.attempts[attempts_before..]
                .iter_mut()
                .for_each(|attempt| attempt.assign_to(login));
        }
    }

    /// Signs in with a session of this device that was created elsewhere.
    fn adopt_in(&mut self, tab: usize, identity: Identity) {
        let now = self.service_time();
        let name = Truth::name(identity);
        let auth = match &name {
            Some(name) if self.plan.secure => Some(self.service.mint(now, name)),
            _ => None,
        };
        let Ok(issued) = self.service.create(
            now,
            Behaviour::Normal,
            (identity, device_of(tab)),
            auth.as_deref(),
        ) else {
            return;
        };
        self.count(Kind::Adopt);
        let login = self.truth.begin(identity, device_of(tab));
        let token = self.truth.add_token(issued, login);
        let record = self.record_of(tab, token, identity);
        self.step(tab, Event::Adopt(record), Some(Call::Adopt));
    }

    pub(crate) fn logout_of(&mut self, tab: usize, revoke: bool) {
        self.count(if revoke {
            Kind::Logout
        } else {
            Kind::LogoutUnrevoked
        });
        self.step(tab, Event::Logout { revoke }, Some(Call::Logout));
    }

    fn log_out_securely(&mut self, tab: usize) {
        self.count(Kind::SecureLogout);
        let login = self.tabs[tab]
            .held()
            .map(|(token, _)| self.truth.tokens[token as usize].login);
        self.step(tab, Event::SecureLogout, Some(Call::SecureLogout(login)));
    }

    fn is_fresh(&self, tab: usize) -> bool {
        let Tab {
            fresh: (until, end, _),
            ..
        } = self.tabs[tab];
        let mono = self.mono(tab);
        self.tabs[tab].machine.current().is_some() && mono < until && mono + 60_000.0 < end
    }

    fn fetch_everywhere(&mut self) {
        for tab in 0..MAX_TABS {
            if self.tabs[tab].alive && !self.tabs[tab].frozen && self.tabs[tab].ready {
                self.fetch(tab, false);
            }
        }
    }

    /// Sends a request of the app, after asking the machine for a token unless the token is fresh.
    pub(crate) fn fetch(&mut self, tab: usize, second: bool) {
        if !second {
            self.count(Kind::Fetch);
        }
        if self.is_fresh(tab) {
            self.fetch_with(tab, second);
        } else {
            self.step(
                tab,
                Event::AccessToken {
                    min_validity_ms: 60_000.0,
                },
                Some(Call::Fetch(second)),
            );
        }
    }

    /// Continues a call of the app that waited for the machine.
    pub(crate) fn call(&mut self, tab: usize, call: Call) {
        match call {
            Call::Fetch(second) => self.fetch_with(tab, second),
            // The app retries the request once if there is a newer token.
            Call::Refused(token)
                if self.tabs[tab].held().is_some_and(|(held, _)| held != token) =>
            {
                self.fetch(tab, true)
            }
            _ => {}
        }
    }

    /// Opens a tab, which resumes the session of the device.
    pub(crate) fn open(&mut self, place: usize) {
        let life = self.tabs[place].life + 1;
        let usual = f64::from(life) * 10.0 + place as f64 + 1.0;
        let number = self.decide(Detail::Number, (place, 0), usual, |world| {
            f64::from(world.random().next() as u32 | 1)
        }) as u32;
        let late = self.decide(Detail::ClockStart, (place, 0), 0.5, |world| {
            world.random().unit()
        });
        let base = -self.time + self.slept + late;
        self.tabs[place].mono_base = base;
        let now = self.now(place);
        self.tabs[place] = Tab {
            closed_life: self.tabs[place].closed_life,
            seen: self.shared.numbers,
            ..Tab::new((place, number), self.plan, life, now, base)
        };
        self.count(Kind::Opened);
        self.step(place, Event::Resume, Some(Call::Resume));
    }
}
