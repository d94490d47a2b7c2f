//! Rule 17: a logout covers the device, not only the tab.

use crate::support::{
    has_revocation, has_verification, memory_settings, outcome_of, request_of, transient, wait_of,
    Tab, ADA, CHANGED, LIFETIME,
};
use social_plus_auth::session::{
    Claim, Effect, Event, LastSession, Outcome, Record, Shared, State,
};

/// Returns two signed-in tabs. The second one has renewed, and the first one does not know it.
fn tabs_after_an_unnoticed_renewal() -> (Tab, Tab) {
    let one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    let begun = other.run(Event::Renew);
    let record = other.record(7, ADA);
    other.run(Event::Session {
        ticket: request_of(&begun),
        result: Ok(record),
        took_ms: 0.0,
    });
    assert_eq!(other.session(), 7);
    (one, other)
}

/// Delivers the message of a logout to another tab.
fn deliver(shared: Shared, other: &mut Tab) -> Vec<Effect> {
    other.run(Event::Message {
        message: CHANGED,
        shared,
        record: None,
    })
}

#[test]
fn rule_17_a_tab_revokes_the_session_that_the_logging_out_tab_did_not_know() {
    let (mut one, mut other) = tabs_after_an_unnoticed_renewal();
    one.run(Event::Logout { revoke: true });
    let ended = deliver(one.shared, &mut other);
    assert!(has_revocation(&ended, 7), "{ended:?}");
    assert_eq!(other.state(), State::NotLoggedIn);
}

#[test]
fn rule_17_a_tab_does_not_revoke_a_session_that_the_logging_out_tab_revokes() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    one.run(Event::Logout { revoke: true });
    let ended = deliver(one.shared, &mut other);
    assert_eq!(other.state(), State::NotLoggedIn);
    assert!(!has_revocation(&ended, 101), "{ended:?}");
}

#[test]
fn rule_17_a_logout_revokes_a_later_session_that_storage_contains() {
    for (is_revoked, outcome) in [(true, Outcome::Succeeded), (false, Outcome::Failed)] {
        let (mut one, other) = tabs_after_an_unnoticed_renewal();
        (one.shared, one.stored) = (other.shared, other.stored);
        let begun = one.step(Event::Logout { revoke: true });
        let load = begun
            .iter()
            .position(|it| matches!(it, Effect::Load { .. }));
        let clear = begun.iter().position(|it| *it == Effect::Clear);
        assert!(
            load < clear,
            "storage is read before it is cleared: {begun:?}"
        );
        let Some(Effect::Load { ticket }) = load.map(|at| begun[at]) else {
            panic!("{begun:?}")
        };
        assert_eq!(one.state(), State::NotLoggedIn);
        let record = other.stored;
        let found = one.run(Event::Loaded { ticket, record });
        assert!(has_revocation(&found, 7), "{found:?}");
        let answered = one.finish_revocation(7, is_revoked);
        assert_eq!(outcome_of(&answered, wait_of(&begun)), Some(outcome));
    }
}

#[test]
fn rule_17_a_logout_reports_no_revocation_if_it_does_not_find_the_later_session() {
    let (mut one, other) = tabs_after_an_unnoticed_renewal();
    (one.shared, one.stored) = (other.shared, None);
    let begun = one.run(Event::Logout { revoke: true });
    assert_eq!(outcome_of(&begun, wait_of(&begun)), Some(Outcome::Failed));
    assert_eq!(one.shared.last, LastSession::EndedUnknown);
}

#[test]
fn rule_17_with_memory_storage_the_tab_that_has_the_latest_session_revokes_it() {
    let mut one = Tab::with_settings(memory_settings(1));
    one.sign_in(1, ADA);
    let mut other = one.open_memory_sibling(2);
    let current = one.machine.current().copied();
    other.receive_message(CHANGED, current);
    let later = other.renewed_elsewhere();
    other.shared.sequence += 1.0;
    other.receive_message(CHANGED, Some(later));
    one.shared = other.shared;
    let begun = one.run(Event::Logout { revoke: true });
    assert!(has_revocation(&begun, 1), "{begun:?}");
    let answered = one.finish_revocation(1, true);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Failed),
        "another tab has a later session"
    );
    let ended = deliver(one.shared, &mut other);
    assert!(has_revocation(&ended, 2), "{ended:?}");
}

#[test]
fn rule_17_a_logout_reports_no_revocation_while_a_session_request_may_still_arrive() {
    // The tab's own renewal is in flight, or another tab may have sent a request.
    for is_own in [true, false] {
        let mut tab = Tab::signed_in(ADA);
        if is_own {
            tab.run(Event::Renew);
        } else {
            tab.claim_elsewhere(5_000.0);
        }
        let begun = tab.run(Event::Logout { revoke: true });
        let answered = tab.finish_revocation(1, true);
        let outcome = outcome_of(&answered, wait_of(&begun));
        assert_eq!(outcome, Some(Outcome::Failed), "own request: {is_own}");
    }
}

#[test]
fn rule_17_a_secure_logout_during_a_login_waits_for_the_login() {
    let mut tab = Tab::new();
    let login = tab.log_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    assert_eq!(begun, [Effect::Wait(wait_of(&begun))]);
    let answered = tab.receive_session(request_of(&login), 1, ADA);
    let outcome = outcome_of(&answered, wait_of(&login));
    assert_eq!(outcome, Some(Outcome::Succeeded));
    assert!(has_revocation(&answered, 1), "{answered:?}");
    let logged_out = tab.finish_revocation(1, true);
    assert_eq!(
        outcome_of(&logged_out, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.state(), State::NotLoggedIn);
}

#[test]
fn rule_17_a_secure_logout_does_not_succeed_if_the_login_that_it_waits_for_fails() {
    let mut tab = Tab::new();
    let login = tab.log_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let failed = tab.fail(request_of(&login), transient(0.0));
    assert_eq!(
        outcome_of(&failed, wait_of(&begun)),
        Some(Outcome::NotLoggedIn)
    );
}

#[test]
fn rule_17_a_secure_logout_of_a_tab_that_waits_for_a_login_elsewhere_asks_the_service() {
    let mut one = Tab::new();
    let mut other = one.open_sibling(2);
    let first = one.log_in(ADA);
    other.shared = one.shared;
    other.log_in(ADA);
    one.receive_session(request_of(&first), 1, ADA);
    (other.shared, other.stored) = (one.shared, one.stored);
    let begun = other.run(Event::SecureLogout);
    assert_eq!(outcome_of(&begun, wait_of(&begun)), None);
    let joined = other.receive_message(CHANGED, None);
    assert!(has_revocation(&joined, 101), "{joined:?}");
    let logged_out = other.finish_revocation(101, true);
    assert_eq!(
        outcome_of(&logged_out, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_17_a_secure_logout_loads_the_latest_session_first() {
    let (mut one, other) = tabs_after_an_unnoticed_renewal();
    (one.shared, one.stored) = (other.shared, other.stored);
    let begun = one.run(Event::SecureLogout);
    assert!(has_revocation(&begun, 107), "{begun:?}");
    assert!(!has_revocation(&begun, 1), "{begun:?}");
    assert!(!has_verification(&begun, 107), "{begun:?}");
}

#[test]
fn rule_17_a_secure_logout_fails_while_another_tab_renews() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    tab.claim_elsewhere(5_000.0);
    let answered = tab.finish_revocation(1, true);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Failed)
    );
    assert!(matches!(tab.shared.claim, Claim::Held { owner: 99, .. }));
}

#[test]
fn rule_17_a_secure_logout_of_an_expired_session_fails_while_another_tab_renews() {
    for (is_claimed, outcome) in [(true, Outcome::Failed), (false, Outcome::Succeeded)] {
        let mut tab = Tab::signed_in(ADA);
        tab.advance(LIFETIME);
        if is_claimed {
            tab.claim_elsewhere(5_000.0);
        }
        let begun = tab.run(Event::SecureLogout);
        assert_eq!(outcome_of(&begun, wait_of(&begun)), Some(outcome));
        assert_eq!(tab.session() > 0, is_claimed, "{outcome:?}");
    }
}

#[test]
fn rule_17_every_logout_that_waits_is_settled_when_the_client_closes() {
    let (mut one, other) = tabs_after_an_unnoticed_renewal();
    one.shared = other.shared;
    let logout = one.step(Event::Logout { revoke: true });
    let closed = one.run(Event::Close);
    assert_eq!(outcome_of(&closed, wait_of(&logout)), Some(Outcome::Closed));
    let mut tab = Tab::new();
    tab.log_in(ADA);
    let logout = tab.run(Event::SecureLogout);
    let closed = tab.run(Event::Close);
    assert_eq!(outcome_of(&closed, wait_of(&logout)), Some(Outcome::Closed));
}

#[test]
fn rule_17_a_tab_revokes_its_session_also_if_the_logging_out_tab_has_heard_of_it_since() {
    let (mut one, mut other) = tabs_after_an_unnoticed_renewal();
    // The storage of the logging-out tab is late.
    one.run(Event::Logout { revoke: true });
    deliver(other.shared, &mut one);
    one.run(Event::Wake { is_online: false });
    other.shared = one.shared;
    let ended = other.run(Event::Wake { is_online: false });
    assert!(has_revocation(&ended, 7), "{ended:?}");
}

#[test]
fn rule_17_a_second_logout_does_not_hide_that_the_first_one_lacked_the_latest_session() {
    let (mut one, mut other) = tabs_after_an_unnoticed_renewal();
    (one.shared, one.stored) = (other.shared, None);
    one.run(Event::Logout { revoke: true });
    one.run(Event::Logout { revoke: true });
    other.shared = one.shared;
    let ended = other.run(Event::Wake { is_online: false });
    assert!(has_revocation(&ended, 7), "{ended:?}");
}

#[test]
fn rule_17_a_logout_reports_no_revocation_if_storage_contains_only_an_earlier_session() {
    let (mut one, other) = tabs_after_an_unnoticed_renewal();
    let earlier = one.stored.map(|record| Record { id: 101, ..record });
    one.shared = other.shared;
    let begun = one.step(Event::Logout { revoke: true });
    let ticket = begun.iter().find_map(|effect| match effect {
        Effect::Load { ticket } => Some(*ticket),
        _ => None,
    });
    let found = one.run(Event::Loaded {
        ticket: ticket.unwrap(),
        record: earlier,
    });
    assert!(has_revocation(&found, 101), "{found:?}");
    let answered = one.finish_revocation(101, true);
    let outcome = outcome_of(&answered, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Failed));
}
