//! Decides accidents and delays: at random from the seed, or by a script.

use crate::random::Random;
use crate::script::{Act, Detail, Line, Script, Words};
use crate::world::World;

/// The source of all decisions of a run.
pub(crate) enum Source {
    Seed(Random),
    Script(Script),
}

impl World<'_> {
    /// Returns the generator of a seeded run.
    pub(crate) fn random(&mut self) -> &mut Random {
        match &mut self.source {
            Source::Seed(random) => random,
            Source::Script(_) => panic!("a scripted run draws nothing at random"),
        }
    }

    pub(crate) fn is_scripted(&self) -> bool {
        matches!(self.source, Source::Script(_))
    }

    /// Returns true with this probability, but always false once the accidents have stopped.
    pub(crate) fn draw_accident(&mut self, probability: f64) -> bool {
        !self.is_resting && probability > 0.0 && self.random().chance(probability)
    }

    /// Takes the next detail of this kind from the script.
    pub(crate) fn take_scripted(&mut self, detail: Detail, tab: usize, from: usize) -> Option<f64> {
        let time = self.time;
        match &mut self.source {
            Source::Script(script) => script.take_detail(time, detail, tab, from),
            Source::Seed(_) => None,
        }
    }

    /// Returns when the script's next act is due.
    pub(crate) fn next_act_at(&self) -> Option<f64> {
        match &self.source {
            Source::Script(script) => script.next_at(),
            Source::Seed(_) => None,
        }
    }

    /// Takes the script's next act if it is due at this time.
    pub(crate) fn take_next_act(&mut self, at: Option<f64>) -> Option<Act> {
        match &mut self.source {
            Source::Script(script) if script.next_at() == at => script.next_act(),
            _ => None,
        }
    }

    /// Decides a value. A seeded run calls `draw`. A scripted run takes the value from the script,
    /// and uses `default` if the script has none.
    pub(crate) fn decide(
        &mut self,
        detail: Detail,
        (tab, from): (usize, usize),
        default: f64,
        draw: impl FnOnce(&mut Self) -> f64,
    ) -> f64 {
        if self.is_scripted() {
            return self.take_scripted(detail, tab, from).unwrap_or(default);
        }
        let value = draw(self);
        self.record_detail(detail, (tab, from), value);
        value
    }

    /// Decides how long something takes, in whole milliseconds from `min` to `max`.
    pub(crate) fn decide_delay(&mut self, detail: Detail, tab: usize, min: f64, max: f64) -> f64 {
        let default = ((min + max) / 2.0).floor();
        self.decide(detail, (tab, 0), default, |world| {
            world.random().between(min, max)
        })
    }

    /// Decides whether an accident happens to a tab. In a seeded run, it happens with this
    /// probability. In a scripted run, the script decides.
    pub(crate) fn decide_accident(&mut self, detail: Detail, tab: usize, probability: f64) -> bool {
        if self.is_scripted() {
            return self.take_scripted(detail, tab, 0).is_some();
        }
        let happens = self.draw_accident(probability);
        if happens {
            self.record_detail(detail, (tab, 0), 1.0);
        }
        happens
    }

    pub(crate) fn record_detail(
        &mut self,
        detail: Detail,
        (tab, from): (usize, usize),
        value: f64,
    ) {
        self.record(self.time, Words::Detail(detail, tab, from, value));
    }

    pub(crate) fn record_act(&mut self, act: Act) {
        self.record(self.planned_at.unwrap_or(self.time), Words::Act(act));
    }

    fn record(&mut self, at: f64, what: Words) {
        if let Some(record) = &mut self.record {
            record.push(Line { at, what });
        }
    }
}
