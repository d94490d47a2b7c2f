//! Rules 5, 8 and 9: when a tab renews its session, and how long a returned token stays valid.

use crate::support::{
    has_renewal, has_reply, has_session_request, outcome_of, request_of, settings, timer_of,
    transient, verification_of, wait_of, Backend, Tab, ADA, DAY, LIFETIME, MINUTE,
};
use social_plus_auth::session::{Effect, Event, Outcome, Settings, State};

#[test]
fn rule_5_renewals_are_spread_between_half_and_nine_tenths_of_the_lifetime() {
    let share = |device: u32| {
        let mut tab = Tab::with_settings(Settings {
            device,
            ..settings(1)
        });
        tab.sign_in(1, ADA);
        (tab.timer() - tab.mono) / (LIFETIME - 5.0 * MINUTE)
    };
    let mut shares: Vec<f64> = (0..50).map(share).collect();
    shares.sort_by(f64::total_cmp);
    let is_in_range = |share: &f64| (0.5..0.9001).contains(share);
    assert!(shares.iter().all(is_in_range), "{shares:?}");
    assert!(shares[10] < 0.65, "{shares:?}");
    assert!(shares[40] > 0.75, "{shares:?}");
}

#[test]
fn rule_5_a_call_a_wake_or_the_timer_renews_a_due_session() {
    let call = Event::AccessToken {
        min_validity_ms: MINUTE,
    };
    let wake = Event::Wake { is_online: false };
    let online = Event::Wake { is_online: true };
    for event in [call, wake, online, Event::Timer] {
        let mut tab = Tab::signed_in(ADA);
        let ms = tab.timer() - tab.mono;
        tab.advance(ms);
        let effects = tab.run(event);
        assert!(has_renewal(&effects), "{event:?}");
        let is_wait = |effect: &Effect| matches!(effect, Effect::Wait(_));
        assert!(
            !effects.iter().any(is_wait),
            "no call may wait, because the token is valid"
        );
        assert_eq!(
            has_reply(&effects, Outcome::Succeeded),
            event == call,
            "{event:?}"
        );
    }
}

#[test]
fn rule_5_a_timer_that_fires_early_is_set_again() {
    let mut tab = Tab::signed_in(ADA);
    let due = tab.timer();
    assert!(due - tab.mono > DAY);
    tab.advance(DAY);
    assert_eq!(timer_of(&tab.step(Event::Timer)), due);
}

#[test]
fn rule_8_a_failure_of_the_backend_does_not_end_the_session() {
    let mut tab = Tab::signed_in(ADA);
    tab.backend = Backend::Fails;
    let begun = tab.run(Event::Renew);
    assert_eq!(outcome_of(&begun, wait_of(&begun)), Some(Outcome::Failed));
    assert!(!has_session_request(&begun), "{begun:?}");
    assert_eq!(tab.state(), State::Established);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_8_a_due_renewal_is_planned_again_after_a_failure_of_the_backend() {
    let mut tab = Tab::signed_in(ADA);
    let ms = tab.timer() - tab.mono;
    tab.advance(ms);
    tab.backend = Backend::Fails;
    tab.run(Event::Renew);
    let pause = tab.timer() - tab.mono;
    assert!(pause > 0.0 && pause < 1_001.0, "{pause}");
}

#[test]
fn rule_9_the_requested_validity_is_capped_at_half_the_lifetime() {
    let mut tab = Tab::signed_in(ADA);
    let answered = tab.request_token(10.0 * LIFETIME);
    assert_eq!(answered, [Effect::Reply(Outcome::Succeeded)]);
}

#[test]
fn rule_9_a_token_that_expires_too_soon_for_a_caller_is_renewed() {
    let mut tab = Tab::signed_in(ADA);
    tab.advance(LIFETIME / 2.0);
    let begun = tab.request_token(10.0 * LIFETIME);
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 2);
}

#[test]
fn a_renewal_that_is_requested_during_a_verification_starts_after_the_verification() {
    let mut tab = Tab::new();
    tab.sign_in(1, ADA);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    let renewal = tab.run(Event::Renew);
    assert_eq!(wait_of(&renewal), wait_of(&begun));
    let verified = tab.finish_verification(verification_of(&begun), Ok(()));
    assert!(has_renewal(&verified), "{verified:?}");
    let failed = tab.fail(request_of(&verified), transient(0.0));
    assert_eq!(outcome_of(&failed, wait_of(&begun)), Some(Outcome::Failed));
}
