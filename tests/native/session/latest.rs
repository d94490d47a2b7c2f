//! Rule 2: within an epoch the latest session counts, and a session that an earlier request may
//! have ended is verified before it is trusted.

use crate::support::{
    definite, has_broadcast, has_forget_effect, has_renewal, has_session_request, has_verification,
    outcome_of, rejected, request_of, verification_of, wait_of, Tab, ADA, BOB, CHANGED,
    HANDED_OVER, MINUTE,
};
use social_plus_auth::session::{
    Claim, Effect, Event, LastSession, Message, Outcome, Reason, Record, State,
};

#[test]
fn rule_2_an_earlier_session_does_not_replace_a_later_one() {
    let mut tab = Tab::signed_in(ADA);
    let current = *tab.machine.current().unwrap();
    let earlier = Record {
        id: 8,
        issued_at: current.issued_at - 1.0,
        sequence: current.sequence + 1.0,
        ..current
    };
    tab.stored = Some(earlier);
    let received = tab.receive_message(CHANGED, Some(earlier));
    assert_eq!(tab.session(), 1);
    assert!(has_forget_effect(&received, 8), "{received:?}");
    assert!(received.contains(&Effect::Save(current)), "{received:?}");
    let is_sender_informed = has_broadcast(&received, HANDED_OVER, 1);
    assert!(is_sender_informed, "{received:?}");
}

#[test]
fn rule_2_a_later_session_replaces_an_earlier_one() {
    let mut tab = Tab::signed_in(ADA);
    let current = *tab.machine.current().unwrap();
    let later = Record {
        id: 9,
        issued_at: current.issued_at + 1.0,
        ..current
    };
    let received = tab.receive_message(CHANGED, Some(later));
    assert_eq!(tab.session(), 9);
    assert!(has_forget_effect(&received, 1), "{received:?}");
    let announced = Effect::Renewed { by_this_tab: false };
    assert!(received.contains(&announced), "{received:?}");
}

#[test]
fn rule_2_the_current_session_is_verified_if_another_was_issued_at_the_same_time() {
    let mut tab = Tab::signed_in(ADA);
    let twin = Record {
        id: 8,
        ..*tab.machine.current().unwrap()
    };
    let received = tab.receive_message(CHANGED, Some(twin));
    assert!(has_verification(&received, 1), "{received:?}");
}

#[test]
fn rule_2_a_session_is_verified_after_an_attempt_without_a_response() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert!(has_verification(&answered, 2), "{answered:?}");
    assert_eq!(outcome_of(&answered, wait_of(&begun)), None);
    let verified = tab.finish_verification(verification_of(&answered), Ok(()));
    assert_eq!(
        outcome_of(&verified, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_2_a_lost_attempt_of_a_replaced_login_is_remembered() {
    let mut tab = Tab::new();
    let replaced = tab.log_in(BOB);
    let begun = tab.log_in(ADA);
    let answered = tab.receive_session(request_of(&begun), 1, ADA);
    assert!(has_verification(&answered, 1), "{answered:?}");
    tab.finish_verification(verification_of(&answered), Ok(()));
    tab.lose_attempt(request_of(&replaced));
    let begun = tab.run(Event::Renew);
    tab.advance(1.0);
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert!(has_verification(&answered, 2), "{answered:?}");
}

#[test]
fn rule_2_the_request_of_a_renewal_that_another_tab_has_terminated_is_remembered() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Renew);
    tab.shared.min_epoch = tab.shared.epoch + 1.0;
    tab.shared.last = LastSession::Terminated(Reason::GlobalBan);
    tab.run(Event::Timer);
    assert_eq!(tab.state(), State::Terminated(Reason::GlobalBan));
    assert_eq!(tab.shared.claim, Claim::Cooldown { until: 0.0 });
    tab.run(Event::Logout { revoke: true });
    let begun = tab.log_in(BOB);
    let answered = tab.receive_session(request_of(&begun), 2, BOB);
    assert!(has_verification(&answered, 2), "{answered:?}");
}

#[test]
fn rule_2_a_request_that_the_service_has_answered_is_not_lost() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), definite(Reason::GlobalBan));
    assert_eq!(tab.shared.claim, Claim::Free);
}

#[test]
fn rule_2_only_one_session_is_verified_after_a_lost_attempt() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    tab.finish_verification(verification_of(&answered), Ok(()));
    tab.advance(5.0 * MINUTE);
    let begun = tab.run(Event::Renew);
    let answered = tab.receive_session(request_of(&begun), 3, ADA);
    assert!(!has_verification(&answered, 3), "{answered:?}");
}

#[test]
fn rule_2_a_session_that_fails_its_verification_is_renewed() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    let refused = tab.finish_verification(verification_of(&answered), Err(rejected()));
    assert!(has_renewal(&refused), "{refused:?}");
    tab.advance(1.0);
    let answered = tab.receive_session(request_of(&refused), 3, ADA);
    assert_eq!(tab.session(), 3);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_2_an_operation_ends_after_the_service_has_rejected_three_new_sessions() {
    let mut tab = Tab::signed_in(ADA);
    let mut effects = tab.run(Event::Renew);
    let wait = wait_of(&effects);
    for id in 2..5 {
        tab.lose_attempt(request_of(&effects));
        let answered = tab.receive_session(request_of(&effects), id, ADA);
        tab.advance(1.0);
        effects = tab.finish_verification(verification_of(&answered), Err(rejected()));
    }
    assert!(!has_session_request(&effects), "{effects:?}");
    // The call succeeds with the latest session, because its token has not expired (rule 9).
    assert_eq!(outcome_of(&effects, wait), Some(Outcome::Succeeded));
    assert_eq!(tab.session(), 4);
}

#[test]
fn rule_2_the_verification_of_a_token_that_was_replaced_meanwhile_is_ignored() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    let newer = Record {
        id: 3,
        issued_at: tab.wall + 5.0,
        sequence: 9.0,
        ..*tab.machine.current().unwrap()
    };
    let received = tab.receive_message(CHANGED, Some(newer));
    assert_eq!(tab.session(), 3);
    assert_eq!(
        outcome_of(&received, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    let late = tab.finish_verification(verification_of(&answered), Err(rejected()));
    assert!(!has_session_request(&late), "{late:?}");
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_2_a_token_is_verified_after_a_session_was_discarded_in_another_tab() {
    let mut tab = Tab::signed_in(ADA);
    let issued_at = tab.wall;
    let received = tab.receive_message(Message::Discarded { issued_at }, None);
    assert!(has_verification(&received, 1), "{received:?}");
    let call = tab.request_token(MINUTE);
    assert_eq!(
        call,
        [Effect::Wait(wait_of(&call))],
        "the call must wait for the verification"
    );
}
