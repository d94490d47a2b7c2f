//! Known faults that are not fixed yet. Each fault has a trace, which must break the invariant that
//! it names. Once a fault is fixed, its trace becomes an ordinary test.

use crate::run::Services;
use crate::shrink::shrink;
use crate::trace::Trace;

/// Plays a trace and checks that the run breaks the invariant that the trace names.
fn check_fails_as_recorded(text: &str) {
    let trace = Trace::parse(text);
    let run = Services::default().play(&trace, true);
    let sentence = run
        .failure
        .as_ref()
        .map(|failure| failure.sentence.as_str());
    assert_eq!(
        sentence,
        Some(trace.expected.as_str()),
        "the trace does not fail as recorded: if the fault is fixed, make this an ordinary \
         test\n{}",
        run.trace.join("\n")
    );
}

#[test]
fn a_clock_set_back_during_a_retry_after_pause_blocks_every_tab() {
    check_fails_as_recorded(include_str!(
        "traces/clock-set-back-during-retry-after.trace"
    ));
}

#[test]
fn a_late_message_overwrites_a_live_claim_with_stale_numbers() {
    check_fails_as_recorded(include_str!("traces/message-overwrites-a-live-claim.trace"));
}

#[test]
fn a_tab_frozen_before_its_message_leaves_a_deleted_user_signed_in() {
    check_fails_as_recorded(include_str!("traces/frozen-before-its-message.trace"));
}

#[test]
fn a_lost_attempt_of_a_replaced_login_is_forgotten() {
    check_fails_as_recorded(include_str!(
        "traces/lost-attempt-of-a-replaced-login.trace"
    ));
}

#[test]
fn a_lost_attempt_of_a_terminated_renewal_is_forgotten() {
    check_fails_as_recorded(include_str!(
        "traces/lost-attempt-of-a-terminated-renewal.trace"
    ));
}

/// Records the failure of `SIMULATION_SEED` as a trace, and prints the shortened trace. With
/// `SIMULATION_STRICT=1` the invariants excuse no known fault.
#[test]
#[ignore = "a tool: it needs a seed that fails"]
fn record_a_seed_as_a_trace() {
    let seed = crate::read_number("SIMULATION_SEED").expect("SIMULATION_SEED must be set");
    let plan = crate::Plan {
        is_strict: crate::read_number("SIMULATION_STRICT").is_some(),
        ..crate::Plan::new(seed, None)
    };
    let run = Services::default().run_plan(seed, plan, true);
    let failure = run.failure.expect("this seed does not fail");
    let trace = Trace {
        expected: failure.sentence,
        plan,
        lines: run.record,
    };
    let trace = shrink(trace);
    let replayed = Services::default().play(&trace, true).trace;
    println!("{}\n{}", trace.text(), replayed.join("\n"));
}

#[test]
fn a_recorded_run_survives_being_written_as_text_and_parsed() {
    let run = Services::default().run(1, None, true);
    let trace = Trace {
        expected: "a sentence".into(),
        plan: crate::Plan {
            tabs: crate::world::MAX_TABS,
            fault_share: 0.0,
            ..crate::Plan::new(1, None)
        },
        lines: run.record,
    };
    assert!(trace.lines.len() > 500);
    let again = Trace::parse(&trace.text());
    assert_eq!(again.lines, trace.lines);
    assert_eq!(format!("{:?}", again.plan), format!("{:?}", trace.plan));
    assert_eq!(again.expected, trace.expected);
}
