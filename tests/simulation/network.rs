//! Sends requests to the service. Each attempt may be delayed or lost.

use crate::counts::Kind;
use crate::fate::{AttemptFault, Fate};
use crate::plan::TIMEOUT_MS;
use crate::queue::Task;
use crate::service::Behaviour;
use crate::tab::{device_of, Renewal};
use crate::world::World;
use social_plus_auth::protocol::{codes, Error};
use social_plus_auth::session::wire::CLAIM_GRACE_MS;
use social_plus_auth::session::{Event, Identity, Now};

/// The purpose of a request. Numbers identify tokens, users and logins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Session {
        ticket: u32,
        identity: Identity,
        login: u32,
        auth: Option<u32>,
    },
    Verify {
        ticket: u32,
        token: u32,
    },
    Revoke {
        id: u32,
        token: u32,
    },
    Fetch {
        id: u32,
        token: u32,
        is_retry: bool,
    },
}

/// One attempt of a request.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) tab: usize,
    pub(crate) life: u32,
    pub(crate) purpose: Purpose,
    pub(crate) attempt: u32,
    /// When the tab sent the attempt.
    pub(crate) sent: Now,
    pub(crate) behaviour: Behaviour,
    /// Whether the answer is lost.
    pub(crate) is_answer_lost: bool,
    /// How long the answer takes, in milliseconds.
    pub(crate) answer_ms: f64,
    /// Whether the tab has stopped waiting for the attempt.
    pub(crate) is_over: bool,
    /// The service's answer: the token of a new session, or 0 for any other request.
    pub(crate) answer: Option<Result<u32, Error>>,
    /// When the service answered, by the service's clock.
    pub(crate) at: f64,
}

impl Attempt {
    /// Assigns the request to another login.
    pub(crate) fn assign_to(&mut self, other: u32) {
        if let Purpose::Session { login, .. } = &mut self.purpose {
            *login = other;
        }
    }
}

impl World<'_> {
    fn send(&mut self, tab: usize, purpose: Purpose) {
        let life = self.tabs[tab].life;
        let (sent, behaviour) = (Now::default(), Behaviour::Normal);
        self.attempts.push(Attempt {
            tab,
            life,
            purpose,
            attempt: 1,
            sent,
            behaviour,
            is_answer_lost: false,
            answer_ms: 0.0,
            is_over: false,
            answer: None,
            at: 0.0,
        });
        self.push_to(tab, 0.0, Task::StartAttempt(self.attempts.len() as u32 - 1));
    }

    pub(crate) fn request_session(&mut self, tab: usize, ticket: u32, is_renewal: bool) {
        let auth = self.tabs[tab].auth;
        if !is_renewal {
            let Some((identity, login)) = self.tabs[tab].login else {
                return self.report(tab, "a login requests a session, but no login is in flight");
            };
            return self.send(
                tab,
                Purpose::Session {
                    ticket,
                    identity,
                    login,
                    auth,
                },
            );
        }
        let Some((token, held)) = self.tabs[tab].current_session() else {
            return self.report(
                tab,
                "a renewal requests a session, but no user is signed in",
            );
        };
        let login = self.truth.tokens[token as usize].login;
        self.account_for_renewal(tab, token, &held);
        self.tabs[tab].renewals.push(Renewal {
            ticket,
            token,
            excuses_another: false,
        });
        self.send(
            tab,
            Purpose::Session {
                ticket,
                identity: held.identity,
                login,
                auth,
            },
        );
    }

    pub(crate) fn request_verification(&mut self, tab: usize, ticket: u32, id: u32) {
        match self.tabs[tab].token(id) {
            Some(token)
                if self.tabs[tab]
                    .last_accepted
                    .is_some_and(|(other, at)| other == token && self.time - at < 1_000.0) =>
            {
                self.report(tab, "a tab verifies a token twice in a row");
            }
            Some(token) => self.send(tab, Purpose::Verify { ticket, token }),
            None => self.report(tab, "a tab verifies a token that it has forgotten"),
        }
    }

    pub(crate) fn request_revocation(&mut self, tab: usize, id: u32) {
        match self.tabs[tab].token(id) {
            Some(token) => {
                self.tabs[tab].revoked_tokens.push(token);
                self.send(tab, Purpose::Revoke { id, token });
            }
            None => self.report(tab, "a tab revokes a token that it has forgotten"),
        }
    }

    /// Sends a request of the app with the current token.
    pub(crate) fn fetch_with(&mut self, tab: usize, is_retry: bool) {
        if let Some((token, held)) = self.tabs[tab].current_session() {
            self.send(
                tab,
                Purpose::Fetch {
                    id: held.id,
                    token,
                    is_retry,
                },
            );
        }
    }

    /// Tells the machine that an attempt begins in `pause_ms` milliseconds: 0 for the first
    /// attempt, else the pause after the failed one. Returns whether the machine has aborted the
    /// request.
    pub(crate) fn announce_attempt(
        &mut self,
        number: u32,
        pause_ms: f64,
        has_lost_request: bool,
    ) -> bool {
        let Attempt { tab, purpose, .. } = self.attempts[number as usize];
        let Purpose::Session { ticket, .. } = purpose else {
            return false;
        };
        self.step(
            tab,
            Event::Attempt {
                ticket,
                timeout_ms: pause_ms + TIMEOUT_MS + CLAIM_GRACE_MS,
                has_lost_request,
            },
            None,
        );
        self.tabs[tab].has_lost_request |= has_lost_request;
        self.tabs[tab].aborted_tickets.contains(&ticket)
    }

    /// Starts an attempt, and decides its fate.
    pub(crate) fn start_attempt(&mut self, number: u32) {
        if self.announce_attempt(number, 0.0, false) {
            return;
        }
        let Attempt { tab, purpose, .. } = self.attempts[number as usize];
        let now = self.now(tab);
        self.push_to(
            tab,
            TIMEOUT_MS,
            Task::TimeOutAttempt(number, now.mono + TIMEOUT_MS),
        );
        self.attempts[number as usize].sent = now;
        let is_fetch = matches!(purpose, Purpose::Fetch { .. });
        let Fate {
            request_ms,
            answer_ms,
            fault,
        } = self.decide_fate(tab, is_fetch);
        let attempt = &mut self.attempts[number as usize];
        attempt.answer_ms = answer_ms;
        match fault {
            AttemptFault::None => {}
            AttemptFault::RequestLost { noticed } => {
                if noticed {
                    self.push_to(tab, request_ms, Task::BreakAttempt(number));
                }
                return;
            }
            AttemptFault::AnswerLost { noticed } => {
                attempt.is_answer_lost = true;
                if noticed {
                    self.push_to(tab, request_ms + answer_ms, Task::BreakAttempt(number));
                }
            }
            AttemptFault::Behaviour(behaviour) => attempt.behaviour = behaviour,
        }
        self.push(request_ms, Task::DeliverRequest(number));
    }

    /// Delivers a request to the service.
    pub(crate) fn deliver_request(&mut self, number: u32) {
        let (
            now,
            Attempt {
                tab,
                life,
                purpose,
                behaviour,
                answer_ms,
                is_answer_lost,
                ..
            },
        ) = (self.service_time(), self.attempts[number as usize].clone());
        let text = |token: u32| self.truth.tokens[token as usize].text.as_str();
        let answer = match purpose {
            Purpose::Session {
                identity,
                login,
                auth,
                ..
            } => {
                if number < self.last_arrived {
                    self.counts.note(Kind::Overtaken);
                }
                self.last_arrived = self.last_arrived.max(number);
                let auth = auth.map(|auth| self.auths[auth as usize].as_str());
                self.service
                    .create(now, behaviour, (identity, device_of(tab)), auth)
                    .map(|issued| self.truth.add_token(issued, login))
                    .map_err(|error| flag_instead(error, behaviour, number))
            }
            Purpose::Verify { token, .. } | Purpose::Fetch { token, .. } => {
                self.service.verify(now, behaviour, text(token)).map(|()| 0)
            }
            Purpose::Revoke { token, .. } => {
                self.service.revoke(now, behaviour, text(token)).map(|()| 0)
            }
        };
        let outcome = match &answer {
            Ok(token) => format!("fine, {token}"),
            Err(error) => format!("{:?} {:?}", error.kind, error.code),
        };
        self.note(|| format!("service: {purpose:?} -> {outcome}"));
        let attempt = &mut self.attempts[number as usize];
        (attempt.answer, attempt.at) = (Some(answer), now);
        if is_answer_lost {
            return;
        }
        let task = if self.time < self.offline_until {
            Task::BreakAttempt(number)
        } else {
            Task::ReceiveAnswer(number)
        };
        self.push_life(tab, life, answer_ms, task);
    }
}

/// Turns every second error about a banned or deleted user into a flag on the user of a successful
/// response, which the service may send instead.
fn flag_instead(mut error: Error, behaviour: Behaviour, number: u32) -> Error {
    let is_ended = matches!(error.code, Some(codes::GLOBAL_BAN | codes::NOT_FOUND));
    if is_ended && behaviour == Behaviour::Normal && number % 2 == 0 {
        (error.code, error.status) = (None, Some(200));
    }
    error
}
