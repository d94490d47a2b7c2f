//! The simulation disables one rule at a time, and must then fail. These tests show that disabling
//! a `Rule` takes effect, except `Device`, `Waiting` and `Quiet`, which `tests/model` disables.

use crate::support::{
    has_revocation, has_session_request, has_verification, request_of, transient, Tab, ADA,
    CHANGED, MINUTE,
};
use social_plus_auth::session::{Effect, Event, Record, Rule};

/// Returns a tab that signed in five minutes ago and then has a rule disabled.
fn signed_in_without(rule: Rule) -> Tab {
    let mut tab = Tab::signed_in(ADA);
    tab.machine = tab.machine.without(rule);
    tab
}

#[test]
fn without_the_rule_epoch_a_late_session_signs_the_user_in_after_a_logout() {
    let mut tab = signed_in_without(Rule::Epoch);
    let begun = tab.run(Event::Renew);
    tab.run(Event::Logout { revoke: false });
    tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(tab.session(), 2);
    assert_eq!(tab.machine.current().unwrap().epoch, tab.shared.epoch);
}

#[test]
fn without_the_rule_claim_a_tab_requests_a_session_while_another_tab_has_the_claim() {
    let mut tab = signed_in_without(Rule::Claim);
    tab.claim_elsewhere(5_000.0);
    assert!(has_session_request(&tab.run(Event::Renew)));
}

#[test]
fn without_the_rule_latest_an_earlier_session_replaces_a_later_one() {
    let mut tab = signed_in_without(Rule::Latest);
    let current = *tab.machine.current().unwrap();
    let earlier = Record {
        id: 8,
        issued_at: current.issued_at - 1.0,
        ..current
    };
    tab.stored = Some(earlier);
    tab.receive_message(CHANGED, Some(earlier));
    assert_eq!(tab.session(), 8);
}

#[test]
fn without_the_rule_verify_a_session_after_a_lost_attempt_is_not_verified() {
    let mut tab = signed_in_without(Rule::Verify);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert!(!has_verification(&answered, 2), "{answered:?}");
}

#[test]
fn without_the_rule_cooldown_a_tab_renews_during_the_pause_of_another_tab() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.machine = other.machine.without(Rule::Cooldown);
    other.run(Event::Resume);
    let ms = 5.0 * MINUTE;
    (tab.wall, tab.mono) = (tab.wall + ms, tab.mono + ms);
    other.advance(ms);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), transient(90_000.0));
    other.shared = tab.shared;
    let session = other.session();
    let refused = other.run(Event::Unauthorized { session });
    assert!(has_session_request(&refused), "{refused:?}");
}

#[test]
fn without_the_rule_revocation_a_discarded_session_is_forgotten() {
    let mut tab = signed_in_without(Rule::Revocation);
    let begun = tab.run(Event::Renew);
    tab.run(Event::Logout { revoke: false });
    let late = tab.receive_session(request_of(&begun), 2, ADA);
    assert!(!has_revocation(&late, 2), "{late:?}");
    assert!(late.contains(&Effect::Forget(2)), "{late:?}");
}
