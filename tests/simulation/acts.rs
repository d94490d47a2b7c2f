//! What users and fate do: one thing after the other, drawn by the seed, sometimes many at once and
//! sometimes nothing for a good part of a token's life.

use crate::counts::Kind;
use crate::service::Weather;
use crate::tab::{Call, Tab};
use crate::truth::{Token, Truth};
use crate::world::{What, World, TABS};
use social_plus_auth::session::{Event, Person, Record, State};

const VISITOR: Person = Person { kind: 1, user: 0 };

impl World<'_> {
    /// Two tabs are there at the start, and somebody signs in.
    pub(crate) fn start(&mut self) {
        self.truth.users = vec![1, 2, 3];
        self.truth.last_user = 3;
        self.open(0);
        self.open(1);
        self.push(50.0, What::Acts);
    }

    /// A tab that is there, awake and not frozen, and has taken up what there was.
    fn some_tab(&mut self) -> Option<usize> {
        let awake: Vec<usize> = (0..TABS)
            .filter(|tab| self.tabs[*tab].alive && !self.tabs[*tab].frozen)
            .collect();
        if awake.is_empty() {
            return None;
        }
        Some(awake[self.random.below(awake.len())])
    }

    /// One that renews, if there is one.
    fn renewing_tab(&self) -> Option<usize> {
        self.tabs
            .iter()
            .position(|tab| tab.alive && !tab.frozen && !tab.renewals.is_empty())
    }

    fn ready_tab(&mut self) -> Option<usize> {
        self.some_tab().filter(|tab| self.tabs[*tab].ready)
    }

    /// How long until the next thing.
    fn pause(&mut self) -> f64 {
        let lifetime = self.plan.lifetime_ms();
        match self.random.below(100) {
            // Just when something is due.
            0..=14 => {
                let due = (0..TABS)
                    .filter(|tab| self.tabs[*tab].alive)
                    .map(|tab| self.until(tab, self.tabs[tab].timer_at))
                    .fold(lifetime, f64::min);
                (due + self.random.between(-200.0, 500.0)).max(0.0)
            }
            15..=59 => self.random.between(0.0, 400.0),
            60..=79 => self.random.between(400.0, 15_000.0),
            80..=91 => self.random.between(15_000.0, 0.02 * lifetime + 120_000.0),
            _ => self.random.between(0.02 * lifetime, 0.6 * lifetime),
        }
    }

    /// The next thing happens.
    pub(crate) fn act(&mut self) {
        let pause = self.pause();
        self.push(pause, What::Acts);
        let plan = self.plan;
        let is_anybody = self
            .tabs
            .iter()
            .any(|tab| tab.alive && tab.machine.held().is_some());
        if !is_anybody && self.random.chance(0.4) {
            return self.log_in();
        }
        match self.random.below(1000) {
            0..=79 => self.log_in(),
            80..=109 => self.log_in_as(VISITOR, Kind::Visitor),
            110..=129 => self.adopt(),
            130..=154 => self.log_out(),
            155..=169 => self.log_out_securely(),
            170..=344 => self.want_token(),
            345..=489 => self.fetch_somewhere(),
            490..=529 => self.fetch_everywhere(),
            530..=569 => self.renew(),
            570..=619 => self.wake(),
            620..=719 => self.open_somewhere(),
            720..=769 if plan.tabs_die => self.die(),
            770..=829 if plan.tabs_freeze => self.freeze(),
            830..=849 if plan.clocks_lie => self.sleep(),
            850..=869 if plan.clocks_lie => self.turn_clock(),
            870..=899 if plan.trouble > 0.0 => self.go_offline(),
            900..=909 if plan.storage_fails => self.clear_storage(),
            910..=919 if plan.meta_fails => self.clear_meta(),
            920..=944 => self.revoke_all(),
            945..=952 => self.ban(),
            953..=956 => self.delete(),
            _ => self.fetch_somewhere(),
        }
    }

    fn some_user(&mut self) -> Person {
        let slot = self.random.below(self.truth.users.len());
        Person {
            kind: 0,
            user: self.truth.users[slot],
        }
    }

    fn log_in(&mut self) {
        let person = self.some_user();
        self.log_in_as(person, Kind::Login);
    }

    fn log_in_as(&mut self, person: Person, kind: Kind) {
        let Some(tab) = self.some_tab() else { return };
        if matches!(self.tabs[tab].state, State::Terminated(_)) && self.random.chance(0.8) {
            self.logout_of(tab, true);
        }
        let afresh = person.kind == 0 && self.random.chance(0.2);
        self.count(if afresh { Kind::LoginAfresh } else { kind });
        let before = self.tabs[tab].login;
        // Who joins a login that is on its way changes nothing about it.
        let joins = before.is_some_and(|(pending, _)| pending == person && !afresh);
        let login = match before {
            Some((_, login)) if joins => login,
            _ => self.truth.begin(person),
        };
        self.tabs[tab].ready = true;
        self.tabs[tab].login = Some((person, login));
        let call = Call::Login(person, login);
        let waited = self.tabs[tab]
            .waits
            .iter()
            .find(|(_, other)| *other == call)
            .map(|(number, _)| *number);
        let asked = self.asks.len();
        self.step(tab, Event::Login(person, afresh), Some(call));
        let waits = self.tabs[tab]
            .waits
            .iter()
            .position(|(number, other)| *other == call && Some(*number) != waited);
        if let (true, Some(place)) = (joins, waits) {
            // That one had come to its end, and this is another.
            let login = self.truth.begin(person);
            self.tabs[tab].login = Some((person, login));
            self.tabs[tab].waits[place].1 = Call::Login(person, login);
            self.asks[asked..]
                .iter_mut()
                .for_each(|ask| ask.is_for(login));
        }
    }

    /// A session that was made elsewhere, for this device.
    fn adopt(&mut self) {
        let Some(tab) = self.ready_tab() else { return };
        let person = self.some_user();
        let now = self.service_time();
        let name = Truth::name(person);
        let auth = match &name {
            Some(name) if self.plan.secure => Some(self.service.mint(now, name)),
            _ => None,
        };
        let Ok(issued) = self
            .service
            .create(now, Weather::Fine, name.as_deref(), auth.as_deref())
        else {
            return;
        };
        self.count(Kind::Adopt);
        let login = self.truth.begin(person);
        let (text, issued_at, expires_at) = (issued.token, issued.issued_at, issued.expires_at);
        self.truth.tokens.push(Token {
            text,
            issued_at,
            expires_at,
            login,
            asked: 0,
            excused: 0,
            wanted: false,
        });
        let id = self.tabs[tab].intern(self.truth.tokens.len() as u32 - 1);
        let record = Record {
            id,
            epoch: 0.0,
            number: 0.0,
            issued_at,
            expires_at,
            person,
            offset: 0.0,
        };
        self.step(tab, Event::Adopt(record), Some(Call::Adopt));
    }

    fn log_out(&mut self) {
        let Some(tab) = self.ready_tab() else { return };
        let revoke = self.random.chance(0.7);
        self.logout_of(tab, revoke);
    }

    pub(crate) fn logout_of(&mut self, tab: usize, revoke: bool) {
        self.count(if revoke {
            Kind::Logout
        } else {
            Kind::LogoutUnrevoked
        });
        self.step(tab, Event::Logout(revoke), Some(Call::Logout));
    }

    fn log_out_securely(&mut self) {
        let Some(tab) = self.ready_tab() else { return };
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
        self.tabs[tab].machine.held().is_some() && mono < until && mono + 60_000.0 < end
    }

    fn want_token(&mut self) {
        let Some(tab) = self.ready_tab() else { return };
        self.count(Kind::Token);
        let ms = if self.random.chance(0.1) {
            self.plan.lifetime_ms() / 2.0
        } else {
            60_000.0
        };
        self.step(tab, Event::Need(ms), Some(Call::Token));
    }

    fn fetch_somewhere(&mut self) {
        if let Some(tab) = self.ready_tab() {
            self.fetch(tab, false);
        }
    }

    fn fetch_everywhere(&mut self) {
        for tab in 0..TABS {
            if self.tabs[tab].alive && !self.tabs[tab].frozen && self.tabs[tab].ready {
                self.fetch(tab, false);
            }
        }
    }

    /// A request of the app. A token that is good needs no step.
    pub(crate) fn fetch(&mut self, tab: usize, second: bool) {
        if !second {
            self.count(Kind::Fetch);
        }
        if self.is_fresh(tab) {
            self.fetch_with(tab, second);
        } else {
            self.step(tab, Event::Need(60_000.0), Some(Call::Fetch(second)));
        }
    }

    /// A call of the app goes on.
    pub(crate) fn call(&mut self, tab: usize, call: Call) {
        match call {
            Call::Fetch(second) => self.fetch_with(tab, second),
            // A newer token is tried once.
            Call::Refused(token)
                if self.tabs[tab].held().is_some_and(|(held, _)| held != token) =>
            {
                self.fetch(tab, true)
            }
            _ => {}
        }
    }

    fn renew(&mut self) {
        let Some(tab) = self.ready_tab() else { return };
        self.count(Kind::Renew);
        self.step(tab, Event::Renew, Some(Call::Renew));
    }

    fn wake(&mut self) {
        let Some(tab) = self.some_tab() else { return };
        let online = self.random.chance(0.3);
        self.count(if online { Kind::Online } else { Kind::Wake });
        self.step(tab, Event::Wake(online), None);
    }

    fn open_somewhere(&mut self) {
        if let Some(place) = (0..self.plan.tabs).find(|place| !self.tabs[*place].alive) {
            self.open(place);
        }
    }

    /// A new tab, which takes up what there is.
    pub(crate) fn open(&mut self, place: usize) {
        let (number, base) = (
            self.random.next() as u32 | 1,
            -self.time + self.slept + self.random.unit(),
        );
        let life = self.tabs[place].life + 1;
        self.tabs[place].mono_base = base;
        let now = self.now(place);
        self.tabs[place] = Tab::new(number, self.plan, life, now, base);
        self.tabs[place].seen = self.meta;
        self.count(Kind::Opened);
        self.step(place, Event::Resume, Some(Call::Resume));
    }

    fn die(&mut self) {
        let place = self
            .renewing_tab()
            .unwrap_or_else(|| self.random.below(self.plan.tabs));
        if self.tabs[place].alive {
            let renewed = self.excuse(place);
            // What it was about to store is lost with it.
            self.truth.slack += u32::from(self.tabs[place].storage_free >= self.time);
            self.count(if renewed {
                Kind::RenewerDied
            } else {
                Kind::Died
            });
            self.bury(place);
        }
    }

    fn bury(&mut self, place: usize) {
        let life = self.tabs[place].life;
        self.note(|| format!("tab {place} dies"));
        self.tabs[place] = Tab {
            life: life + 1,
            alive: false,
            ..Tab::none(place, self.plan)
        };
        self.lock.queue.retain(|(tab, ..)| *tab != place);
        if self.lock.holder == Some((place, life)) {
            self.frees();
        }
    }

    fn freeze(&mut self) {
        let Some(tab) = self.renewing_tab().or_else(|| self.some_tab()) else {
            return;
        };
        let renewed = self.excuse(tab);
        // What it was about to store comes late.
        self.truth.slack += u32::from(self.tabs[tab].storage_free >= self.time);
        self.count(if renewed {
            Kind::RenewerFrozen
        } else {
            Kind::Frozen
        });
        self.note(|| format!("tab {tab} is frozen"));
        self.tabs[tab].frozen = true;
        let most = [5_000.0, 120_000.0, self.plan.lifetime_ms()][self.random.below(3)];
        let after = self.random.between(100.0, most);
        // Not the tab's own affair, or it would hold this back too.
        self.push(after, What::Thaws(tab, self.tabs[tab].life));
    }

    pub(crate) fn thaw(&mut self, tab: usize, life: u32) {
        if self.tabs[tab].life != life || !std::mem::take(&mut self.tabs[tab].frozen) {
            return;
        }
        self.count(Kind::Thawed);
        self.note(|| format!("tab {tab} is thawed"));
        for what in std::mem::take(&mut self.tabs[tab].held_back) {
            self.push_to(tab, 0.0, what);
        }
        let after = self.random.between(0.0, 20.0);
        self.push_to(tab, after, What::Happens(Event::Wake(false)));
    }

    /// Everything comes between a tab and its renewals.
    fn excuse_all(&mut self) {
        for tab in 0..TABS {
            self.excuse(tab);
            self.tabs[tab].assured = None;
        }
        self.truth.slack += TABS as u32;
    }

    fn sleep(&mut self) {
        self.count(Kind::Slept);
        let most = [60_000.0, 3_600_000.0, self.plan.lifetime_ms()][self.random.below(3)];
        let ms = self.random.between(1_000.0, most);
        self.note(|| format!("asleep for {ms} ms"));
        self.excuse_all();
        self.asleep_until = self.time + ms;
        self.slept += ms;
        for tab in (0..TABS)
            .filter(|tab| self.tabs[*tab].alive)
            .collect::<Vec<_>>()
        {
            let after = ms + self.random.between(0.0, 50.0);
            self.push_to(tab, after, What::Happens(Event::Wake(false)));
        }
    }

    fn turn_clock(&mut self) {
        let most = [5_000.0, 600_000.0, 86_400_000.0, 3_000_000_000.0][self.random.below(4)];
        let ms = self.random.between(-most, most);
        self.count(if ms < 0.0 {
            Kind::ClockBack
        } else {
            Kind::ClockForward
        });
        self.note(|| format!("the wall clock is set by {ms} ms"));
        self.excuse_all();
        self.wall_shift += ms;
    }

    fn go_offline(&mut self) {
        self.count(Kind::Offline);
        let ms = self.random.between(500.0, 120_000.0);
        self.note(|| format!("offline for {ms} ms"));
        self.offline_until = self.time + ms;
        self.push(ms, What::Online);
    }

    pub(crate) fn come_online(&mut self) {
        if self.time >= self.offline_until {
            for tab in (0..TABS)
                .filter(|tab| self.tabs[*tab].alive)
                .collect::<Vec<_>>()
            {
                self.push_to(tab, 0.0, What::Happens(Event::Wake(true)));
            }
        }
    }

    fn clear_storage(&mut self) {
        self.count(Kind::StorageCleared);
        self.truth.slack += TABS as u32;
        self.note(|| "storage is cleared".into());
        self.stored = None;
    }

    fn revoke_all(&mut self) {
        let Person { user, .. } = self.some_user();
        self.count(Kind::RevokedAll);
        self.note(|| format!("all tokens of user {user} are revoked"));
        self.service
            .revoke_all(self.service_time(), &format!("user-{user}"));
    }

    fn ban(&mut self) {
        let Person { user, .. } = self.some_user();
        if self.service.set_banned(&format!("user-{user}"), true) {
            self.count(Kind::Banned);
            self.note(|| format!("user {user} is banned"));
            self.truth.banned.push(user);
            let after = self.random.between(1_000.0, 600_000.0);
            self.push(after, What::Unbans(user));
        }
    }

    pub(crate) fn unban(&mut self, user: u32) {
        if self.service.set_banned(&format!("user-{user}"), false) {
            self.count(Kind::Unbanned);
            self.note(|| format!("user {user} is no longer banned"));
        }
    }

    fn delete(&mut self) {
        let slot = self.random.below(self.truth.users.len());
        let user = self.truth.users[slot];
        if self.service.delete(&format!("user-{user}")) {
            self.count(Kind::Deleted);
            self.note(|| format!("user {user} is deleted"));
            self.truth.deleted.push(user);
            // Somebody else signs in from now on: no name comes back.
            self.truth.last_user += 1;
            self.truth.users[slot] = self.truth.last_user;
        }
    }
}
