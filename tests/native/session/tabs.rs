//! Rules 6, 7, 23 and 24: which tab renews, how the others receive the session, when a pause ends,
//! and that a message never replaces newer state.

use crate::support::{
    has_broadcast, has_renewal, has_session_request, has_verification, memory_settings, outcome_of,
    request_of, ticket_of, transient, wait_of, Tab, ADA, BOB, CHANGED, DAY, HANDED_OVER, LIFETIME,
    MINUTE, REQUEST, TIMEOUT,
};
use social_plus_auth::session::{Claim, Effect, Event, Outcome, Shared};

/// Returns a tab whose session is due for renewal.
fn tab_with_due_session() -> Tab {
    let mut tab = Tab::signed_in(ADA);
    let ms = tab.timer() - tab.mono;
    tab.advance(ms);
    tab
}

/// Returns a signed-in tab with `memory` storage.
fn tab_with_memory_storage() -> Tab {
    let mut tab = Tab::with_settings(memory_settings(1));
    tab.sign_in(1, ADA);
    tab.stored = None;
    tab
}

#[test]
fn rule_6_a_tab_waits_while_another_tab_has_the_claim_and_then_uses_the_new_session() {
    let mut tab = tab_with_due_session();
    tab.claim_elsewhere(3_000.0);
    let begun = tab.run(Event::Renew);
    assert!(!has_session_request(&begun), "{begun:?}");
    assert!(tab.timer() <= tab.mono + 3_000.0);
    tab.advance(1_000.0);
    tab.stored = Some(tab.renewed_elsewhere());
    (tab.shared.sequence, tab.shared.claim) = (2.0, Claim::Free);
    let received = tab.receive_message(CHANGED, None);
    assert_eq!(tab.session(), 102);
    assert_eq!(
        outcome_of(&received, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert!(!has_session_request(&received), "{received:?}");
    assert!(!tab.has_claim());
}

#[test]
fn rule_6_an_expired_claim_does_not_delay_other_tabs() {
    let mut tab = tab_with_due_session();
    tab.claim_elsewhere(3_000.0);
    let begun = tab.run(Event::Renew);
    tab.advance(3_001.0);
    let fired = tab.run(Event::Timer);
    assert!(has_renewal(&fired), "{fired:?}");
    assert!(tab.has_claim());
    // The owner of the expired claim may have sent a request. If the service handles that request
    // last, it ends the new session. Therefore the tab verifies the new session.
    let answered = tab.receive_session(request_of(&fired), 2, ADA);
    assert!(has_verification(&answered, 2), "{answered:?}");
    assert_eq!(outcome_of(&answered, wait_of(&begun)), None);
}

#[test]
fn rule_6_a_login_waits_for_a_claim_no_longer_than_the_timeout() {
    let mut tab = Tab::new();
    tab.claim_elsewhere(10.0 * TIMEOUT);
    assert!(!has_session_request(&tab.log_in(ADA)));
    tab.advance(TIMEOUT - 1.0);
    assert!(!has_session_request(&tab.run(Event::Timer)));
    tab.advance(1.0);
    assert!(has_session_request(&tab.run(Event::Timer)));
}

#[test]
fn rule_6_a_tab_does_not_take_back_a_claim_that_another_tab_has_taken() {
    let mut tab = tab_with_due_session();
    let begun = tab.run(Event::Renew);
    tab.claim_elsewhere(5_000.0);
    let before = tab.shared;
    tab.run(Event::Attempt {
        ticket: request_of(&begun),
        timeout_ms: 11_000.0,
        has_lost_request: false,
    });
    assert_eq!(tab.shared, before);
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 2);
}

#[test]
fn rule_6_a_claim_outlasts_the_timeout_of_the_auth_token_callback() {
    let mut tab = tab_with_due_session();
    tab.run(Event::Renew);
    let Claim::Held { expires_at, .. } = tab.shared.claim else {
        panic!("{:?}", tab.shared)
    };
    assert!(expires_at > tab.wall + TIMEOUT);
}

#[test]
fn rule_6_a_tab_reads_storage_before_it_requests_a_session() {
    let mut tab = tab_with_due_session();
    tab.stored = Some(tab.renewed_elsewhere());
    let begun = tab.run(Event::Renew);
    assert!(!has_session_request(&begun), "{begun:?}");
    assert_eq!(tab.session(), 102);
    assert_eq!(
        outcome_of(&begun, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_6_a_late_commit_leaves_the_claim_of_the_tab_that_has_taken_over() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    // The tab freezes until its claim has expired.
    tab.advance(MINUTE);
    tab.claim_elsewhere(5_000.0);
    tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(tab.session(), 2);
    assert!(matches!(tab.shared.claim, Claim::Held { owner: 99, .. }));
}

#[test]
fn rule_6_without_locks_a_tab_waits_50_to_100_ms_after_it_has_written_its_claim() {
    let mut tab = tab_with_due_session();
    tab.has_locks = false;
    assert!(!has_session_request(&tab.run(Event::Renew)));
    assert!(tab.has_claim());
    let ms = tab.timer() - tab.mono;
    assert!((50.0..=100.0).contains(&ms), "{ms}");
    tab.advance(ms);
    assert!(has_renewal(&tab.run(Event::Timer)));
}

#[test]
fn rule_6_without_locks_a_tab_yields_to_a_claim_that_was_written_later() {
    let mut tab = tab_with_due_session();
    tab.has_locks = false;
    tab.run(Event::Renew);
    let ms = tab.timer() - tab.mono;
    tab.claim_elsewhere(2_000.0);
    tab.advance(ms);
    assert!(!has_session_request(&tab.run(Event::Timer)));
    tab.advance(2_001.0);
    tab.run(Event::Timer);
    tab.advance(100.0);
    assert!(has_renewal(&tab.run(Event::Timer)));
}

#[test]
fn rule_6_concurrent_callers_share_one_renewal() {
    let mut tab = tab_with_due_session();
    let begun = tab.run(Event::Renew);
    let joined = [Effect::Wait(wait_of(&begun))];
    assert_eq!(tab.run(Event::Renew), joined);
    assert_eq!(tab.run(Event::Unauthorized { session: 1 }), joined);
    assert!(!has_session_request(&tab.request_token(LIFETIME)));
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_6_a_tab_that_was_frozen_before_its_request_reads_storage_again() {
    let mut tab = tab_with_due_session();
    let ticket = ticket_of(&tab.step(Event::Renew));
    let is_granted = true;
    let granted = tab.step(Event::Locked { ticket, is_granted });
    let (ticket, record) = (ticket_of(&granted), None);
    let loaded = tab.step(Event::Loaded { ticket, record });
    // Another tab renews while this tab is frozen.
    tab.advance(DAY);
    (tab.shared.sequence, tab.shared.claim) = (2.0, Claim::Free);
    tab.stored = Some(tab.renewed_elsewhere());
    let thawed = tab.run(Event::Credential {
        ticket: ticket_of(&loaded),
        result: Ok(false),
    });
    assert!(!has_session_request(&thawed), "{thawed:?}");
    assert_eq!(tab.session(), 102);
}

#[test]
fn rule_6_no_tab_renews_during_the_pause_after_a_failed_renewal() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.run(Event::Resume);
    let ms = other.timer() - other.mono;
    tab.advance(ms);
    other.advance(ms);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), transient(90_000.0));
    other.shared = tab.shared;
    let fired = other.run(Event::Timer);
    assert!(!has_session_request(&fired), "{fired:?}");
    other.advance(90_001.0);
    let fired = other.run(Event::Timer);
    assert!(has_renewal(&fired), "no renewal after the pause: {fired:?}");
}

#[test]
fn rule_7_a_tab_with_memory_storage_asks_its_siblings_for_the_session() {
    let mut one = tab_with_memory_storage();
    let mut other = one.open_memory_sibling(2);
    let begun = other.run(Event::Resume);
    assert!(has_broadcast(&begun, REQUEST, 0), "{begun:?}");
    assert_eq!(outcome_of(&begun, wait_of(&begun)), None);
    let answer = one.receive_message(REQUEST, None);
    assert!(has_broadcast(&answer, HANDED_OVER, 1), "{answer:?}");
    let received = other.receive_message(HANDED_OVER, one.machine.current().copied());
    assert_eq!(other.session(), 1);
    assert_eq!(
        outcome_of(&received, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_7_a_tab_stops_waiting_for_silent_siblings_after_200_ms() {
    let mut tab = tab_with_memory_storage().open_memory_sibling(2);
    let begun = tab.run(Event::Resume);
    tab.advance(201.0);
    let outcome = outcome_of(&tab.run(Event::Timer), wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::NotLoggedIn));
}

#[test]
fn rule_7_a_tab_renews_if_only_an_outdated_sibling_responds() {
    let one = tab_with_memory_storage();
    let current = one.machine.current().copied();
    let mut tab = one.open_memory_sibling(2);
    tab.receive_message(CHANGED, current);
    tab.shared.sequence += 1.0;
    let begun = tab.run(Event::Renew);
    assert!(has_broadcast(&begun, REQUEST, 0), "{begun:?}");
    assert!(!has_session_request(&tab.receive_message(CHANGED, current)));
    tab.advance(201.0);
    assert!(has_session_request(&tab.run(Event::Timer)));
}

#[test]
fn rule_7_a_message_makes_a_tab_with_local_storage_read_storage() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    let begun = one.run(Event::Renew);
    let answered = one.receive_session(request_of(&begun), 2, ADA);
    assert!(has_broadcast(&answered, CHANGED, 2), "{answered:?}");
    (other.shared, other.stored) = (one.shared, one.stored);
    let received = other.receive_message(CHANGED, None);
    assert!(
        received.contains(&Effect::Load { ticket: 0 }),
        "{received:?}"
    );
    let announced = Effect::Renewed { by_this_tab: false };
    assert!(received.contains(&announced), "{received:?}");
    assert!(!has_session_request(&received), "{received:?}");
    assert_eq!(other.session(), 102);
}

#[test]
fn rule_7_a_tab_applies_the_newer_numbers_of_a_message_before_storage_shows_them() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    one.run(Event::Logout { revoke: false });
    other.run(Event::Message {
        message: CHANGED,
        shared: one.shared,
        record: None,
    });
    assert_eq!(other.session(), 0);
}

#[test]
fn rule_23_a_tab_that_notices_a_clock_change_ignores_the_pause_of_another_tab() {
    for retry_after_ms in [0.0, 90_000.0] {
        let mut tab = Tab::signed_in(ADA);
        let mut other = tab.open_sibling(2);
        other.run(Event::Resume);
        let begun = tab.run(Event::Renew);
        tab.fail(request_of(&begun), transient(retry_after_ms));
        other.shared = tab.shared;
        other.run(Event::Timer);
        let ms = other.timer() - other.mono;
        other.advance(ms);
        other.wall -= ms + 40.0 * MINUTE;
        let fired = other.run(Event::Timer);
        assert!(
            has_renewal(&fired),
            "Retry-After {retry_after_ms}: {fired:?}"
        );
    }
}

#[test]
fn rule_23_a_tab_that_notices_a_sleep_late_still_obeys_a_pause_that_began_after_the_sleep() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.run(Event::Resume);
    let ms = tab.timer() - tab.mono + MINUTE;
    tab.wall += ms;
    other.wall += ms;
    let begun = tab.run(Event::Timer);
    tab.fail(request_of(&begun), transient(600_000.0));
    other.shared = tab.shared;
    let fired = other.run(Event::Timer);
    assert!(!has_renewal(&fired), "{fired:?}");
}

#[test]
fn rule_23_a_tab_that_notices_a_clock_change_ends_its_own_pause() {
    let mut tab = Tab::signed_in(ADA);
    let ms = tab.timer() - tab.mono;
    tab.advance(ms);
    let fired = tab.run(Event::Timer);
    tab.fail(request_of(&fired), transient(90_000.0));
    assert!(!has_renewal(&tab.run(Event::Timer)));
    tab.wall -= 40.0 * MINUTE;
    assert!(has_renewal(&tab.run(Event::Timer)));
}

#[test]
fn rule_23_no_pause_lasts_longer_than_an_hour() {
    let mut tab = tab_with_due_session();
    let fired = tab.run(Event::Timer);
    tab.fail(request_of(&fired), transient(f64::INFINITY));
    tab.advance(60.0 * MINUTE);
    assert!(has_renewal(&tab.run(Event::Timer)));
}

#[test]
fn rule_24_a_late_message_does_not_overwrite_the_claim_that_storage_shows() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    let begun = one.run(Event::Renew);
    one.receive_session(request_of(&begun), 2, ADA);
    // The message about the new session arrives before storage shows it. Storage shows a claim.
    other.claim_elsewhere(5_000.0);
    let claim = other.shared.claim;
    other.run(Event::Message {
        message: CHANGED,
        shared: one.shared,
        record: None,
    });
    assert_eq!(other.shared.claim, claim);
    other.run(Event::Timer);
    assert_eq!(other.shared.claim, claim);
}

#[test]
fn rule_24_a_late_message_lowers_no_number() {
    let mut tab = Tab::signed_in(ADA);
    let late = tab.shared;
    tab.sign_in(2, BOB);
    let before = tab.shared;
    // The sender has signed out the first user, but does not know the second one.
    tab.run(Event::Message {
        message: CHANGED,
        shared: Shared {
            min_epoch: late.epoch + 1.0,
            sequence: before.sequence + 1.0,
            ..late
        },
        record: None,
    });
    assert_eq!(tab.shared.epoch, before.epoch);
    assert_eq!(tab.shared.last, before.last);
    assert_eq!(tab.session(), 2);
}

#[test]
fn rule_24_a_tab_that_waits_for_a_claim_continues_when_storage_shows_its_release() {
    let mut tab = Tab::new();
    tab.claim_elsewhere(5_000.0);
    assert!(!has_session_request(&tab.log_in(ADA)));
    tab.shared.claim = Claim::Free;
    let woken = tab.run(Event::Wake { is_online: false });
    assert!(has_session_request(&woken), "{woken:?}");
}
