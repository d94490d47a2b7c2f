//! Rules 18 and 19: tabs send few messages, and tabs of one device may differ in storage.

use crate::support::{
    has_broadcast, has_save, memory_settings, outcome_of, wait_of, Tab, ADA, BOB, CHANGED,
    HANDED_OVER, QUIET_REQUEST, REQUEST,
};
use social_plus_auth::session::{Effect, Event, LastSession, Outcome, Record};

const LOAD: Effect = Effect::Load { ticket: 0 };

/// Returns a tab that stores no session and knows that the device has a session, which it lacks.
fn outdated_memory_tab() -> Tab {
    let mut tab = Tab::with_settings(memory_settings(1));
    renew_elsewhere(&mut tab);
    tab
}

/// Returns whether the effects ask the other tabs for the session.
fn asks(effects: &[Effect]) -> bool {
    [REQUEST, QUIET_REQUEST]
        .into_iter()
        .any(|message| has_broadcast(effects, message, 0))
}

/// Lets another tab commit a session.
fn renew_elsewhere(tab: &mut Tab) {
    tab.shared.epoch = tab.shared.epoch.max(1025.0);
    tab.shared.sequence += 1.0;
    tab.shared.last = LastSession::Committed {
        epoch: tab.shared.epoch,
    };
}

#[test]
fn rule_18_a_tab_asks_quietly_and_once_for_each_session() {
    let mut tab = outdated_memory_tab();
    let first = tab.receive_message(CHANGED, None);
    assert!(has_broadcast(&first, QUIET_REQUEST, 0), "{first:?}");
    let second = tab.receive_message(CHANGED, None);
    assert!(!asks(&second), "{second:?}");
    renew_elsewhere(&mut tab);
    let third = tab.receive_message(CHANGED, None);
    assert!(has_broadcast(&third, QUIET_REQUEST, 0), "{third:?}");
}

#[test]
fn rule_18_a_tab_that_wakes_asks_again_and_not_quietly() {
    let mut tab = outdated_memory_tab();
    tab.receive_message(CHANGED, None);
    let woken = tab.run(Event::Wake { is_online: false });
    assert!(has_broadcast(&woken, REQUEST, 0), "{woken:?}");
}

#[test]
fn rule_18_a_tab_answers_quiet_requests_once() {
    let mut tab = Tab::signed_in(ADA);
    let first = tab.receive_message(QUIET_REQUEST, None);
    assert!(has_broadcast(&first, HANDED_OVER, 1), "{first:?}");
    let second = tab.receive_message(QUIET_REQUEST, None);
    assert!(!has_broadcast(&second, HANDED_OVER, 1), "{second:?}");
    let third = tab.receive_message(REQUEST, None);
    assert!(has_broadcast(&third, HANDED_OVER, 1), "{third:?}");
}

#[test]
fn rule_18_an_answer_writes_nothing() {
    let mut tab = Tab::signed_in(ADA);
    let answer = tab.receive_message(REQUEST, None);
    assert!(!has_save(&answer), "{answer:?}");
}

#[test]
fn rule_18_a_tab_corrects_an_earlier_session_once() {
    let mut tab = Tab::signed_in(ADA);
    let current = *tab.machine.current().unwrap();
    let mut receive = |id| {
        let earlier = Record {
            id,
            issued_at: current.issued_at - 1.0,
            ..current
        };
        tab.receive_message(CHANGED, Some(earlier))
    };
    let (first, second) = (receive(8), receive(9));
    assert!(has_broadcast(&first, HANDED_OVER, 1), "{first:?}");
    assert!(!has_broadcast(&second, HANDED_OVER, 1), "{second:?}");
}

#[test]
fn rule_18_a_write_of_the_shared_numbers_makes_a_tab_without_a_session_ask() {
    let mut tab = outdated_memory_tab();
    let effects = tab.run(Event::StorageChanged { is_session: false });
    assert!(has_broadcast(&effects, QUIET_REQUEST, 0), "{effects:?}");
}

#[test]
fn rule_18_a_write_of_the_shared_numbers_makes_no_signed_in_tab_read_or_ask() {
    let mut tab = Tab::signed_in(ADA);
    renew_elsewhere(&mut tab);
    let effects = tab.run(Event::StorageChanged { is_session: false });
    assert!(!effects.contains(&LOAD), "{effects:?}");
    assert!(!asks(&effects), "{effects:?}");
}

#[test]
fn rule_18_a_tab_that_finds_the_session_in_storage_does_not_ask() {
    let mut tab = Tab::signed_in(ADA);
    let renewed = tab.renewed_elsewhere();
    renew_elsewhere(&mut tab);
    tab.stored = Some(renewed);
    let effects = tab.run(Event::StorageChanged { is_session: true });
    assert_eq!(tab.session(), 102);
    assert!(!asks(&effects), "{effects:?}");
    assert!(!has_save(&effects), "{effects:?}");
}

#[test]
fn rule_19_a_tab_that_cannot_read_the_stored_session_asks_for_it() {
    let mut tab = Tab::signed_in(ADA);
    renew_elsewhere(&mut tab);
    tab.stored = None;
    let effects = tab.receive_message(CHANGED, None);
    assert!(has_broadcast(&effects, QUIET_REQUEST, 0), "{effects:?}");
}

#[test]
fn rule_19_a_session_from_a_tab_with_memory_storage_is_stored_once() {
    let one = Tab::signed_in(ADA);
    let record = one.machine.current().copied();
    let mut other = one.open_sibling(2);
    other.stored = None;
    let received = other.receive_message(HANDED_OVER, record);
    assert!(has_save(&received), "{received:?}");
    assert_eq!(other.stored, record);
    let mut third = other.open_sibling(3);
    let received = third.receive_message(HANDED_OVER, record);
    assert!(!has_save(&received), "{received:?}");
}

#[test]
fn rule_19_a_tab_with_memory_storage_gets_the_session_of_a_tab_that_stores_it() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_memory_sibling(2);
    other.stored = None;
    let begun = other.run(Event::Resume);
    assert!(has_broadcast(&begun, REQUEST, 0), "{begun:?}");
    let answer = one.receive_message(REQUEST, None);
    assert!(has_broadcast(&answer, HANDED_OVER, 1), "{answer:?}");
    let received = other.receive_message(HANDED_OVER, one.machine.current().copied());
    let outcome = outcome_of(&received, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Succeeded));
}

#[test]
fn rule_18_a_tab_answers_a_quiet_request_for_its_next_session() {
    let mut tab = Tab::signed_in(ADA);
    tab.receive_message(QUIET_REQUEST, None);
    let renewed = tab.renewed_elsewhere();
    tab.stored = Some(renewed);
    tab.receive_message(CHANGED, Some(renewed));
    assert_eq!(tab.session(), 2);
    let answer = tab.receive_message(QUIET_REQUEST, None);
    assert!(has_broadcast(&answer, HANDED_OVER, 2), "{answer:?}");
}

#[test]
fn rule_18_a_tab_corrects_each_other_earlier_session() {
    let mut tab = Tab::signed_in(ADA);
    let current = *tab.machine.current().unwrap();
    for (id, ms) in [(8, 1.0), (9, 2.0)] {
        let earlier = Record {
            id,
            issued_at: current.issued_at - ms,
            ..current
        };
        let received = tab.receive_message(CHANGED, Some(earlier));
        assert!(has_broadcast(&received, HANDED_OVER, 1), "{received:?}");
    }
}

#[test]
fn rule_18_a_tab_that_finds_an_earlier_session_in_storage_sends_no_message() {
    let mut tab = Tab::signed_in(ADA);
    let current = *tab.machine.current().unwrap();
    tab.stored = Some(Record {
        id: 8,
        issued_at: current.issued_at - 1.0,
        ..current
    });
    let begun = tab.run(Event::Renew);
    assert_eq!(tab.stored, Some(current));
    assert!(!has_broadcast(&begun, HANDED_OVER, 1), "{begun:?}");
}

#[test]
fn rule_19_a_logout_of_a_tab_with_memory_storage_removes_the_stored_session() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_memory_sibling(2);
    other.run(Event::Resume);
    other.receive_message(HANDED_OVER, tab.machine.current().copied());
    other.run(Event::Logout { revoke: true });
    tab.shared = other.shared;
    tab.receive_message(CHANGED, None);
    assert_eq!(tab.session(), 0);
    assert_eq!(tab.stored, None);
}

#[test]
fn rule_19_a_tab_does_not_remove_the_session_of_a_later_login() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.run(Event::Resume);
    other.run(Event::Logout { revoke: true });
    other.sign_in(3, BOB);
    (tab.shared, tab.stored) = (other.shared, other.stored);
    tab.receive_message(CHANGED, None);
    assert_eq!(tab.stored, other.stored);
}

#[test]
fn rule_19_a_tab_stores_its_session_again_if_storage_has_lost_it() {
    let mut tab = Tab::signed_in(ADA);
    tab.stored = None;
    tab.run(Event::Renew);
    assert_eq!(tab.stored, tab.machine.current().copied());
}
