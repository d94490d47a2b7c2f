//! Rules 14 to 16: what storage may do, and how one leaves.

use crate::support::{
    asked, done, is_asked, revoked, settings, states, transient, waits, Tab, ADA, BOB, LIFETIME,
    MINUTE, VISITOR,
};
use social_plus_auth::session::{Effect, Event, Message, Outcome, Record, Settings, Shared, State};

fn revokes(effects: &[Effect], id: u32) -> bool {
    effects.contains(&Effect::Revoke(id))
}

#[test]
fn rule_14_storage_that_is_empty_costs_persistence_never_the_session() {
    let mut tab = Tab::signed_in(ADA);
    tab.stored = None;
    tab.run(Event::Loaded {
        ticket: 0,
        record: None,
    });
    assert_eq!(tab.machine.state(), State::Established);
    let begun = tab.run(Event::Renew);
    let given = tab.given(asked(&begun).0, 2, ADA);
    assert_eq!(
        (
            done(&given, waits(&begun)),
            tab.stored.map(|record| record.id)
        ),
        (Some(Outcome::Fine), Some(2))
    );
}

#[test]
fn rule_14_what_is_stored_carries_its_epoch_and_number() {
    let tab = Tab::signed_in(ADA);
    let stored = tab.stored.unwrap();
    assert_eq!((stored.epoch, stored.sequence), (tab.shared.epoch, 1.0));
    let mut other = tab.sibling(2, false);
    assert_eq!(
        states(&other.run(Event::Resume)),
        [State::Establishing, State::Established]
    );
    // One of an earlier epoch is none.
    let mut other = tab.sibling(3, false);
    other.shared.min_epoch = stored.epoch + 1.0;
    let resumed = other.run(Event::Resume);
    assert_eq!(
        (done(&resumed, waits(&resumed)), other.held()),
        (Some(Outcome::NotLoggedIn), 0)
    );
    assert!(resumed.contains(&Effect::Forget(101)), "{resumed:?}");
}

#[test]
fn rule_14_what_a_late_write_has_wiped_out_is_stored_again_on_asking() {
    let mut one = Tab::signed_in(ADA);
    one.stored = None;
    let mut other = one.sibling(2, false);
    let begun = other.run(Event::Resume);
    assert!(
        begun.contains(&Effect::Broadcast {
            message: Message::RequestSession,
            session: 0
        }),
        "{begun:?}"
    );
    let answer = one.run(Event::Message {
        message: Message::RequestSession,
        record: None,
        shared: Shared::default(),
    });
    assert!(
        one.stored.is_some()
            && answer.contains(&Effect::Broadcast {
                message: Message::Changed,
                session: 1
            }),
        "{answer:?}"
    );
    other.stored = one.stored;
    other.run(Event::Message {
        message: Message::Changed,
        record: None,
        shared: Shared::default(),
    });
    other.pass(201.0);
    assert_eq!(
        done(&other.run(Event::Timer), waits(&begun)),
        Some(Outcome::Fine)
    );
}

#[test]
fn rule_15_a_logout_is_local_first_and_resolves_after_one_try() {
    for (is_revoked, outcome) in [(true, Outcome::Fine), (false, Outcome::Failed)] {
        let mut tab = Tab::signed_in(ADA);
        let left = tab.run(Event::Logout { revoke: true });
        assert_eq!(
            (tab.machine.state(), tab.held(), tab.stored),
            (State::NotLoggedIn, 0, None)
        );
        assert!(
            revokes(&left, 1)
                && left.contains(&Effect::Clear)
                && left.contains(&Effect::Broadcast {
                    message: Message::Changed,
                    session: 0
                }),
            "{left:?}"
        );
        assert_eq!(
            done(
                &tab.run(Event::Revoked {
                    session: 1,
                    result: revoked(is_revoked)
                }),
                waits(&left)
            ),
            Some(outcome)
        );
    }
}

#[test]
fn rule_15_a_revoke_that_failed_is_tried_again_while_the_page_lives() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    for _ in 0..10 {
        let failed = tab.run(Event::Revoked {
            session: 1,
            result: revoked(false),
        });
        assert!(!failed.contains(&Effect::Forget(1)), "it is still needed");
        let ms = tab.timer() - tab.mono;
        assert!(ms > 0.0 && ms <= 5.0 * MINUTE);
        tab.pass(ms);
        assert!(revokes(&tab.run(Event::Timer), 1));
    }
    assert!(tab
        .run(Event::Revoked {
            session: 1,
            result: revoked(true)
        })
        .contains(&Effect::Forget(1)));
    assert_eq!(tab.timer(), f64::INFINITY);
}

#[test]
fn rule_15_a_token_past_its_end_counts_as_revoked() {
    for event in [Event::Logout { revoke: true }, Event::SecureLogout] {
        let mut tab = Tab::signed_in(ADA);
        tab.credential = (false, false);
        tab.pass(LIFETIME);
        let left = tab.run(event);
        assert!(
            left.contains(&Effect::Reply(Outcome::Fine)) && !revokes(&left, 1) && tab.held() == 0,
            "{left:?}"
        );
    }
    // And one that fails to be revoked until its end is not tried for ever.
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    tab.pass(LIFETIME);
    assert!(tab
        .run(Event::Revoked {
            session: 1,
            result: revoked(false)
        })
        .contains(&Effect::Forget(1)));
}

#[test]
fn rule_15_without_a_revoke_nobody_is_asked() {
    let mut tab = Tab::signed_in(ADA);
    let left = tab.run(Event::Logout { revoke: false });
    assert!(
        !revokes(&left, 1) && left.contains(&Effect::Forget(1)) && tab.held() == 0,
        "{left:?}"
    );
}

#[test]
fn rule_15_a_logout_supersedes_a_pending_login() {
    let mut tab = Tab::new();
    let begun = tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    let left = tab.run(Event::Logout { revoke: true });
    assert_eq!(
        (done(&left, waits(&begun)), tab.machine.state()),
        (Some(Outcome::Superseded), State::NotLoggedIn)
    );
    let late = tab.given(asked(&begun).0, 1, ADA);
    assert!(revokes(&late, 1) && tab.held() == 0, "{late:?}");
}

#[test]
fn rule_15_a_secure_logout_stays_signed_in_if_the_service_could_not_be_asked() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    assert!(revokes(&begun, 1) && tab.machine.state() == State::Established);
    let failed = tab.run(Event::Revoked {
        session: 1,
        result: revoked(false),
    });
    assert_eq!(
        (
            done(&failed, waits(&begun)),
            tab.machine.state(),
            tab.held()
        ),
        (Some(Outcome::Failed), State::Established, 1)
    );
    let begun = tab.run(Event::SecureLogout);
    let left = tab.run(Event::Revoked {
        session: 1,
        result: revoked(true),
    });
    assert_eq!(
        (done(&left, waits(&begun)), tab.machine.state(), tab.held()),
        (Some(Outcome::Fine), State::NotLoggedIn, 0)
    );
}

#[test]
fn rule_15_a_secure_logout_ends_what_was_renewed_meanwhile_too() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let ticket = asked(&tab.run(Event::Renew)).0;
    tab.given(ticket, 2, ADA);
    let left = tab.run(Event::Revoked {
        session: 1,
        result: revoked(true),
    });
    assert_eq!(
        (done(&left, waits(&begun)), tab.held()),
        (Some(Outcome::Fine), 0)
    );
    assert!(
        revokes(&left, 2) && left.contains(&Effect::Forget(1)),
        "{left:?}"
    );
}

#[test]
fn rule_15_whoever_has_signed_in_since_a_secure_logout_stays() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    let login = tab.run(Event::Login {
        identity: BOB,
        needs_request: false,
    });
    let left = tab.run(Event::Revoked {
        session: 1,
        result: revoked(true),
    });
    assert_eq!(
        (done(&left, waits(&begun)), done(&left, waits(&login))),
        (Some(Outcome::Fine), None)
    );
    tab.given(asked(&login).0, 2, BOB);
    assert_eq!((tab.held(), tab.machine.state()), (2, State::Established));
}

#[test]
fn rule_15_nobody_leaves_who_is_not_there() {
    for event in [
        Event::Logout { revoke: true },
        Event::SecureLogout,
        Event::Renew,
        Event::AccessToken {
            min_validity_ms: MINUTE,
        },
    ] {
        assert!(
            Tab::new()
                .run(event)
                .contains(&Effect::Reply(Outcome::NotLoggedIn)),
            "{event:?}"
        );
    }
}

#[test]
fn rule_16_on_a_worker_nothing_is_done_that_nobody_waits_for() {
    let mut tab = Tab::with(Settings {
        is_shared: false,
        has_background: false,
        ..settings(1)
    });
    tab.signs_in(1, ADA);
    tab.pass(LIFETIME * 0.95);
    let needed = tab.run(Event::AccessToken {
        min_validity_ms: MINUTE,
    });
    assert_eq!(needed, [Effect::Reply(Outcome::Fine)]);
    tab.run(Event::Logout { revoke: true });
    assert!(
        tab.run(Event::Revoked {
            session: 1,
            result: revoked(false)
        })
        .contains(&Effect::Forget(1)),
        "there is no second try"
    );
    assert_eq!(tab.timer(), f64::INFINITY);
}

#[test]
fn a_session_made_elsewhere_is_the_latest_login() {
    let mut tab = Tab::new();
    let pending = tab.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    let record = Record {
        issued_at: tab.wall,
        ..tab.record(5, BOB)
    };
    let taken = tab.run(Event::Adopt(record));
    assert_eq!(
        (done(&taken, waits(&pending)), tab.held()),
        (Some(Outcome::Superseded), 5)
    );
    let late = tab.given(asked(&pending).0, 6, ADA);
    assert!(revokes(&late, 6) && tab.held() == 5, "{late:?}");
}

#[test]
fn a_failed_login_finds_the_visitor_that_was_there() {
    let mut one = Tab::signed_in(VISITOR);
    let mut other = one.sibling(2, false);
    let begun = other.run(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    assert!(is_asked(&begun));
    other.fails(asked(&begun).0, transient(0.0));
    assert_eq!((other.machine.state(), one.held()), (State::Established, 1));
    one.shared = other.shared;
    one.run(Event::Timer);
    assert_eq!(one.held(), 1);
}
