//! Rules 6 and 7: which tab renews, and how the others receive the session.

use crate::support::{
    broadcasts, in_memory, outcome_of, renews, request_of, requests, ticket_of, transient,
    verifies, wait_of, Tab, ADA, DAY, LIFETIME, TIMEOUT,
};
use social_plus_auth::session::{Claim, Effect, Event, Message, Outcome};

/// Returns a tab whose session is due for renewal.
fn due() -> Tab {
    let mut tab = Tab::signed_in(ADA);
    let ms = tab.timer() - tab.mono;
    tab.pass(ms);
    tab
}

/// Returns a tab under `memory` storage that is signed in.
fn signed_in_in_memory() -> Tab {
    let mut tab = Tab::with(in_memory(1));
    tab.sign_in(1, ADA);
    tab.stored = None;
    tab
}

#[test]
fn rule_6_a_tab_waits_for_another_tabs_claim_and_takes_its_session() {
    let mut tab = due();
    tab.claim_elsewhere(3_000.0);
    let begun = tab.run(Event::Renew);
    assert!(!requests(&begun), "{begun:?}");
    assert!(tab.timer() <= tab.mono + 3_000.0);
    tab.pass(1_000.0);
    tab.stored = Some(tab.renewed_elsewhere());
    (tab.shared.sequence, tab.shared.claim) = (2.0, Claim::Free);
    let heard = tab.hear(Message::Changed, None);
    assert_eq!(tab.session(), 102);
    assert_eq!(outcome_of(&heard, wait_of(&begun)), Some(Outcome::Fine));
    assert!(!requests(&heard), "{heard:?}");
    assert!(!tab.has_claim());
}

#[test]
fn rule_6_an_expired_claim_delays_no_tab() {
    let mut tab = due();
    tab.claim_elsewhere(3_000.0);
    let begun = tab.run(Event::Renew);
    tab.pass(3_001.0);
    let rung = tab.run(Event::Timer);
    assert!(renews(&rung), "{rung:?}");
    assert!(tab.has_claim());
    // The owner of the expired claim may have sent a request.
    let answered = tab.receive(request_of(&rung), 2, ADA);
    assert!(verifies(&answered, 2), "{answered:?}");
    assert_eq!(outcome_of(&answered, wait_of(&begun)), None);
}

#[test]
fn rule_6_a_login_waits_for_a_claim_no_longer_than_the_timeout() {
    let mut tab = Tab::new();
    tab.claim_elsewhere(10.0 * TIMEOUT);
    assert!(!requests(&tab.log_in(ADA)));
    tab.pass(TIMEOUT - 1.0);
    assert!(!requests(&tab.run(Event::Timer)));
    tab.pass(1.0);
    assert!(requests(&tab.run(Event::Timer)));
}

#[test]
fn rule_6_a_tab_does_not_take_back_a_claim_that_another_tab_has_taken() {
    let mut tab = due();
    let begun = tab.run(Event::Renew);
    tab.claim_elsewhere(5_000.0);
    let before = tab.shared;
    tab.run(Event::Attempt {
        ticket: request_of(&begun),
        timeout_ms: 11_000.0,
        has_lost_request: false,
    });
    assert_eq!(tab.shared, before);
    let answered = tab.receive(request_of(&begun), 2, ADA);
    assert_eq!(outcome_of(&answered, wait_of(&begun)), Some(Outcome::Fine));
    assert_eq!(tab.session(), 2);
}

#[test]
fn rule_6_a_claim_outlasts_a_slow_backend() {
    let mut tab = due();
    tab.run(Event::Renew);
    let Claim::Held { expires_at, .. } = tab.shared.claim else {
        panic!("{:?}", tab.shared)
    };
    assert!(expires_at > tab.wall + TIMEOUT);
}

#[test]
fn rule_6_a_tab_reads_storage_before_it_asks_the_service() {
    let mut tab = due();
    tab.stored = Some(tab.renewed_elsewhere());
    let begun = tab.run(Event::Renew);
    assert!(!requests(&begun), "{begun:?}");
    assert_eq!(tab.session(), 102);
    assert_eq!(outcome_of(&begun, wait_of(&begun)), Some(Outcome::Fine));
}

#[test]
fn rule_6_a_claim_without_a_lock_must_stand_for_a_moment() {
    let mut tab = due();
    tab.has_locks = false;
    assert!(!requests(&tab.run(Event::Renew)));
    assert!(tab.has_claim());
    let ms = tab.timer() - tab.mono;
    assert!((50.0..=100.0).contains(&ms), "{ms}");
    tab.pass(ms);
    assert!(renews(&tab.run(Event::Timer)));
}

#[test]
fn rule_6_a_claim_without_a_lock_yields_to_one_that_was_written_later() {
    let mut tab = due();
    tab.has_locks = false;
    tab.run(Event::Renew);
    let ms = tab.timer() - tab.mono;
    tab.claim_elsewhere(2_000.0);
    tab.pass(ms);
    assert!(!requests(&tab.run(Event::Timer)));
    tab.pass(2_001.0);
    tab.run(Event::Timer);
    tab.pass(100.0);
    assert!(renews(&tab.run(Event::Timer)));
}

#[test]
fn rule_6_any_number_of_callers_cause_one_renewal() {
    let mut tab = due();
    let begun = tab.run(Event::Renew);
    let joined = [Effect::Wait(wait_of(&begun))];
    assert_eq!(tab.run(Event::Renew), joined);
    assert_eq!(tab.run(Event::Unauthorized { session: 1 }), joined);
    assert!(!requests(&tab.request_token(LIFETIME)));
    let answered = tab.receive(request_of(&begun), 2, ADA);
    assert_eq!(outcome_of(&answered, wait_of(&begun)), Some(Outcome::Fine));
}

#[test]
fn rule_6_a_tab_that_was_frozen_before_its_request_reads_storage_again() {
    let mut tab = due();
    let ticket = ticket_of(&tab.step(Event::Renew));
    let is_granted = true;
    let granted = tab.step(Event::Locked { ticket, is_granted });
    let (ticket, record) = (ticket_of(&granted), None);
    let loaded = tab.step(Event::Loaded { ticket, record });
    // Another tab renews while this one is frozen.
    tab.pass(DAY);
    (tab.shared.sequence, tab.shared.claim) = (2.0, Claim::Free);
    tab.stored = Some(tab.renewed_elsewhere());
    let thawed = tab.run(Event::Credential {
        ticket: ticket_of(&loaded),
        result: Ok(false),
    });
    assert!(!requests(&thawed), "{thawed:?}");
    assert_eq!(tab.session(), 102);
}

#[test]
fn rule_6_no_tab_renews_during_the_pause_after_a_failed_renewal() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.sibling(2);
    other.run(Event::Resume);
    let ms = other.timer() - other.mono;
    tab.pass(ms);
    other.pass(ms);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), transient(90_000.0));
    other.shared = tab.shared;
    let rung = other.run(Event::Timer);
    assert!(!requests(&rung), "{rung:?}");
    other.pass(90_001.0);
    let rung = other.run(Event::Timer);
    assert!(renews(&rung), "the pause is over: {rung:?}");
}

#[test]
fn rule_7_a_tab_under_memory_storage_asks_its_siblings_first() {
    let mut one = signed_in_in_memory();
    let mut other = one.sibling_in_memory(2);
    let begun = other.run(Event::Resume);
    assert!(broadcasts(&begun, Message::RequestSession, 0), "{begun:?}");
    assert_eq!(outcome_of(&begun, wait_of(&begun)), None);
    let answer = one.hear(Message::RequestSession, None);
    assert!(broadcasts(&answer, Message::Changed, 1), "{answer:?}");
    let heard = other.hear(Message::Changed, one.machine.current().copied());
    assert_eq!(other.session(), 1);
    assert_eq!(outcome_of(&heard, wait_of(&begun)), Some(Outcome::Fine));
}

#[test]
fn rule_7_a_tab_does_not_wait_long_for_siblings_that_do_not_answer() {
    let mut tab = signed_in_in_memory().sibling_in_memory(2);
    let begun = tab.run(Event::Resume);
    tab.pass(201.0);
    let outcome = outcome_of(&tab.run(Event::Timer), wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::NotLoggedIn));
}

#[test]
fn rule_7_the_answer_of_an_outdated_sibling_is_not_enough() {
    let one = signed_in_in_memory();
    let current = one.machine.current().copied();
    let mut tab = one.sibling_in_memory(2);
    tab.hear(Message::Changed, current);
    tab.shared.sequence += 1.0;
    let begun = tab.run(Event::Renew);
    assert!(broadcasts(&begun, Message::RequestSession, 0), "{begun:?}");
    assert!(!requests(&tab.hear(Message::Changed, current)));
    tab.pass(201.0);
    assert!(requests(&tab.run(Event::Timer)));
}

#[test]
fn rule_7_a_message_makes_a_tab_under_local_storage_read_it() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.sibling(2);
    other.run(Event::Resume);
    let begun = one.run(Event::Renew);
    let answered = one.receive(request_of(&begun), 2, ADA);
    assert!(broadcasts(&answered, Message::Changed, 2), "{answered:?}");
    (other.shared, other.stored) = (one.shared, one.stored);
    let heard = other.hear(Message::Changed, None);
    assert!(heard.contains(&Effect::Load { ticket: 0 }), "{heard:?}");
    let announced = Effect::Renewed { by_this_tab: false };
    assert!(heard.contains(&announced), "{heard:?}");
    assert!(!requests(&heard), "{heard:?}");
    assert_eq!(other.session(), 102);
}

#[test]
fn rule_7_newer_numbers_of_a_sender_count_before_storage_shows_them() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.sibling(2);
    other.run(Event::Resume);
    one.run(Event::Logout { revoke: false });
    other.run(Event::Message {
        message: Message::Changed,
        shared: one.shared,
        record: None,
    });
    assert_eq!(other.session(), 0);
    assert_eq!(other.shared.min_epoch, one.shared.min_epoch);
}
