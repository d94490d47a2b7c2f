//! Functions that read the effects of a step.

use social_plus_auth::session::{Effect, Message, Outcome, State};

/// Returns the first value that `read` extracts from an effect. Panics if there is none.
#[track_caller]
fn find<T>(effects: &[Effect], read: impl Fn(&Effect) -> Option<T>) -> T {
    let found = effects.iter().find_map(read);
    found.unwrap_or_else(|| panic!("missing in {effects:?}"))
}

/// Returns the ticket of the session request.
#[track_caller]
pub(crate) fn request_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::CreateSession { ticket, .. } => Some(*ticket),
        _ => None,
    })
}

/// Returns whether the effects request a session.
pub(crate) fn requests(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::CreateSession { .. }))
}

/// Returns whether the effects request a renewal.
pub(crate) fn renews(effects: &[Effect]) -> bool {
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

/// Returns the ticket of the request to verify a token.
#[track_caller]
pub(crate) fn verification_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::Verify { ticket, .. } => Some(*ticket),
        _ => None,
    })
}

/// Returns whether the effects verify this session.
pub(crate) fn verifies(effects: &[Effect], id: u32) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Verify { session, .. } if *session == id))
}

/// Returns whether the effects revoke this session.
pub(crate) fn revokes(effects: &[Effect], session: u32) -> bool {
    effects.contains(&Effect::Revoke(session))
}

/// Returns whether the effects tell the host to forget this session.
pub(crate) fn forgets(effects: &[Effect], session: u32) -> bool {
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

/// Returns the id of the operation that the caller waits for.
#[track_caller]
pub(crate) fn wait_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::Wait(id) => Some(*id),
        _ => None,
    })
}

/// Returns the outcome of the operation with this id, if the effects settle it.
pub(crate) fn outcome_of(effects: &[Effect], wait: u32) -> Option<Outcome> {
    effects.iter().find_map(|effect| match effect {
        Effect::Settle(id, outcome) if *id == wait => Some(*outcome),
        _ => None,
    })
}

/// Returns whether the effects answer the caller immediately with this outcome.
pub(crate) fn replies(effects: &[Effect], outcome: Outcome) -> bool {
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
pub(crate) fn broadcasts(effects: &[Effect], message: Message, session: u32) -> bool {
    effects.contains(&Effect::Broadcast { message, session })
}
