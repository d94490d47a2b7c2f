//! Functions that read the effects of a step.

use social_plus_auth::session::{Effect, Message, Outcome, State};

/// Returns the first value that `read` extracts from an effect. Panics if there is none.
#[track_caller]
fn find<T>(effects: &[Effect], read: impl Fn(&Effect) -> Option<T>) -> T {
    let found = effects.iter().find_map(read);
    found.unwrap_or_else(|| panic!("missing in {effects:?}"))
}

/// Returns the ticket of the first request for a session.
#[track_caller]
pub(crate) fn request_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::CreateSession { ticket, .. } => Some(*ticket),
        _ => None,
    })
}

/// Returns whether the effects request a session.
pub(crate) fn has_session_request(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::CreateSession { .. }))
}

/// Returns whether the effects request a renewal.
pub(crate) fn has_renewal(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::CreateSession {
                is_renewal: true,
                ..
            }
        )
    })
}

/// Returns the ticket of the first request to verify a token.
#[track_caller]
pub(crate) fn verification_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::Verify { ticket, .. } => Some(*ticket),
        _ => None,
    })
}

/// Returns whether the effects request a verification of this session.
pub(crate) fn has_verification(effects: &[Effect], id: u32) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Verify { session, .. } if *session == id))
}

/// Returns whether the effects request a revocation of this session.
pub(crate) fn has_revocation(effects: &[Effect], session: u32) -> bool {
    effects.contains(&Effect::Revoke(session))
}

/// Returns whether the effects tell the host to forget this session.
pub(crate) fn has_forget_effect(effects: &[Effect], session: u32) -> bool {
    effects.contains(&Effect::Forget(session))
}

/// Returns the ticket of the first request for the lock, for storage or for a credential.
#[track_caller]
pub(crate) fn ticket_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::Lock { ticket } | Effect::Load { ticket } | Effect::Credential { ticket, .. } => {
            Some(*ticket)
        }
        _ => None,
    })
}

/// Returns the number of the first wait that the effects begin.
#[track_caller]
pub(crate) fn wait_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::Wait(wait) => Some(*wait),
        _ => None,
    })
}

/// Returns the outcome of this wait, if the effects settle the wait.
pub(crate) fn outcome_of(effects: &[Effect], wait: u32) -> Option<Outcome> {
    effects.iter().find_map(|effect| match effect {
        Effect::Settle(settled, outcome) if *settled == wait => Some(*outcome),
        _ => None,
    })
}

/// Returns whether the effects give the caller this outcome immediately.
pub(crate) fn has_reply(effects: &[Effect], outcome: Outcome) -> bool {
    effects.contains(&Effect::Reply(outcome))
}

/// Returns the states that the effects announce.
pub(crate) fn states(effects: &[Effect]) -> Vec<State> {
    let state = |effect: &Effect| match effect {
        Effect::State(state) => Some(*state),
        _ => None,
    };
    effects.iter().filter_map(state).collect()
}

/// Returns the monotonic time at which the timer is due.
#[track_caller]
pub(crate) fn timer_of(effects: &[Effect]) -> f64 {
    find(effects, |effect| match effect {
        Effect::Timer(at) => Some(*at),
        _ => None,
    })
}

/// Returns whether the effects send this message about this session.
pub(crate) fn has_broadcast(effects: &[Effect], message: Message, session: u32) -> bool {
    effects.contains(&Effect::Broadcast { message, session })
}

/// Returns whether the effects write a session to storage.
pub(crate) fn has_save(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Save(_)))
}
