//! Decides the delays and faults of a request and its answer.

use crate::counts::Kind;
use crate::plan::TIMEOUT_MS;
use crate::script::Detail;
use crate::service::Behaviour;
use crate::world::World;

/// The fate of one attempt.
pub(crate) struct Fate {
    /// How long the request and its answer take, in milliseconds.
    pub(crate) request_ms: f64,
    pub(crate) answer_ms: f64,
    pub(crate) trouble: Trouble,
}

/// The fault that affects an attempt.
pub(crate) enum Trouble {
    None,
    /// The request is lost. If `noticed`, the tab gets an error before the timeout.
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
    /// Decides the fate of an attempt of a tab. The app's own fetches meet fewer faults.
    pub(crate) fn fate(&mut self, tab: usize, is_fetch: bool) -> Fate {
        let is_offline = self.time < self.offline_until;
        let fate = if self.is_scripted() {
            self.scripted_fate(tab)
        } else {
            self.drawn_fate(is_fetch, is_offline)
        };
        self.record_fate(tab, &fate, is_offline);
        if is_offline {
            return Fate {
                trouble: Trouble::RequestLost { noticed: true },
                ..fate
            };
        }
        fate
    }

    fn scripted_fate(&mut self, tab: usize) -> Fate {
        let request_ms = self
            .scripted(Detail::RequestTakes, tab, 0)
            .unwrap_or(DEFAULT_DELAY_MS);
        let answer_ms = self
            .scripted(Detail::AnswerTakes, tab, 0)
            .unwrap_or(DEFAULT_DELAY_MS);
        let troubles = [
            (Detail::RequestLost, Trouble::RequestLost { noticed: true }),
            (
                Detail::RequestVanishes,
                Trouble::RequestLost { noticed: false },
            ),
            (Detail::AnswerLost, Trouble::AnswerLost { noticed: true }),
            (
                Detail::AnswerVanishes,
                Trouble::AnswerLost { noticed: false },
            ),
            (Detail::ServiceFails, Trouble::Behaviour(Behaviour::Failing)),
            (Detail::ProxyAnswers, Trouble::Behaviour(Behaviour::Html)),
        ];
        for (detail, trouble) in troubles {
            if self.scripted(detail, tab, 0).is_some() {
                return Fate {
                    request_ms,
                    answer_ms,
                    trouble,
                };
            }
        }
        let trouble = match self.scripted(Detail::ServiceLimits, tab, 0) {
            Some(seconds) => Trouble::Behaviour(Behaviour::Limited(seconds as u32)),
            None => Trouble::None,
        };
        Fate {
            request_ms,
            answer_ms,
            trouble,
        }
    }

    fn record_fate(&mut self, tab: usize, fate: &Fate, is_offline: bool) {
        self.record_detail(Detail::RequestTakes, (tab, 0), fate.request_ms);
        self.record_detail(Detail::AnswerTakes, (tab, 0), fate.answer_ms);
        let (detail, value) = match fate.trouble {
            Trouble::RequestLost { noticed: true } => (Detail::RequestLost, 1.0),
            Trouble::RequestLost { noticed: false } => (Detail::RequestVanishes, 1.0),
            Trouble::AnswerLost { noticed: true } => (Detail::AnswerLost, 1.0),
            Trouble::AnswerLost { noticed: false } => (Detail::AnswerVanishes, 1.0),
            Trouble::Behaviour(Behaviour::Failing) => (Detail::ServiceFails, 1.0),
            Trouble::Behaviour(Behaviour::Html) => (Detail::ProxyAnswers, 1.0),
            Trouble::Behaviour(Behaviour::Limited(seconds)) => {
                (Detail::ServiceLimits, f64::from(seconds))
            }
            Trouble::None | Trouble::Behaviour(Behaviour::Normal) => return,
        };
        if !is_offline {
            self.record_detail(detail, (tab, 0), value);
        }
    }

    fn drawn_fate(&mut self, is_fetch: bool, is_offline: bool) -> Fate {
        let mut request_ms = self.random().between(5.0, 120.0);
        let mut answer_ms = self.random().between(5.0, 120.0);
        let share = if is_fetch {
            self.plan.trouble / 2.0
        } else {
            self.plan.trouble
        };
        let trouble = if self.mishap(share) {
            1 + self.random().below(7)
        } else {
            0
        };
        if is_offline || trouble == 1 {
            if trouble == 1 {
                self.count(Kind::LostBefore);
            }
            let noticed = is_offline || self.random().chance(0.5);
            let trouble = Trouble::RequestLost { noticed };
            return Fate {
                request_ms,
                answer_ms,
                trouble,
            };
        }
        let quiet = self.random().chance(0.5);
        let seconds = 1 + self.random().below(120) as u32;
        let trouble = match trouble {
            2 => {
                self.count(Kind::LostAfter);
                Trouble::AnswerLost { noticed: !quiet }
            }
            3 => {
                request_ms = self.random().between(TIMEOUT_MS, 6.0 * TIMEOUT_MS);
                self.count(Kind::SlowUp);
                Trouble::None
            }
            4 => {
                answer_ms = self.random().between(TIMEOUT_MS, 3.0 * TIMEOUT_MS);
                self.count(Kind::SlowDown);
                Trouble::None
            }
            5 => {
                self.count(Kind::Failing);
                Trouble::Behaviour(Behaviour::Failing)
            }
            6 => {
                self.count(Kind::Limited);
                Trouble::Behaviour(Behaviour::Limited(seconds))
            }
            7 => {
                self.count(Kind::Html);
                Trouble::Behaviour(Behaviour::Html)
            }
            _ => Trouble::None,
        };
        Fate {
            request_ms,
            answer_ms,
            trouble,
        }
    }
}

/// How long a request or an answer takes unless the script says otherwise, in milliseconds.
const DEFAULT_DELAY_MS: f64 = 60.0;
