//! Recorded runs. Each one once broke the invariant that its trace names, and must never do so
//! again.

use crate::run::Services;
use crate::shrink::shrink;
use crate::trace::Trace;
use social_plus_auth::session::Rule;

/// Plays a trace, and checks that the run breaks no invariant.
fn check_holds(text: &str) {
    let run = Services::default().play(&Trace::parse(text), true);
    assert!(run.failure.is_none(), "{}", run.trace.join("\n"));
}

#[test]
fn a_clock_set_back_during_a_retry_after_pause_does_not_block_the_tabs() {
    check_holds(include_str!(
        "traces/clock-set-back-during-retry-after.trace"
    ));
}

#[test]
fn a_late_message_does_not_overwrite_a_live_claim() {
    check_holds(include_str!("traces/message-overwrites-a-live-claim.trace"));
}

#[test]
fn a_tab_tells_the_others_of_a_deletion_even_if_it_freezes_immediately() {
    check_holds(include_str!("traces/frozen-before-its-message.trace"));
}

#[test]
fn a_lost_attempt_of_a_replaced_login_is_remembered() {
    check_holds(include_str!(
        "traces/lost-attempt-of-a-replaced-login.trace"
    ));
}

#[test]
fn a_lost_attempt_of_a_terminated_renewal_is_remembered() {
    check_holds(include_str!(
        "traces/lost-attempt-of-a-terminated-renewal.trace"
    ));
}

#[test]
fn a_login_that_another_one_has_replaced_is_not_retried() {
    check_holds(include_str!("traces/retry-of-a-replaced-login.trace"));
}

/// Plays a trace without a rule, and checks that the run breaks the invariant that the trace names.
fn check_breaks_without(rule: Rule, text: &str) {
    let mut trace = Trace::parse(text);
    trace.plan.disabled_rule = Some(rule);
    let run = Services::default().play(&trace, true);
    let sentence = run.failure.map(|failure| failure.sentence);
    assert_eq!(sentence, Some(trace.broken), "{}", run.trace.join("\n"));
}

#[test]
fn a_logout_notices_the_first_request_after_a_commit() {
    let text = include_str!("traces/request-in-flight-at-a-logout.trace");
    check_holds(text);
    check_breaks_without(Rule::Device, text);
}

/// Records the failure of `SIMULATION_SEED` as a trace, and prints the shortened trace.
#[test]
#[ignore = "a tool: it needs a seed that fails"]
fn record_a_seed_as_a_trace() {
    let seed = crate::read_number("SIMULATION_SEED").expect("SIMULATION_SEED must be set");
    let plan = crate::Plan::new(seed, None);
    let run = Services::default().run_plan(seed, plan, true);
    let failure = run.failure.expect("this seed does not fail");
    let trace = Trace {
        broken: failure.sentence,
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
        broken: "a sentence".into(),
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
    assert_eq!(again.broken, trace.broken);
}
