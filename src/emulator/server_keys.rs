//! The current server key, the earlier server keys, and the settings of the grace periods.

const HOUR_MS: f64 = 3_600_000.0;

/// The current server key and the earlier keys.
#[derive(Clone)]
pub(super) struct ServerKeys {
    pub(super) current: String,
    pub(super) updated_at: f64,
    /// The name of the console user who issued the current key. For the initial key, this is the
    /// first console user, or `console` if there are no console users.
    pub(super) updated_by: String,
    /// Earlier keys, each with its expiry in milliseconds since the epoch.
    earlier: Vec<(String, f64)>,
}

impl ServerKeys {
    pub(super) fn new(key: String, now: f64, updated_by: &str) -> Self {
        Self {
            current: key,
            updated_at: now,
            updated_by: updated_by.to_owned(),
            earlier: Vec::new(),
        }
    }

    /// Replaces the current key, which stays valid for the grace period.
    pub(super) fn replace(&mut self, key: String, now: f64, updated_by: String, grace_ms: f64) {
        let previous = std::mem::replace(&mut self.current, key);
        self.earlier.push((previous, now + grace_ms));
        self.updated_at = now;
        self.updated_by = updated_by;
    }

    /// Returns whether a key is valid now.
    pub(super) fn is_valid(&self, now: f64, key: &str) -> bool {
        key == self.current
            || self
                .earlier
                .iter()
                .any(|(earlier, expires_at)| key == earlier && now < *expires_at)
    }

    /// Returns every key, including keys that have expired.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        self.earlier
            .iter()
            .map(|(key, _)| key)
            .chain([&self.current])
    }
}

/// The console's security settings: the grace periods of replaced server keys and admin tokens, and
/// `apiScopeEnabled` of server keys, which has no effect in the emulator.
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
