//! Events in any order, whether they make sense or not. The states change only by the official
//! transitions, each call gets one answer, every wait ends, and no effect names a session that the
//! machine has forgotten. A closed machine settles every wait and asks for nothing.

use crate::watched::Watched;

/// Returns a machine after this many events.
fn after_events(seed: u64, events: u64) -> Watched {
    let mut watched = Watched::new(seed);
    for _ in 0..events {
        watched.do_something();
        watched.pass_time();
    }
    watched
}

#[test]
fn every_wait_ends_whatever_events_have_happened() {
    for seed in 1..3_000 {
        after_events(seed, 120).settle();
    }
}

#[test]
fn a_machine_closes_whatever_events_have_happened() {
    for seed in 1..3_000 {
        after_events(seed, seed % 60).close();
    }
}
