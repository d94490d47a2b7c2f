//! Auth tokens: each lets one user create sessions for a limited time.

use super::random::Random;
use std::collections::{HashMap, VecDeque};

struct AuthToken {
    user_id: String,
    expires_at: f64,
}

/// The auth tokens. Expired ones are removed when a token is minted.
#[derive(Default)]
pub(super) struct AuthTokens {
    by_text: HashMap<String, AuthToken>,
    /// The texts of the same tokens, oldest first.
    by_age: VecDeque<String>,
}

impl AuthTokens {
    /// Mints a token for a user, valid for `lifetime_ms`.
    pub(super) fn mint(
        &mut self,
        now: f64,
        lifetime_ms: f64,
        user_id: String,
        random: &mut Random,
    ) -> String {
        self.remove_expired(now);
        let token = format!("s{}", random.draw_alphanumeric(41));
        let expires_at = now + lifetime_ms;
        self.by_age.push_back(token.clone());
        self.by_text.insert(
            token.clone(),
            AuthToken {
                user_id,
                expires_at,
            },
        );
        token
    }

    /// Removes expired tokens, oldest first, up to the first valid one, so that a long run uses
    /// bounded memory.
    fn remove_expired(&mut self, now: f64) {
        while self.by_age.front().is_some_and(|oldest| {
            self.by_text
                .get(oldest)
                .is_none_or(|token| token.expires_at <= now)
        }) {
            self.by_age
                .pop_front()
                .and_then(|oldest| self.by_text.remove(&oldest));
        }
    }

    /// Returns whether a token is valid for a user now. A token may be used more than once.
    pub(super) fn is_valid_for(&self, user_id: &str, token: &str, now: f64) -> bool {
        self.by_text
            .get(token)
            .is_some_and(|token| token.user_id == user_id && now < token.expires_at)
    }

    /// Returns whether a text is one of the tokens.
    pub(super) fn has_token(&self, text: &str) -> bool {
        self.by_text.contains_key(text)
    }
}
