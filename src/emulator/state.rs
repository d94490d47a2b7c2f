//! What the service remembers: users, sessions, auth tokens, the administrator's token. Every rule about what is still good stands here, so
//! that the operations only ask.

use super::random::Random;
use super::rate::RateLimit;
use super::sessions::Sessions;
use super::signature::jwt;
use super::users::Users;
use super::Options;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// The keys of one network, the same for as long as its emulator lives.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) api_key: String,
    pub(super) server_key: String,
    pub(super) admin_token: String,
    /// When the admin token was issued.
    issued_at: f64,
    /// What access tokens are signed with.
    signing: String,
    pub(super) network_id: String,
    /// Where the generator stood once these were drawn.
    pub(super) random: Random,
}

impl Keys {
    pub(super) fn new(options: &Options, now: f64, mut random: Random) -> Self {
        // Everything is drawn whether it is needed or not: an option that is given must not shift what the seed makes of the rest.
        let (api_key, server_key, signing, network_id) = (random.hex(48), random.hex(122), random.hex(64), random.hex(24));
        let exp = ((now + options.admin_token_lifetime_ms) / 1000.0) as i64;
        let claims = AdminClaims { username: "admin", role: "admin", jti: random.hex(16), iat: (now / 1000.0) as i64, exp };
        Self {
            api_key: options.api_key.clone().unwrap_or(api_key),
            server_key: options.server_key.clone().unwrap_or(server_key),
            admin_token: jwt(signing.as_bytes(), &claims),
            issued_at: now,
            signing,
            network_id,
            random,
        }
    }
}

#[derive(Serialize)]
struct AdminClaims {
    username: &'static str,
    role: &'static str,
    jti: String,
    iat: i64,
    exp: i64,
}

#[derive(Serialize)]
struct AccessClaims<'a> {
    user: AccessUser<'a>,
    /// Two tokens of one second must differ.
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

/// An access token with the span of time that it is good for.
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) issued_at: f64,
    pub(super) expires_at: f64,
}

/// What an admin's bearer token turned out to be.
pub(super) enum AdminToken {
    Good,
    Expired,
    Unknown,
}

struct AuthToken {
    user_id: String,
    expires_at: f64,
}

/// The service's memory.
pub(super) struct State {
    pub(super) keys: Keys,
    pub(super) secure_mode: bool,
    pub(super) users: Users,
    pub(super) sessions: Sessions,
    pub(super) rate: RateLimit,
    auth_tokens: HashMap<String, AuthToken>,
    /// The same tokens, oldest first.
    minted: VecDeque<String>,
    access_token_lifetime_ms: f64,
    auth_token_lifetime_ms: f64,
    admin_token_lifetime_ms: f64,
    pub(super) random: Random,
}

impl State {
    pub(super) fn new(options: &Options, keys: Keys, random: Random) -> Self {
        Self {
            keys,
            secure_mode: options.secure_mode,
            users: Users::default(),
            sessions: Sessions::default(),
            rate: RateLimit::default(),
            auth_tokens: HashMap::new(),
            minted: VecDeque::new(),
            access_token_lifetime_ms: options.access_token_lifetime_ms,
            auth_token_lifetime_ms: options.auth_token_lifetime_ms,
            admin_token_lifetime_ms: options.admin_token_lifetime_ms,
            random,
        }
    }

    /// A new auth token for one user.
    pub(super) fn mint(&mut self, now: f64, user_id: String) -> String {
        // Those past their time are forgotten here, from the oldest on, so that the memory of a long run stays flat.
        while self.minted.front().is_some_and(|oldest| self.auth_tokens.get(oldest).is_none_or(|token| token.expires_at <= now)) {
            self.minted.pop_front().and_then(|oldest| self.auth_tokens.remove(&oldest));
        }
        let token = format!("s{}", self.random.letters(41));
        self.minted.push_back(token.clone());
        self.auth_tokens.insert(token.clone(), AuthToken { user_id, expires_at: now + self.auth_token_lifetime_ms });
        token
    }

    /// Whether an auth token is good for this user now. It may be used again within its time.
    pub(super) fn redeems(&self, now: f64, token: &str, user_id: &str) -> bool {
        self.auth_tokens.get(token).is_some_and(|token| token.user_id == user_id && now < token.expires_at)
    }

    /// A new access token; nobody remembers it yet.
    pub(super) fn issue(&mut self, now: f64, user_id: &str, device_id: &str) -> Issued {
        let expires_at = now + self.access_token_lifetime_ms;
        let claims = AccessClaims {
            user: AccessUser { public_user_id: user_id, device_id },
            jti: self.random.hex(24),
            iat: (now / 1000.0) as i64,
            exp: (expires_at / 1000.0) as i64,
        };
        Issued { access_token: jwt(self.keys.signing.as_bytes(), &claims), issued_at: now, expires_at }
    }

    /// What an admin call's bearer token is worth now.
    pub(super) fn admin(&self, now: f64, token: &str) -> AdminToken {
        if token != self.keys.admin_token {
            AdminToken::Unknown
        } else if now < self.keys.issued_at + self.admin_token_lifetime_ms {
            AdminToken::Good
        } else {
            AdminToken::Expired
        }
    }

    /// Whether a string holds one of the secrets that are known here, or anything of the shape of a JWT.
    pub(super) fn holds_secret(&self, text: &str) -> bool {
        let key = &self.keys.server_key;
        // A short key may well be a part of some harmless word, so that it must stand alone.
        let inside = key.len() >= 16 || !key.chars().all(of_word);
        let secret =
            |word: &str| word == key || word.starts_with("eyJ") || self.auth_tokens.contains_key(word) || self.sessions.knows(word);
        inside && text.contains(key) || text.split(|c| !of_word(c)).any(secret)
    }
}

/// Whether a character is one of those that keys and tokens are made of.
fn of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}
