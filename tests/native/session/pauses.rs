//! Tests when a tab renews, verifies and asks the other tabs, and when a pause or a claim delays
//! it.

use crate::support::{
    definite, has_broadcast, has_renewal, has_reply, has_session_request, has_verification,
    memory_settings, outcome_of, rejected, request_of, settings, ticket_of, transient,
    verification_of, wait_of, Tab, ADA, BOB, CHANGED, HANDED_OVER, LIFETIME, MINUTE, REQUEST,
    VISITOR,
};
use social_plus_auth::session::{Claim, Effect, Event, Outcome, Reason, Record, Settings, State};

/// Returns the settings of a client that shares its session with no other tab.
fn lone_settings() -> Settings {
    Settings {
        is_shared: false,
        ..settings(1)
    }
}

/// Returns the remaining cooldown that the tabs share, in milliseconds.
fn shared_pause(tab: &Tab) -> f64 {
    let Claim::Cooldown { until } = tab.shared.claim else {
        panic!("{:?}", tab.shared)
    };
    until - tab.wall
}

fn requests_credential(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Credential { .. }))
}

#[test]
fn rule_10_a_pause_of_another_tab_delays_neither_renew_nor_a_login() {
    for event in [
        Event::Renew,
        Event::Login {
            identity: BOB,
            needs_request: false,
        },
    ] {
        let mut tab = Tab::signed_in(ADA);
        tab.shared.claim = Claim::RetryAfter {
            until: tab.wall + 90_000.0,
        };
        let begun = tab.run(event);
        assert!(has_session_request(&begun), "{event:?}: {begun:?}");
    }
}

#[test]
fn rule_10_renew_turns_a_renewal_in_flight_into_one_that_ignores_the_pause() {
    for is_forced in [true, false] {
        let mut tab = Tab::signed_in(ADA);
        let ms = tab.timer() - tab.mono;
        tab.advance(ms);
        let ticket = ticket_of(&tab.step(Event::Timer));
        if is_forced {
            tab.step(Event::Renew);
        }
        tab.shared.claim = Claim::Cooldown {
            until: tab.wall + 90_000.0,
        };
        let is_granted = true;
        let locked = tab.step(Event::Locked { ticket, is_granted });
        let reads = locked
            .iter()
            .any(|effect| matches!(effect, Effect::Load { .. }));
        assert_eq!(reads, is_forced, "{locked:?}");
    }
}

#[test]
fn rule_10_a_renewal_that_was_requested_during_a_verification_ignores_the_pause() {
    let mut tab = Tab::new();
    tab.sign_in(1, ADA);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    tab.run(Event::Renew);
    tab.shared.claim = Claim::Cooldown {
        until: tab.wall + 90_000.0,
    };
    let verified = tab.finish_verification(verification_of(&begun), Err(rejected()));
    assert!(has_renewal(&verified), "{verified:?}");
}

#[test]
fn rule_10_a_call_at_the_end_of_a_pause_is_not_refused() {
    let mut tab = Tab::with_settings(Settings {
        has_background: false,
        ..settings(1)
    });
    tab.sign_in(1, ADA);
    tab.advance(5.0 * MINUTE);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), transient(90_000.0));
    tab.advance(90_000.0 - 1.0);
    let early = tab.run(Event::Unauthorized { session: 1 });
    assert!(has_reply(&early, Outcome::Failed), "{early:?}");
    tab.advance(1.0);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    assert!(has_renewal(&begun), "{begun:?}");
}

#[test]
fn rule_10_a_client_that_shares_no_session_pauses_too() {
    let mut tab = Tab::with_settings(lone_settings());
    tab.sign_in(1, ADA);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), transient(0.0));
    assert!(shared_pause(&tab) > 0.0);
}

#[test]
fn rule_22_a_client_that_shares_no_session_pauses_after_a_session_that_arrives_too_late() {
    let mut tab = Tab::with_settings(lone_settings());
    tab.sign_in(1, ADA);
    tab.advance(MINUTE);
    let begun = tab.run(Event::Renew);
    let record = Record {
        expires_at: tab.wall,
        ..tab.record(2, ADA)
    };
    tab.run(Event::Session {
        ticket: request_of(&begun),
        result: Ok(record),
        took_ms: 0.0,
    });
    assert!(shared_pause(&tab) > 0.0);
}

#[test]
fn rule_10_a_failure_of_a_tab_that_has_lost_its_claim_pauses_no_other_tab() {
    for lifetime_ms in [None, Some(0.0)] {
        let mut tab = Tab::signed_in(ADA);
        let begun = tab.run(Event::Renew);
        tab.claim_elsewhere(5_000.0);
        let claim = tab.shared.claim;
        let result = match lifetime_ms {
            None => Err(transient(0.0)),
            Some(ms) => Ok(Record {
                expires_at: tab.wall + ms,
                ..tab.record(2, ADA)
            }),
        };
        tab.run(Event::Session {
            ticket: request_of(&begun),
            result,
            took_ms: 0.0,
        });
        assert_eq!(tab.shared.claim, claim, "{result:?}");
    }
}

#[test]
fn rule_10_a_session_of_another_tab_resets_the_backoff_unless_it_is_due() {
    for is_due in [false, true] {
        let mut tab = Tab::signed_in(ADA);
        for _ in 0..8 {
            let begun = tab.run(Event::Renew);
            tab.fail(request_of(&begun), transient(0.0));
            tab.advance(MINUTE);
        }
        let mut later = tab.renewed_elsewhere();
        if is_due {
            later.expires_at = tab.wall;
        }
        (tab.shared.sequence, tab.stored) = (2.0, Some(later));
        tab.shared.claim = Claim::Cooldown {
            until: tab.wall + 90_000.0,
        };
        tab.receive_message(CHANGED, None);
        assert_eq!(tab.session(), 102);
        tab.shared.claim = Claim::Free;
        let begun = tab.run(Event::Renew);
        tab.fail(request_of(&begun), transient(0.0));
        let is_short = shared_pause(&tab) <= 1_000.0;
        assert_eq!(is_short, !is_due, "{}", shared_pause(&tab));
    }
}

#[test]
fn rule_10_a_renewal_that_gets_not_found_fails_if_the_service_accepts_its_token() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let failed = tab.fail(request_of(&begun), crate::support::not_found());
    let verified = tab.finish_verification(verification_of(&failed), Ok(()));
    assert_eq!(
        outcome_of(&verified, wait_of(&begun)),
        Some(Outcome::Failed)
    );
}

#[test]
fn rule_10_a_login_as_the_current_user_ends_the_session_on_a_ban_but_not_on_error_400100() {
    for (reason, state) in [
        (Reason::Unauthorized, State::Established),
        (Reason::GlobalBan, State::Terminated(Reason::GlobalBan)),
    ] {
        let mut tab = Tab::signed_in(ADA);
        let begun = tab.run(Event::Login {
            identity: ADA,
            needs_request: true,
        });
        tab.fail(request_of(&begun), definite(reason));
        assert_eq!(tab.state(), state);
    }
}

#[test]
fn rule_10_a_ban_of_the_user_who_logs_in_does_not_end_the_session_of_the_visitor() {
    let mut tab = Tab::signed_in(VISITOR);
    let begun = tab.log_in(ADA);
    tab.fail(request_of(&begun), definite(Reason::GlobalBan));
    assert_eq!(tab.state(), State::Established);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_11_a_token_that_was_used_for_a_minute_is_renewed_without_a_verification() {
    let mut tab = Tab::new();
    tab.sign_in(1, ADA);
    tab.advance(MINUTE);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    assert!(has_renewal(&begun), "{begun:?}");
    assert!(!has_verification(&begun, 1), "{begun:?}");
}

#[test]
fn rule_6_tabs_without_locks_wait_for_different_times() {
    let wait = |number: u32| {
        let mut tab = Tab::new().open_sibling(number * 7_919);
        tab.has_locks = false;
        tab.log_in(ADA);
        tab.timer() - tab.mono
    };
    let waits: Vec<f64> = (1..20).map(wait).collect();
    let (min, max) = waits.iter().fold((f64::MAX, 0.0_f64), |(min, max), ms| {
        (min.min(*ms), max.max(*ms))
    });
    assert!(min >= 50.0 && max <= 100.0 && max - min > 20.0, "{waits:?}");
}

#[test]
fn rule_6_without_locks_a_tab_that_has_lost_its_claim_does_not_go_on() {
    let mut tab = Tab::signed_in(ADA);
    tab.has_locks = false;
    tab.run(Event::Renew);
    let ms = tab.timer() - tab.mono;
    tab.claim_elsewhere(2_000.0);
    tab.advance(ms);
    let fired = tab.run(Event::Timer);
    assert!(!requests_credential(&fired), "{fired:?}");
}

/// Returns a tab whose renewal waits for the app's backend, and the ticket of that request.
fn waiting_for_the_backend() -> (Tab, u32) {
    let mut tab = Tab::signed_in(ADA);
    let ticket = ticket_of(&tab.step(Event::Renew));
    let is_granted = true;
    let granted = tab.step(Event::Locked { ticket, is_granted });
    let (ticket, record) = (ticket_of(&granted), tab.stored);
    let loaded = tab.step(Event::Loaded { ticket, record });
    (tab, ticket_of(&loaded))
}

#[test]
fn rule_6_a_tab_that_was_frozen_before_its_request_yields_to_the_claim_of_another_tab() {
    let (mut tab, ticket) = waiting_for_the_backend();
    tab.claim_elsewhere(5_000.0);
    let thawed = tab.run(Event::Credential {
        ticket,
        result: Ok(false),
    });
    assert!(!has_session_request(&thawed), "{thawed:?}");
}

#[test]
fn rule_6_a_renewal_that_finds_a_new_session_asks_the_backend_for_nothing() {
    let mut tab = Tab::signed_in(ADA);
    tab.stored = Some(tab.renewed_elsewhere());
    let begun = tab.run(Event::Renew);
    assert_eq!(tab.session(), 102);
    assert!(!requests_credential(&begun), "{begun:?}");
}

#[test]
fn rule_6_a_renewal_that_waits_for_the_backend_ends_when_another_tab_has_renewed() {
    let (mut tab, ticket) = waiting_for_the_backend();
    let later = Record {
        issued_at: tab.wall + 1.0,
        ..tab.renewed_elsewhere()
    };
    let received = tab.receive_message(CHANGED, Some(later));
    let outcomes: Vec<_> = received
        .iter()
        .filter(|effect| matches!(effect, Effect::Settle(_, Outcome::Succeeded)))
        .collect();
    assert_eq!(outcomes.len(), 1, "{received:?}");
    let late = tab.run(Event::Credential {
        ticket,
        result: Ok(false),
    });
    assert!(!has_session_request(&late), "{late:?}");
}

#[test]
fn rule_6_a_renewal_that_has_sent_its_request_waits_for_the_response() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let later = Record {
        issued_at: tab.wall + 1.0,
        ..tab.renewed_elsewhere()
    };
    let received = tab.receive_message(CHANGED, Some(later));
    assert_eq!(outcome_of(&received, wait_of(&begun)), None);
    tab.stored = Some(later);
    let answered = tab.receive_session(request_of(&begun), 3, ADA);
    assert_eq!(
        outcome_of(&answered, wait_of(&begun)),
        Some(Outcome::Succeeded)
    );
    assert_eq!(tab.session(), 2);
}

#[test]
fn rule_6_a_tab_keeps_its_claim_while_it_verifies_a_new_session() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.lose_attempt(request_of(&begun));
    let answered = tab.receive_session(request_of(&begun), 2, ADA);
    assert!(tab.has_claim(), "{answered:?}");
    tab.finish_verification(verification_of(&answered), Ok(()));
    assert_eq!(tab.shared.claim, Claim::Free);
}

#[test]
fn rule_6_a_lock_granted_to_ticket_0_changes_nothing_while_a_tab_waits_for_other_tabs() {
    let mut tab = Tab::with_settings(memory_settings(1));
    tab.sign_in(1, ADA);
    tab.stored = None;
    let mut other = tab.open_memory_sibling(2);
    other.run(Event::Resume);
    let is_granted = true;
    let granted = other.run(Event::Locked {
        ticket: 0,
        is_granted,
    });
    assert_eq!(granted, []);
}

#[test]
fn rule_7_a_wake_asks_the_other_tabs_once_if_they_have_a_later_session() {
    for (is_outdated, hands_over) in [(true, false), (true, true), (false, false), (false, true)] {
        let mut tab = Tab::with_settings(Settings {
            hands_over,
            ..settings(1)
        });
        tab.sign_in(1, ADA);
        if is_outdated {
            tab.shared.sequence += 1.0;
        }
        let woken = tab.run(Event::Wake { is_online: false });
        let asks = has_broadcast(&woken, REQUEST, 0);
        assert_eq!(asks, is_outdated, "hands over: {hands_over}: {woken:?}");
        let questions = woken
            .iter()
            .filter(|effect| matches!(effect, Effect::Broadcast { .. }));
        assert!(questions.count() <= 1, "{woken:?}");
    }
}

#[test]
fn rule_7_a_tab_with_an_outdated_session_does_not_answer() {
    let mut tab = Tab::signed_in(ADA);
    tab.shared.sequence += 1.0;
    tab.stored = None;
    let received = tab.receive_message(REQUEST, None);
    assert!(!has_broadcast(&received, HANDED_OVER, 1), "{received:?}");
    assert_eq!(tab.stored, None);
}

#[test]
fn rule_9_a_token_is_expired_at_the_moment_of_its_expiry() {
    let mut tab = Tab::signed_in(ADA);
    tab.advance(LIFETIME - 5.0 * MINUTE);
    let login = tab.log_in(ADA);
    assert!(!has_reply(&login, Outcome::Succeeded), "{login:?}");
    assert!(has_session_request(&login), "{login:?}");
}
