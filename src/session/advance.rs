//! Ends a step: does what has become due by now, and announces when the next step is due.

use super::calls::{max_validity_ms, RENEWAL, VERIFICATION};
use super::{Effect, Machine, Sink, State};

impl<S: Sink> Machine<S> {
    /// Returns whether the tab may start an operation in the background.
    fn may_begin(&self) -> bool {
        self.is_idle() && self.settings.has_background && !self.is_obsolete
    }

    /// Does what has become due by now, at the end of every step except that of `Close`.
    pub(super) fn advance(&mut self) {
        let mono = self.clock.now.mono;
        if self.deadline() <= mono {
            self.on_deadline();
        }
        self.succeed_if_done();
        self.continue_secure_logout();
        if let Some(current) = self.current {
            let time = self.clock.service();
            if !self.clock.is_suspect {
                let has_expired = time >= current.expires_at;
                match self.state {
                    State::Established if has_expired => self.enter(State::TokenExpired),
                    // A correction of the clock showed that the token is still valid.
                    State::TokenExpired if !has_expired && !self.is_obsolete => {
                        self.enter(State::Established);
                    }
                    _ => {}
                }
            }
            if self.may_begin() && mono >= self.retry_at {
                if self.is_doubtful(&current) {
                    self.begin(VERIFICATION);
                } else if self.is_due() {
                    self.begin(RENEWAL);
                }
            }
        }
        self.send_due_revocations(mono);
        self.announce_times(mono);
    }

    /// Announces until when calls may return the token without a step, and when the next step is
    /// due.
    fn announce_times(&mut self, mono: f64) {
        let (mut fresh_until, mut expires_at, mut max_validity) = (0.0, 0.0, 0.0);
        let mut timer = f64::INFINITY;
        if let Some(current) = self.current {
            let due = self.clock.to_mono(self.due(&current));
            let is_doubtful = self.is_doubtful(&current);
            expires_at = self.clock.to_mono(current.expires_at);
            max_validity = max_validity_ms(&current);
            if !is_doubtful && !self.is_outdated() {
                fresh_until = due;
            }
            if self.may_begin() {
                timer = if is_doubtful {
                    self.retry_at
                } else {
                    self.retry_at.max(due)
                };
            }
            if self.state == State::Established && !self.clock.is_suspect {
                timer = timer.min(expires_at);
            }
        }
        timer = timer.min(self.deadline());
        timer = self
            .revocations
            .iter()
            .map(|revocation| revocation.next_attempt_at)
            .fold(timer, f64::min);
        let is_suspected = self.clock.is_suspect;
        self.emit(Effect::Validity {
            fresh_until,
            expires_at,
            max_validity_ms: max_validity,
            is_suspected,
        });
        self.emit(Effect::Timer(timer.max(mono)));
    }
}
