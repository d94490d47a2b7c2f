//! Rule 20: a tab that meets a later version of the shared state only uses its token.

use crate::support::{
    has_broadcast, has_forget_effect, has_reply, has_revocation, memory_settings, outcome_of,
    request_of, states, ticket_of, transient, verification_of, wait_of, Backend, Tab, ADA, BOB,
    CHANGED, DAY, HANDED_OVER, LIFETIME, MINUTE, QUIET_REQUEST, REQUEST,
};
use social_plus_auth::session::{Claim, Effect, Event, Message, Outcome, Rule, Shared, State};

/// A token that a caller needs for a moment only.
const NOW: f64 = 0.0;

/// Returns a tab that signed in five minutes ago and then met a later version.
fn obsolete() -> Tab {
    let mut tab = Tab::signed_in(ADA);
    tab.is_obsolete = true;
    tab
}

/// Returns the effects that an obsolete tab must never have.
fn forbidden(effects: &[Effect]) -> Vec<Effect> {
    let is_forbidden = |effect: &&Effect| {
        matches!(
            effect,
            Effect::WriteShared(_)
                | Effect::Lock { .. }
                | Effect::Save(_)
                | Effect::Clear
                | Effect::Credential { .. }
                | Effect::CreateSession { .. }
                | Effect::Verify { .. }
        )
    };
    effects.iter().filter(is_forbidden).copied().collect()
}

/// Raises the epochs, as a logout in a tab of the later version does.
fn log_out_elsewhere(tab: &mut Tab) {
    tab.shared.epoch += 1_024.0;
    tab.shared.min_epoch = tab.shared.epoch;
}

#[test]
fn rule_20_an_obsolete_tab_hands_out_its_token_until_it_expires() {
    let mut tab = obsolete();
    assert!(has_reply(&tab.request_token(NOW), Outcome::Succeeded));
    tab.advance(29.0 * DAY);
    assert!(has_reply(&tab.request_token(NOW), Outcome::Succeeded));
    assert_eq!(tab.state(), State::Established);
    tab.advance(DAY);
    assert_eq!(states(&tab.step(Event::Timer)), [State::TokenExpired]);
    assert!(has_reply(&tab.request_token(NOW), Outcome::Unsupported));
}

#[test]
fn rule_20_an_obsolete_tab_notices_after_sleep_that_its_token_has_expired() {
    for is_obsolete_before in [true, false] {
        let mut tab = Tab::signed_in(ADA);
        tab.is_obsolete = is_obsolete_before;
        tab.wall += 2.0 * LIFETIME;
        tab.is_obsolete = true;
        assert_eq!(states(&tab.step(Event::Timer)), [State::TokenExpired]);
    }
}

#[test]
fn rule_20_an_obsolete_tab_starts_nothing_when_its_session_is_due() {
    let mut tab = obsolete();
    tab.advance(0.95 * LIFETIME);
    let effects = tab.run(Event::Timer);
    assert_eq!(forbidden(&effects), []);
    // The timer waits for the expiry, and does not fire without end.
    assert_eq!(tab.timer() - tab.mono, 0.05 * LIFETIME - 5.0 * MINUTE);
}

#[test]
fn rule_20_an_obsolete_tab_refuses_every_call_that_writes() {
    let login = |identity, needs_request| Event::Login {
        identity,
        needs_request,
    };
    let record = obsolete().record(7, BOB);
    for event in [
        login(BOB, false),
        login(ADA, true),
        Event::Adopt(record),
        Event::Renew,
        Event::Logout { revoke: true },
        Event::Logout { revoke: false },
        Event::SecureLogout,
    ] {
        let mut tab = obsolete();
        let before = (tab.shared, tab.stored);
        let effects = tab.run(event);
        assert!(has_reply(&effects, Outcome::Unsupported), "{effects:?}");
        assert_eq!(forbidden(&effects), [], "{event:?}");
        assert!(!has_revocation(&effects, 1), "{event:?}");
        assert_eq!((tab.shared, tab.stored), before, "{event:?}");
        assert_eq!((tab.session(), tab.state()), (1, State::Established));
        let is_adoption = matches!(event, Event::Adopt(_));
        assert_eq!(has_forget_effect(&effects, 7), is_adoption, "{event:?}");
    }
}

#[test]
fn rule_20_a_login_as_the_signed_in_user_succeeds_in_an_obsolete_tab() {
    let mut tab = obsolete();
    assert!(has_reply(&tab.log_in(ADA), Outcome::Succeeded));
}

#[test]
fn rule_20_a_new_tab_of_an_earlier_version_does_not_resume() {
    let mut tab = Tab::new();
    tab.is_obsolete = true;
    let effects = tab.run(Event::Resume);
    assert!(has_reply(&effects, Outcome::Unsupported), "{effects:?}");
    assert!(has_reply(&tab.request_token(NOW), Outcome::NotLoggedIn));
    assert!(has_reply(&tab.log_in(ADA), Outcome::Unsupported));
    assert_eq!(tab.state(), State::NotLoggedIn);
}

#[test]
fn rule_20_an_obsolete_tab_with_memory_storage_asks_nothing_and_answers_only_if_it_is_up_to_date() {
    let mut tab = Tab::with_settings(memory_settings(2));
    tab.sign_in(1, ADA);
    tab.is_obsolete = true;
    assert!(has_broadcast(
        &tab.receive_message(REQUEST, None),
        HANDED_OVER,
        1
    ));
    tab.shared.sequence += 1.0;
    for event in [
        Event::Wake { is_online: false },
        Event::StorageChanged { is_session: true },
        Event::AccessToken {
            min_validity_ms: NOW,
        },
    ] {
        let effects = tab.run(event);
        let is_message = |effect: &Effect| matches!(effect, Effect::Broadcast { .. });
        assert!(!effects.iter().any(is_message), "{effects:?}");
    }
    assert!(!has_broadcast(
        &tab.receive_message(REQUEST, None),
        HANDED_OVER,
        1
    ));
}

#[test]
fn rule_20_a_rejected_token_has_ended_in_an_obsolete_tab() {
    let mut tab = obsolete();
    let effects = tab.run(Event::Unauthorized { session: 1 });
    assert_eq!(states(&effects), [State::TokenExpired]);
    assert!(has_reply(&effects, Outcome::Unsupported), "{effects:?}");
    assert_eq!(forbidden(&effects), []);
    // The clock says that the token is still valid, but the service does not accept it.
    tab.advance(MINUTE);
    tab.step(Event::Wake { is_online: false });
    assert_eq!(tab.state(), State::TokenExpired);
}

#[test]
fn rule_20_an_obsolete_tab_answers_at_once_during_a_backoff() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.fail(request_of(&begun), transient(0.0));
    tab.is_obsolete = true;
    let effects = tab.run(Event::Unauthorized { session: 1 });
    assert!(has_reply(&effects, Outcome::Unsupported), "{effects:?}");
}

#[test]
fn rule_20_a_renewal_in_flight_ends_and_its_session_is_revoked() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Renew);
    tab.is_obsolete = true;
    let before = (tab.shared, tab.stored);
    let effects = tab.receive_session(request_of(&begun), 2, ADA);
    let outcome = outcome_of(&effects, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Unsupported));
    assert!(has_revocation(&effects, 2), "{effects:?}");
    // The service may have ended the device's session, so the other tabs must verify theirs.
    let issued_at = tab.wall;
    let message = Message::Discarded { issued_at };
    assert!(has_broadcast(&effects, message, 0), "{effects:?}");
    assert_eq!(forbidden(&effects), []);
    assert_eq!((tab.shared, tab.stored), before);
    assert_eq!((tab.session(), tab.state()), (1, State::Established));
}

#[test]
fn rule_20_a_login_in_flight_ends_at_every_stage() {
    let mut tab = Tab::new();
    let begun = tab.step(Event::Login {
        identity: ADA,
        needs_request: false,
    });
    tab.is_obsolete = true;
    let ticket = ticket_of(&begun);
    let is_granted = true;
    let effects = tab.run(Event::Locked { ticket, is_granted });
    let outcome = outcome_of(&effects, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Unsupported));
    assert_eq!(forbidden(&effects), []);
    assert_eq!(tab.state(), State::NotLoggedIn);
    assert_eq!(tab.shared.claim, Claim::Free);
}

#[test]
fn rule_20_a_login_whose_session_is_being_verified_keeps_the_session() {
    let mut tab = Tab::new();
    let begun = tab.log_in(ADA);
    tab.lose_attempt(request_of(&begun));
    let committed = tab.receive_session(request_of(&begun), 1, ADA);
    tab.is_obsolete = true;
    let effects = tab.finish_verification(verification_of(&committed), Ok(()));
    let outcome = outcome_of(&effects, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Unsupported));
    assert_eq!((tab.session(), tab.state()), (1, State::Established));
}

#[test]
fn rule_20_an_obsolete_tab_leaves_its_claim_to_expire() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Renew);
    tab.is_obsolete = true;
    let claim = tab.shared.claim;
    let effects = tab.run(Event::Close);
    assert_eq!(forbidden(&effects), []);
    assert!(!has_broadcast(&effects, CHANGED, 0), "{effects:?}");
    assert_eq!(tab.shared.claim, claim);
}

#[test]
fn rule_20_a_logout_in_a_later_version_signs_an_obsolete_tab_out() {
    let mut tab = obsolete();
    tab.step(Event::Timer);
    log_out_elsewhere(&mut tab);
    let effects = tab.run(Event::StorageChanged { is_session: false });
    assert_eq!(states(&effects), [State::NotLoggedIn]);
    assert_eq!(forbidden(&effects), []);
    assert!(has_forget_effect(&effects, 1), "{effects:?}");
}

#[test]
fn rule_20_a_message_about_a_logout_signs_an_obsolete_tab_out() {
    let mut tab = obsolete();
    let mut other = obsolete();
    log_out_elsewhere(&mut other);
    let effects = tab.run(Event::Message {
        message: CHANGED,
        shared: other.shared,
        record: None,
    });
    assert_eq!(states(&effects), [State::NotLoggedIn]);
    assert_eq!(forbidden(&effects), []);
}

#[test]
fn rule_20_an_obsolete_tab_reads_only_the_epochs_and_the_sequence_of_a_later_version() {
    let mut tab = obsolete();
    let [epoch, min_epoch, sequence, ..] = tab.shared.to_numbers();
    // A later version may give the other numbers another meaning.
    tab.shared = Shared::from_numbers([epoch, min_epoch, sequence + 1.0, -2.0, 9e15, 7.0]);
    for event in [
        Event::StorageChanged { is_session: true },
        Event::Wake { is_online: true },
        Event::Timer,
    ] {
        let effects = tab.run(event);
        assert_eq!(forbidden(&effects), [], "{event:?}");
    }
    assert_eq!((tab.session(), tab.state()), (1, State::Established));
}

#[test]
fn rule_20_an_obsolete_tab_answers_a_request_and_ignores_other_messages() {
    let mut tab = obsolete();
    for request in [REQUEST, QUIET_REQUEST] {
        let effects = tab.receive_message(request, None);
        // A tab of the later version may have no other source, with `memory` storage.
        let answers = request == REQUEST;
        assert_eq!(has_broadcast(&effects, HANDED_OVER, 1), answers);
    }
    let later = tab.renewed_elsewhere();
    tab.shared.sequence = later.sequence;
    // The answer would only cause corrections.
    let effects = tab.receive_message(REQUEST, None);
    assert!(!has_broadcast(&effects, HANDED_OVER, 1), "{effects:?}");
    let effects = tab.receive_message(CHANGED, Some(later));
    assert!(has_forget_effect(&effects, 2), "{effects:?}");
    assert_eq!(forbidden(&effects), []);
    assert_eq!(tab.session(), 1);
}

#[test]
fn rule_20_a_logout_that_meets_a_later_version_does_not_claim_a_revocation() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::Logout { revoke: true });
    tab.is_obsolete = true;
    let effects = tab.finish_revocation(1, true);
    let outcome = outcome_of(&effects, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Failed));
}

#[test]
fn rule_20_a_revocation_that_has_failed_is_tried_again_in_an_obsolete_tab() {
    let mut tab = Tab::signed_in(ADA);
    tab.run(Event::Logout { revoke: true });
    tab.is_obsolete = true;
    tab.finish_revocation(1, false);
    tab.advance(MINUTE);
    assert!(has_revocation(&tab.step(Event::Timer), 1));
}

#[test]
fn rule_20_a_secure_logout_that_meets_a_later_version_fails() {
    let mut tab = Tab::signed_in(ADA);
    let begun = tab.run(Event::SecureLogout);
    tab.is_obsolete = true;
    let effects = tab.finish_revocation(1, true);
    let outcome = outcome_of(&effects, wait_of(&begun));
    assert_eq!(outcome, Some(Outcome::Unsupported));
    assert_eq!(forbidden(&effects), []);
    assert_eq!(tab.state(), State::TokenExpired, "the token is revoked");
    let issued_at = tab.machine.current().unwrap().issued_at;
    assert!(has_broadcast(&effects, Message::Discarded { issued_at }, 0));
}

#[test]
fn rule_20_a_secure_logout_that_waits_for_a_login_fails_with_it() {
    let mut tab = Tab::new();
    tab.backend = Backend::Token;
    tab.log_in(ADA);
    let waiting = tab.run(Event::SecureLogout);
    tab.is_obsolete = true;
    let effects = tab.step(Event::Timer);
    let outcome = outcome_of(&effects, wait_of(&waiting));
    assert_eq!(outcome, Some(Outcome::Unsupported));
}

#[test]
fn rule_20_a_read_of_storage_that_meets_a_later_version_writes_nothing() {
    let mut tab = Tab::signed_in(ADA);
    tab.stored = None;
    tab.is_obsolete = true;
    let (ticket, record) = (0, None);
    let effects = tab.run(Event::Loaded { ticket, record });
    assert_eq!(forbidden(&effects), []);
}

#[test]
fn rule_20_a_tab_stays_obsolete_if_an_earlier_version_overwrites_the_numbers() {
    let mut tab = obsolete();
    tab.step(Event::Timer);
    tab.is_obsolete = false;
    let effects = tab.run(Event::Renew);
    assert!(has_reply(&effects, Outcome::Unsupported), "{effects:?}");
}

#[test]
fn without_the_rule_version_an_obsolete_tab_renews() {
    let mut tab = obsolete();
    tab.machine = tab.machine.without(Rule::Version);
    assert!(crate::support::has_renewal(&tab.run(Event::Renew)));
}
