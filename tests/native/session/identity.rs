//! Rules 1 to 4: whose session it is, and which of several counts.

use crate::support::{
    asked, done, is_asked, rejected, states, tells, transient, verifies, waits, Tab, ADA, BOB,
    MINUTE, THE_VISITOR, VISITOR,
};
use social_plus_auth::session::{Claim, Effect, Event, Message, Outcome, Record, Shared, State};

#[test]
fn rule_1_a_logout_beats_a_renewal_in_flight() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let (ticket, wait) = (asked(&begun).0, waits(&begun));
    let left = tab.run(Event::Logout { revoke: false });
    assert_eq!(done(&left, wait), Some(Outcome::NotLoggedIn));
    let late = tab.given(ticket, 2, ADA);
    assert_eq!((tab.held(), tab.machine.state()), (0, State::NotLoggedIn));
    assert!(
        late.contains(&Effect::Revoke(2)),
        "its token is revoked: {late:?}"
    );
}

#[test]
fn rule_1_of_two_tabs_that_sign_in_the_later_login_counts() {
    let mut one = Tab::new();
    let begun = one.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    let mut other = one.sibling(2, false);
    other.shared.claim = Claim::Free;
    let ticket = asked(&other.run(Event::Login {
        identity: BOB,
        needs_request: false,
    }))
    .0;
    one.shared = other.shared;
    let overtaken = one.run(Event::Message {
        message: Message::Changed,
        record: None,
        shared: Shared::default(),
    });
    assert_eq!(done(&overtaken, waits(&begun)), Some(Outcome::Superseded));
    other.given(ticket, 1, BOB);
    one.shared = other.shared;
    let late = one.given(asked(&begun).0, 1, ADA);
    assert!(
        late.contains(&Effect::Revoke(1)) && one.held() == 0,
        "{late:?}"
    );
    assert_eq!(one.shared.min_epoch, other.shared.min_epoch);
}

#[test]
fn rule_1_a_logout_reaches_every_tab_at_its_next_step() {
    let mut one = Tab::signed_in(ADA);
    let mut other = one.sibling(2, false);
    other.run(Event::Resume);
    assert_eq!(other.machine.state(), State::Established);
    one.run(Event::Logout { revoke: true });
    other.shared = one.shared;
    let told = other.run(Event::Timer);
    assert_eq!((states(&told), other.held()), (vec![State::NotLoggedIn], 0));
    // What lies about from before is none any longer.
    other.stored = Some(Record {
        id: 1,
        epoch: 5.0,
        sequence: 9.0,
        ..other.record(1, ADA)
    });
    other.run(Event::Loaded {
        ticket: 0,
        record: other.stored,
    });
    assert_eq!(other.held(), 0);
}

#[test]
fn rule_1_a_pending_login_goes_on_when_the_session_before_it_ends_elsewhere() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.sibling(2, false);
    other.run(Event::Resume);
    other.claimed_by_another(5_000.0);
    other.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    assert_eq!(
        other.machine.state(),
        State::Established,
        "as the visitor, until the login has succeeded"
    );
    one.run(Event::Logout { revoke: false });
    (other.shared, other.stored) = (one.shared, None);
    let told = other.run(Event::Message {
        message: Message::Changed,
        record: None,
        shared: Shared::default(),
    });
    assert_eq!(states(&told), [State::NotLoggedIn, State::Establishing]);
    let given = other.given(asked(&told).0, 1, ADA);
    assert_eq!(
        (other.held(), states(&given)),
        (1, vec![State::Established])
    );
}

#[test]
fn rule_1_a_logout_stands_though_another_tab_writes_over_it() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.sibling(2, false);
    other.run(Event::Resume);
    let before = one.shared;
    one.run(Event::Logout { revoke: false });
    // Another tab has not seen it yet as it begins to sign in, and what it writes comes last.
    assert_eq!(other.shared, before);
    other.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    one.shared = other.shared;
    one.run(Event::Message {
        message: Message::Changed,
        record: other.machine.current().copied(),
        shared: Shared::default(),
    });
    assert_eq!((one.held(), one.machine.state()), (0, State::NotLoggedIn));
    assert!(
        one.shared.min_epoch > before.min_epoch,
        "and the other one learns it from here"
    );
}

#[test]
fn rule_1_no_two_tabs_raise_the_epoch_to_the_same() {
    let epochs: Vec<f64> = (1..40)
        .map(|number| {
            let mut tab = Tab::new().sibling(number * 7_919, false);
            tab.run(Event::Login {
                identity: ADA,
                needs_request: false,
            });
            tab.shared.epoch
        })
        .collect();
    let mut distinct = epochs.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    // Of a thousand each: a few may meet by chance.
    assert!(distinct.len() > 35, "{epochs:?}");
}

#[test]
fn rule_2_within_an_epoch_the_latest_session_wins() {
    let mut tab = Tab::signed_in(ADA);
    let held = *tab.machine.current().unwrap();
    let earlier = Record {
        id: 8,
        issued_at: held.issued_at - 1.0,
        sequence: held.sequence + 1.0,
        ..held
    };
    let told = tab.run(Event::Message {
        message: Message::Changed,
        record: Some(earlier),
        shared: Shared::default(),
    });
    assert_eq!(tab.held(), 1);
    assert!(
        told.contains(&Effect::Forget(8))
            && told.contains(&Effect::Save(held))
            && tells(&told, Message::Changed, 1),
        "{told:?}"
    );
    let later = Record {
        id: 9,
        issued_at: held.issued_at + 1.0,
        ..held
    };
    let told = tab.run(Event::Message {
        message: Message::Changed,
        record: Some(later),
        shared: Shared::default(),
    });
    assert_eq!(tab.held(), 9);
    assert!(
        told.contains(&Effect::Forget(1)) && told.contains(&Effect::Renewed { by_this_tab: false }),
        "{told:?}"
    );
}

#[test]
fn rule_2_of_two_of_the_same_moment_the_one_that_verifies_counts() {
    let mut tab = Tab::signed_in(ADA);
    let twin = Record {
        id: 8,
        ..*tab.machine.current().unwrap()
    };
    let told = tab.run(Event::Message {
        message: Message::Changed,
        record: Some(twin),
        shared: Shared::default(),
    });
    assert_eq!(verifies(&told).1, 1);
}

#[test]
fn rule_2_after_a_request_without_an_answer_the_next_session_is_verified_once() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    let (ticket, wait) = (asked(&begun).0, waits(&begun));
    tab.run(Event::Attempt {
        ticket,
        timeout_ms: 11_000.0,
        has_lost_request: false,
    });
    tab.run(Event::Attempt {
        ticket,
        timeout_ms: 11_500.0,
        has_lost_request: true,
    });
    let given = tab.given(ticket, 2, ADA);
    assert_eq!((verifies(&given).1, done(&given, wait)), (2, None));
    let verified = tab.run(Event::Verified {
        ticket: verifies(&given).0,
        result: Ok(()),
    });
    assert_eq!(done(&verified, wait), Some(Outcome::Fine));
    // The next one is as good as its word.
    tab.pass(5.0 * MINUTE);
    let ticket = asked(&tab.run(Event::Renew)).0;
    let given = tab.given(ticket, 3, ADA);
    assert!(
        !given
            .iter()
            .any(|effect| matches!(effect, Effect::Verify { .. })),
        "{given:?}"
    );
}

#[test]
fn rule_2_one_that_is_refused_then_is_renewed_again() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.run(Event::Attempt {
        ticket: asked(&begun).0,
        timeout_ms: 11_500.0,
        has_lost_request: true,
    });
    let given = tab.given(asked(&begun).0, 2, ADA);
    let refused = tab.run(Event::Verified {
        ticket: verifies(&given).0,
        result: Err(rejected()),
    });
    assert!(asked(&refused).1, "as a renewal");
    tab.pass(1.0);
    let given = tab.given(asked(&refused).0, 3, ADA);
    assert_eq!(
        (tab.held(), done(&given, waits(&begun))),
        (3, Some(Outcome::Fine))
    );
}

#[test]
fn rule_2_what_is_said_of_a_token_that_was_replaced_meanwhile_is_of_no_interest() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.run(Event::Attempt {
        ticket: asked(&begun).0,
        timeout_ms: 11_500.0,
        has_lost_request: true,
    });
    let (ticket, _) = verifies(&tab.given(asked(&begun).0, 2, ADA));
    let newer = Record {
        id: 3,
        issued_at: tab.wall + 5.0,
        sequence: 9.0,
        ..*tab.machine.current().unwrap()
    };
    let told = tab.run(Event::Message {
        message: Message::Changed,
        record: Some(newer),
        shared: Shared::default(),
    });
    assert_eq!(
        (tab.held(), done(&told, waits(&begun))),
        (3, Some(Outcome::Fine))
    );
    let late = tab.run(Event::Verified {
        ticket,
        result: Err(rejected()),
    });
    assert!(
        !is_asked(&late) && tab.machine.state() == State::Established,
        "{late:?}"
    );
}

#[test]
fn rule_3_the_same_user_joins() {
    let mut tab = Tab::signed_in(ADA);
    assert_eq!(
        tab.run(Event::Login {
            identity: ADA,
            needs_request: false
        }),
        [Effect::Reply(Outcome::Fine)]
    );
    assert!(
        is_asked(&tab.run(Event::Login {
            identity: ADA,
            needs_request: true
        })),
        "with a name or an auth token only a request will do"
    );
    let mut tab = Tab::new();
    let first = tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    let second = tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    assert_eq!(
        second,
        [Effect::Wait(waits(&first))],
        "the one that is on its way"
    );
}

#[test]
fn rule_3_another_user_supersedes() {
    let mut tab = Tab::new();
    let first = tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    let second = tab.run(Event::Login {
        identity: BOB,
        needs_request: false,
    });
    assert_eq!(done(&second, waits(&first)), Some(Outcome::Superseded));
    let late = tab.given(asked(&first).0, 1, ADA);
    assert!(
        tab.held() == 0 && late.contains(&Effect::Revoke(1)),
        "{late:?}"
    );
    tab.pass(1.0);
    let given = tab.given(asked(&second).0, 2, BOB);
    // What the first request did at the service nobody knows: the session is looked at before it is
    // trusted.
    let given = tab.run(Event::Verified {
        ticket: verifies(&given).0,
        result: Ok(()),
    });
    assert_eq!(
        (tab.held(), done(&given, waits(&second))),
        (2, Some(Outcome::Fine))
    );
}

#[test]
fn rule_3_who_was_signed_in_is_signed_out_before_another_user_signs_in() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Login {
        identity: BOB,
        needs_request: false,
    });
    assert_eq!(states(&begun), [State::NotLoggedIn, State::Establishing]);
    assert!(
        tab.held() == 0 && begun.contains(&Effect::Revoke(1)) && begun.contains(&Effect::Clear),
        "{begun:?}"
    );
}

#[test]
fn rule_3_a_visitor_ends_only_once_the_login_has_succeeded() {
    let mut tab = Tab::signed_in(VISITOR);
    let begun = tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    assert_eq!((tab.held(), tab.machine.state()), (1, State::Established));
    assert!(!begun.contains(&Effect::Forget(1)), "it is still held");
    let failed = tab.fails(asked(&begun).0, transient(0.0));
    assert_eq!(
        (
            tab.held(),
            tab.machine.state(),
            done(&failed, waits(&begun))
        ),
        (1, State::Established, Some(Outcome::Failed))
    );
    tab.pass(MINUTE);
    let begun = tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    let given = tab.given(asked(&begun).0, 2, ADA);
    assert_eq!(tab.held(), 2);
    // Since the request before has got no answer it is looked at, and until then nobody is signed
    // in.
    assert_eq!(states(&given), [State::NotLoggedIn, State::Establishing]);
    let verified = tab.run(Event::Verified {
        ticket: verifies(&given).0,
        result: Ok(()),
    });
    assert_eq!(states(&verified), [State::Established]);
}

#[test]
fn rule_3_a_renewal_that_returns_another_user_is_thrown_away() {
    for (identity, other) in [(ADA, BOB), (ADA, THE_VISITOR), (VISITOR, ADA)] {
        let mut tab = Tab::signed_in(identity);
        let begun = tab.run(Event::Renew);
        let given = tab.given(asked(&begun).0, 2, other);
        assert_eq!(
            (tab.held(), done(&given, waits(&begun))),
            (1, Some(Outcome::Failed))
        );
        assert!(given.contains(&Effect::Revoke(2)), "{given:?}");
    }
}

#[test]
fn rule_4_where_what_is_shared_was_lost_a_tab_remembers() {
    let mut tab = Tab::signed_in(ADA);
    let before = tab.shared;
    tab.shared = Shared::default();
    tab.run(Event::Timer);
    assert_eq!(
        (
            tab.held(),
            tab.shared.epoch,
            tab.shared.min_epoch,
            tab.shared.sequence
        ),
        (1, before.epoch, before.min_epoch, before.sequence)
    );
}
