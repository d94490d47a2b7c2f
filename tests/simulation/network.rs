//! The way to the service and back: attempts, delays, what gets lost, and the retries of the
//! transport.

use crate::counts::Kind;
use crate::fate::{Fate, Trouble};
use crate::plan::TIMEOUT_MS;
use crate::script::Detail;
use crate::service::Weather;
use crate::tab::{Call, Renewal};
use crate::truth::{Token, Truth};
use crate::world::{What, World};
use social_plus_auth::protocol::{codes, Error, Kind as ErrorKind, Retry};
use social_plus_auth::session::{Event, Identity, Now, Record, ServiceError};

/// How much longer than an attempt a claim holds for its sake, in milliseconds.
const SPARE_MS: f64 = 1_000.0;

/// What a request is for. Tokens, people and logins by their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Errand {
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
        second: bool,
    },
}

/// One attempt.
#[derive(Clone)]
pub(crate) struct Ask {
    tab: usize,
    life: u32,
    errand: Errand,
    attempt: u32,
    /// When it was sent.
    sent: Now,
    weather: Weather,
    lost: bool,
    /// How long the answer takes, in milliseconds.
    down: f64,
    /// The tab no longer waits for it.
    pub(crate) is_over: bool,
    /// The session, or 0; and when the service has answered, by its own clock.
    got: Option<Result<u32, Error>>,
    at: f64,
}

impl Ask {
    /// It is for another login.
    pub(crate) fn is_for(&mut self, other: u32) {
        if let Errand::Session { login, .. } = &mut self.errand {
            *login = other;
        }
    }
}

impl World<'_> {
    fn send(&mut self, tab: usize, errand: Errand) {
        let life = self.tabs[tab].life;
        let (sent, weather) = (Now::default(), Weather::Fine);
        self.asks.push(Ask {
            tab,
            life,
            errand,
            attempt: 1,
            sent,
            weather,
            lost: false,
            down: 0.0,
            is_over: false,
            got: None,
            at: 0.0,
        });
        self.push_to(tab, 0.0, What::Sends(self.asks.len() as u32 - 1));
    }

    pub(crate) fn asks_for_session(&mut self, tab: usize, ticket: u32, renews: bool) {
        let auth = self.tabs[tab].auth;
        if !renews {
            let Some((identity, login)) = self.tabs[tab].login else {
                return self.broken(tab, "a login that nobody has asked for");
            };
            return self.send(
                tab,
                Errand::Session {
                    ticket,
                    identity,
                    login,
                    auth,
                },
            );
        }
        let Some((token, held)) = self.tabs[tab].held() else {
            return self.broken(tab, "a renewal without a session");
        };
        let login = self.truth.tokens[token as usize].login;
        self.account(tab, token, &held);
        self.tabs[tab].renewals.push(Renewal {
            ticket,
            token,
            excused: false,
        });
        self.send(
            tab,
            Errand::Session {
                ticket,
                identity: held.identity,
                login,
                auth,
            },
        );
    }

    pub(crate) fn asks_about(&mut self, tab: usize, ticket: u32, id: u32) {
        match self.tabs[tab].token(id) {
            Some(token)
                if self.tabs[tab]
                    .assured
                    .is_some_and(|(other, at)| other == token && self.time - at < 1_000.0) =>
            {
                self.broken(tab, "a token is verified that was verified just now");
            }
            Some(token) => self.send(tab, Errand::Verify { ticket, token }),
            None => self.broken(tab, "a token is verified that was forgotten"),
        }
    }

    pub(crate) fn asks_to_revoke(&mut self, tab: usize, id: u32) {
        match self.tabs[tab].token(id) {
            Some(token) => self.send(tab, Errand::Revoke { id, token }),
            None => self.broken(tab, "a token is revoked that was forgotten"),
        }
    }

    /// A request of the app, once it has a token.
    pub(crate) fn fetch_with(&mut self, tab: usize, second: bool) {
        if let Some((token, held)) = self.tabs[tab].held() {
            self.send(
                tab,
                Errand::Fetch {
                    id: held.id,
                    token,
                    second,
                },
            );
        }
    }

    /// An attempt begins.
    pub(crate) fn attempt(&mut self, number: u32) {
        let Ask { tab, errand, .. } = self.asks[number as usize];
        if let Errand::Session { ticket, .. } = errand {
            self.step(
                tab,
                Event::Attempt {
                    ticket,
                    timeout_ms: TIMEOUT_MS + SPARE_MS,
                    has_lost_request: false,
                },
                None,
            );
        }
        let now = self.now(tab);
        self.push_to(
            tab,
            TIMEOUT_MS,
            What::TimesOut(number, now.mono + TIMEOUT_MS),
        );
        self.asks[number as usize].sent = now;
        let is_fetch = matches!(errand, Errand::Fetch { .. });
        let Fate { up, down, trouble } = self.fate(tab, is_fetch);
        let ask = &mut self.asks[number as usize];
        ask.down = down;
        match trouble {
            Trouble::None => {}
            Trouble::RequestLost { noticed } => {
                if noticed {
                    self.push_to(tab, up, What::Breaks(number));
                }
                return;
            }
            Trouble::AnswerLost { noticed } => {
                ask.lost = true;
                if noticed {
                    self.push_to(tab, up + down, What::Breaks(number));
                }
            }
            Trouble::Weather(weather) => ask.weather = weather,
        }
        self.push(up, What::Arrives(number));
    }

    /// A request reaches the service.
    pub(crate) fn arrive(&mut self, number: u32) {
        let (
            now,
            Ask {
                tab,
                life,
                errand,
                weather,
                down,
                lost,
                ..
            },
        ) = (self.service_time(), self.asks[number as usize].clone());
        let text = |token: u32| self.truth.tokens[token as usize].text.as_str();
        let got = match errand {
            Errand::Session {
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
                    .create(now, weather, Truth::name(identity).as_deref(), auth)
                    .map(|issued| {
                        let (text, issued_at, expires_at) =
                            (issued.token, issued.issued_at, issued.expires_at);
                        self.truth.tokens.push(Token {
                            text,
                            issued_at,
                            expires_at,
                            login,
                            asked: 0,
                            excused: 0,
                            wanted: false,
                        });
                        self.truth.tokens.len() as u32 - 1
                    })
            }
            Errand::Verify { token, .. } | Errand::Fetch { token, .. } => {
                self.service.verify(now, weather, text(token)).map(|()| 0)
            }
            Errand::Revoke { token, .. } => {
                self.service.revoke(now, weather, text(token)).map(|()| 0)
            }
        };
        let said = match &got {
            Ok(token) => format!("fine, {token}"),
            Err(error) => format!("{:?} {:?}", error.kind, error.code),
        };
        self.note(|| format!("service: {errand:?} -> {said}"));
        let ask = &mut self.asks[number as usize];
        (ask.got, ask.at) = (Some(got), now);
        if lost {
            return;
        }
        let what = if self.time < self.offline_until {
            What::Breaks(number)
        } else {
            What::Answers(number)
        };
        self.push_life(tab, life, down, what);
    }

    pub(crate) fn answered(&mut self, number: u32) {
        let ask = &mut self.asks[number as usize];
        let (false, Some(got)) = (ask.is_over, ask.got.take()) else {
            return;
        };
        ask.is_over = true;
        let (tab, sent, at) = (ask.tab, ask.sent, ask.at);
        if self.plan.dates {
            let took = self.took(tab, sent);
            self.step(
                tab,
                Event::ServerDate {
                    at: (at / 1000.0).floor() * 1000.0,
                    took_ms: took,
                },
                None,
            );
        }
        self.conclude(number, got);
    }

    pub(crate) fn unanswered(&mut self, number: u32) {
        if !std::mem::replace(&mut self.asks[number as usize].is_over, true) {
            self.conclude(number, Err(Error::new(ErrorKind::Timeout, "")));
        }
    }

    /// How long an exchange took. Monotonic time stands still while the device sleeps, and then it
    /// has taken longer.
    fn took(&self, tab: usize, sent: Now) -> f64 {
        let now = self.now(tab);
        (now.mono - sent.mono).max(now.wall - sent.wall)
    }

    fn conclude(&mut self, number: u32, got: Result<u32, Error>) {
        let Ask {
            tab,
            errand,
            attempt,
            sent,
            ..
        } = self.asks[number as usize];
        let retry = if matches!(errand, Errand::Session { .. } | Errand::Verify { .. }) {
            Retry::default()
        } else {
            Retry::NONE
        };
        let random = self.decide(Detail::RetryJitter, (tab, 0), 0.5, |world| {
            world.random().unit()
        });
        if let Some(pause) = got
            .as_ref()
            .err()
            .and_then(|error| retry.delay(error, attempt, random))
        {
            // Where it was told to wait the service has not acted.
            let again = !matches!(&got, Err(error) if error.kind == ErrorKind::RateLimited);
            if let Errand::Session { ticket, .. } = errand {
                self.step(
                    tab,
                    Event::Attempt {
                        ticket,
                        timeout_ms: pause + TIMEOUT_MS + SPARE_MS,
                        has_lost_request: again,
                    },
                    None,
                );
            }
            let ask = Ask {
                attempt: attempt + 1,
                is_over: false,
                weather: Weather::Fine,
                lost: false,
                ..self.asks[number as usize].clone()
            };
            self.asks.push(ask);
            return self.push_to(tab, pause.ceil(), What::Sends(self.asks.len() as u32 - 1));
        }
        let status = got.as_ref().err().and_then(|error| error.status);
        let code = got.as_ref().err().and_then(|error| error.code);
        match (errand, got) {
            (
                Errand::Session {
                    ticket, identity, ..
                },
                got,
            ) => {
                let result = match (got, code) {
                    (Ok(token), _) => {
                        let Token {
                            issued_at,
                            expires_at,
                            ..
                        } = self.truth.tokens[token as usize];
                        let id = self.tabs[tab].intern(token);
                        Ok(Record {
                            id,
                            epoch: 0.0,
                            sequence: 0.0,
                            issued_at,
                            expires_at,
                            identity: Truth::known(identity),
                            clock_offset: 0.0,
                        })
                    }
                    (Err(error), _) => Err(ServiceError::from(&error)),
                };
                if result.is_err() {
                    self.renewal_ends(tab, ticket, true);
                }
                let refused = code == Some(codes::UNAUTHORIZED);
                self.tabs[tab].refusals = if refused {
                    self.tabs[tab].refusals + 1
                } else {
                    self.tabs[tab].refusals * u32::from(result.is_err())
                };
                let took = self.took(tab, sent);
                self.step(
                    tab,
                    Event::Session {
                        ticket,
                        result,
                        took_ms: took,
                    },
                    None,
                );
                // Too late, it is thrown away.
                let is_held = self.tabs[tab]
                    .machine
                    .current()
                    .is_some_and(|held| result.is_ok_and(|record| record.id == held.id));
                self.renewal_ends(tab, ticket, !is_held);
            }
            (Errand::Verify { ticket, token }, got) => {
                let is_unauthorized = status == Some(401) || code == Some(codes::UNAUTHORIZED);
                let is_rejected = is_unauthorized && code != Some(codes::GLOBAL_BAN);
                let result = got.map(drop).map_err(|error| ServiceError::from(&error));
                self.truth.tokens[token as usize].wanted |= is_rejected;
                self.step(tab, Event::Verified { ticket, result }, None);
            }
            (Errand::Revoke { id, .. }, got) => {
                let result = got.map(drop).map_err(|error| ServiceError::from(&error));
                self.step(
                    tab,
                    Event::Revoked {
                        session: id,
                        result,
                    },
                    None,
                );
            }
            (
                Errand::Fetch {
                    id,
                    token,
                    second: false,
                },
                Err(error),
            ) if error.status == Some(401) => {
                self.count(Kind::Refused);
                self.truth.tokens[token as usize].wanted = true;
                self.step(
                    tab,
                    Event::Unauthorized { session: id },
                    Some(Call::Refused(token)),
                );
            }
            (Errand::Fetch { .. }, _) => {}
        }
    }
}
