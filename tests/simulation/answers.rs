//! Handles the answers of the service: retries requests as the transport does, and converts results
//! to events of the machine.

use crate::counts::Kind;
use crate::network::{Attempt, Purpose};
use crate::queue::Task;
use crate::script::Detail;
use crate::service::Behaviour;
use crate::tab::Call;
use crate::truth::{Token, Truth, OTHER_VISITOR, VISITOR_KIND};
use crate::world::World;
use social_plus_auth::protocol::{codes, Error, Kind as ErrorKind, Retry};
use social_plus_auth::session::{Event, Identity, Now, Record, ServiceError};

impl World<'_> {
    pub(crate) fn receive_answer(&mut self, number: u32) {
        let attempt = &mut self.attempts[number as usize];
        let (false, Some(answer)) = (attempt.is_over, attempt.answer.take()) else {
            return;
        };
        attempt.is_over = true;
        let (tab, sent, at) = (attempt.tab, attempt.sent, attempt.at);
        if self.plan.dates_are_readable {
            let took_ms = self.elapsed_ms(tab, sent);
            self.step(
                tab,
                Event::ServerDate {
                    at: (at / 1000.0).floor() * 1000.0,
                    took_ms,
                },
                None,
            );
        }
        self.finish_attempt(number, answer);
    }

    pub(crate) fn fail_attempt(&mut self, number: u32) {
        if !std::mem::replace(&mut self.attempts[number as usize].is_over, true) {
            self.finish_attempt(number, Err(Error::new(ErrorKind::Timeout, "")));
        }
    }

    /// Returns how long a request took, in milliseconds. Takes the longer time of the two clocks,
    /// because only the wall clock advances while the device sleeps.
    fn elapsed_ms(&self, tab: usize, sent: Now) -> f64 {
        let now = self.now(tab);
        (now.mono - sent.mono).max(now.wall - sent.wall)
    }

    /// Ends an attempt: retries the request, or passes its result to the machine.
    fn finish_attempt(&mut self, number: u32, answer: Result<u32, Error>) {
        let Attempt {
            purpose, attempt, ..
        } = self.attempts[number as usize];
        let can_retry = matches!(purpose, Purpose::Session { .. } | Purpose::Verify { .. });
        let retry = if can_retry {
            Retry::default()
        } else {
            Retry::NONE
        };
        let tab = self.attempts[number as usize].tab;
        let random = self.decide(Detail::RetryJitter, (tab, 0), 0.5, |world| {
            world.random().unit()
        });
        let error = answer.as_ref().err();
        match error.and_then(|error| retry.delay(error, attempt, random)) {
            Some(pause_ms) => {
                // The service does not process a request that it answers with 429.
                let is_limited = error.is_some_and(|error| error.kind == ErrorKind::RateLimited);
                self.retry_after(number, pause_ms, !is_limited);
            }
            None => self.deliver_result(number, answer),
        }
    }

    fn retry_after(&mut self, number: u32, pause_ms: f64, has_lost_request: bool) {
        if self.announce_attempt(number, pause_ms, has_lost_request) {
            return;
        }
        let before = self.attempts[number as usize].clone();
        let tab = before.tab;
        self.attempts.push(Attempt {
            attempt: before.attempt + 1,
            is_over: false,
            behaviour: Behaviour::Normal,
            is_answer_lost: false,
            ..before
        });
        self.push_to(
            tab,
            pause_ms.ceil(),
            Task::StartAttempt(self.attempts.len() as u32 - 1),
        );
    }

    fn deliver_result(&mut self, number: u32, answer: Result<u32, Error>) {
        let Attempt {
            tab,
            purpose,
            sent,
            behaviour,
            ..
        } = self.attempts[number as usize];
        match purpose {
            Purpose::Session {
                ticket, identity, ..
            } => {
                let mut identity = Truth::with_known_user(identity);
                let renewals = &self.tabs[tab].renewals;
                let is_renewal = renewals.iter().any(|renewal| renewal.ticket == ticket);
                let is_visitor = identity.kind == VISITOR_KIND;
                if behaviour == Behaviour::OtherVisitor && is_renewal && is_visitor {
                    self.count(Kind::OtherVisitor);
                    identity.user = OTHER_VISITOR;
                }
                self.deliver_session((tab, ticket), identity, answer, sent)
            }
            Purpose::Verify { ticket, token } => {
                let rejects = |error: &Error| {
                    let is_unauthorized =
                        error.status == Some(401) || error.code == Some(codes::UNAUTHORIZED);
                    is_unauthorized && error.code != Some(codes::GLOBAL_BAN)
                };
                let is_rejected = answer.as_ref().err().is_some_and(rejects);
                self.truth.tokens[token as usize].may_renew_early |= is_rejected;
                let result = answer.map(drop).map_err(|error| ServiceError::from(&error));
                self.step(tab, Event::Verified { ticket, result }, None);
            }
            Purpose::Revoke { id, .. } => {
                let result = answer.map(drop).map_err(|error| ServiceError::from(&error));
                let session = id;
                self.step(tab, Event::Revoked { session, result }, None);
            }
            Purpose::Fetch {
                id,
                token,
                is_retry,
            } => {
                let is_refused = answer.err().is_some_and(|error| error.status == Some(401));
                if is_refused && !is_retry {
                    self.count(Kind::Refused);
                    self.truth.tokens[token as usize].may_renew_early = true;
                    let event = Event::Unauthorized { session: id };
                    self.step(tab, event, Some(Call::Refused(token)));
                }
            }
        }
    }

    /// Passes the answer to a session request to the machine.
    fn deliver_session(
        &mut self,
        (tab, ticket): (usize, u32),
        identity: Identity,
        answer: Result<u32, Error>,
        sent: Now,
    ) {
        let code = answer.as_ref().err().and_then(|error| error.code);
        let token = answer.as_ref().ok().copied();
        let result = answer
            .map(|token| self.create_record(tab, token, identity))
            .map_err(|error| ServiceError::from(&error));
        if result.is_err() {
            self.end_renewal(tab, ticket, true);
        }
        self.tabs[tab].received_tokens.extend(token);
        self.tabs[tab].refusals = match result {
            Ok(_) => 0,
            Err(_) => self.tabs[tab].refusals + u32::from(code == Some(codes::UNAUTHORIZED)),
        };
        let took_ms = self.elapsed_ms(tab, sent);
        let event = Event::Session {
            ticket,
            result,
            took_ms,
        };
        self.step(tab, event, None);
        // The machine discards a session that arrives too late.
        let is_held = self.tabs[tab]
            .machine
            .current()
            .is_some_and(|held| result.is_ok_and(|record| record.id == held.id));
        self.end_renewal(tab, ticket, !is_held);
    }

    /// Creates the record of a new session, as the host passes it to a tab's machine.
    pub(crate) fn create_record(&mut self, tab: usize, token: u32, identity: Identity) -> Record {
        let Token {
            issued_at,
            expires_at,
            ..
        } = self.truth.tokens[token as usize];
        Record {
            id: self.tabs[tab].intern(token),
            epoch: 0.0,
            sequence: 0.0,
            issued_at,
            expires_at,
            identity,
            clock_offset: 0.0,
        }
    }
}
