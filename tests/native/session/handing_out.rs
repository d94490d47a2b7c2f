//! Tests which session a tab uses and which token a call gets: never a doubtful or outdated one,
//! and never one of another user.

use crate::support::{
    has_broadcast, has_renewal, has_reply, has_revocation, has_session_request, has_verification,
    outcome_of, request_of, ticket_of, transient, verification_of, wait_of, Tab, ADA, BOB, CHANGED,
    LIFETIME, MINUTE, VISITOR,
};
use social_plus_auth::session::{Claim, Effect, Event, Message, Outcome, Record, State};

/// Returns until when calls may return the token without a step, in monotonic time.
fn fresh_until(effects: &[Effect]) -> f64 {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Validity { fresh_until, .. } => Some(*fresh_until),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{effects:?}"))
}

#[test]
fn rule_2_a_doubtful_token_is_not_announced_as_fresh() {
    let mut tab = Tab::signed_in(ADA);
    assert!(fresh_until(&tab.step(Event::Timer)) > tab.mono);
    let issued_at = tab.wall;
    tab.receive_message(Message::Discarded { issued_at }, None);
    assert_eq!(fresh_until(&tab.step(Event::Timer)), 0.0);
}

#[test]
fn rule_2_an_outdated_token_is_not_announced_as_fresh() {
    let mut tab = Tab::signed_in(ADA);
    tab.shared.sequence += 1.0;
    assert_eq!(fresh_until(&tab.step(Event::Timer)), 0.0);
}

#[test]
fn rule_2_a_call_does_not_get_an_outdated_token() {
    let mut tab = Tab::signed_in(ADA);
    tab.stored = Some(tab.renewed_elsewhere());
    tab.shared.sequence += 1.0;
    let answered = tab.request_token(MINUTE);
    assert!(!has_reply(&answered, Outcome::Succeeded), "{answered:?}");
    assert_eq!(
        outcome_of(&answered, wait_of(&answered)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 102);
}

#[test]
fn rule_2_a_login_of_the_current_user_does_not_use_a_doubtful_token() {
    let mut tab = Tab::signed_in(ADA);
    let issued_at = tab.wall;
    let begun = tab.receive_message(Message::Discarded { issued_at }, None);
    tab.finish_verification(verification_of(&begun), Err(transient(0.0)));
    let login = tab.log_in(ADA);
    assert!(!has_reply(&login, Outcome::Succeeded), "{login:?}");
    assert!(has_session_request(&login), "{login:?}");
}

#[test]
fn rule_3_a_login_does_not_end_with_a_session_of_another_user_that_arrives_meanwhile() {
    let mut tab = Tab::new();
    let begun = tab.log_in(ADA);
    let foreign = Record {
        epoch: tab.shared.epoch,
        sequence: 1.0,
        ..tab.record(8, BOB)
    };
    let received = tab.receive_message(CHANGED, Some(foreign));
    assert!(received.contains(&Effect::Forget(8)), "{received:?}");
    assert_eq!(tab.session(), 0);
    let answered = tab.receive_session(request_of(&begun), 1, ADA);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_3_a_login_in_flight_uses_the_renewed_session_of_the_visitor_until_it_succeeds() {
    let mut tab = Tab::signed_in(VISITOR);
    let begun = tab.log_in(ADA);
    let renewed = tab.renewed_elsewhere();
    tab.receive_message(CHANGED, Some(renewed));
    assert_eq!(tab.session(), 2, "the visitor's new session");
    tab.receive_session(request_of(&begun), 3, ADA);
    assert_eq!(tab.machine.current().unwrap().identity, ADA);
}

#[test]
fn rule_3_a_login_that_finds_the_visitor_of_another_tab_revokes_nothing_before_it_succeeds() {
    let one = Tab::signed_in(VISITOR);
    let mut other = one.open_sibling(2);
    let begun = other.log_in(ADA);
    assert!(!has_revocation(&begun, 101), "{begun:?}");
    assert!(!begun.contains(&Effect::Clear), "{begun:?}");
    assert!(begun.contains(&Effect::Forget(101)), "{begun:?}");
    assert_eq!(other.shared.min_epoch, one.shared.min_epoch);
}

#[test]
fn rule_3_a_login_ends_the_stored_session_of_another_user_in_every_tab() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.log_in(BOB);
    one.shared = other.shared;
    one.run(Event::Timer);
    assert_eq!(one.session(), 0);
    assert_eq!(one.state(), State::NotLoggedIn);
}

#[test]
fn rule_3_a_login_as_another_user_supersedes_a_renewal_in_flight() {
    let mut tab = Tab::signed_in(ADA);
    let renewal = tab.run(Event::Renew);
    let login = tab.log_in(BOB);
    assert_eq!(
        outcome_of(&login, wait_of(&renewal)),
        Some(Outcome::Superseded)
    );
    assert_ne!(wait_of(&login), wait_of(&renewal));
}

#[test]
fn rule_3_a_login_with_an_auth_token_does_not_use_a_session_that_storage_contains() {
    let one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    let begun = other.run(Event::Login {
        identity: ADA,
        needs_request: true,
    });
    assert!(has_session_request(&begun), "{begun:?}");
    let joined = one.open_sibling(3).log_in(ADA);
    assert!(!has_session_request(&joined), "{joined:?}");
}

#[test]
fn rule_6_a_tab_reads_storage_before_it_commits_if_another_tab_has_committed() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let later = Record {
        issued_at: tab.wall + 5.0,
        ..tab.renewed_elsewhere()
    };
    (tab.stored, tab.shared.sequence) = (Some(later), 2.0);
    let record = tab.record(3, ADA);
    let answered = tab.step(Event::Session {
        ticket: request_of(&begun),
        result: Ok(record),
        took_ms: 0.0,
    });
    let ticket = ticket_of(&answered);
    assert_eq!(tab.session(), 1, "the tab must read storage first");
    tab.run(Event::Loaded {
        ticket,
        record: Some(Record { id: 102, ..later }),
    });
    assert_eq!(tab.session(), 102, "the later session wins");
}

#[test]
fn rule_2_a_session_of_the_same_moment_as_a_committed_one_is_verified() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let twin = tab.renewed_elsewhere();
    (tab.stored, tab.shared.sequence) = (Some(twin), 2.0);
    let answered = tab.receive_session(request_of(&begun), 3, ADA);
    assert!(has_verification(&answered, 3), "{answered:?}");
}

#[test]
fn rule_2_a_login_after_a_lost_renewal_of_the_former_user_is_verified() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Renew);
    let begun = tab.log_in(BOB);
    let answered = tab.receive_session(request_of(&begun), 2, BOB);
    assert!(has_verification(&answered, 2), "{answered:?}");
}

#[test]
fn rule_2_a_discarded_session_is_announced_to_the_other_tabs() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.run(Event::Logout { revoke: false });
    let issued_at = tab.wall;
    let late = tab.receive_session(request_of(&begun), 2, ADA);
    assert!(
        has_broadcast(&late, Message::Discarded { issued_at }, 0),
        "{late:?}"
    );
}

#[test]
fn rule_2_a_token_that_was_issued_after_a_discarded_session_is_trusted() {
    let mut tab = Tab::signed_in(ADA);
    let issued_at = tab.machine.current().unwrap().issued_at - 1.0;
    let received = tab.receive_message(Message::Discarded { issued_at }, None);
    assert!(!has_verification(&received, 1), "{received:?}");
    let answered = tab.request_token(MINUTE);
    assert!(has_reply(&answered, Outcome::Succeeded), "{answered:?}");
}

#[test]
fn rule_2_a_logout_during_the_verification_of_a_new_session_leaves_no_doubt_about_the_next_one() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    tab.receive_session(request_of(&begun), 2, ADA);
    tab.run(Event::Logout { revoke: false });
    tab.advance(MINUTE);
    let login = tab.log_in(BOB);
    let answered = tab.receive_session(request_of(&login), 3, BOB);
    assert!(!has_verification(&answered, 3), "{answered:?}");
}

#[test]
fn rule_2_a_login_that_replaces_the_verification_of_the_same_user_keeps_the_doubt() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    tab.receive_session(request_of(&begun), 2, ADA);
    let login = tab.run(Event::Login {
        identity: ADA,
        needs_request: true,
    });
    let failed = tab.fail(request_of(&login), transient(0.0));
    assert!(has_verification(&failed, 2), "{failed:?}");
}

#[test]
fn rule_10_no_tab_verifies_or_renews_by_itself_before_its_pause_ends() {
    let mut tab = Tab::signed_in(ADA);
    let ms = tab.timer() - tab.mono;
    tab.advance(ms);
    let fired = tab.run(Event::Timer);
    tab.fail(request_of(&fired), transient(90_000.0));
    tab.advance(89_999.0);
    assert!(!has_renewal(&tab.run(Event::Timer)));
    tab.advance(1.0);
    assert!(has_renewal(&tab.run(Event::Timer)));
}

#[test]
fn rule_10_a_pause_of_another_tab_that_is_over_delays_nothing() {
    let mut tab = Tab::signed_in(ADA);
    tab.shared.claim = Claim::Cooldown { until: tab.wall };
    tab.advance(0.8 * LIFETIME);
    let session = tab.session();
    let refused = tab.run(Event::Unauthorized { session });
    assert!(has_renewal(&refused), "{refused:?}");
}
