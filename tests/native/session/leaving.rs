//! Rules 14 and 15: storage, and how a user leaves.

use crate::support::{
    broadcasts, forgets, outcome_of, replies, request_of, revokes, states, wait_of, Backend, Tab,
    ADA, BOB, LIFETIME, MINUTE,
};
use social_plus_auth::session::{Effect, Event, Message, Outcome, State};

#[test]
fn rule_14_empty_storage_does_not_cost_the_session() {
    let mut tab = Tab::signed_in(ADA);
    tab.stored = None;
    tab.run(Event::Loaded {
        ticket: 0,
        record: None,
    });
    assert_eq!(tab.state(), State::Established);
    let begun = tab.run(Event::Renew);
    let answered = tab.receive(request_of(&begun), 2, ADA);
    assert_eq!(outcome_of(&answered, wait_of(&begun)), Some(Outcome::Fine));
    assert_eq!(tab.stored.map(|record| record.id), Some(2));
}

#[test]
fn rule_14_a_stored_record_carries_its_epoch_and_sequence() {
    let tab = Tab::signed_in(ADA);
    let stored = tab.stored.unwrap();
    assert_eq!(stored.epoch, tab.shared.epoch);
    assert_eq!(stored.sequence, 1.0);
    let resumed = tab.sibling(2).run(Event::Resume);
    let announced = states(&resumed);
    assert_eq!(announced, [State::Establishing, State::Established]);
}

#[test]
fn rule_14_a_stored_record_of_an_earlier_epoch_is_not_resumed() {
    let tab = Tab::signed_in(ADA);
    let mut other = tab.sibling(2);
    other.shared.min_epoch = tab.shared.epoch + 1.0;
    let resumed = other.run(Event::Resume);
    let outcome = outcome_of(&resumed, wait_of(&resumed));
    assert_eq!(outcome, Some(Outcome::NotLoggedIn));
    assert_eq!(other.session(), 0);
    assert!(forgets(&resumed, 101), "{resumed:?}");
}

#[test]
fn rule_14_a_tab_stores_its_session_again_when_another_tab_asks_for_it() {
    let mut one = Tab::signed_in(ADA);
    one.stored = None;
    let mut other = one.sibling(2);
    let begun = other.run(Event::Resume);
    assert!(broadcasts(&begun, Message::RequestSession, 0), "{begun:?}");
    let answer = one.hear(Message::RequestSession, None);
    assert!(one.stored.is_some());
    assert!(broadcasts(&answer, Message::Changed, 1), "{answer:?}");
    other.stored = one.stored;
    other.hear(Message::Changed, None);
    other.pass(201.0);
    let outcome = outcome_of(&other.run(Event::Timer), wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Fine));
}

#[test]
fn rule_15_a_logout_is_local_first() {
    let mut tab = Tab::signed_in(ADA);
    let left = tab.run(Event::Logout { revoke: true });
    assert_eq!(tab.state(), State::NotLoggedIn);
    assert_eq!(tab.session(), 0);
    assert_eq!(tab.stored, None);
    assert!(revokes(&left, 1), "{left:?}");
    assert!(left.contains(&Effect::Clear), "{left:?}");
    assert!(broadcasts(&left, Message::Changed, 0), "{left:?}");
}

#[test]
fn rule_15_a_logout_is_answered_after_one_attempt_to_revoke() {
    for (is_revoked, outcome) in [(true, Outcome::Fine), (false, Outcome::Failed)] {
        let mut tab = Tab::signed_in(ADA);
        let left = tab.run(Event::Logout { revoke: true });
        let answered = tab.revoked(1, is_revoked);
        assert_eq!(outcome_of(&answered, wait_of(&left)), Some(outcome));
    }
}

#[test]
fn rule_15_a_failed_revocation_is_tried_again_while_the_page_lives() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    for _ in 0..10 {
        let failed = tab.revoked(1, false);
        assert!(!forgets(&failed, 1), "the token is still needed");
        let ms = tab.timer() - tab.mono;
        assert!(ms > 0.0 && ms <= 5.0 * MINUTE, "{ms}");
        tab.pass(ms);
        assert!(revokes(&tab.run(Event::Timer), 1));
    }
    assert!(forgets(&tab.revoked(1, true), 1));
    assert_eq!(tab.timer(), f64::INFINITY);
}

#[test]
fn rule_15_an_expired_token_counts_as_revoked() {
    for event in [Event::Logout { revoke: true }, Event::SecureLogout] {
        let mut tab = Tab::signed_in(ADA);
        tab.backend = Backend::Fails;
        tab.pass(LIFETIME);
        let left = tab.run(event);
        assert!(replies(&left, Outcome::Fine), "{event:?}: {left:?}");
        assert!(!revokes(&left, 1), "{event:?}: {left:?}");
        assert_eq!(tab.session(), 0, "{event:?}");
    }
}

#[test]
fn rule_15_a_revocation_is_not_repeated_after_the_expiry() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    tab.pass(LIFETIME);
    assert!(forgets(&tab.revoked(1, false), 1));
}

#[test]
fn rule_15_a_logout_without_a_revocation_asks_nobody() {
    let mut tab = Tab::signed_in(ADA);
    let left = tab.run(Event::Logout { revoke: false });
    assert!(!revokes(&left, 1), "{left:?}");
    assert!(forgets(&left, 1), "{left:?}");
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_15_a_logout_supersedes_a_pending_login() {
    let mut tab = Tab::new();
    let begun = tab.log_in(ADA);
    let left = tab.run(Event::Logout { revoke: true });
    let outcome = outcome_of(&left, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Superseded));
    assert_eq!(tab.state(), State::NotLoggedIn);
    let late = tab.receive(request_of(&begun), 1, ADA);
    assert!(revokes(&late, 1), "{late:?}");
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_15_a_secure_logout_that_cannot_revoke_stays_signed_in() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    assert!(revokes(&begun, 1), "{begun:?}");
    assert_eq!(tab.state(), State::Established);
    let failed = tab.revoked(1, false);
    assert_eq!(outcome_of(&failed, wait_of(&begun)), Some(Outcome::Failed));
    assert_eq!(tab.state(), State::Established);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_15_a_secure_logout_ends_the_session_once_its_token_is_revoked() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let left = tab.revoked(1, true);
    assert_eq!(outcome_of(&left, wait_of(&begun)), Some(Outcome::Fine));
    assert_eq!(tab.state(), State::NotLoggedIn);
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_15_a_secure_logout_also_ends_a_session_that_was_renewed_meanwhile() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let renewal = tab.run(Event::Renew);
    tab.receive(request_of(&renewal), 2, ADA);
    let left = tab.revoked(1, true);
    assert_eq!(outcome_of(&left, wait_of(&begun)), Some(Outcome::Fine));
    assert_eq!(tab.session(), 0);
    assert!(revokes(&left, 2), "{left:?}");
    assert!(forgets(&left, 1), "{left:?}");
}

#[test]
fn rule_15_a_user_who_has_signed_in_since_a_secure_logout_stays() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let login = tab.log_in(BOB);
    let left = tab.revoked(1, true);
    assert_eq!(outcome_of(&left, wait_of(&begun)), Some(Outcome::Fine));
    assert_eq!(outcome_of(&left, wait_of(&login)), None);
    tab.receive(request_of(&login), 2, BOB);
    assert_eq!(tab.session(), 2);
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_15_calls_without_a_session_are_answered_not_logged_in() {
    for event in [
        Event::Logout { revoke: true },
        Event::SecureLogout,
        Event::Renew,
        Event::AccessToken {
            min_validity_ms: MINUTE,
        },
    ] {
        let answered = Tab::new().run(event);
        assert!(replies(&answered, Outcome::NotLoggedIn), "{event:?}");
    }
}
