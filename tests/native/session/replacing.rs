//! Tests what replaces a session or an operation, and which states and events the app then sees.

use crate::support::{
    has_revocation, memory_settings, outcome_of, request_of, states, ticket_of, transient,
    verification_of, wait_of, Tab, ADA, BOB, CHANGED, LIFETIME, MINUTE, VISITOR,
};
use social_plus_auth::session::{Claim, Effect, Event, Outcome, Record, State};

#[test]
fn rule_3_a_user_is_signed_out_in_the_same_step_in_which_another_one_logs_in() {
    let mut tab = Tab::with_settings(memory_settings(1));
    tab.sign_in(1, ADA);
    let begun = tab.step(Event::Login {
        identity: BOB,
        needs_request: false,
    });
    assert_eq!(tab.session(), 0);
    assert!(has_revocation(&begun, 1), "{begun:?}");
    assert_eq!(
        states(&begun),
        [State::NotLoggedIn, State::Establishing],
        "{begun:?}"
    );
}

#[test]
fn rule_3_a_login_that_replaces_one_of_another_user_starts_from_the_beginning() {
    for (identity, announced) in [
        (ADA, [].as_slice()),
        (BOB, &[State::NotLoggedIn, State::Establishing]),
    ] {
        let mut tab = Tab::new();
        tab.log_in(ADA);
        let replaced = tab.run(Event::Login {
            identity,
            needs_request: true,
        });
        assert_eq!(states(&replaced), announced, "{identity:?}");
    }
}

#[test]
fn rule_3_a_request_is_not_repeated_for_an_operation_that_is_over() {
    for has_lost_request in [true, false] {
        let mut tab = Tab::new();
        let replaced = request_of(&tab.log_in(ADA));
        let ticket = request_of(&tab.log_in(BOB));
        let attempt = |ticket| Event::Attempt {
            ticket,
            timeout_ms: 11_000.0,
            has_lost_request,
        };
        let stale = tab.run(attempt(replaced));
        assert_eq!(stale, [Effect::Abort { ticket: replaced }]);
        assert_eq!(tab.run(attempt(ticket)), [], "the login in flight goes on");
    }
}

#[test]
fn rule_3_a_session_of_another_user_passes_through_every_documented_state() {
    for (identity, announced) in [
        (ADA, [].as_slice()),
        (
            BOB,
            &[State::NotLoggedIn, State::Establishing, State::Established],
        ),
    ] {
        let mut tab = Tab::signed_in(ADA);
        let current = *tab.machine.current().unwrap();
        let adopted = tab.receive_message(
            CHANGED,
            Some(Record {
                identity,
                epoch: current.epoch + 1_024.0,
                ..tab.renewed_elsewhere()
            }),
        );
        assert_eq!(tab.session(), 2);
        assert_eq!(states(&adopted), announced, "{identity:?}");
    }
}

#[test]
fn a_renewal_is_announced_and_a_login_is_not() {
    let announced = Effect::Renewed { by_this_tab: true };
    let mut tab = Tab::new();
    let login = tab.log_in(ADA);
    let answered = tab.receive_session(request_of(&login), 1, ADA);
    assert!(!answered.contains(&announced), "{answered:?}");
    tab.advance(MINUTE);
    let renewal = tab.run(Event::Renew);
    let answered = tab.receive_session(request_of(&renewal), 2, ADA);
    assert!(answered.contains(&announced), "{answered:?}");
}

#[test]
fn a_resume_of_a_tab_that_has_a_state_needs_no_storage() {
    let mut tab = Tab::signed_in(ADA);
    let resumed = tab.run(Event::Resume);
    assert_eq!(resumed, [Effect::Reply(Outcome::Succeeded)]);
    let begun = tab.run(Event::Renew);
    let banned = crate::support::definite(social_plus_auth::session::Reason::GlobalBan);
    tab.fail(request_of(&begun), banned);
    let resumed = tab.run(Event::Resume);
    assert_eq!(resumed, [Effect::Reply(Outcome::Succeeded)]);
}

#[test]
fn rule_3_the_session_of_a_visitor_ends_in_every_tab_when_a_login_is_committed() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    let begun = one.log_in(ADA);
    other.shared = one.shared;
    other.run(Event::Timer);
    assert_ne!(other.session(), 0, "the login has not succeeded yet");
    one.receive_session(request_of(&begun), 2, ADA);
    other.shared = one.shared;
    other.run(Event::Timer);
    assert_eq!(other.session(), 0);
}

#[test]
fn a_failed_login_leaves_the_expired_session_of_a_visitor_expired() {
    let mut tab = Tab::signed_in(VISITOR);
    tab.backend = crate::support::Backend::Fails;
    tab.advance(LIFETIME);
    tab.run(Event::Timer);
    assert_eq!(tab.state(), State::TokenExpired);
    tab.backend = crate::support::Backend::NotNeeded;
    let begun = tab.log_in(ADA);
    let failed = tab.fail(request_of(&begun), transient(0.0));
    assert_eq!(states(&failed), []);
    assert_eq!(tab.state(), State::TokenExpired);
}

#[test]
fn a_login_that_is_superseded_during_its_verification_stays_signed_in() {
    let mut tab = Tab::new();
    let begun = tab.log_in(ADA);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive_session(request_of(&begun), 1, ADA);
    verification_of(&answered);
    assert_eq!(tab.state(), State::Establishing);
    // Another tab starts a login.
    tab.shared.epoch += 1_024.0;
    let received = tab.receive_message(CHANGED, None);
    assert_eq!(
        outcome_of(&received, wait_of(&begun)),
        Some(Outcome::Superseded)
    );
    assert_eq!(tab.state(), State::Established);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_1_a_session_that_waits_for_storage_is_revoked_if_the_user_logs_out() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.shared.sequence += 1.0;
    let record = tab.record(3, ADA);
    let answered = tab.step(Event::Session {
        ticket: request_of(&begun),
        result: Ok(record),
        took_ms: 0.0,
    });
    ticket_of(&answered);
    let logged_out = tab.step(Event::Logout { revoke: true });
    assert!(has_revocation(&logged_out, 3), "{logged_out:?}");
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_2_a_session_of_the_same_moment_replaces_the_current_one() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let record = Record {
        id: 2,
        ..*tab.machine.current().unwrap()
    };
    tab.run(Event::Session {
        ticket: request_of(&begun),
        result: Ok(record),
        took_ms: 0.0,
    });
    assert_eq!(tab.session(), 2);
    assert_eq!(tab.shared.sequence, 2.0);
}

#[test]
fn rule_2_an_earlier_session_than_the_current_one_is_dropped_without_a_revocation() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let current = *tab.machine.current().unwrap();
    let record = Record {
        issued_at: current.issued_at - 1.0,
        ..tab.record(2, ADA)
    };
    let answered = tab.run(Event::Session {
        ticket: request_of(&begun),
        result: Ok(record),
        took_ms: 0.0,
    });
    assert!(answered.contains(&Effect::Forget(2)), "{answered:?}");
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 1);
    assert_eq!(tab.shared.claim, Claim::Free);
}

#[test]
fn an_adopted_session_gets_a_new_epoch_and_the_offset_that_the_tab_has_measured() {
    let mut tab = Tab::signed_in(ADA);
    let before = tab.shared.epoch;
    tab.run(Event::ServerDate {
        at: tab.wall + 60_000.0,
        took_ms: 0.0,
    });
    tab.run(Event::Adopt(tab.record(5, BOB)));
    let current = tab.machine.current().unwrap();
    assert_eq!(current.clock_offset, 60_000.0);
    assert_eq!(current.epoch, tab.shared.epoch);
    assert!(current.epoch > before);
}

#[test]
fn rule_6_a_committed_session_ends_an_expired_claim_of_another_tab() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.claim_elsewhere(-1.0);
    tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(tab.shared.claim, Claim::Free);
}
