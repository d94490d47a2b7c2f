//! Rule 13: the service's time, as far as a device knows it.

use crate::support::{
    asked, done, is_asked, rejected, states, transient, verifies, waits, Tab, ADA, DAY, LIFETIME,
    MINUTE,
};
use social_plus_auth::session::{Effect, Event, Outcome, Record, State};

/// The device was asleep: wall time has gone on, monotonic time has not.
fn sleep(tab: &mut Tab, ms: f64) {
    tab.wall += ms;
}

#[test]
fn rule_13_an_end_that_came_in_sleep_is_only_suspected_and_looked_into() {
    for (verdict, state) in [
        (Ok(()), State::Established),
        (Err(transient(0.0)), State::Established),
        (Err(rejected()), State::TokenExpired),
    ] {
        let mut tab = Tab::signed_in(ADA);
        tab.credential = (false, false);
        sleep(&mut tab, 2.0 * LIFETIME);
        let woken = tab.run(Event::Wake { is_online: false });
        assert_eq!(
            (tab.machine.state(), verifies(&woken).1),
            (State::Established, 1)
        );
        tab.run(Event::Verified {
            ticket: verifies(&woken).0,
            result: verdict,
        });
        assert_eq!((tab.machine.state(), tab.held()), (state, 1), "{verdict:?}");
    }
}

#[test]
fn rule_13_a_call_with_a_suspected_token_waits_for_the_look() {
    let mut tab = Tab::signed_in(ADA);
    sleep(&mut tab, 2.0 * LIFETIME);
    let begun = tab.run(Event::AccessToken {
        min_validity_ms: MINUTE,
    });
    let said = tab.run(Event::Verified {
        ticket: verifies(&begun).0,
        result: Ok(()),
    });
    assert_eq!(done(&said, waits(&begun)), Some(Outcome::Fine));
}

#[test]
fn rule_13_a_clock_set_back_renews_neither_late_nor_early() {
    let mut tab = Tab::signed_in(ADA);
    let at = tab.timer();
    tab.wall -= 400.0 * DAY;
    assert_eq!(tab.timer(), at, "monotonic time goes on as it did");
}

#[test]
fn rule_13_a_date_that_can_be_read_puts_the_clock_right() {
    let mut tab = Tab::signed_in(ADA);
    tab.credential = (false, false);
    let at = tab.timer();
    // Set forward by a day, and a minute later the service says what time it is.
    tab.wall += DAY;
    assert!(tab.timer() < at);
    tab.run(Event::ServerDate {
        at: tab.wall - DAY,
        took_ms: 0.0,
    });
    assert!((tab.timer() - at).abs() <= 1_000.0);
}

#[test]
fn rule_13_what_the_clock_had_called_expired_comes_back_when_it_is_put_right() {
    let mut tab = Tab::signed_in(ADA);
    tab.credential = (false, false);
    tab.pass(LIFETIME);
    assert_eq!(states(&tab.run(Event::Timer)), [State::TokenExpired]);
    let right = tab.run(Event::ServerDate {
        at: tab.wall - DAY,
        took_ms: 0.0,
    });
    assert_eq!(states(&right), [State::Establishing, State::Established]);
}

#[test]
fn rule_13_an_end_by_a_clock_that_only_storage_speaks_for_is_suspected() {
    let one = Tab::signed_in(ADA);
    let mut other = one.sibling(2, false);
    other.pass(2.0 * LIFETIME);
    let resumed = other.run(Event::Resume);
    assert_eq!(other.machine.state(), State::Established);
    assert_eq!(verifies(&resumed).1, other.held());
}

#[test]
fn rule_13_nobody_believes_a_clock_that_nobody_has_measured() {
    let mut tab = Tab::new();
    // It is a year ahead, and the session is of today.
    let record = Record {
        issued_at: tab.wall - 365.0 * DAY,
        expires_at: tab.wall - 335.0 * DAY,
        ..tab.record(1, ADA)
    };
    let given = tab.run(Event::Adopt(record));
    assert_eq!(tab.machine.state(), State::Established);
    assert!(
        given.contains(&Effect::Reply(Outcome::Fine)) && verifies(&given).1 == 1,
        "{given:?}"
    );
    // A year behind: the session is not of the future.
    let mut tab = Tab::new();
    let record = Record {
        issued_at: tab.wall + 365.0 * DAY,
        expires_at: tab.wall + 395.0 * DAY,
        ..tab.record(1, ADA)
    };
    tab.run(Event::Adopt(record));
    assert!(tab.timer() - tab.mono < LIFETIME);
}

#[test]
fn rule_13_who_was_offline_keeps_its_session() {
    let mut tab = Tab::signed_in(ADA);
    sleep(&mut tab, 2.0 * LIFETIME);
    for _ in 0..5 {
        let woken = tab.run(Event::Wake { is_online: false });
        if let Some(Effect::Verify { ticket, .. }) = woken
            .iter()
            .find(|effect| matches!(effect, Effect::Verify { .. }))
        {
            tab.run(Event::Verified {
                ticket: *ticket,
                result: Err(transient(0.0)),
            });
        }
        tab.pass(MINUTE);
        assert_eq!((tab.machine.state(), tab.held()), (State::Established, 1));
    }
    // Rule a clock to trust nothing is asked for but the look.
    let woken = tab.run(Event::Wake { is_online: true });
    assert!(!is_asked(&woken));
    let said = tab.run(Event::Verified {
        ticket: verifies(&woken).0,
        result: Err(rejected()),
    });
    assert!(asked(&said).1);
}
