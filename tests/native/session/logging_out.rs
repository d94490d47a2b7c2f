//! Tests rules 15 and 17 in detail: what a logout may report, and what it must revoke.

use crate::support::{
    has_reply, has_revocation, memory_settings, outcome_of, request_of, settings, ticket_of,
    wait_of, Backend, Tab, ADA, BOB, CHANGED, LIFETIME,
};
use social_plus_auth::session::{
    Effect, Event, LastSession, Outcome, Record, Settings, Shared, State,
};

#[test]
fn rule_17_a_client_that_shares_no_session_waits_for_its_lost_request_too() {
    let mut tab = Tab::with_settings(Settings {
        is_shared: false,
        ..settings(1)
    });
    tab.sign_in(1, ADA);
    let renewal = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&renewal));
    let begun = tab.run(Event::Logout { revoke: true });
    let answered = tab.finish_revocation(1, true);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Failed)
    );
}

#[test]
fn rule_17_an_expired_token_does_not_count_as_revoked_while_another_tab_renews() {
    let mut tab = Tab::signed_in(ADA);
    tab.backend = Backend::Fails;
    tab.advance(LIFETIME);
    tab.claim_elsewhere(5_000.0);
    let answered = tab.run(Event::Logout { revoke: true });
    assert!(has_reply(&answered, Outcome::Failed), "{answered:?}");
}

/// Returns a tab whose logout reads storage, because another tab has renewed, and the effects of
/// the logout.
fn searching_tab() -> (Tab, Vec<Effect>) {
    let mut tab = Tab::signed_in(ADA);
    tab.shared.sequence += 1.0;
    let begun = tab.step(Event::Logout { revoke: true });
    (tab, begun)
}

#[test]
fn rule_17_a_logout_does_not_revoke_the_session_of_a_login_that_follows() {
    let (mut tab, begun) = searching_tab();
    tab.shared.epoch += 1_024.0;
    tab.shared.min_epoch = tab.shared.epoch;
    tab.shared.last = LastSession::Committed {
        epoch: tab.shared.epoch,
    };
    let record = Record {
        epoch: tab.shared.epoch,
        sequence: 3.0,
        ..tab.record(7, BOB)
    };
    let ticket = ticket_of(&begun);
    let found = tab.run(Event::Loaded {
        ticket,
        record: Some(record),
    });
    assert!(!has_revocation(&found, 7), "{found:?}");
    assert_eq!(
        outcome_of(&found, wait_of(&begun)),
        Some(Outcome::Failed),
        "the logout has not found the session that it looked for"
    );
    assert_eq!(tab.session(), 7);
}

#[test]
fn rule_17_a_logout_that_finds_only_its_own_session_revokes_it_once() {
    let (mut tab, begun) = searching_tab();
    assert!(has_revocation(&begun, 1), "{begun:?}");
    let record = Record {
        sequence: 1.0,
        epoch: 1_024.0,
        ..tab.record(1, ADA)
    };
    let ticket = ticket_of(&begun);
    let found = tab.run(Event::Loaded {
        ticket,
        record: Some(record),
    });
    assert!(!has_revocation(&found, 1), "{found:?}");
    assert_eq!(outcome_of(&found, wait_of(&begun)), Some(Outcome::Failed));
}

#[test]
fn rule_17_a_secure_logout_fails_if_no_tab_hands_over_the_latest_session() {
    let mut tab = Tab::with_settings(memory_settings(1));
    tab.sign_in(1, ADA);
    tab.shared.sequence += 1.0;
    let begun = tab.run(Event::SecureLogout);
    tab.advance(201.0);
    let fired = tab.run(Event::Timer);
    assert_eq!(outcome_of(&fired, wait_of(&begun)), Some(Outcome::Failed));
    assert!(!has_revocation(&fired, 1), "{fired:?}");
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_17_a_secure_logout_that_finds_nothing_later_requests_no_session() {
    let mut tab = Tab::signed_in(ADA);
    tab.shared.sequence += 1.0;
    tab.run(Event::SecureLogout);
    tab.advance(201.0);
    let fired = tab.run(Event::Timer);
    let is_request = |effect: &Effect| {
        matches!(
            effect,
            Effect::Credential { .. } | Effect::CreateSession { .. }
        )
    };
    assert!(!fired.iter().any(is_request), "{fired:?}");
}

#[test]
fn rule_17_a_tab_revokes_nothing_if_storage_shows_that_the_logout_knew_its_session() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: false });
    tab.sign_in(2, ADA);
    let ended = Shared {
        epoch: tab.shared.epoch + 1_024.0,
        min_epoch: tab.shared.epoch + 1_024.0,
        last: LastSession::Ended,
        ..tab.shared
    };
    tab.shared = ended;
    // The sender has learned of the logout, but not of the last session.
    let received = tab.run(Event::Message {
        message: CHANGED,
        shared: Shared {
            sequence: ended.sequence - 1.0,
            ..ended
        },
        record: None,
    });
    assert_eq!(tab.session(), 0);
    assert!(!has_revocation(&received, 2), "{received:?}");
}

#[test]
fn rule_17_a_logout_reports_no_revocation_if_another_tab_takes_the_claim_meanwhile() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Logout { revoke: true });
    tab.claim_elsewhere(5_000.0);
    let answered = tab.finish_revocation(1, true);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Failed)
    );
}

#[test]
fn rule_15_a_secure_logout_revokes_its_token_once() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::SecureLogout);
    let logged_out = tab.finish_revocation(1, true);
    assert!(!has_revocation(&logged_out, 1), "{logged_out:?}");
}

#[test]
fn rule_15_a_logout_is_settled_once_although_its_revocation_is_retried() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Logout { revoke: true });
    let failed = tab.finish_revocation(1, false);
    assert_eq!(outcome_of(&failed, wait_of(&begun)), Some(Outcome::Failed));
    let ms = tab.timer() - tab.mono;
    tab.advance(ms);
    tab.run(Event::Timer);
    let revoked = tab.finish_revocation(1, true);
    assert_eq!(outcome_of(&revoked, wait_of(&begun)), None);
}
