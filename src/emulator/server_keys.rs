//! The server key and those before it, which stay good for a while; and how long that is, for
//! server keys and admin tokens.

const HOUR_MS: f64 = 3_600_000.0;

/// The one that is current, when it was made and by whom, and its predecessors.
#[derive(Clone)]
pub(super) struct ServerKeys {
    pub(super) current: String,
    pub(super) updated_at: f64,
    pub(super) updated_by: String,
    /// Each with the moment at which it ends.
    earlier: Vec<(String, f64)>,
}

impl ServerKeys {
    pub(super) fn new(key: String, now: f64, by: &str) -> Self {
        Self {
            current: key,
            updated_at: now,
            updated_by: by.to_owned(),
            earlier: Vec::new(),
        }
    }

    /// A new key takes the place of the current one, which stays good for the grace period.
    pub(super) fn replace(&mut self, key: String, now: f64, by: String, grace_ms: f64) {
        let before = std::mem::replace(
            self,
            Self {
                current: key,
                updated_at: now,
                updated_by: by,
                earlier: Vec::new(),
            },
        );
        self.earlier = before.earlier;
        self.earlier.push((before.current, now + grace_ms));
    }

    /// Whether a key is good now.
    pub(super) fn accepts(&self, now: f64, key: &str) -> bool {
        key == self.current
            || self
                .earlier
                .iter()
                .any(|(earlier, ends_at)| key == earlier && now < *ends_at)
    }

    /// Every key that there ever was.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        self.earlier
            .iter()
            .map(|(key, _)| key)
            .chain([&self.current])
    }
}

/// How long what has been replaced stays good, and what else the console keeps beside it.
#[derive(Clone, Copy)]
pub(super) struct SecurityConfig {
    pub(super) server_key_hours: f64,
    pub(super) api_scope_enabled: bool,
    pub(super) admin_token_hours: f64,
}

impl Default for SecurityConfig {
    fn default() -> Self {
        Self {
            server_key_hours: 1.0,
            api_scope_enabled: false,
            admin_token_hours: 24.0,
        }
    }
}

impl SecurityConfig {
    pub(super) fn server_key_grace_ms(&self) -> f64 {
        self.server_key_hours * HOUR_MS
    }

    pub(super) fn admin_token_grace_ms(&self) -> f64 {
        self.admin_token_hours * HOUR_MS
    }
}
