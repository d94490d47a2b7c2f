//! Functions that read the effects of a step.

use social_plus_auth::session::{Effect, Message, Outcome, State};

/// Returns the first value that `read` finds in the effects.
#[track_caller]
fn find<T>(effects: &[Effect], read: impl Fn(&Effect) -> Option<T>) -> T {
    let found = effects.iter().find_map(read);
    found.unwrap_or_else(|| panic!("missing in {effects:?}"))
}

/// Returns the ticket of the request for a session.
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

/// Returns the ticket of the verification.
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

/// Returns whether the effects drop this session.
pub(crate) fn forgets(effects: &[Effect], session: u32) -> bool {
    effects.contains(&Effect::Forget(session))
}

/// Returns the ticket of a lock, of a read of storage or of a credential.
#[track_caller]
pub(crate) fn ticket_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::Lock { ticket } | Effect::Load { ticket } | Effect::Credential { ticket, .. } => {
            Some(*ticket)
        }
        _ => None,
    })
}

/// Returns the number that the caller waits for.
#[track_caller]
pub(crate) fn wait_of(effects: &[Effect]) -> u32 {
    find(effects, |effect| match effect {
        Effect::Wait(number) => Some(*number),
        _ => None,
    })
}

/// Returns how the wait of this number has ended, if it has.
pub(crate) fn outcome_of(effects: &[Effect], wait: u32) -> Option<Outcome> {
    effects.iter().find_map(|effect| match effect {
        Effect::Settle(number, outcome) if *number == wait => Some(*outcome),
        _ => None,
    })
}

/// Returns whether the caller is answered at once, with this outcome.
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

/// Returns when the timer is due, in monotonic time.
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
