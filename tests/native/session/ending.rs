//! Rules 10 to 12: what ends a session, and what does not.

use crate::support::{
    asked, definite, done, is_asked, not_found, rejected, states, terminated, transient, verifies,
    waits, Tab, ADA, BOB, LIFETIME, MINUTE,
};
use social_plus_auth::session::{
    Claim, Effect, Event, Message, Outcome, Reason, ServiceError, Shared, State,
};

const UNAUTHORIZED: ServiceError = definite(Reason::Unauthorized);

#[test]
fn rule_10_whatever_may_pass_ends_no_session() {
    for (failure, asked_for, least) in [
        (transient(0.0), false, 100.0),
        (transient(90_000.0), true, 90_000.0),
    ] {
        let mut tab = Tab::signed_in(ADA);
        let begun = tab.run(Event::Renew);
        let failed = tab.fails(asked(&begun).0, failure);
        assert_eq!(
            (
                done(&failed, waits(&begun)),
                tab.machine.state(),
                tab.held()
            ),
            (Some(Outcome::Failed), State::Established, 1)
        );
        assert!(
            failed.iter().any(|effect| {
                matches!(effect, Effect::RenewalFailed { next_attempt_at }
                        if *next_attempt_at >= tab.wall + least)
            }),
            "{failed:?}"
        );
        let until = match (tab.shared.claim, asked_for) {
            (Claim::Cooldown { until }, false) | (Claim::RetryAfter { until }, true) => until,
            (claim, _) => panic!("{claim:?}"),
        };
        assert!(until >= tab.wall + least && until <= tab.wall + least.max(1_000.0));
    }
}

#[test]
fn rule_10_the_services_own_word_ends_it_in_every_tab() {
    for reason in [Reason::GlobalBan, Reason::Unauthorized] {
        let mut tab = Tab::signed_in(ADA);
        let mut other = tab.sibling(2, false);
        other.run(Event::Resume);
        let begun = tab.run(Event::Renew);
        let ended = tab.fails(asked(&begun).0, definite(reason));
        assert_eq!(
            (tab.machine.state(), tab.held(), done(&ended, waits(&begun))),
            (State::Terminated(reason), 0, Some(Outcome::Terminated))
        );
        assert!(
            ended.contains(&Effect::Clear) && ended.contains(&Effect::Forget(1)),
            "{ended:?}"
        );
        (other.shared, other.stored) = (tab.shared, None);
        other.run(Event::Message {
            message: Message::Changed,
            record: None,
            shared: Shared::default(),
        });
        assert_eq!(other.machine.state(), State::Terminated(reason));
    }
}

#[test]
fn rule_10_an_auth_token_that_was_refused_is_tried_once_more_with_a_fresh_one() {
    let mut tab = Tab::signed_in(ADA);
    tab.credential = (true, true);
    let begun = tab.run(Event::Renew);
    let again = tab.fails(asked(&begun).0, UNAUTHORIZED);
    let is_fresh = again.iter().any(|effect| {
        matches!(
            effect,
            Effect::Credential {
                is_retry: true,
                is_renewal: true,
                ..
            }
        )
    });
    assert!(
        is_fresh && asked(&again).1 && tab.machine.state() == State::Established,
        "{again:?}"
    );
    let ended = tab.fails(asked(&again).0, UNAUTHORIZED);
    assert_eq!(states(&ended), [State::Terminated(Reason::Unauthorized)]);
}

#[test]
fn rule_10_a_login_that_is_refused_is_a_login_that_failed() {
    for failure in [
        UNAUTHORIZED,
        definite(Reason::GlobalBan),
        not_found(),
        transient(5.0),
    ] {
        let mut tab = Tab::new();
        let begun = tab.run(Event::Login {
            identity: ADA,
            needs_request: false,
        });
        let failed = tab.fails(asked(&begun).0, failure);
        assert_eq!(
            (states(&failed), done(&failed, waits(&begun))),
            (vec![State::NotLoggedIn], Some(Outcome::Failed)),
            "{failure:?}"
        );
    }
}

#[test]
fn rule_10_a_user_whom_a_renewal_does_not_find_is_deleted_only_if_a_look_says_so() {
    for (verdict, state) in [
        (
            Err(terminated(Reason::UserDeleted)),
            State::Terminated(Reason::UserDeleted),
        ),
        (
            Err(terminated(Reason::GlobalBan)),
            State::Terminated(Reason::GlobalBan),
        ),
        (Ok(()), State::Established),
        (Err(rejected()), State::Established),
        (Err(transient(0.0)), State::Established),
    ] {
        let mut tab = Tab::signed_in(ADA);
        let begun = tab.run(Event::Renew);
        let looks = tab.fails(asked(&begun).0, not_found());
        let said = tab.run(Event::Verified {
            ticket: verifies(&looks).0,
            result: verdict,
        });
        assert_eq!(tab.machine.state(), state, "{verdict:?}");
        assert!(
            done(&said, waits(&begun)).is_some() && !is_asked(&said),
            "{said:?}"
        );
    }
}

#[test]
fn rule_10_the_wait_doubles_to_five_minutes_and_all_tabs_respect_it() {
    let mut tab = Tab::signed_in(ADA);
    let mut other = tab.sibling(2, false);
    other.run(Event::Resume);
    let mut longest = 0.0_f64;
    for failures in 1..=14 {
        let begun = tab.run(Event::Renew);
        tab.fails(asked(&begun).0, transient(0.0));
        let Claim::Cooldown { until } = tab.shared.claim else {
            panic!("{:?}", tab.shared)
        };
        let pause = until - tab.wall;
        assert!(
            pause >= 100.0_f64.min(300_000.0)
                && pause <= (1_000.0 * f64::from(1 << (failures - 1))).min(300_000.0),
            "{failures}: {pause}"
        );
        longest = longest.max(pause);
        // Whoever needs one now gets none, in any tab.
        other.shared = tab.shared;
        (other.wall, other.mono) = (tab.wall, tab.mono);
        let refused = other.run(Event::Unauthorized {
            session: other.held(),
        });
        assert!(!is_asked(&refused), "{refused:?}");
        tab.pass(pause + 1.0);
    }
    assert!(longest > 30_000.0);
}

#[test]
fn rule_10_the_networks_return_ends_a_wait_but_not_one_that_the_service_wished_for() {
    for (wish, ends) in [(0.0, true), (60_000.0, false)] {
        let mut tab = Tab::signed_in(ADA);
        tab.pass(LIFETIME * 0.95);
        let begun = tab.run(Event::Renew);
        tab.fails(asked(&begun).0, transient(wish));
        assert_eq!(
            is_asked(&tab.run(Event::Wake { is_online: true })),
            ends,
            "{wish}"
        );
    }
}

#[test]
fn rule_10_past_its_end_a_session_is_expired_and_never_signed_out_by_a_fault() {
    let mut tab = Tab::signed_in(ADA);
    for _ in 0..30 {
        tab.pass(LIFETIME / 10.0);
        let begun = tab.run(Event::AccessToken {
            min_validity_ms: MINUTE,
        });
        if is_asked(&begun) {
            tab.fails(asked(&begun).0, transient(0.0));
        }
    }
    assert_eq!((tab.machine.state(), tab.held()), (State::TokenExpired, 1));
    assert_eq!(
        tab.run(Event::AccessToken {
            min_validity_ms: MINUTE
        }),
        [Effect::Reply(Outcome::Failed)],
        "it says so at once while nothing may be tried"
    );
    tab.pass(6.0 * MINUTE);
    let begun = tab.run(Event::AccessToken {
        min_validity_ms: MINUTE,
    });
    // The requests that got no answer may have been served: what comes is looked at first.
    let mut given = tab.given(asked(&begun).0, 2, ADA);
    given.extend(tab.run(Event::Verified {
        ticket: verifies(&given).0,
        result: Ok(()),
    }));
    assert_eq!(
        (states(&given), tab.held()),
        (vec![State::Establishing, State::Established], 2)
    );
}

#[test]
fn rule_11_a_refusal_of_an_earlier_token_needs_no_renewal() {
    let mut tab = Tab::signed_in(ADA);
    assert_eq!(
        tab.run(Event::Unauthorized { session: 77 }),
        [Effect::Reply(Outcome::Fine)]
    );
    assert_eq!(
        Tab::new().run(Event::Unauthorized { session: 1 }),
        [Effect::Reply(Outcome::NotLoggedIn)]
    );
}

#[test]
fn rule_11_a_refusal_is_answered_by_one_renewal() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    let given = tab.given(asked(&begun).0, 2, ADA);
    assert_eq!(
        (done(&given, waits(&begun)), tab.held()),
        (Some(Outcome::Fine), 2)
    );
}

#[test]
fn rule_11_a_young_token_that_is_refused_is_looked_at_before_it_is_renewed() {
    let mut tab = Tab::new();
    tab.signs_in(1, ADA);
    tab.pass(MINUTE - 1.0);
    let begun = tab.run(Event::Unauthorized { session: 1 });
    assert!(!is_asked(&begun));
    let said = tab.run(Event::Verified {
        ticket: verifies(&begun).0,
        result: Ok(()),
    });
    assert!(
        !is_asked(&said) && done(&said, waits(&begun)) == Some(Outcome::Fine),
        "an address that always says 401: {said:?}"
    );
    let begun = tab.run(Event::Unauthorized { session: 1 });
    let said = tab.run(Event::Verified {
        ticket: verifies(&begun).0,
        result: Err(rejected()),
    });
    assert!(asked(&said).1);
}

#[test]
fn rule_12_expired_begins_when_the_service_says_and_the_timer_announces_it() {
    let mut tab = Tab::new();
    let ticket = asked(&tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    }))
    .0;
    // The service's clock is an hour ahead.
    let (mut record, hour) = (tab.record(1, ADA), 60.0 * MINUTE);
    (record.issued_at, record.expires_at) = (record.issued_at + hour, record.expires_at + hour);
    tab.run(Event::Session {
        ticket,
        result: Ok(record),
        took_ms: 0.0,
    });
    let end = tab.mono + LIFETIME;
    tab.credential = (false, false);
    tab.pass(LIFETIME - 1.0);
    tab.run(Event::Timer);
    assert_eq!(
        (tab.machine.state(), tab.timer() <= end),
        (State::Established, true)
    );
    tab.pass(1.0);
    assert_eq!(states(&tab.run(Event::Timer)), [State::TokenExpired]);
}

#[test]
fn a_terminated_session_is_left_by_a_logout_only() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.fails(asked(&begun).0, definite(Reason::GlobalBan));
    for event in [
        Event::Login {
            identity: BOB,
            needs_request: true,
        },
        Event::AccessToken {
            min_validity_ms: MINUTE,
        },
        Event::Renew,
        Event::Unauthorized { session: 1 },
        Event::Adopt(tab.record(5, BOB)),
    ] {
        let effects = tab.run(event);
        assert!(
            effects.contains(&Effect::Reply(Outcome::Terminated)),
            "{event:?}: {effects:?}"
        );
    }
    assert_eq!(
        states(&tab.run(Event::Logout { revoke: true })),
        [State::NotLoggedIn]
    );
    assert!(is_asked(&tab.run(Event::Login {
        identity: BOB,
        needs_request: false
    })));
}
