//! Rule 16: a client that is closed, and a client of a worker.

use crate::support::{
    forgets, outcome_of, renews, replies, request_of, settings, wait_of, Tab, ADA, LIFETIME, MINUTE,
};
use social_plus_auth::session::{Claim, Effect, Event, Message, Outcome, Settings, State};

#[test]
fn rule_16_a_closed_client_settles_every_caller() {
    let mut tab = Tab::signed_in(ADA);
    let renewal = tab.run(Event::Renew);
    let logout = tab.run(Event::SecureLogout);
    let closed = tab.run(Event::Close);
    let closes = |wait| outcome_of(&closed, wait) == Some(Outcome::Closed);
    assert!(closes(wait_of(&renewal)), "{closed:?}");
    assert!(closes(wait_of(&logout)), "{closed:?}");
}

#[test]
fn rule_16_a_closed_client_releases_its_claim() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Renew);
    assert!(tab.has_claim());
    let closed = tab.run(Event::Close);
    let released = Claim::Cooldown { until: 0.0 };
    assert_eq!(tab.shared.claim, released, "its request may still arrive");
    let message = Effect::Broadcast {
        message: Message::Changed,
        session: 0,
    };
    assert!(closed.contains(&message), "{closed:?}");
}

#[test]
fn rule_16_a_closed_client_releases_a_claim_that_an_older_write_has_brought_back() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let with_claim = tab.shared.claim;
    tab.receive(request_of(&begun), 2, ADA);
    assert_eq!(tab.shared.claim, Claim::Free);
    tab.shared.claim = with_claim;
    tab.run(Event::Close);
    assert!(!tab.has_claim());
}

#[test]
fn rule_16_a_closed_client_leaves_the_session_and_asks_for_nothing() {
    let mut tab = Tab::signed_in(ADA);
    let stored = tab.stored;
    assert_eq!(tab.step(Event::Close), []);
    assert_eq!(tab.stored, stored);
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_16_another_tab_verifies_the_session_that_follows_a_closed_renewal() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.sibling(2);
    other.run(Event::Resume);
    tab.run(Event::Renew);
    tab.run(Event::Close);
    other.shared = tab.shared;
    let begun = other.run(Event::Renew);
    let answered = other.receive(request_of(&begun), 2, ADA);
    let verifies = |effect: &Effect| matches!(effect, Effect::Verify { session: 2, .. });
    assert!(answered.iter().any(verifies), "{answered:?}");
}

/// Returns a worker's client, whose session is due for renewal.
fn worker() -> Tab {
    let mut tab = Tab::with(Settings {
        is_shared: false,
        has_background: false,
        ..settings(1)
    });
    tab.sign_in(1, ADA);
    tab.pass(LIFETIME * 0.95);
    tab
}

#[test]
fn rule_16_a_worker_renews_only_for_a_call() {
    let mut tab = worker();
    assert_eq!(tab.request_token(MINUTE), [Effect::Reply(Outcome::Fine)]);
    let begun = tab.request_token(LIFETIME / 2.0);
    assert!(!replies(&begun, Outcome::Fine), "{begun:?}");
    assert!(renews(&begun), "{begun:?}");
}

#[test]
fn rule_16_a_worker_does_not_repeat_a_failed_revocation() {
    let mut tab = worker();
    tab.run(Event::Logout { revoke: true });
    assert!(forgets(&tab.revoked(1, false), 1));
    assert_eq!(tab.timer(), f64::INFINITY);
}
