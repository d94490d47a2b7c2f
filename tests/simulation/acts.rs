//! Carries out the acts of users and fate: makes the calls of the app, opens tabs, and passes other
//! acts to their modules.

use crate::counts::Kind;
use crate::queue::Task;
use crate::script::{Act, Detail};
use crate::service::Behaviour;
use crate::shared::Change;
use crate::tab::{device_of, is_worker, Call, Tab};
use crate::truth::{Truth, BOT_KIND, USER_KIND, VISITOR_KIND};
use crate::worker::WorkerCall;
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

fn user_identity(user: u32) -> Identity {
    let kind = USER_KIND;
    Identity { kind, user }
}

impl World<'_> {
    /// Starts the run. A seeded run begins with two open tabs, a scripted run with none.
    pub(crate) fn start(&mut self) {
        self.truth.users = vec![1, 2, 3];
        self.truth.last_user = 3;
        if self.is_scripted() {
            return self.plan_script();
        }
        self.perform(Act::Open { tab: 0 });
        self.perform(Act::Open { tab: 1 });
        self.push(50.0, Task::NextAct);
    }

    /// Carries out an act, or skips it if its tab cannot perform it. A shortened script can contain
    /// acts that must be skipped.
    pub(crate) fn perform(&mut self, act: Act) {
        self.record_act(act);
        let is_awake =
            |tab: usize| tab < MAX_TABS && self.tabs[tab].alive && !self.tabs[tab].frozen;
        let is_free = |worker: usize| is_worker(worker) && !self.tabs[worker].alive;
        let is_ready = |tab: usize| is_awake(tab) && self.tabs[tab].ready;
        match act {
            Act::Open { tab } if !self.tabs[tab].alive => self.open(tab),
            Act::LogIn { tab, user: id } if is_awake(tab) => {
                self.start_login(tab, user_identity(id), false)
            }
            Act::LogInSeparately { tab, user: id } if is_awake(tab) => {
                self.start_login(tab, user_identity(id), true)
            }
            Act::LogInAsVisitor { tab } if is_awake(tab) => self.start_login(tab, VISITOR, false),
            Act::LogInAsBot { tab } if is_awake(tab) => self.start_login(tab, BOT, false),
            Act::Adopt { tab, user: id } if is_ready(tab) => {
                self.adopt_session(tab, user_identity(id))
            }
            Act::LogOut { tab } if is_awake(tab) => self.log_out_tab(tab, true),
            Act::LogOutUnrevoked { tab } if is_awake(tab) => self.log_out_tab(tab, false),
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
            Act::Abort { tab } if is_awake(tab) => self.abort_call(tab),
            Act::Close { tab } if is_awake(tab) => self.close_client(tab),
            Act::Die { tab } if self.tabs[tab].alive => self.kill_tab(tab),
            Act::Freeze { tab, ms } if is_awake(tab) => self.freeze_tab(tab, ms),
            Act::Hide { tab, ms } if is_awake(tab) => self.hide_tab(tab, ms),
            Act::Cache { tab, ms } if is_awake(tab) => self.cache_page(tab, ms),
            Act::Deploy {} => self.deploy(),
            Act::Reload { tab } if is_awake(tab) => self.reload(tab),
            Act::Sleep { ms } => self.sleep_for(ms),
            Act::SetClock { ms } => self.shift_clock(ms),
            Act::GoOffline { ms } => self.go_offline_for(ms),
            Act::ClearStorage {} => self.clear_storage(),
            Act::ClearShared {} => self.change_shared(Change::Clear),
            Act::JunkShared {} => self.change_shared(Change::Junk),
            Act::RestoreShared { ago } => self.change_shared(Change::Restore(ago)),
            Act::RevokeAll { user } => self.revoke_all_tokens(user),
            Act::Ban { user, ms } => self.ban_user(user, ms),
            Act::Delete { user } => self.delete_user(user),
            Act::ServeUser { worker, user: id } if is_free(worker) => {
                self.start_worker(
                    worker,
                    &[
                        WorkerCall::LogIn(user_identity(id)),
                        WorkerCall::Token,
                        WorkerCall::Fetch,
                    ],
                );
            }
            Act::ServeBot { worker } if is_free(worker) => {
                self.start_worker(worker, &[WorkerCall::LogIn(BOT), WorkerCall::Token]);
            }
            Act::ServeAgain { worker } if is_free(worker) => {
                self.start_worker(
                    worker,
                    &[WorkerCall::Resume, WorkerCall::Token, WorkerCall::Fetch],
                );
            }
            Act::ServeLogOut { worker } if is_free(worker) => {
                self.start_worker(worker, &[WorkerCall::Resume, WorkerCall::LogOut]);
            }
            Act::StopWorker { worker } if is_worker(worker) && self.tabs[worker].alive => {
                self.stop_worker(worker)
            }
            Act::Rest {} => self.rest_is_due = true,
            _ => {}
        }
    }

    pub(crate) fn start_login(&mut self, tab: usize, identity: Identity, is_separate: bool) {
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
            _ => self.truth.begin_login(identity, device_of(tab)),
        };
        self.tabs[tab].ready = true;
        self.tabs[tab].login = Some((identity, login));
        let call = Call::Login(identity, login);
        let number_before = self.tabs[tab]
            .waiters
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
        let new_waiter = self.tabs[tab]
            .waiters
            .iter()
            .position(|waiter| waiter.call == call && Some(waiter.number) != number_before);
        if let (true, Some(index)) = (joins, new_waiter) {
            // The pending login ended during this step, so this call has begun another login.
            let login = self.truth.begin_login(identity, device_of(tab));
            self.tabs[tab].login = Some((identity, login));
            self.tabs[tab].waiters[index].call = Call::Login(identity, login);
            self.attempts[attempts_before..]
                .iter_mut()
                .for_each(|attempt| attempt.assign_to(login));
        }
    }

    /// Signs in with a session of this device that was created elsewhere.
    fn adopt_session(&mut self, tab: usize, identity: Identity) {
        let now = self.service_time();
        let user_id = Truth::user_id(identity);
        let auth = match &user_id {
            Some(user_id) if self.plan.is_secure => Some(self.service.mint(now, user_id)),
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
        let login = self.truth.begin_login(identity, device_of(tab));
        let token = self.truth.add_token(issued, login);
        let record = self.create_record(tab, token, identity);
        self.step(tab, Event::Adopt(record), Some(Call::Adopt));
    }

    pub(crate) fn log_out_tab(&mut self, tab: usize, revoke: bool) {
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
            .current_session()
            .map(|(token, _)| self.truth.tokens[token as usize].login);
        self.step(tab, Event::SecureLogout, Some(Call::SecureLogout(login)));
    }

    fn is_fresh(&self, tab: usize) -> bool {
        let Tab {
            fresh: (fresh_until, expires_at, _),
            ..
        } = self.tabs[tab];
        let mono = self.mono(tab);
        self.tabs[tab].machine.current().is_some()
            && mono < fresh_until
            && mono + 60_000.0 < expires_at
    }

    fn fetch_everywhere(&mut self) {
        for tab in 0..MAX_TABS {
            if self.tabs[tab].alive && !self.tabs[tab].frozen && self.tabs[tab].ready {
                self.fetch(tab, false);
            }
        }
    }

    /// Sends a request of the app. If the token is not fresh, asks the machine for a token first.
    pub(crate) fn fetch(&mut self, tab: usize, is_retry: bool) {
        if !is_retry {
            self.count(Kind::Fetch);
        }
        if self.is_fresh(tab) {
            self.fetch_with(tab, is_retry);
        } else {
            self.step(
                tab,
                Event::AccessToken {
                    min_validity_ms: 60_000.0,
                },
                Some(Call::Fetch(is_retry)),
            );
        }
    }

    /// Continues a call of the app that waited for the machine.
    pub(crate) fn continue_call(&mut self, tab: usize, call: Call) {
        match call {
            Call::Fetch(is_retry) => self.fetch_with(tab, is_retry),
            // A login also restores the session of the device.
            Call::Resume if !self.tabs[tab].ready => {
                self.step(tab, Event::Resume, Some(Call::Resume))
            }
            // The app retries the request once if there is a newer token.
            Call::Refused(token)
                if self.tabs[tab]
                    .current_session()
                    .is_some_and(|(held, _)| held != token) =>
            {
                self.fetch(tab, true)
            }
            _ => {}
        }
    }

    /// Opens a tab. The tab resumes the session of the device.
    pub(crate) fn open(&mut self, place: usize) {
        let life = self.tabs[place].life + 1;
        let default = f64::from(life) * 10.0 + place as f64 + 1.0;
        let number = self.decide(Detail::Number, (place, 0), default, |world| {
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
            received_shared: self.shared.numbers,
            version: self.release,
            received_version: self.shared.version,
            ..Tab::new((place, number), self.plan, life, now, base)
        };
        self.count(Kind::Opened);
        self.write_version(place);
        let late_ms = self.decide(Detail::ResumeTakes, (place, 0), 0.0, |world| {
            if world.plan.callers_abort && world.draw_accident(0.05) {
                world.random().between(1.0, 500.0)
            } else {
                0.0
            }
        });
        if late_ms > 0.0 {
            self.count(Kind::ResumedLate);
            self.allow_messages(&Event::Resume);
            return self.push_to(place, late_ms, Task::ContinueCall(Call::Resume));
        }
        self.step(place, Event::Resume, Some(Call::Resume));
    }
}
