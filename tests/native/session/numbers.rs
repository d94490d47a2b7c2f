//! Tests the numbers that a tab writes, draws and computes.

use crate::support::{definite, request_of, states, Tab, ADA, BOB, CHANGED, DAY, LIFETIME};
use social_plus_auth::session::{due, Effect, Event, LastSession, Reason, Record, Shared, State};

/// Delivers a message with these numbers before storage shows them. Returns the shared numbers that
/// the tab writes, if any.
fn write_after_message(tab: &mut Tab, shared: Shared) -> Option<Shared> {
    let effects = tab.step(Event::Message {
        message: CHANGED,
        shared,
        record: None,
    });
    effects.iter().find_map(|effect| match effect {
        Effect::WriteShared(numbers) => Some(Shared::from_numbers(*numbers)),
        _ => None,
    })
}

#[test]
fn rule_24_a_tab_does_not_write_a_sequence_that_it_knows_only_from_a_message() {
    let mut tab = Tab::signed_in(ADA);
    let sequence = tab.shared.sequence + 1.0;
    let sent = Shared {
        sequence,
        ..tab.shared
    };
    assert_eq!(write_after_message(&mut tab, sent), None);
}

#[test]
fn rule_24_a_tab_writes_a_later_epoch_that_it_knows_only_from_a_message() {
    let mut tab = Tab::signed_in(ADA);
    let epoch = tab.shared.epoch + 1_024.0;
    let sent = Shared {
        epoch,
        ..tab.shared
    };
    let written = write_after_message(&mut tab, sent);
    assert_eq!(written.map(|shared| shared.epoch), Some(epoch));
}

#[test]
fn rule_13_the_error_of_a_date_is_the_duration_of_the_request_and_a_second() {
    for (behind_ms, correction_ms) in [(3_500.0, 0.0), (5_000.0, 1_000.0)] {
        let mut tab = Tab::signed_in(ADA);
        let before = tab.timer();
        tab.run(Event::ServerDate {
            at: tab.wall - behind_ms,
            took_ms: 3_000.0,
        });
        assert_eq!(tab.timer() - before, correction_ms, "{behind_ms}");
    }
}

#[test]
fn rule_1_a_tab_draws_the_random_bits_of_each_epoch_afresh() {
    let mut tab = Tab::new();
    let mut bits = Vec::new();
    for _ in 0..8 {
        tab.run(Event::Logout { revoke: true });
        bits.push(tab.shared.epoch % 1_024.0);
    }
    bits.sort_by(f64::total_cmp);
    bits.dedup();
    assert!(bits.len() > 4, "{bits:?}");
}

#[test]
fn rule_1_every_logout_raises_the_epoch() {
    let mut tab = Tab::new();
    for _ in 0..8 {
        let before = tab.shared.epoch;
        tab.run(Event::Logout { revoke: true });
        let raised = tab.shared.epoch - before;
        assert!(raised > 0.0 && raised < 2_048.0, "{raised}");
    }
}

#[test]
fn a_login_elsewhere_leads_from_a_termination_through_every_documented_state() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), definite(Reason::GlobalBan));
    let session = Record {
        epoch: tab.shared.epoch + 1_024.0,
        sequence: 2.0,
        ..tab.record(8, BOB)
    };
    let received = tab.receive_message(CHANGED, Some(session));
    assert_eq!(
        states(&received),
        [State::NotLoggedIn, State::Establishing, State::Established]
    );
    let epoch = session.epoch;
    assert_eq!(tab.shared.last, LastSession::Committed { epoch });
}

#[test]
fn rule_13_a_session_was_issued_within_the_duration_of_its_request() {
    for (behind_ms, offset) in [(1_000.0, 0.0), (5_000.0, -2_000.0)] {
        let mut tab = Tab::new();
        let begun = tab.log_in(ADA);
        let record = Record {
            issued_at: tab.wall - behind_ms,
            ..tab.record(1, ADA)
        };
        tab.run(Event::Session {
            ticket: request_of(&begun),
            result: Ok(record),
            took_ms: 3_000.0,
        });
        let current = tab.machine.current().unwrap();
        assert_eq!(current.clock_offset, offset, "{behind_ms}");
    }
}

#[test]
fn rule_5_the_tabs_of_a_device_renew_one_after_the_other() {
    let stagger = |lifetime: f64| {
        let due = |tab| due(0.0, lifetime, 7, 3.0, tab);
        (due(1.0) - due(0.0)).round()
    };
    assert_eq!(stagger(30.0 * DAY), 2_000.0);
    assert_eq!(stagger(60_000.0), 600.0);
}

#[test]
fn rule_5_every_release_renews_a_session_at_the_same_time() {
    let due = |device, sequence| due(0.0, LIFETIME, device, sequence, 0.0) / LIFETIME;
    let times = [
        due(1, 1.0),
        due(7, 3.0),
        due(0x1234_5678, 2.0),
        due(u32::MAX, 77.0),
    ];
    assert_eq!(
        times,
        [
            0.6306623821472749,
            0.6091887546642102,
            0.7899973708016613,
            0.8178948959286532
        ]
    );
}
