//! Rule 2: within an epoch the latest session counts, and a session that an earlier request may
//! have ended is verified before it is trusted.

use crate::support::{
    broadcasts, forgets, outcome_of, rejected, renews, request_of, requests, verification_of,
    verifies, wait_of, Tab, ADA, MINUTE,
};
use social_plus_auth::session::{Effect, Event, Message, Outcome, Record, State};

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
    let heard = tab.hear(Message::Changed, Some(earlier));
    assert_eq!(tab.session(), 1);
    assert!(forgets(&heard, 8), "{heard:?}");
    assert!(heard.contains(&Effect::Save(current)), "{heard:?}");
    let tells_sender = broadcasts(&heard, Message::Changed, 1);
    assert!(tells_sender, "{heard:?}");
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
    let heard = tab.hear(Message::Changed, Some(later));
    assert_eq!(tab.session(), 9);
    assert!(forgets(&heard, 1), "{heard:?}");
    let announced = Effect::Renewed { by_this_tab: false };
    assert!(heard.contains(&announced), "{heard:?}");
}

#[test]
fn rule_2_of_two_sessions_of_one_moment_the_current_one_is_verified() {
    let mut tab = Tab::signed_in(ADA);
    let twin = Record {
        id: 8,
        ..*tab.machine.current().unwrap()
    };
    let heard = tab.hear(Message::Changed, Some(twin));
    assert!(verifies(&heard, 1), "{heard:?}");
}

#[test]
fn rule_2_a_session_is_verified_after_an_attempt_without_an_answer() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive(request_of(&begun), 2, ADA);
    assert!(verifies(&answered, 2), "{answered:?}");
    assert_eq!(outcome_of(&answered, wait_of(&begun)), None);
    let verified = tab.verified(verification_of(&answered), Ok(()));
    assert_eq!(outcome_of(&verified, wait_of(&begun)), Some(Outcome::Fine));
}

#[test]
fn rule_2_only_one_session_is_verified_after_a_lost_attempt() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive(request_of(&begun), 2, ADA);
    tab.verified(verification_of(&answered), Ok(()));
    tab.pass(5.0 * MINUTE);
    let begun = tab.run(Event::Renew);
    let answered = tab.receive(request_of(&begun), 3, ADA);
    assert!(!verifies(&answered, 3), "{answered:?}");
}

#[test]
fn rule_2_a_session_that_fails_its_verification_is_renewed() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive(request_of(&begun), 2, ADA);
    let refused = tab.verified(verification_of(&answered), Err(rejected()));
    assert!(renews(&refused), "{refused:?}");
    tab.pass(1.0);
    let answered = tab.receive(request_of(&refused), 3, ADA);
    assert_eq!(tab.session(), 3);
    assert_eq!(outcome_of(&answered, wait_of(&begun)), Some(Outcome::Fine));
}

#[test]
fn rule_2_a_device_stops_after_the_service_has_rejected_three_new_sessions() {
    let mut tab = Tab::signed_in(ADA);
    let mut begun = tab.run(Event::Renew);
    let wait = wait_of(&begun);
    for id in 2..5 {
        tab.lose_attempt(request_of(&begun));
        let answered = tab.receive(request_of(&begun), id, ADA);
        tab.pass(1.0);
        begun = tab.verified(verification_of(&answered), Err(rejected()));
    }
    assert!(!requests(&begun), "{begun:?}");
    assert_eq!(outcome_of(&begun, wait), Some(Outcome::Fine));
    assert_eq!(tab.session(), 4);
}

#[test]
fn rule_2_the_verdict_on_a_token_that_was_replaced_is_ignored() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive(request_of(&begun), 2, ADA);
    let newer = Record {
        id: 3,
        issued_at: tab.wall + 5.0,
        sequence: 9.0,
        ..*tab.machine.current().unwrap()
    };
    let heard = tab.hear(Message::Changed, Some(newer));
    assert_eq!(tab.session(), 3);
    assert_eq!(outcome_of(&heard, wait_of(&begun)), Some(Outcome::Fine));
    let late = tab.verified(verification_of(&answered), Err(rejected()));
    assert!(!requests(&late), "{late:?}");
    assert_eq!(tab.state(), State::Established);
}

#[test]
fn rule_2_a_token_is_verified_after_a_session_was_discarded_in_another_tab() {
    let mut tab = Tab::signed_in(ADA);
    let issued_at = tab.wall;
    let heard = tab.hear(Message::Discarded { issued_at }, None);
    assert!(verifies(&heard, 1), "{heard:?}");
    let call = tab.request_token(MINUTE);
    assert_eq!(
        call,
        [Effect::Wait(wait_of(&call))],
        "the token is doubtful"
    );
}
