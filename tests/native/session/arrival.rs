//! Rule 22: a session that is over or due for renewal when it arrives.

use crate::support::{
    has_broadcast, has_renewal, outcome_of, rejected, request_of, timer_of, verification_of,
    wait_of, Tab, ADA, CHANGED, LIFETIME, MINUTE,
};
use social_plus_auth::session::{Claim, Effect, Event, Outcome, Record};

/// Receives a session that expires `lifetime_ms` after its issue.
fn receive(tab: &mut Tab, begun: &[Effect], id: u32, lifetime_ms: f64) -> Vec<Effect> {
    let record = Record {
        expires_at: tab.wall + lifetime_ms,
        ..tab.record(id, ADA)
    };
    tab.run(Event::Session {
        ticket: request_of(begun),
        result: Ok(record),
        took_ms: 0.0,
    })
}

/// Returns the wall time of the next attempt that a `RenewalFailed` effect announces, if any.
fn announced_attempt(effects: &[Effect]) -> Option<f64> {
    effects.iter().find_map(|effect| match effect {
        Effect::RenewalFailed { next_attempt_at } => Some(*next_attempt_at),
        _ => None,
    })
}

#[test]
fn rule_22_the_renewal_of_a_session_that_arrives_too_late_waits() {
    for lifetime_ms in [0.0, -MINUTE] {
        let mut tab = Tab::signed_in(ADA);
        let begun = tab.run(Event::Renew);
        let answered = receive(&mut tab, &begun, 2, lifetime_ms);
        assert_eq!(
            outcome_of(&answered, wait_of(&begun)),
            Some(Outcome::Succeeded)
        );
        assert_eq!(tab.session(), 2);
        assert!(!has_renewal(&answered), "{answered:?}");
        let until = announced_attempt(&answered).unwrap();
        assert!(until > tab.wall && until <= tab.wall + 1_000.0, "{until}");
        assert_eq!(tab.shared.claim, Claim::Cooldown { until });
        let ms = tab.timer() - tab.mono;
        assert!((ms - (until - tab.wall)).abs() < 1.0, "{ms}");
        tab.advance(ms.ceil());
        assert!(has_renewal(&tab.run(Event::Timer)));
    }
}

#[test]
fn rule_22_the_pause_grows_with_each_session_that_arrives_too_late() {
    let mut tab = Tab::signed_in(ADA);
    let mut begun = tab.run(Event::Renew);
    let start = tab.mono;
    for id in 2..12 {
        // After a pause, an earlier request may have been lost, so the tab verifies the session
        // (rule 2).
        let answered = receive(&mut tab, &begun, id, 0.0);
        if id > 2 {
            tab.finish_verification(verification_of(&answered), Ok(()));
        }
        let ms = (tab.timer() - tab.mono).ceil();
        tab.advance(ms);
        begun = tab.run(Event::Timer);
    }
    let took_ms = tab.mono - start;
    assert!(took_ms > MINUTE, "ten renewals took {took_ms} ms");
    let answered = receive(&mut tab, &begun, 12, LIFETIME);
    let verified = tab.finish_verification(verification_of(&answered), Ok(()));
    assert_eq!(announced_attempt(&verified), None);
    assert!(timer_of(&tab.step(Event::Timer)) > tab.mono + MINUTE);
    tab.advance(MINUTE);
    let begun = tab.run(Event::Renew);
    receive(&mut tab, &begun, 13, 0.0);
    let ms = tab.timer() - tab.mono;
    assert!(ms <= 1_000.0, "the pause after a good session is {ms} ms");
}

#[test]
fn rule_22_the_renewal_waits_even_if_the_service_rejects_the_late_session() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = receive(&mut tab, &begun, 2, 0.0);
    let refused = tab.finish_verification(verification_of(&answered), Err(rejected()));
    assert!(!has_renewal(&refused), "{refused:?}");
    assert!(tab.timer() > tab.mono);
}

#[test]
fn rule_22_the_renewal_after_a_login_waits_too() {
    let mut tab = Tab::new();
    let begun = tab.log_in(ADA);
    let answered = receive(&mut tab, &begun, 1, 0.0);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert!(!has_renewal(&answered), "{answered:?}");
    assert!(announced_attempt(&answered).is_some(), "{answered:?}");
}

#[test]
fn rule_22_the_other_tabs_wait_for_the_same_pause() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.run(Event::Resume);
    let begun = one.run(Event::Renew);
    let answered = receive(&mut one, &begun, 2, 0.0);
    assert!(has_broadcast(&answered, CHANGED, 2), "{answered:?}");
    (other.shared, other.stored) = (one.shared, one.stored);
    let received = other.receive_message(CHANGED, None);
    assert_eq!(other.session(), 102);
    assert!(!has_renewal(&received), "{received:?}");
    other.advance(1_001.0);
    assert!(has_renewal(&other.run(Event::Timer)));
}

#[test]
fn rule_22_a_stored_session_that_is_due_is_renewed_immediately() {
    let mut tab = Tab::signed_in(ADA);
    let ms = tab.timer() - tab.mono;
    tab.advance(ms + MINUTE);
    let resumed = tab.open_sibling(2).run(Event::Resume);
    assert!(has_renewal(&resumed), "{resumed:?}");
}
