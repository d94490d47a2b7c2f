//! Runs one seed or one script.

use crate::chance::Source;
use crate::counts::Counts;
use crate::plan::{Plan, LIFETIMES};
use crate::random::Random;
use crate::script::{Act, Line, Script};
use crate::service::Service;
use crate::trace::Trace;
use crate::world::{Failure, World};
use social_plus_auth::session::Rule;
use std::collections::HashMap;

/// The minimum number of events of a seeded run before its last rest.
pub(crate) const MIN_EVENTS: u64 = 500;

/// How long a scripted run continues after its last act, before it rests, in milliseconds.
const AFTER_LAST_ACT_MS: f64 = 60_000.0;

/// The result of a run.
pub(crate) struct Run {
    pub(crate) counts: Counts,
    pub(crate) hash: u64,
    pub(crate) failure: Option<Failure>,
    pub(crate) trace: Vec<String>,
    /// The acts, accidents and delays of the run, if it was recorded.
    pub(crate) record: Vec<Line>,
}

impl Run {
    fn new(mut world: World<'_>) -> Self {
        world.counts.seeds = 1;
        world.counts.requests = world.service.requests;
        Self {
            hash: world.hash,
            failure: world.failure,
            trace: world.trace.into_iter().flatten().collect(),
            record: world.record.unwrap_or_default(),
            counts: world.counts,
        }
    }

    /// Returns the sentence of the broken invariant, with its time, tab and place in the code.
    /// Returns an empty text if none is broken.
    pub(crate) fn sentence(&self) -> String {
        self.failure
            .as_ref()
            .map(Failure::to_string)
            .unwrap_or_default()
    }
}

/// The emulators of one thread, one for each kind of network. A run resets the emulator that it
/// uses.
#[derive(Default)]
pub(crate) struct Services(HashMap<(bool, usize), Service>);

impl Services {
    fn get(&mut self, plan: &Plan) -> &mut Service {
        self.0
            .entry((plan.is_secure, plan.lifetime))
            .or_insert_with(|| Service::new(plan.is_secure, LIFETIMES[plan.lifetime]))
    }

    /// Runs a seed.
    pub(crate) fn run(&mut self, seed: u64, without: Option<Rule>, traced: bool) -> Run {
        self.run_plan(seed, Plan::new(seed, without), traced)
    }

    /// Runs a seed with this plan.
    pub(crate) fn run_plan(&mut self, seed: u64, plan: Plan, traced: bool) -> Run {
        let source = Source::Seed(Random::new(seed));
        let mut world = World::new(plan, (source, seed), self.get(&plan), traced);
        world.record = traced.then(Vec::new);
        world.start();
        for events in [MIN_EVENTS / 2, MIN_EVENTS] {
            while world.failure.is_none() && world.counts.events < events {
                world.advance();
            }
            if events == MIN_EVENTS {
                world.counts.min_events = world.counts.events;
            }
            if world.failure.is_none() {
                world.record_act(Act::Rest {});
                world.rest();
            }
            if events < MIN_EVENTS {
                world.resume_acts();
            }
        }
        if world.failure.is_none() {
            world.end_run();
        }
        Run::new(world)
    }

    /// Plays a trace.
    pub(crate) fn play(&mut self, trace: &Trace, traced: bool) -> Run {
        let source = Source::Script(Script::new(&trace.lines));
        let mut world = World::new(trace.plan, (source, 0), self.get(&trace.plan), traced);
        world.start();
        while world.failure.is_none() {
            if world.rest_is_due {
                world.rest_is_due = false;
                world.rest();
                world.is_resting = world.next_act_at().is_none();
                world.plan_script();
            } else if world.next_act_at().is_some() {
                world.advance();
            } else {
                break;
            }
        }
        if world.failure.is_none() && !world.is_resting {
            world.run_until(world.time + AFTER_LAST_ACT_MS);
            world.rest();
        }
        if world.failure.is_none() {
            world.end_run();
        }
        Run::new(world)
    }
}
