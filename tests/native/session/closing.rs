//! Rule 16: closing a client, and clients in a worker.

use crate::support::{
    has_forget_effect, has_renewal, has_reply, has_verification, outcome_of, request_of, settings,
    wait_of, Tab, ADA, CHANGED, LIFETIME, MINUTE,
};
use social_plus_auth::session::{Claim, Effect, Event, Outcome, Settings, State};

#[test]
fn rule_16_a_closed_client_settles_every_caller() {
    let mut tab = Tab::signed_in(ADA);
    let renewal = tab.run(Event::Renew);
    let logout = tab.run(Event::SecureLogout);
    let closed = tab.run(Event::Close);
    let is_closed = |wait| outcome_of(&closed, wait) == Some(Outcome::Closed);
    assert!(is_closed(wait_of(&renewal)), "{closed:?}");
    assert!(is_closed(wait_of(&logout)), "{closed:?}");
}

#[test]
fn rule_16_a_closed_client_releases_its_claim() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Renew);
    assert!(tab.has_claim());
    let closed = tab.run(Event::Close);
    // An expired cooldown tells other tabs that the request may still reach the service.
    assert_eq!(tab.shared.claim, Claim::Cooldown { until: 0.0 });
    let message = Effect::Broadcast {
        message: CHANGED,
        session: 0,
    };
    assert!(closed.contains(&message), "{closed:?}");
}

#[test]
fn rule_16_a_closed_client_releases_a_claim_that_a_concurrent_write_has_restored() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let with_claim = tab.shared.claim;
    tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(tab.shared.claim, Claim::Free);
    tab.shared.claim = with_claim;
    tab.run(Event::Close);
    assert!(!tab.has_claim());
}

#[test]
fn rule_16_a_closed_client_keeps_the_session_and_requests_nothing() {
    let mut tab = Tab::signed_in(ADA);
    let stored = tab.stored;
    assert_eq!(tab.step(Event::Close), []);
    assert_eq!(tab.stored, stored);
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_16_another_tab_verifies_its_renewed_session_if_a_client_was_closed_while_renewing() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.run(Event::Resume);
    tab.run(Event::Renew);
    tab.run(Event::Close);
    other.shared = tab.shared;
    let begun = other.run(Event::Renew);
    let answered = other.receive_session(request_of(&begun), 2, ADA);
    assert!(has_verification(&answered, 2), "{answered:?}");
}

/// Returns a client in a worker, with a session that is due for renewal.
fn worker_with_due_session() -> Tab {
    let mut tab = Tab::with_settings(Settings {
        is_shared: false,
        has_background: false,
        ..settings(1)
    });
    tab.sign_in(1, ADA);
    tab.advance(LIFETIME * 0.95);
    tab
}

#[test]
fn rule_16_a_worker_renews_only_for_a_call_that_requires_more_validity() {
    let mut tab = worker_with_due_session();
    assert_eq!(
        tab.request_token(MINUTE),
        [Effect::Reply(Outcome::Succeeded)]
    );
    let begun = tab.request_token(LIFETIME / 2.0);
    assert!(!has_reply(&begun, Outcome::Succeeded), "{begun:?}");
    assert!(has_renewal(&begun), "{begun:?}");
}

#[test]
fn rule_16_a_worker_does_not_retry_a_failed_revocation() {
    let mut tab = worker_with_due_session();
    tab.run(Event::Logout { revoke: true });
    assert!(has_forget_effect(&tab.finish_revocation(1, false), 1));
    assert_eq!(tab.timer(), f64::INFINITY);
}
