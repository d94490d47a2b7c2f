//! Decides the delays and faults of a request and its answer.

use crate::counts::Kind;
use crate::plan::TIMEOUT_MS;
use crate::script::Detail;
use crate::service::Behaviour;
use crate::world::World;

/// The fate of one attempt.
pub(crate) struct Fate {
    /// How long the request takes to reach the service, in milliseconds.
    pub(crate) request_ms: f64,
    /// How long the answer takes to reach the tab, in milliseconds.
    pub(crate) answer_ms: f64,
    pub(crate) fault: AttemptFault,
}

/// The fault that affects an attempt.
pub(crate) enum AttemptFault {
    None,
    /// The request is lost. If the loss is `noticed`, the tab gets an error before the timeout.
    RequestLost {
        noticed: bool,
    },
    /// The service processes the request, and the answer is lost.
    AnswerLost {
        noticed: bool,
    },
    Behaviour(Behaviour),
}

impl World<'_> {
    /// Decides the fate of a tab's attempt. The fetches of the app have fewer faults than the
    /// requests of the machine.
    pub(crate) fn decide_fate(&mut self, tab: usize, is_fetch: bool) -> Fate {
        let is_offline = self.time < self.offline_until;
        let fate = if self.is_scripted() {
            self.take_scripted_fate(tab)
        } else {
            self.draw_fate(is_fetch, is_offline)
        };
        self.record_fate(tab, &fate, is_offline);
        if is_offline {
            return Fate {
                fault: AttemptFault::RequestLost { noticed: true },
                ..fate
            };
        }
        fate
    }

    fn take_scripted_fate(&mut self, tab: usize) -> Fate {
        let request_ms = self
            .take_scripted(Detail::RequestTakes, tab, 0)
            .unwrap_or(DEFAULT_DELAY_MS);
        let answer_ms = self
            .take_scripted(Detail::AnswerTakes, tab, 0)
            .unwrap_or(DEFAULT_DELAY_MS);
        let faults = [
            (
                Detail::RequestLost,
                AttemptFault::RequestLost { noticed: true },
            ),
            (
                Detail::RequestVanishes,
                AttemptFault::RequestLost { noticed: false },
            ),
            (
                Detail::AnswerLost,
                AttemptFault::AnswerLost { noticed: true },
            ),
            (
                Detail::AnswerVanishes,
                AttemptFault::AnswerLost { noticed: false },
            ),
            (
                Detail::ServiceFails,
                AttemptFault::Behaviour(Behaviour::Failing),
            ),
            (
                Detail::ServiceFindsNothing,
                AttemptFault::Behaviour(Behaviour::NotFound),
            ),
            (
                Detail::VisitorDiffers,
                AttemptFault::Behaviour(Behaviour::OtherVisitor),
            ),
            (
                Detail::ProxyAnswers,
                AttemptFault::Behaviour(Behaviour::Html),
            ),
        ];
        let odd = self.take_scripted(Detail::LifetimeIs, tab, 0);
        for (detail, fault) in faults {
            if self.take_scripted(detail, tab, 0).is_some() {
                return Fate {
                    request_ms,
                    answer_ms,
                    fault,
                };
            }
        }
        let fault = match self.take_scripted(Detail::ServiceLimits, tab, 0) {
            Some(seconds) => AttemptFault::Behaviour(Behaviour::Limited(seconds as u32)),
            None => odd.map_or(AttemptFault::None, |ms| {
                AttemptFault::Behaviour(Behaviour::Odd(ms))
            }),
        };
        Fate {
            request_ms,
            answer_ms,
            fault,
        }
    }

    fn record_fate(&mut self, tab: usize, fate: &Fate, is_offline: bool) {
        self.record_detail(Detail::RequestTakes, (tab, 0), fate.request_ms);
        self.record_detail(Detail::AnswerTakes, (tab, 0), fate.answer_ms);
        let (detail, value) = match fate.fault {
            AttemptFault::RequestLost { noticed: true } => (Detail::RequestLost, 1.0),
            AttemptFault::RequestLost { noticed: false } => (Detail::RequestVanishes, 1.0),
            AttemptFault::AnswerLost { noticed: true } => (Detail::AnswerLost, 1.0),
            AttemptFault::AnswerLost { noticed: false } => (Detail::AnswerVanishes, 1.0),
            AttemptFault::Behaviour(Behaviour::Failing) => (Detail::ServiceFails, 1.0),
            AttemptFault::Behaviour(Behaviour::Html) => (Detail::ProxyAnswers, 1.0),
            AttemptFault::Behaviour(Behaviour::Limited(seconds)) => {
                (Detail::ServiceLimits, f64::from(seconds))
            }
            AttemptFault::Behaviour(Behaviour::Odd(ms)) => (Detail::LifetimeIs, ms),
            AttemptFault::Behaviour(Behaviour::NotFound) => (Detail::ServiceFindsNothing, 1.0),
            AttemptFault::Behaviour(Behaviour::OtherVisitor) => (Detail::VisitorDiffers, 1.0),
            AttemptFault::None | AttemptFault::Behaviour(Behaviour::Normal) => return,
        };
        if !is_offline {
            self.record_detail(detail, (tab, 0), value);
        }
    }

    fn draw_fate(&mut self, is_fetch: bool, is_offline: bool) -> Fate {
        let mut request_ms = self.random().between(5.0, 120.0);
        let mut answer_ms = self.random().between(5.0, 120.0);
        let probability = if is_fetch {
            self.plan.fault_share / 2.0
        } else {
            self.plan.fault_share
        };
        let fault_number = if self.draw_accident(probability) {
            1 + self.random().below(8)
        } else {
            0
        };
        if is_offline || fault_number == 1 {
            if fault_number == 1 {
                self.count(Kind::LostBefore);
            }
            let noticed = is_offline || self.random().chance(0.5);
            let fault = AttemptFault::RequestLost { noticed };
            return Fate {
                request_ms,
                answer_ms,
                fault,
            };
        }
        let noticed = !self.random().chance(0.5);
        let seconds = 1 + self.random().below(120) as u32;
        let fault = match fault_number {
            2 => {
                self.count(Kind::LostAfter);
                AttemptFault::AnswerLost { noticed }
            }
            3 => {
                request_ms = self.random().between(TIMEOUT_MS, 6.0 * TIMEOUT_MS);
                self.count(Kind::SlowUp);
                AttemptFault::None
            }
            4 => {
                answer_ms = self.random().between(TIMEOUT_MS, 3.0 * TIMEOUT_MS);
                self.count(Kind::SlowDown);
                AttemptFault::None
            }
            5 => {
                self.count(Kind::Failing);
                AttemptFault::Behaviour(Behaviour::Failing)
            }
            6 => {
                self.count(Kind::Limited);
                AttemptFault::Behaviour(Behaviour::Limited(seconds))
            }
            7 => {
                self.count(Kind::Html);
                AttemptFault::Behaviour(Behaviour::Html)
            }
            8 => {
                let index = self.random().below(ODD_LIFETIMES.len() + 2);
                let behaviour = match ODD_LIFETIMES.get(index) {
                    Some(lifetime) => Behaviour::Odd(*lifetime),
                    None if index == ODD_LIFETIMES.len() => Behaviour::NotFound,
                    None => Behaviour::OtherVisitor,
                };
                self.count(Kind::OddSession);
                AttemptFault::Behaviour(behaviour)
            }
            _ => AttemptFault::None,
        };
        Fate {
            request_ms,
            answer_ms,
            fault,
        }
    }
}

/// The odd lifetimes of sessions, in milliseconds.
const ODD_LIFETIMES: [f64; 5] = [-86_400_000.0, 0.0, 1.0, 2_000.0, 4e12];

/// How long a request or an answer takes in a scripted run if the script names no time, in
/// milliseconds.
const DEFAULT_DELAY_MS: f64 = 60.0;
