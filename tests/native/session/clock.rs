//! Rule 13: how a tab determines the service's time when the clocks of the device are wrong.

use crate::support::{
    has_renewal, has_reply, has_revocation, has_session_request, has_verification, outcome_of,
    rejected, settings, states, transient, verification_of, wait_of, Backend, Tab, ADA, CHANGED,
    DAY, LIFETIME, MINUTE,
};
use social_plus_auth::session::{
    Claim, Effect, Event, Machine, Message, Now, Outcome, Record, State,
};

/// Lets the device sleep: the wall clock advances, but the monotonic clock does not.
fn sleep(tab: &mut Tab, ms: f64) {
    tab.wall += ms;
}

#[test]
fn rule_13_a_token_that_seems_expired_after_sleep_is_verified_first() {
    for (result, state) in [
        (Ok(()), State::Established),
        (Err(transient(0.0)), State::Established),
        (Err(rejected()), State::TokenExpired),
    ] {
        let mut tab = Tab::signed_in(ADA);
        tab.backend = Backend::Fails;
        sleep(&mut tab, 2.0 * LIFETIME);
        let woken = tab.run(Event::Wake { is_online: false });
        assert_eq!(tab.state(), State::Established, "before {result:?}");
        assert!(has_verification(&woken, 1), "{woken:?}");
        tab.finish_verification(verification_of(&woken), result);
        assert_eq!(tab.state(), state, "after {result:?}");
        assert_eq!(tab.session(), 1, "after {result:?}");
    }
}

#[test]
fn rule_13_a_call_waits_for_the_verification_of_a_token_that_seems_expired() {
    let mut tab = Tab::signed_in(ADA);
    sleep(&mut tab, 2.0 * LIFETIME);
    let begun = tab.request_token(MINUTE);
    let answered = tab.finish_verification(verification_of(&begun), Ok(()));
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
}

#[test]
fn rule_13_setting_the_clock_back_does_not_move_a_renewal() {
    let mut tab = Tab::signed_in(ADA);
    let before = tab.timer();
    tab.wall -= 400.0 * DAY;
    assert_eq!(tab.timer(), before);
}

#[test]
fn rule_13_the_date_of_a_response_corrects_the_clock() {
    let mut tab = Tab::signed_in(ADA);
    tab.backend = Backend::Fails;
    let before = tab.timer();
    tab.wall += DAY;
    assert!(
        tab.timer() < before,
        "a clock that is set forward must advance the timer"
    );
    tab.run(Event::ServerDate {
        at: tab.wall - DAY,
        took_ms: 0.0,
    });
    assert!((tab.timer() - before).abs() <= 1_000.0);
}

#[test]
fn rule_13_a_corrected_clock_makes_an_expired_token_valid_again() {
    let mut tab = Tab::signed_in(ADA);
    tab.backend = Backend::Fails;
    tab.advance(LIFETIME);
    assert_eq!(states(&tab.run(Event::Timer)), [State::TokenExpired]);
    let corrected = tab.run(Event::ServerDate {
        at: tab.wall - DAY,
        took_ms: 0.0,
    });
    let announced = states(&corrected);
    assert_eq!(announced, [State::Establishing, State::Established]);
}

#[test]
fn rule_13_a_stored_session_that_seems_expired_is_verified_first() {
    let one = Tab::signed_in(ADA);
    let mut other = one.open_sibling(2);
    other.advance(2.0 * LIFETIME);
    let resumed = other.run(Event::Resume);
    assert_eq!(other.state(), State::Established);
    assert!(has_verification(&resumed, other.session()), "{resumed:?}");
}

#[test]
fn rule_13_an_adopted_session_that_seems_expired_is_verified_first() {
    let mut tab = Tab::new();
    // The device's clock is a year ahead.
    let adopted = tab.run(Event::Adopt(Record {
        issued_at: tab.wall - 365.0 * DAY,
        expires_at: tab.wall - 335.0 * DAY,
        ..tab.record(1, ADA)
    }));
    assert_eq!(tab.state(), State::Established);
    assert!(has_reply(&adopted, Outcome::Succeeded), "{adopted:?}");
    assert!(has_verification(&adopted, 1), "{adopted:?}");
}

#[test]
fn rule_13_an_issue_time_in_the_future_does_not_postpone_the_renewal() {
    let mut tab = Tab::new();
    // The device's clock is a year behind.
    tab.run(Event::Adopt(Record {
        issued_at: tab.wall + 365.0 * DAY,
        expires_at: tab.wall + 395.0 * DAY,
        ..tab.record(1, ADA)
    }));
    assert!(tab.timer() - tab.mono < LIFETIME);
}

/// Adopts a session that another tab has requested since the clock was set forward by `ahead`.
/// Returns the effects of a secure logout.
fn log_out_from_later_session(tab: &mut Tab, ahead: f64) -> Vec<Effect> {
    let issued_at = tab.wall - ahead;
    let later = Record {
        issued_at,
        expires_at: issued_at + DAY,
        clock_offset: -ahead,
        ..tab.renewed_elsewhere()
    };
    tab.receive_message(CHANGED, Some(later));
    assert_eq!(tab.session(), later.id);
    assert_eq!(tab.state(), State::Established);
    tab.shared.claim = Claim::Free;
    tab.run(Event::SecureLogout)
}

#[test]
fn rule_13_a_verification_of_a_token_that_seems_expired_measures_nothing() {
    for answer in [Ok(()), Err(rejected())] {
        let mut tab = Tab::signed_in(ADA);
        tab.wall += 2.0 * LIFETIME;
        tab.claim_elsewhere(5_000.0);
        let woken = tab.run(Event::Wake { is_online: false });
        tab.finish_verification(verification_of(&woken), answer);
        let begun = log_out_from_later_session(&mut tab, 2.0 * LIFETIME);
        assert!(has_revocation(&begun, 2), "{answer:?}: {begun:?}");
    }
}

#[test]
fn rule_13_a_confirmation_does_not_show_that_a_later_session_has_expired() {
    let mut tab = Tab::signed_in(ADA);
    tab.wall += 10.0 * DAY;
    let issued_at = tab.wall;
    let doubted = tab.receive_message(Message::Discarded { issued_at }, None);
    tab.finish_verification(verification_of(&doubted), Ok(()));
    let begun = log_out_from_later_session(&mut tab, 10.0 * DAY);
    assert!(has_revocation(&begun, 2), "{begun:?}");
}

#[test]
fn rule_13_a_tab_that_is_offline_keeps_its_session() {
    let mut tab = Tab::signed_in(ADA);
    sleep(&mut tab, 2.0 * LIFETIME);
    for _ in 0..5 {
        let woken = tab.run(Event::Wake { is_online: false });
        let is_verification = |effect: &&Effect| matches!(effect, Effect::Verify { .. });
        if woken.iter().any(|effect| is_verification(&effect)) {
            tab.finish_verification(verification_of(&woken), Err(transient(0.0)));
        }
        tab.advance(MINUTE);
        assert_eq!(tab.state(), State::Established);
        assert_eq!(tab.session(), 1);
    }
    let woken = tab.run(Event::Wake { is_online: true });
    assert!(
        !has_session_request(&woken),
        "the token must be verified first: {woken:?}"
    );
    let answered = tab.finish_verification(verification_of(&woken), Err(rejected()));
    assert!(has_renewal(&answered), "{answered:?}");
}

#[test]
fn a_reading_of_a_clock_that_is_not_finite_is_ignored() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for is_wall in [true, false] {
            let mut tab = Tab::signed_in(ADA);
            tab.run(Event::Logout { revoke: true });
            tab.sign_in(2, ADA);
            let before = tab.timer();
            let clock = if is_wall {
                &mut tab.wall
            } else {
                &mut tab.mono
            };
            let good = std::mem::replace(clock, bad);
            tab.run(Event::Timer);
            *(if is_wall {
                &mut tab.wall
            } else {
                &mut tab.mono
            }) = good;
            assert_eq!(tab.timer(), before, "{bad}, wall: {is_wall}");
        }
    }
}

#[test]
fn a_tab_may_start_with_a_clock_that_is_not_finite() {
    let mut tab = Tab::new();
    let now = Now {
        wall: f64::NAN,
        mono: f64::INFINITY,
    };
    tab.machine = Machine::new(settings(1), now);
    tab.sign_in(1, ADA);
    let timer = tab.timer();
    assert!(timer > tab.mono && timer < tab.mono + LIFETIME, "{timer}");
}

#[test]
fn a_date_that_is_not_finite_is_ignored() {
    let mut tab = Tab::signed_in(ADA);
    let before = tab.timer();
    for at in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (at, took_ms) in [(at, 0.0), (tab.wall + DAY, at)] {
            tab.run(Event::ServerDate { at, took_ms });
            assert_eq!(tab.timer(), before, "{at}, {took_ms}");
        }
    }
}

#[test]
fn a_session_whose_times_are_not_finite_is_ignored() {
    let mut tab = Tab::signed_in(ADA);
    let current = *tab.machine.current().unwrap();
    let later = Record {
        id: 9,
        issued_at: current.issued_at + 1.0,
        ..current
    };
    for record in [
        Record {
            issued_at: f64::INFINITY,
            ..later
        },
        Record {
            expires_at: f64::NAN,
            ..later
        },
        Record {
            clock_offset: f64::NEG_INFINITY,
            ..later
        },
    ] {
        tab.receive_message(CHANGED, Some(record));
        assert_eq!(tab.session(), 1, "{record:?}");
    }
    tab.receive_message(CHANGED, Some(later));
    assert_eq!(tab.session(), 9);
}
