//! Logouts, revokes, and the service's last word (rules 10 and 15).

use super::flight::Goal;
use super::parts::{Effect, Message, Reason, Record, State};
use super::wire::Outcome;
use super::{schedule, Machine, Sink};

/// A token that is still to be revoked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owed {
    /// Of the session.
    pub id: u32,
    epoch: f64,
    expires_at: f64,
    /// Who waits for the first try; 0: nobody.
    wait: u32,
    /// `secureLogout`: the session ends with it, or not at all.
    secure: bool,
    tries: u32,
    /// The next try, in monotonic time; never while one is on its way.
    pub next: f64,
}

impl<S: Sink> Machine<S> {
    /// A new epoch. Its last ten bits are random, so that two tabs that raise it at once do not raise it to the same.
    pub(super) fn raise(&mut self) -> f64 {
        let random = (self.random() * 1024.0) as u64;
        let epoch = ((self.shared.epoch as u64 >> 10) + 1) << 10 | random;
        self.shared.epoch = epoch as f64;
        self.shared.epoch
    }

    /// Whether the token is past its end, beyond doubt.
    fn is_over(&self, expires_at: f64) -> bool {
        self.clock.service() >= expires_at && !self.clock.suspect
    }

    /// The token is to be revoked.
    pub(super) fn owe(&mut self, record: &Record, wait: u32, secure: bool) {
        let Record {
            id,
            epoch,
            expires_at,
            ..
        } = *record;
        self.owed.push(Owed {
            id,
            epoch,
            expires_at,
            wait,
            secure,
            tries: 0,
            next: f64::NEG_INFINITY,
        });
    }

    /// Whatever is of an earlier epoch is over, here and in every tab.
    fn leave(&mut self) {
        self.raise();
        (self.shared.floor, self.shared.committed) = (self.shared.epoch, 0.0);
        self.say(Effect::Clear);
        self.say(Effect::Tell(Message::Changed, 0));
        self.hold(None);
        self.enter(State::NotLoggedIn);
    }

    /// Signed out here at once, to be revoked.
    pub(super) fn sign_out(&mut self) {
        if let Some(held) = self.held {
            self.owe(&held, 0, false);
        }
        self.leave();
    }

    /// Somebody signs in where another one's session lies in storage.
    pub(super) fn displace(&mut self, found: &Record) {
        if found.epoch >= self.shared.floor && found.person.kind == 0 {
            self.owe(found, 0, false);
            (self.shared.floor, self.shared.committed) = (self.shared.epoch + 1.0, 0.0);
            self.say(Effect::Clear);
        } else {
            self.forget(found.id);
        }
    }

    fn end_by_logout(&mut self) {
        self.end(if self.flight.goal == Goal::Login {
            Outcome::Superseded
        } else {
            Outcome::NotLoggedIn
        });
    }

    pub(crate) fn on_logout(&mut self, revoke: bool) {
        self.end_by_logout();
        match self.held {
            Some(held) if revoke && !self.is_over(held.expires_at) => {
                let wait = self.number();
                self.owe(&held, wait, false);
                self.say(Effect::Wait(wait));
            }
            Some(_) if revoke => self.at_once(Outcome::Fine),
            _ => self.at_once(Outcome::NotLoggedIn),
        }
        self.leave();
    }

    pub(crate) fn on_secure_logout(&mut self) {
        match self.held {
            None if self.state == State::NotLoggedIn => self.at_once(Outcome::NotLoggedIn),
            // There is nothing left that the service would honour.
            held if held.is_none_or(|held| self.is_over(held.expires_at)) => {
                self.end_by_logout();
                self.leave();
                self.at_once(Outcome::Fine);
            }
            Some(record) => {
                let wait = self.number();
                self.owe(&record, wait, true);
                self.say(Effect::Wait(wait));
            }
            None => {}
        }
    }

    /// Asks for what is owed and due.
    pub(super) fn pay(&mut self, mono: f64) {
        while let Some(owed) = self.owed.iter_mut().find(|owed| owed.next <= mono) {
            owed.next = f64::INFINITY;
            let id = owed.id;
            self.say(Effect::Revoke(id));
        }
    }

    pub(crate) fn on_revoked(&mut self, id: u32, done: bool) {
        let Some(place) = self
            .owed
            .iter()
            .position(|owed| owed.id == id && owed.next == f64::INFINITY)
        else {
            return;
        };
        let mut owed = self.owed.swap_remove(place);
        // Whoever has signed in since stays.
        let leaves = owed.secure && done && self.held.is_some_and(|held| held.epoch == owed.epoch);
        if leaves {
            self.end_by_logout();
            if self.held.is_some_and(|held| held.id != id) {
                // Renewed while the service was asked.
                self.sign_out();
                self.forget(id);
            } else {
                self.leave();
            }
        } else if !done
            && !owed.secure
            && self.settings.background
            && !self.is_over(owed.expires_at)
        {
            owed.tries += 1;
            owed.next = self.clock.now.mono + schedule::backoff(owed.tries, 1.0);
            self.owed.push(Owed { wait: 0, ..owed });
        } else {
            self.forget(id);
        }
        if owed.wait > 0 {
            self.say(Effect::Done(
                owed.wait,
                if done { Outcome::Fine } else { Outcome::Failed },
            ));
        }
    }

    /// The service's own word on a request for a session.
    pub(crate) fn on_definite(&mut self, reason: Reason) {
        let is_of_held = self.flight.goal != Goal::Login
            || reason != Reason::Unauthorized
                && self
                    .held
                    .is_some_and(|held| held.person.is(self.flight.person));
        if is_of_held {
            self.terminate(reason);
        } else {
            self.fail(0.0);
        }
    }

    /// The session is over: nobody can go on with it, in any tab.
    pub(super) fn terminate(&mut self, reason: Reason) {
        (self.shared.floor, self.shared.committed) =
            (self.shared.epoch + 1.0, -f64::from(reason as u8));
        self.say(Effect::Clear);
        self.say(Effect::Tell(Message::Changed, 0));
        self.hold(None);
        self.enter(State::Terminated(reason));
        self.end(Outcome::Terminated);
    }
}
