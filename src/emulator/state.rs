//! The state of the emulated network: users, sessions, tokens, keys and admins.
//!
//! [`State`] and the types that it contains decide which tokens, server keys and client
//! certificates are valid. The operations check the API key and the signatures of visitors.

use super::admins::Admins;
use super::auth_tokens::AuthTokens;
use super::client_certificates::ClientCertificates;
use super::guests::Guests;
use super::random::Random;
use super::rate_limit::RateLimit;
use super::request::Request;
use super::server_keys::{SecurityConfig, ServerKeys};
use super::sessions::{IssuedToken, Sessions};
use super::signature::sign_jwt;
use super::users::Users;
use super::Options;
use serde::Serialize;

/// The initial keys of the network, which a reset restores.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) api_key: String,
    pub(super) visitor_secret: String,
    server_keys: ServerKeys,
    admins: Admins,
    /// The key that signs access tokens and admin tokens.
    signing_key: String,
    pub(super) network_id: String,
    pub(super) created_at: f64,
    /// The generator, in its state after the keys were drawn from it.
    pub(super) random: Random,
}

impl Keys {
    pub(super) fn new(options: &Options, now: f64, mut random: Random) -> Self {
        // Draw every key, even if an option replaces it, so that the option does not change the
        // other keys that a seed produces.
        let (api_key, server_key, signing_key, network_id) = (
            random.draw_hex(48),
            random.draw_hex(122),
            random.draw_hex(64),
            random.draw_hex(24),
        );
        let visitor_secret = random.draw_hex(64);
        let founder = options
            .admins
            .first()
            .map_or("console", |admin| &admin.username);
        Self {
            api_key: options.api_key.clone().unwrap_or(api_key),
            visitor_secret: options.visitor_secret.clone().unwrap_or(visitor_secret),
            server_keys: ServerKeys::new(
                options.server_key.clone().unwrap_or(server_key),
                now,
                founder,
            ),
            admins: Admins::new(
                &options.admins,
                now,
                options.admin_token_lifetime_ms,
                &signing_key,
                &random.fork("admins"),
            ),
            signing_key,
            network_id,
            created_at: now,
            random,
        }
    }
}

#[derive(Serialize)]
struct AccessClaims<'a> {
    user: AccessUser<'a>,
    /// A random id, so that two tokens from the same second differ.
    jti: String,
    iat: i64,
    exp: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessUser<'a> {
    public_user_id: &'a str,
    device_id: &'a str,
}

/// Everything that the service knows.
pub(super) struct State {
    pub(super) options: Options,
    pub(super) keys: Keys,
    pub(super) server_keys: ServerKeys,
    pub(super) admins: Admins,
    pub(super) security: SecurityConfig,
    pub(super) secure_mode: bool,
    /// When `PUT /api/v3/networks/me` last succeeded or, before that, when the network was created,
    /// in milliseconds since the epoch.
    pub(super) updated_at: f64,
    pub(super) users: Users,
    pub(super) guests: Guests,
    pub(super) sessions: Sessions,
    pub(super) rate_limit: RateLimit,
    pub(super) client_certificates: ClientCertificates,
    auth_tokens: AuthTokens,
    pub(super) random: Random,
}

impl State {
    pub(super) fn new(options: Options, keys: Keys, random: Random) -> Self {
        Self {
            server_keys: keys.server_keys.clone(),
            admins: keys.admins.clone(),
            security: SecurityConfig::default(),
            secure_mode: options.secure_mode,
            updated_at: keys.created_at,
            users: Users::default(),
            guests: Guests::default(),
            sessions: Sessions::default(),
            rate_limit: RateLimit::default(),
            client_certificates: ClientCertificates::default(),
            auth_tokens: AuthTokens::default(),
            random,
            options,
            keys,
        }
    }

    /// Returns whether mTLS is in force and the request lacks a valid client certificate. mTLS is
    /// in force only in secure mode. The caller checks whether mTLS protects the request.
    pub(super) fn is_missing_certificate(&self, now: f64, request: &Request) -> bool {
        let is_required = self.options.mtls && self.secure_mode;
        is_required
            && !request
                .certificate()
                .is_some_and(|certificate| self.client_certificates.is_valid(now, certificate))
    }

    /// Mints an auth token for a user.
    pub(super) fn mint_auth_token(&mut self, now: f64, user_id: String) -> String {
        let lifetime_ms = self.options.auth_token_lifetime_ms;
        self.auth_tokens
            .mint(now, lifetime_ms, user_id, &mut self.random)
    }

    /// Returns whether an auth token lets a user create a session now.
    pub(super) fn can_redeem(&self, now: f64, token: &str, user_id: &str) -> bool {
        self.auth_tokens.is_valid_for(user_id, token, now)
    }

    /// Creates an access token without storing it.
    pub(super) fn issue_access_token(
        &mut self,
        now: f64,
        user_id: &str,
        device_id: &str,
    ) -> IssuedToken {
        let expires_at = now + self.options.access_token_lifetime_ms;
        let claims = AccessClaims {
            user: AccessUser {
                public_user_id: user_id,
                device_id,
            },
            jti: self.random.draw_hex(24),
            iat: (now / 1000.0) as i64,
            exp: (expires_at / 1000.0) as i64,
        };
        IssuedToken {
            access_token: sign_jwt(self.keys.signing_key.as_bytes(), &claims),
            issued_at: now,
            expires_at,
        }
    }

    /// Returns whether a text contains a known secret, or a word that looks like a JWT or a
    /// signature. The API key is never a secret.
    pub(super) fn has_secret(&self, text: &str) -> bool {
        let long_lived_keys = || {
            self.server_keys
                .all()
                .chain(self.admins.tokens())
                .chain([&self.keys.visitor_secret])
        };
        // A harmless word may contain a short key by chance, so a short key that could be a part of
        // a word counts only as a whole word.
        let contains_key = |key: &String| {
            (key.len() >= 16 || !key.chars().all(is_word_char)) && text.contains(key.as_str())
        };
        let is_secret_word = |word: &str| {
            let looks_secret = word.starts_with("eyJ")
                || word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
            looks_secret && word != self.keys.api_key
                || long_lived_keys().any(|key| key == word)
                || self.auth_tokens.has_token(word)
                || self.sessions.has_token(word)
        };
        long_lived_keys().any(contains_key) || text.split(|c| !is_word_char(c)).any(is_secret_word)
    }
}

/// Returns whether a character is part of a word. Each key or token that the emulator generates is
/// one word.
fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}
