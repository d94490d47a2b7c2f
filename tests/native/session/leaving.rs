//! Rules 14 and 15: storage and logouts.

use crate::support::{
    has_broadcast, has_forget_effect, has_reply, has_revocation, outcome_of, request_of, states,
    wait_of, Backend, Tab, ADA, BOB, CHANGED, LIFETIME, MINUTE,
};
use social_plus_auth::session::{Effect, Event, Outcome, State};

#[test]
fn rule_14_a_tab_keeps_its_session_if_storage_was_cleared() {
    let mut tab = Tab::signed_in(ADA);
    tab.stored = None;
    tab.run(Event::Loaded {
        ticket: 0,
        record: None,
    });
    assert_eq!(tab.state(), State::Established);
    let begun = tab.run(Event::Renew);
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.stored.map(|record| record.id), Some(2));
}

#[test]
fn rule_14_a_stored_record_contains_its_epoch_and_sequence_and_is_resumed() {
    let tab = Tab::signed_in(ADA);
    let stored = tab.stored.unwrap();
    assert_eq!(stored.epoch, tab.shared.epoch);
    assert_eq!(stored.sequence, 1.0);
    let resumed = tab.open_sibling(2).run(Event::Resume);
    let announced = states(&resumed);
    assert_eq!(announced, [State::Establishing, State::Established]);
}

#[test]
fn rule_14_a_stored_record_of_an_earlier_epoch_is_not_resumed() {
    let tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.shared.min_epoch = tab.shared.epoch + 1.0;
    let resumed = other.run(Event::Resume);
    let outcome = outcome_of(&resumed, wait_of(&resumed));
    assert_eq!(outcome, Some(Outcome::NotLoggedIn));
    assert_eq!(other.session(), 0);
    // Session 1, by the number that the other tab gave it.
    assert!(has_forget_effect(&resumed, 101), "{resumed:?}");
}

#[test]
fn rule_15_a_logout_signs_out_locally_before_the_token_is_revoked() {
    let mut tab = Tab::signed_in(ADA);
    let logged_out = tab.run(Event::Logout { revoke: true });
    assert_eq!(tab.state(), State::NotLoggedIn);
    assert_eq!(tab.session(), 0);
    assert_eq!(tab.stored, None);
    assert!(has_revocation(&logged_out, 1), "{logged_out:?}");
    assert!(logged_out.contains(&Effect::Clear), "{logged_out:?}");
    assert!(has_broadcast(&logged_out, CHANGED, 0), "{logged_out:?}");
}

#[test]
fn rule_15_a_logout_settles_after_one_attempt_to_revoke() {
    for (is_revoked, outcome) in [(true, Outcome::Succeeded), (false, Outcome::Failed)] {
        let mut tab = Tab::signed_in(ADA);
        let logged_out = tab.run(Event::Logout { revoke: true });
        let answered = tab.finish_revocation(1, is_revoked);
        assert_eq!(outcome_of(&answered, wait_of(&logged_out)), Some(outcome));
    }
}

#[test]
fn rule_15_a_failed_revocation_is_retried_while_the_page_lives() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    for _ in 0..10 {
        let failed = tab.finish_revocation(1, false);
        assert!(
            !has_forget_effect(&failed, 1),
            "the token is needed for a retry"
        );
        let ms = tab.timer() - tab.mono;
        assert!(ms > 0.0 && ms <= 5.0 * MINUTE, "{ms}");
        tab.advance(ms);
        assert!(has_revocation(&tab.run(Event::Timer), 1));
    }
    assert!(has_forget_effect(&tab.finish_revocation(1, true), 1));
    assert_eq!(tab.timer(), f64::INFINITY);
}

#[test]
fn rule_15_an_expired_token_counts_as_revoked() {
    for event in [Event::Logout { revoke: true }, Event::SecureLogout] {
        let mut tab = Tab::signed_in(ADA);
        tab.backend = Backend::Fails;
        tab.advance(LIFETIME);
        let logged_out = tab.run(event);
        let is_settled = |effect: &Effect| {
            matches!(
                effect,
                Effect::Reply(Outcome::Succeeded) | Effect::Settle(_, Outcome::Succeeded)
            )
        };
        assert!(
            logged_out.iter().any(is_settled),
            "{event:?}: {logged_out:?}"
        );
        assert!(!has_revocation(&logged_out, 1), "{event:?}: {logged_out:?}");
        assert_eq!(tab.session(), 0, "{event:?}");
    }
}

#[test]
fn rule_15_a_revocation_is_not_retried_after_its_token_has_expired() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    tab.advance(LIFETIME);
    assert!(has_forget_effect(&tab.finish_revocation(1, false), 1));
}

#[test]
fn rule_15_a_logout_without_a_revocation_sends_no_request() {
    let mut tab = Tab::signed_in(ADA);
    let logged_out = tab.run(Event::Logout { revoke: false });
    assert!(!has_revocation(&logged_out, 1), "{logged_out:?}");
    assert!(has_forget_effect(&logged_out, 1), "{logged_out:?}");
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_15_a_logout_supersedes_a_pending_login() {
    let mut tab = Tab::new();
    let begun = tab.log_in(ADA);
    let logged_out = tab.run(Event::Logout { revoke: true });
    let outcome = outcome_of(&logged_out, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Superseded));
    assert_eq!(tab.state(), State::NotLoggedIn);
    let late = tab.receive_session(request_of(&begun), 1, ADA);
    assert!(has_revocation(&late, 1), "{late:?}");
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_15_a_user_stays_signed_in_if_a_secure_logout_cannot_revoke() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    assert!(has_revocation(&begun, 1), "{begun:?}");
    assert_eq!(tab.state(), State::Established);
    let failed = tab.finish_revocation(1, false);
    assert_eq!(outcome_of(&failed, wait_of(&begun)), Some(Outcome::Failed));
    assert_eq!(tab.state(), State::Established);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_15_a_secure_logout_ends_the_session_once_its_token_is_revoked() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let logged_out = tab.finish_revocation(1, true);
    assert_eq!(
        outcome_of(&logged_out, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.state(), State::NotLoggedIn);
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_15_a_secure_logout_also_ends_a_session_that_was_renewed_meanwhile() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let renewal = tab.run(Event::Renew);
    tab.receive_session(request_of(&renewal), 2, ADA);
    let answered = tab.finish_revocation(1, true);
    assert!(has_revocation(&answered, 2), "{answered:?}");
    assert!(has_forget_effect(&answered, 1), "{answered:?}");
    assert_eq!(tab.state(), State::Established);
    let logged_out = tab.finish_revocation(2, true);
    assert_eq!(
        outcome_of(&logged_out, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_15_a_secure_logout_does_not_end_a_login_that_started_after_it() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let login = tab.log_in(BOB);
    let logged_out = tab.finish_revocation(1, true);
    assert_eq!(
        outcome_of(&logged_out, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(outcome_of(&logged_out, wait_of(&login)), None);
    tab.receive_session(request_of(&login), 2, BOB);
    assert_eq!(tab.session(), 2);
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_15_calls_without_a_session_return_not_logged_in() {
    for event in [
        Event::Logout { revoke: true },
        Event::SecureLogout,
        Event::Renew,
        Event::AccessToken {
            min_validity_ms: MINUTE,
        },
    ] {
        let answered = Tab::new().run(event);
        assert!(has_reply(&answered, Outcome::NotLoggedIn), "{event:?}");
    }
}
