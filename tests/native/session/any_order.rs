//! Gives the machine random events in any order, even events that cannot happen. Checks that the
//! state changes only by allowed transitions, that each call gets one `Wait` or `Reply`, that every
//! wait ends, and that no effect names a session that the machine has forgotten. A closed machine
//! must settle every wait, hold no claim and request nothing more.

use crate::watched::Watched;

/// Returns a machine after this many random steps.
fn run_random_steps(seed: u64, steps: u64) -> Watched {
    let mut watched = Watched::new(seed);
    for _ in 0..steps {
        watched.do_random_step();
        watched.pass_time();
    }
    watched
}

#[test]
fn every_wait_ends_after_any_events() {
    for seed in 1..3_000 {
        run_random_steps(seed, 120).settle();
    }
}

#[test]
fn a_machine_can_be_closed_after_any_events() {
    for seed in 1..3_000 {
        run_random_steps(seed, seed % 60).close();
    }
}
