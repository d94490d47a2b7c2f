//! Rules 5 to 9: when a session is renewed, by whom, and how the others get it.

use crate::support::{
    asked, done, is_asked, settings, tells, ticket, timer, waits, Tab, ADA, DAY, LIFETIME, MINUTE,
    START, TIMEOUT,
};
use social_plus_auth::session::{
    Claim, Effect, Event, Message, Outcome, Record, Settings, Shared, State,
};

/// Signed in, and due now.
fn due() -> Tab {
    let mut tab = Tab::signed_in(ADA);
    let ms = tab.timer() - tab.mono;
    tab.pass(ms);
    tab
}

#[test]
fn rule_5_it_is_due_between_half_and_nine_tenths_of_its_life() {
    let mut moments = Vec::new();
    for device in 0..50 {
        let mut tab = Tab::with(Settings {
            device,
            ..settings(1)
        });
        tab.signs_in(1, ADA);
        let share = (tab.timer() - tab.mono) / (LIFETIME - 5.0 * MINUTE);
        assert!((0.5..0.9001).contains(&share), "{share}");
        moments.push(share);
    }
    moments.sort_by(f64::total_cmp);
    assert!(
        moments[10] < 0.65 && moments[40] > 0.75,
        "spread out: {moments:?}"
    );
}

#[test]
fn rule_5_it_is_looked_at_when_asked_for_at_wake_and_by_the_timer() {
    for event in [
        Event::AccessToken {
            min_validity_ms: MINUTE,
        },
        Event::Wake { is_online: false },
        Event::Wake { is_online: true },
        Event::Timer,
    ] {
        let effects = due().run(event);
        assert!(asked(&effects).1, "{event:?}");
        // The token is good: nobody waits for the renewal.
        let waits = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Wait(_)));
        assert!(
            !waits
                && (effects.contains(&Effect::Reply(Outcome::Fine))
                    == matches!(event, Event::AccessToken { .. })),
            "{effects:?}"
        );
    }
}

#[test]
fn rule_5_there_is_no_polling() {
    let mut tab = Tab::signed_in(ADA);
    let at = tab.timer();
    // Early, as a timer rings whose time was longer than a timer takes.
    tab.pass(2_147_483.0);
    assert_eq!(timer(&tab.step(Event::Timer)), at);
    assert!(at - tab.mono > DAY);
}

#[test]
fn rule_6_another_tabs_claim_is_waited_for_and_its_session_taken() {
    let mut tab = due();
    tab.claimed_by_another(3_000.0);
    let begun = tab.run(Event::Renew);
    assert!(!is_asked(&begun) && tab.timer() <= tab.mono + 3_000.0);
    tab.pass(1_000.0);
    tab.stored = Some(Record {
        id: 2,
        issued_at: tab.wall,
        expires_at: tab.wall + LIFETIME,
        sequence: 2.0,
        ..*tab.machine.current().unwrap()
    });
    (tab.shared.sequence, tab.shared.claim) = (2.0, Claim::Free);
    let told = tab.run(Event::Message {
        message: Message::Changed,
        record: None,
        shared: Shared::default(),
    });
    assert_eq!(
        (tab.held(), done(&told, waits(&begun))),
        (102, Some(Outcome::Fine))
    );
    assert!(!is_asked(&told) && !tab.is_claimed_by_it());
}

#[test]
fn rule_6_a_claim_that_has_run_out_stops_nobody() {
    let mut tab = due();
    tab.claimed_by_another(3_000.0);
    let begun = tab.run(Event::Renew);
    tab.pass(3_001.0);
    let rung = tab.run(Event::Timer);
    assert!(asked(&rung).1 && tab.is_claimed_by_it());
    // Whoever had it may have sent a request: the session is looked at.
    let given = tab.given(asked(&rung).0, 2, ADA);
    assert!(
        given
            .iter()
            .any(|effect| matches!(effect, Effect::Verify { session: 2, .. }))
            && done(&given, waits(&begun)).is_none(),
        "{given:?}"
    );
}

#[test]
fn rule_6_a_login_waits_no_longer_than_the_timeout() {
    let mut tab = Tab::new();
    tab.claimed_by_another(10.0 * TIMEOUT);
    assert!(!is_asked(&tab.run(Event::Login {
        identity: ADA,
        needs_request: false
    })));
    tab.pass(TIMEOUT - 1.0);
    assert!(!is_asked(&tab.run(Event::Timer)));
    tab.pass(1.0);
    assert!(is_asked(&tab.run(Event::Timer)));
}

#[test]
fn rule_6_a_claim_that_was_taken_over_is_not_taken_back() {
    let mut tab = due();
    let begun = tab.run(Event::Renew);
    tab.claimed_by_another(5_000.0);
    let others = tab.shared;
    tab.run(Event::Attempt {
        ticket: asked(&begun).0,
        timeout_ms: 11_000.0,
        has_lost_request: false,
    });
    assert_eq!(tab.shared, others);
    // Its own answer counts all the same.
    let given = tab.given(asked(&begun).0, 2, ADA);
    assert_eq!(
        (done(&given, waits(&begun)), tab.held()),
        (Some(Outcome::Fine), 2)
    );
}

#[test]
fn rule_6_a_claim_outlasts_what_it_is_for() {
    let mut tab = due();
    tab.run(Event::Renew);
    assert!(
        matches!(tab.shared.claim, Claim::Held { expires_at, .. }
            if expires_at > tab.wall + TIMEOUT),
        "a backend may take the whole of `timeoutMs`"
    );
}

#[test]
fn rule_6_before_the_service_storage_is_asked() {
    let mut tab = due();
    tab.stored = Some(Record {
        id: 2,
        issued_at: tab.wall,
        expires_at: tab.wall + LIFETIME,
        sequence: 2.0,
        ..*tab.machine.current().unwrap()
    });
    let begun = tab.run(Event::Renew);
    assert_eq!(
        (is_asked(&begun), tab.held(), done(&begun, waits(&begun))),
        (false, 102, Some(Outcome::Fine))
    );
}

#[test]
fn rule_6_without_locks_a_claim_must_stand_for_a_moment() {
    let mut tab = due();
    tab.has_locks = false;
    assert!(!is_asked(&tab.run(Event::Renew)) && tab.is_claimed_by_it());
    let ms = tab.timer() - tab.mono;
    assert!((50.0..=100.0).contains(&ms), "{ms}");
    // Another tab was as quick.
    tab.claimed_by_another(2_000.0);
    tab.pass(ms);
    assert!(!is_asked(&tab.run(Event::Timer)));
    tab.pass(2_001.0);
    tab.run(Event::Timer);
    tab.pass(100.0);
    assert!(asked(&tab.run(Event::Timer)).1);
}

#[test]
fn rule_6_any_number_of_callers_cause_one_renewal() {
    let mut tab = due();
    let begun = tab.run(Event::Renew);
    let wait = waits(&begun);
    for event in [
        Event::Renew,
        Event::Unauthorized { session: 1 },
        Event::AccessToken {
            min_validity_ms: LIFETIME,
        },
    ] {
        let effects = tab.run(event);
        assert!(!is_asked(&effects), "{event:?}");
        assert!(
            effects == [Effect::Wait(wait)] || effects == [Effect::Reply(Outcome::Fine)],
            "{effects:?}"
        );
    }
    assert_eq!(
        done(&tab.given(asked(&begun).0, 2, ADA), wait),
        Some(Outcome::Fine)
    );
}

#[test]
fn rule_6_who_was_overtaken_before_it_asked_looks_again() {
    let mut tab = due();
    let lock = ticket(&tab.step(Event::Renew));
    let find = ticket(&tab.step(Event::Locked {
        ticket: lock,
        is_granted: true,
    }));
    let credential = ticket(&tab.step(Event::Loaded {
        ticket: find,
        record: None,
    }));
    // Frozen for a day; another tab has renewed.
    tab.pass(DAY);
    (tab.shared.sequence, tab.shared.claim) = (2.0, Claim::Free);
    tab.stored = Some(Record {
        id: 2,
        issued_at: tab.wall,
        expires_at: tab.wall + LIFETIME,
        sequence: 2.0,
        ..*tab.machine.current().unwrap()
    });
    let thawed = tab.run(Event::Credential {
        ticket: credential,
        result: Ok(false),
    });
    assert_eq!((is_asked(&thawed), tab.held()), (false, 102));
}

#[test]
fn rule_7_under_memory_storage_tabs_hand_the_session_on() {
    let mut one = Tab::with(Settings {
        hands_over: true,
        ..settings(1)
    });
    one.signs_in(1, ADA);
    one.stored = None;
    let mut other = one.sibling(2, true);
    let begun = other.run(Event::Resume);
    assert!(
        tells(&begun, Message::RequestSession, 0) && done(&begun, waits(&begun)).is_none(),
        "it asks before anything else: {begun:?}"
    );
    let answer = one.run(Event::Message {
        message: Message::RequestSession,
        record: None,
        shared: Shared::default(),
    });
    assert!(tells(&answer, Message::Changed, 1));
    let told = other.run(Event::Message {
        message: Message::Changed,
        record: one.machine.current().copied(),
        shared: Shared::default(),
    });
    assert_eq!(
        (other.held(), done(&told, waits(&begun))),
        (1, Some(Outcome::Fine))
    );
}

#[test]
fn rule_7_nobody_waits_long_for_tabs_that_do_not_answer() {
    let mut one = Tab::with(Settings {
        hands_over: true,
        ..settings(1)
    });
    one.signs_in(1, ADA);
    one.stored = None;
    let mut other = one.sibling(2, true);
    let begun = other.run(Event::Resume);
    other.pass(201.0);
    assert_eq!(
        done(&other.run(Event::Timer), waits(&begun)),
        Some(Outcome::NotLoggedIn)
    );
    // Nor for one that lags behind.
    let mut tab = one.sibling(3, true);
    tab.run(Event::Message {
        message: Message::Changed,
        record: one.machine.current().copied(),
        shared: Shared::default(),
    });
    tab.shared.sequence += 1.0;
    let begun = tab.run(Event::Renew);
    assert!(tells(&begun, Message::RequestSession, 0));
    assert!(!is_asked(&tab.run(Event::Message {
        message: Message::Changed,
        record: one.machine.current().copied(),
        shared: Shared::default()
    })));
    tab.pass(201.0);
    assert!(is_asked(&tab.run(Event::Timer)));
}

#[test]
fn rule_7_under_local_storage_a_message_makes_a_tab_look_there() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.sibling(2, false);
    other.run(Event::Resume);
    let asks = asked(&one.run(Event::Renew)).0;
    let given = one.given(asks, 2, ADA);
    assert!(tells(&given, Message::Changed, 2));
    (other.shared, other.stored) = (one.shared, one.stored);
    let told = other.run(Event::Message {
        message: Message::Changed,
        record: None,
        shared: Shared::default(),
    });
    assert!(
        told.contains(&Effect::Load { ticket: 0 })
            && told.contains(&Effect::Renewed { by_this_tab: false })
            && !is_asked(&told),
        "{told:?}"
    );
    assert_eq!(other.held(), 102);
}

#[test]
fn rule_8_a_backend_that_gives_nothing_fails_a_renewal_and_ends_no_session() {
    let mut tab = due();
    tab.credential = (false, false);
    let begun = tab.run(Event::Renew);
    assert_eq!(
        (done(&begun, waits(&begun)), tab.machine.state(), tab.held()),
        (Some(Outcome::Failed), State::Established, 1)
    );
    assert!(!is_asked(&begun) && tab.timer() > tab.mono && tab.timer() < tab.mono + 1_001.0);
}

#[test]
fn rule_9_a_token_is_good_for_as_long_as_is_asked_but_no_longer_than_half_its_life() {
    let mut tab = Tab::signed_in(ADA);
    assert_eq!(
        tab.run(Event::AccessToken {
            min_validity_ms: 10.0 * LIFETIME
        }),
        [Effect::Reply(Outcome::Fine)]
    );
    tab.pass(LIFETIME / 2.0);
    let begun = tab.run(Event::AccessToken {
        min_validity_ms: 10.0 * LIFETIME,
    });
    let given = tab.given(asked(&begun).0, 2, ADA);
    assert_eq!(
        (done(&given, waits(&begun)), tab.held()),
        (Some(Outcome::Fine), 2)
    );
    assert!(tab.wall > START);
}
