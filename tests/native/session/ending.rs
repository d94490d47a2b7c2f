//! Rules 10 to 12: which responses end a session, what follows a 401, and when a token expires.

use crate::support::{
    definite, has_forget_effect, has_renewal, has_reply, has_session_request, not_found,
    outcome_of, rejected, request_of, states, transient, verification_error, verification_of,
    wait_of, Backend, Tab, ADA, BOB, CHANGED, LIFETIME, MINUTE,
};
use social_plus_auth::session::{Claim, Effect, Event, Outcome, Reason, ServiceError, State};

const UNAUTHORIZED: ServiceError = definite(Reason::Unauthorized);

/// Starts a renewal, and lets its request fail with this error.
fn fail_renewal(tab: &mut Tab, error: ServiceError) -> Vec<Effect> {
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), error)
}

#[test]
fn rule_10_a_transient_failure_does_not_end_the_session() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let failed = tab.fail(request_of(&begun), transient(0.0));
    assert_eq!(outcome_of(&failed, wait_of(&begun)), Some(Outcome::Failed));
    assert_eq!(tab.state(), State::Established);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_10_a_failed_renewal_pauses_all_tabs() {
    let mut tab = Tab::signed_in(ADA);
    let failed = fail_renewal(&mut tab, transient(0.0));
    let Claim::Cooldown { until } = tab.shared.claim else {
        panic!("{:?}", tab.shared)
    };
    let pause = until - tab.wall;
    assert!((100.0..=1_000.0).contains(&pause), "{pause}");
    let announced = Effect::RenewalFailed {
        next_attempt_at: until,
    };
    assert!(failed.contains(&announced), "{failed:?}");
}

#[test]
fn rule_10_a_renewal_waits_as_long_as_the_service_requests() {
    let mut tab = Tab::signed_in(ADA);
    fail_renewal(&mut tab, transient(90_000.0));
    let until = tab.wall + 90_000.0;
    assert_eq!(tab.shared.claim, Claim::RetryAfter { until });
}

#[test]
fn rule_10_a_definite_response_does_not_end_a_login_in_flight() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.run(Event::Resume);
    let renewal = tab.run(Event::Renew);
    tab.shared.claim = Claim::Free;
    other.shared = tab.shared;
    let login = other.run(Event::Login {
        identity: ADA,
        needs_request: true,
    });
    tab.shared = other.shared;
    tab.fail(request_of(&renewal), UNAUTHORIZED);
    other.shared = tab.shared;
    other.receive_session(request_of(&login), 2, ADA);
    // Another tab writes what it knows of the session that ended.
    other.shared = tab.shared;
    let woken = other.run(Event::Wake { is_online: false });
    assert_eq!(other.state(), State::Established, "{woken:?}");
    tab.shared = other.shared;
    tab.run(Event::Wake { is_online: false });
    assert_eq!(tab.state(), State::NotLoggedIn);
}

#[test]
fn rule_10_a_definite_response_ends_the_session() {
    for reason in [Reason::GlobalBan, Reason::Unauthorized] {
        let mut tab = Tab::signed_in(ADA);
        let begun = tab.run(Event::Renew);
        let ended = tab.fail(request_of(&begun), definite(reason));
        assert_eq!(tab.state(), State::Terminated(reason));
        assert_eq!(tab.session(), 0);
        let outcome = outcome_of(&ended, wait_of(&begun));
        assert_eq!(outcome, Some(Outcome::Terminated));
        assert!(ended.contains(&Effect::Clear), "{ended:?}");
        assert!(has_forget_effect(&ended, 1), "{ended:?}");
    }
}

#[test]
fn rule_10_a_termination_reaches_every_tab() {
    for reason in [Reason::GlobalBan, Reason::Unauthorized] {
        let mut tab = Tab::signed_in(ADA);
        let mut other = tab.open_sibling(2);
        other.run(Event::Resume);
        fail_renewal(&mut tab, definite(reason));
        (other.shared, other.stored) = (tab.shared, None);
        other.receive_message(CHANGED, None);
        assert_eq!(other.state(), State::Terminated(reason));
    }
}

#[test]
fn rule_10_a_termination_does_not_abort_a_login_in_another_tab() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    let begun = other.log_in(BOB);
    fail_renewal(&mut tab, definite(Reason::GlobalBan));
    other.shared.min_epoch = tab.shared.min_epoch;
    other.shared.last = tab.shared.last;
    other.receive_message(CHANGED, None);
    assert_eq!(other.state(), State::Establishing);
    other.receive_session(request_of(&begun), 2, BOB);
    assert_eq!(other.session(), 2);
}

#[test]
fn rule_10_a_renewal_is_retried_once_with_a_fresh_auth_token() {
    let mut tab = Tab::signed_in(ADA);
    tab.backend = Backend::Token;
    let retried = fail_renewal(&mut tab, UNAUTHORIZED);
    let is_fresh_credential = |effect: &Effect| {
        matches!(
            effect,
            Effect::Credential {
                is_retry: true,
                is_renewal: true,
                ..
            }
        )
    };
    assert!(retried.iter().any(is_fresh_credential), "{retried:?}");
    assert!(has_renewal(&retried), "{retried:?}");
    assert_eq!(tab.state(), State::Established);
    let ended = tab.fail(request_of(&retried), UNAUTHORIZED);
    assert_eq!(states(&ended), [State::Terminated(Reason::Unauthorized)]);
}

#[test]
fn rule_10_a_login_that_fails_terminates_no_session() {
    let banned = definite(Reason::GlobalBan);
    for error in [UNAUTHORIZED, banned, not_found(), transient(5.0)] {
        let mut tab = Tab::new();
        let begun = tab.log_in(ADA);
        let failed = tab.fail(request_of(&begun), error);
        assert_eq!(states(&failed), [State::NotLoggedIn], "{error:?}");
        let outcome = outcome_of(&failed, wait_of(&begun));
        assert_eq!(outcome, Some(Outcome::Failed), "{error:?}");
    }
}

#[test]
fn rule_10_after_a_not_found_error_a_verification_decides_whether_the_user_is_deleted() {
    let (banned, deleted) = (Reason::GlobalBan, Reason::UserDeleted);
    for (result, state) in [
        (Err(verification_error(deleted)), State::Terminated(deleted)),
        (Err(verification_error(banned)), State::Terminated(banned)),
        (Ok(()), State::Established),
        (Err(rejected()), State::Established),
        (Err(transient(0.0)), State::Established),
    ] {
        let mut tab = Tab::signed_in(ADA);
        let begun = tab.run(Event::Renew);
        let failed = tab.fail(request_of(&begun), not_found());
        let verified = tab.finish_verification(verification_of(&failed), result);
        assert_eq!(tab.state(), state, "{result:?}");
        let outcome = outcome_of(&verified, wait_of(&begun));
        assert!(outcome.is_some(), "{result:?}");
        assert!(!has_session_request(&verified), "{result:?}");
    }
}

#[test]
fn rule_10_the_limit_of_the_pause_doubles_up_to_five_minutes() {
    let mut tab = Tab::signed_in(ADA);
    let mut longest = 0.0_f64;
    for failures in 0..14 {
        fail_renewal(&mut tab, transient(0.0));
        let Claim::Cooldown { until } = tab.shared.claim else {
            panic!("{:?}", tab.shared)
        };
        let pause = until - tab.wall;
        let max = (1_000.0 * f64::from(1 << failures)).min(300_000.0);
        assert!((100.0..=max).contains(&pause), "{failures}: {pause}");
        longest = longest.max(pause);
        tab.advance(pause + 1.0);
    }
    assert!(longest > 30_000.0, "{longest}");
}

#[test]
fn rule_10_a_pause_of_one_tab_prevents_the_renewal_of_a_refused_token_in_another_tab() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.open_sibling(2);
    other.run(Event::Resume);
    other.advance(5.0 * MINUTE);
    tab.advance(5.0 * MINUTE);
    fail_renewal(&mut tab, transient(0.0));
    other.shared = tab.shared;
    let session = other.session();
    let refused = other.run(Event::Unauthorized { session });
    assert!(!has_session_request(&refused), "{refused:?}");
    let outcome = outcome_of(&refused, wait_of(&refused));
    assert_eq!(outcome, Some(Outcome::Failed));
}

#[test]
fn rule_10_going_online_ends_a_pause_unless_the_service_has_requested_the_pause() {
    for (retry_after_ms, ends_pause) in [(0.0, true), (60_000.0, false)] {
        let mut tab = Tab::signed_in(ADA);
        tab.advance(LIFETIME * 0.95);
        fail_renewal(&mut tab, transient(retry_after_ms));
        let woken = tab.run(Event::Wake { is_online: true });
        assert_eq!(has_session_request(&woken), ends_pause, "{retry_after_ms}");
    }
}

/// Returns a tab whose session has expired while every renewal failed.
fn tab_with_expired_session() -> Tab {
    let mut tab = Tab::signed_in(ADA);
    for _ in 0..30 {
        tab.advance(LIFETIME / 10.0);
        let begun = tab.request_token(MINUTE);
        if has_session_request(&begun) {
            tab.fail(request_of(&begun), transient(0.0));
        }
    }
    tab
}

#[test]
fn rule_10_failed_renewals_do_not_sign_out_a_user_whose_session_has_expired() {
    let tab = tab_with_expired_session();
    assert_eq!(tab.state(), State::TokenExpired);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_10_a_call_without_a_valid_token_fails_immediately_during_a_pause() {
    let answered = tab_with_expired_session().request_token(MINUTE);
    assert_eq!(answered, [Effect::Reply(Outcome::Failed)]);
}

#[test]
fn rule_10_an_expired_session_is_renewed_after_the_pause() {
    let mut tab = tab_with_expired_session();
    tab.advance(6.0 * MINUTE);
    let begun = tab.request_token(MINUTE);
    let mut answered = tab.receive_session(request_of(&begun), 2, ADA);
    // After a failed request, the next session is verified before it is trusted.
    answered.extend(tab.finish_verification(verification_of(&answered), Ok(())));
    let announced = states(&answered);
    assert_eq!(announced, [State::Establishing, State::Established]);
    assert_eq!(tab.session(), 2);
}

#[test]
fn rule_11_a_refused_token_that_was_replaced_causes_no_renewal() {
    let mut tab = Tab::signed_in(ADA);
    let refused = tab.run(Event::Unauthorized { session: 77 });
    assert_eq!(refused, [Effect::Reply(Outcome::Succeeded)]);
}

#[test]
fn rule_11_a_refused_token_without_a_session_returns_not_logged_in() {
    let refused = Tab::new().run(Event::Unauthorized { session: 1 });
    assert_eq!(refused, [Effect::Reply(Outcome::NotLoggedIn)]);
}

#[test]
fn rule_11_a_refused_token_is_renewed_once() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 2);
}

#[test]
fn rule_11_a_young_token_that_is_refused_is_verified_before_it_is_renewed() {
    let mut tab = Tab::new();
    tab.sign_in(1, ADA);
    tab.advance(MINUTE - 1.0);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    assert!(!has_session_request(&begun), "{begun:?}");
    let verified = tab.finish_verification(verification_of(&begun), Err(rejected()));
    assert!(has_renewal(&verified), "{verified:?}");
}

#[test]
fn rule_11_an_address_that_always_returns_401_causes_no_renewal() {
    let mut tab = Tab::new();
    tab.sign_in(1, ADA);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    let verified = tab.finish_verification(verification_of(&begun), Ok(()));
    assert!(!has_session_request(&verified), "{verified:?}");
    assert_eq!(
        outcome_of(&verified, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_12_a_token_expires_in_the_services_time() {
    let mut tab = Tab::new();
    let begun = tab.log_in(ADA);
    // The service's clock is an hour ahead.
    let (mut record, hour) = (tab.record(1, ADA), 60.0 * MINUTE);
    (record.issued_at, record.expires_at) = (record.issued_at + hour, record.expires_at + hour);
    tab.run(Event::Session {
        ticket: request_of(&begun),
        result: Ok(record),
        took_ms: 0.0,
    });
    let expires_at = tab.mono + LIFETIME;
    tab.backend = Backend::Fails;
    tab.advance(LIFETIME - 1.0);
    tab.run(Event::Timer);
    assert_eq!(tab.state(), State::Established);
    assert!(
        tab.timer() <= expires_at,
        "the timer must be due no later than the expiry"
    );
    tab.advance(1.0);
    assert_eq!(states(&tab.run(Event::Timer)), [State::TokenExpired]);
}

#[test]
fn only_a_logout_leaves_the_terminated_state() {
    let mut tab = Tab::signed_in(ADA);
    fail_renewal(&mut tab, definite(Reason::GlobalBan));
    let login = Event::Login {
        identity: BOB,
        needs_request: true,
    };
    let token = Event::AccessToken {
        min_validity_ms: MINUTE,
    };
    let refused = Event::Unauthorized { session: 1 };
    let adopt = Event::Adopt(tab.record(5, BOB));
    for event in [login, token, Event::Renew, refused, adopt] {
        let answered = tab.run(event);
        assert!(has_reply(&answered, Outcome::Terminated), "{event:?}");
    }
    let logged_out = tab.run(Event::Logout { revoke: true });
    assert_eq!(states(&logged_out), [State::NotLoggedIn]);
    assert!(has_session_request(&tab.log_in(BOB)));
}
