//! Rules 1, 3 and 4: epochs, logins, and the numbers that tabs share.

use crate::support::{
    has_forget_effect, has_reply, has_revocation, has_session_request, outcome_of, request_of,
    states, transient, verification_of, wait_of, Tab, ADA, BOB, CHANGED, KNOWN_VISITOR, MINUTE,
    VISITOR,
};
use social_plus_auth::session::{Claim, Effect, Event, Outcome, Record, Shared, State};

#[test]
fn rule_1_a_logout_beats_a_renewal_in_flight() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let logged_out = tab.run(Event::Logout { revoke: false });
    let outcome = outcome_of(&logged_out, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::NotLoggedIn));
    let late = tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(tab.session(), 0);
    assert_eq!(tab.state(), State::NotLoggedIn);
    assert!(has_revocation(&late, 2), "{late:?}");
}

#[test]
fn rule_1_the_later_login_of_two_tabs_wins() {
    let mut one = Tab::new();
    let begun = one.log_in(ADA);
    let mut other = one.open_sibling(2);
    other.shared.claim = Claim::Free;
    let later = other.log_in(BOB);
    one.shared = other.shared;
    let received = one.receive_message(CHANGED, None);
    let outcome = outcome_of(&received, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Superseded));
    other.receive_session(request_of(&later), 1, BOB);
    one.shared = other.shared;
    let late = one.receive_session(request_of(&begun), 1, ADA);
    assert!(has_revocation(&late, 1), "{late:?}");
    assert_eq!(one.session(), 0);
    assert_eq!(one.shared.min_epoch, other.shared.min_epoch);
}

#[test]
fn rule_1_a_logout_reaches_every_tab_at_its_next_step() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    assert_eq!(other.state(), State::Established);
    one.run(Event::Logout { revoke: true });
    other.shared = one.shared;
    assert_eq!(states(&other.run(Event::Timer)), [State::NotLoggedIn]);
    assert_eq!(other.session(), 0);
}

#[test]
fn rule_1_a_stored_session_of_an_earlier_epoch_is_ignored() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    let record = Some(Record {
        epoch: 5.0,
        sequence: 9.0,
        ..tab.record(8, ADA)
    });
    tab.run(Event::Loaded { ticket: 0, record });
    assert_eq!(tab.session(), 0);
}

#[test]
fn rule_1_a_login_continues_after_the_visitor_logs_out_in_another_tab() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    other.claim_elsewhere(5_000.0);
    other.log_in(ADA);
    assert_eq!(
        other.state(),
        State::Established,
        "the visitor must still be signed in"
    );
    one.run(Event::Logout { revoke: false });
    (other.shared, other.stored) = (one.shared, None);
    let received = other.receive_message(CHANGED, None);
    let announced = states(&received);
    assert_eq!(announced, [State::NotLoggedIn, State::Establishing]);
    let answered = other.receive_session(request_of(&received), 1, ADA);
    assert_eq!(other.session(), 1);
    assert_eq!(states(&answered), [State::Established]);
}

#[test]
fn rule_1_a_logout_holds_even_if_another_tab_overwrites_the_shared_numbers() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    let before = one.shared;
    one.run(Event::Logout { revoke: false });
    // The other tab starts its login before it sees the logout, and writes the numbers last.
    assert_eq!(other.shared, before);
    other.log_in(ADA);
    one.shared = other.shared;
    one.receive_message(CHANGED, other.machine.current().copied());
    assert_eq!(one.session(), 0);
    assert_eq!(one.state(), State::NotLoggedIn);
    let is_restored = one.shared.min_epoch > before.min_epoch;
    assert!(is_restored, "the shared numbers lack the logout");
}

#[test]
fn rule_1_two_tabs_rarely_raise_the_epoch_to_the_same_number() {
    let raise = |number: u32| {
        let mut tab = Tab::new().open_sibling(number * 7_919);
        tab.log_in(ADA);
        tab.shared.epoch
    };
    let mut epochs: Vec<f64> = (1..40).map(raise).collect();
    epochs.sort_by(f64::total_cmp);
    epochs.dedup();
    // An epoch ends in ten random bits, so a few epochs may be equal by chance.
    assert!(epochs.len() > 35, "{epochs:?}");
}

#[test]
fn rule_3_a_login_of_the_current_user_needs_no_request() {
    let mut tab = Tab::signed_in(ADA);
    assert_eq!(tab.log_in(ADA), [Effect::Reply(Outcome::Succeeded)]);
}

#[test]
fn rule_3_a_login_with_a_display_name_or_an_auth_token_needs_a_request() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Login {
        identity: ADA,
        needs_request: true,
    });
    assert!(has_session_request(&begun), "{begun:?}");
}

#[test]
fn rule_3_a_login_with_an_auth_token_does_not_join_a_pending_login() {
    let mut tab = Tab::new();
    let first = tab.log_in(ADA);
    let second = tab.run(Event::Login {
        identity: ADA,
        needs_request: true,
    });
    let outcome = outcome_of(&second, wait_of(&first));
    assert_eq!(outcome, Some(Outcome::Superseded));
    assert!(has_session_request(&second), "{second:?}");
}

#[test]
fn rule_3_a_second_login_of_the_same_user_joins_the_first() {
    let mut tab = Tab::new();
    let first = tab.log_in(ADA);
    assert_eq!(tab.log_in(ADA), [Effect::Wait(wait_of(&first))]);
}

#[test]
fn rule_3_a_login_of_another_user_supersedes_a_pending_login() {
    let mut tab = Tab::new();
    let first = tab.log_in(ADA);
    let second = tab.log_in(BOB);
    let outcome = outcome_of(&second, wait_of(&first));
    assert_eq!(outcome, Some(Outcome::Superseded));
    let late = tab.receive_session(request_of(&first), 1, ADA);
    assert_eq!(tab.session(), 0);
    assert!(has_revocation(&late, 1), "{late:?}");
    tab.advance(1.0);
    let answered = tab.receive_session(request_of(&second), 2, BOB);
    // The first request may have ended the second session, so the second session is verified.
    let verified = tab.finish_verification(verification_of(&answered), Ok(()));
    assert_eq!(tab.session(), 2);
    assert_eq!(
        outcome_of(&verified, wait_of(&second)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_3_the_current_user_is_signed_out_before_another_user_signs_in() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.log_in(BOB);
    let announced = states(&begun);
    assert_eq!(announced, [State::NotLoggedIn, State::Establishing]);
    assert_eq!(tab.session(), 0);
    assert!(has_revocation(&begun, 1), "{begun:?}");
    assert!(begun.contains(&Effect::Clear), "{begun:?}");
}

#[test]
fn rule_3_a_visitor_stays_signed_in_if_a_login_fails() {
    let mut tab = Tab::signed_in(VISITOR);
    let begun = tab.log_in(ADA);
    assert!(!has_forget_effect(&begun, 1), "{begun:?}");
    assert_eq!(tab.session(), 1);
    let failed = tab.fail(request_of(&begun), transient(0.0));
    assert_eq!(outcome_of(&failed, wait_of(&begun)), Some(Outcome::Failed));
    assert_eq!(tab.session(), 1);
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_3_a_successful_login_ends_the_session_of_the_visitor() {
    let mut tab = Tab::signed_in(VISITOR);
    let first = tab.log_in(ADA);
    tab.fail(request_of(&first), transient(0.0));
    tab.advance(MINUTE);
    let begun = tab.log_in(ADA);
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(tab.session(), 2);
    // After a failed request, the next session is verified before it is trusted.
    let announced = states(&answered);
    assert_eq!(announced, [State::NotLoggedIn, State::Establishing]);
    let verified = tab.finish_verification(verification_of(&answered), Ok(()));
    assert_eq!(states(&verified), [State::Established]);
}

#[test]
fn rule_3_a_login_revokes_the_stored_session_of_another_user() {
    let one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    let begun = other.log_in(BOB);
    // Session 1, by the number that the other tab gave it.
    assert!(has_revocation(&begun, 101), "{begun:?}");
    assert!(begun.contains(&Effect::Clear), "{begun:?}");
    assert!(has_session_request(&begun), "{begun:?}");
}

#[test]
fn rule_3_a_renewal_that_returns_another_user_is_discarded() {
    for (identity, other) in [(ADA, BOB), (ADA, KNOWN_VISITOR), (VISITOR, ADA)] {
        let mut tab = Tab::signed_in(identity);
        let begun = tab.run(Event::Renew);
        let answered = tab.receive_session(request_of(&begun), 2, other);
        assert_eq!(tab.session(), 1, "{other:?}");
        let outcome = outcome_of(&answered, wait_of(&begun));
        assert_eq!(outcome, Some(Outcome::Failed), "{other:?}");
        assert!(has_revocation(&answered, 2), "{answered:?}");
    }
}

#[test]
fn rule_4_a_tab_restores_shared_numbers_that_were_lost() {
    let mut tab = Tab::signed_in(ADA);
    let before = tab.shared;
    tab.shared = Shared::default();
    tab.run(Event::Timer);
    assert_eq!(tab.session(), 1);
    assert_eq!(tab.shared, before);
}

#[test]
fn adopting_a_session_supersedes_a_pending_login() {
    let mut tab = Tab::new();
    let pending = tab.log_in(ADA);
    let adopted = tab.run(Event::Adopt(tab.record(5, BOB)));
    let outcome = outcome_of(&adopted, wait_of(&pending));
    assert_eq!(outcome, Some(Outcome::Superseded));
    assert!(has_reply(&adopted, Outcome::Succeeded), "{adopted:?}");
    assert_eq!(tab.session(), 5);
    let late = tab.receive_session(request_of(&pending), 6, ADA);
    assert!(has_revocation(&late, 6), "{late:?}");
    assert_eq!(tab.session(), 5);
}

#[test]
fn a_failed_login_resumes_the_stored_session_of_a_visitor() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.open_sibling(2);
    let begun = other.log_in(ADA);
    other.fail(request_of(&begun), transient(0.0));
    assert_eq!(other.state(), State::Established);
    one.shared = other.shared;
    one.run(Event::Timer);
    assert_eq!(one.session(), 1);
}
