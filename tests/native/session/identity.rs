//! Rules 1, 3 and 4: epochs, logins, and the numbers that tabs share.

use crate::support::{
    forgets, outcome_of, replies, request_of, requests, revokes, states, transient,
    verification_of, wait_of, Tab, ADA, BOB, KNOWN_VISITOR, MINUTE, VISITOR,
};
use social_plus_auth::session::{Claim, Effect, Event, Message, Outcome, Record, Shared, State};

#[test]
fn rule_1_a_logout_beats_a_renewal_in_flight() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let left = tab.run(Event::Logout { revoke: false });
    let outcome = outcome_of(&left, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::NotLoggedIn));
    let late = tab.receive(request_of(&begun), 2, ADA);
    assert_eq!(tab.session(), 0);
    assert_eq!(tab.state(), State::NotLoggedIn);
    assert!(revokes(&late, 2), "{late:?}");
}

#[test]
fn rule_1_the_later_login_of_two_tabs_counts() {
    let mut one = Tab::new();
    let begun = one.log_in(ADA);
    let mut other = one.sibling(2);
    other.shared.claim = Claim::Free;
    let later = other.log_in(BOB);
    one.shared = other.shared;
    let heard = one.hear(Message::Changed, None);
    let outcome = outcome_of(&heard, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Superseded));
    other.receive(request_of(&later), 1, BOB);
    one.shared = other.shared;
    let late = one.receive(request_of(&begun), 1, ADA);
    assert!(revokes(&late, 1), "{late:?}");
    assert_eq!(one.session(), 0);
    assert_eq!(one.shared.min_epoch, other.shared.min_epoch);
}

#[test]
fn rule_1_a_logout_reaches_every_tab_at_its_next_step() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.sibling(2);
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
fn rule_1_a_login_goes_on_when_a_visitor_leaves_in_another_tab() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.sibling(2);
    other.run(Event::Resume);
    other.claim_elsewhere(5_000.0);
    other.log_in(ADA);
    assert_eq!(other.state(), State::Established, "still the visitor");
    one.run(Event::Logout { revoke: false });
    (other.shared, other.stored) = (one.shared, None);
    let heard = other.hear(Message::Changed, None);
    let announced = states(&heard);
    assert_eq!(announced, [State::NotLoggedIn, State::Establishing]);
    let answered = other.receive(request_of(&heard), 1, ADA);
    assert_eq!(other.session(), 1);
    assert_eq!(states(&answered), [State::Established]);
}

#[test]
fn rule_1_a_logout_stands_although_another_tab_overwrites_it() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.sibling(2);
    other.run(Event::Resume);
    let before = one.shared;
    one.run(Event::Logout { revoke: false });
    // The other tab has not seen the logout when it begins to sign in, and writes last.
    assert_eq!(other.shared, before);
    other.log_in(ADA);
    one.shared = other.shared;
    one.hear(Message::Changed, other.machine.current().copied());
    assert_eq!(one.session(), 0);
    assert_eq!(one.state(), State::NotLoggedIn);
    let is_told = one.shared.min_epoch > before.min_epoch;
    assert!(is_told, "the other tab learns of the logout from here");
}

#[test]
fn rule_1_two_tabs_rarely_raise_the_epoch_to_the_same_number() {
    let raise = |number: u32| {
        let mut tab = Tab::new().sibling(number * 7_919);
        tab.log_in(ADA);
        tab.shared.epoch
    };
    let mut epochs: Vec<f64> = (1..40).map(raise).collect();
    epochs.sort_by(f64::total_cmp);
    epochs.dedup();
    // Each is one of a thousand, so that a few may be equal by chance.
    assert!(epochs.len() > 35, "{epochs:?}");
}

#[test]
fn rule_3_a_login_of_the_current_user_needs_no_request() {
    let mut tab = Tab::signed_in(ADA);
    assert_eq!(tab.log_in(ADA), [Effect::Reply(Outcome::Fine)]);
}

#[test]
fn rule_3_a_login_with_a_name_or_an_auth_token_needs_a_request() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Login {
        identity: ADA,
        needs_request: true,
    });
    assert!(requests(&begun), "{begun:?}");
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
    assert!(requests(&second), "{second:?}");
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
    let late = tab.receive(request_of(&first), 1, ADA);
    assert_eq!(tab.session(), 0);
    assert!(revokes(&late, 1), "{late:?}");
    tab.pass(1.0);
    let answered = tab.receive(request_of(&second), 2, BOB);
    // The first request may have ended the second session, which is verified before it is trusted.
    let verified = tab.verified(verification_of(&answered), Ok(()));
    assert_eq!(tab.session(), 2);
    assert_eq!(outcome_of(&verified, wait_of(&second)), Some(Outcome::Fine));
}

#[test]
fn rule_3_the_current_user_is_signed_out_before_another_user_signs_in() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.log_in(BOB);
    let announced = states(&begun);
    assert_eq!(announced, [State::NotLoggedIn, State::Establishing]);
    assert_eq!(tab.session(), 0);
    assert!(revokes(&begun, 1), "{begun:?}");
    assert!(begun.contains(&Effect::Clear), "{begun:?}");
}

#[test]
fn rule_3_a_visitor_stays_when_a_login_fails() {
    let mut tab = Tab::signed_in(VISITOR);
    let begun = tab.log_in(ADA);
    assert!(!forgets(&begun, 1), "{begun:?}");
    assert_eq!(tab.session(), 1);
    let failed = tab.fail(request_of(&begun), transient(0.0));
    assert_eq!(outcome_of(&failed, wait_of(&begun)), Some(Outcome::Failed));
    assert_eq!(tab.session(), 1);
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_3_a_visitor_ends_once_a_login_has_succeeded() {
    let mut tab = Tab::signed_in(VISITOR);
    let failed = tab.log_in(ADA);
    tab.fail(request_of(&failed), transient(0.0));
    tab.pass(MINUTE);
    let begun = tab.log_in(ADA);
    let answered = tab.receive(request_of(&begun), 2, ADA);
    assert_eq!(tab.session(), 2);
    // The failed request may still arrive: the session is verified before the user is signed in.
    let announced = states(&answered);
    assert_eq!(announced, [State::NotLoggedIn, State::Establishing]);
    let verified = tab.verified(verification_of(&answered), Ok(()));
    assert_eq!(states(&verified), [State::Established]);
}

#[test]
fn rule_3_a_login_that_displaces_a_stored_session_revokes_it() {
    let one = Tab::signed_in(ADA);
    let mut other = one.sibling(2);
    let begun = other.log_in(BOB);
    assert!(revokes(&begun, 101), "{begun:?}");
    assert!(begun.contains(&Effect::Clear), "{begun:?}");
    assert!(requests(&begun), "{begun:?}");
}

#[test]
fn rule_3_a_renewal_that_returns_another_user_is_discarded() {
    for (identity, other) in [(ADA, BOB), (ADA, KNOWN_VISITOR), (VISITOR, ADA)] {
        let mut tab = Tab::signed_in(identity);
        let begun = tab.run(Event::Renew);
        let answered = tab.receive(request_of(&begun), 2, other);
        assert_eq!(tab.session(), 1, "{other:?}");
        let outcome = outcome_of(&answered, wait_of(&begun));
        assert_eq!(outcome, Some(Outcome::Failed), "{other:?}");
        assert!(revokes(&answered, 2), "{answered:?}");
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
fn a_session_that_was_created_elsewhere_is_the_latest_login() {
    let mut tab = Tab::new();
    let pending = tab.log_in(ADA);
    let adopted = tab.run(Event::Adopt(tab.record(5, BOB)));
    let outcome = outcome_of(&adopted, wait_of(&pending));
    assert_eq!(outcome, Some(Outcome::Superseded));
    assert!(replies(&adopted, Outcome::Fine), "{adopted:?}");
    assert_eq!(tab.session(), 5);
    let late = tab.receive(request_of(&pending), 6, ADA);
    assert!(revokes(&late, 6), "{late:?}");
    assert_eq!(tab.session(), 5);
}

#[test]
fn a_failed_login_resumes_the_visitor_that_storage_holds() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.sibling(2);
    let begun = other.log_in(ADA);
    other.fail(request_of(&begun), transient(0.0));
    assert_eq!(other.state(), State::Established);
    one.shared = other.shared;
    one.run(Event::Timer);
    assert_eq!(one.session(), 1);
}
