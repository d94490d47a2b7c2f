//! What the service remembers: users, sessions, auth tokens, keys, administrators. Every rule about
//! what is still good stands here or in what it is made of, so that the operations only ask.

use super::admins::Admins;
use super::certificates::Certificates;
use super::guests::Guests;
use super::message::Request;
use super::random::Random;
use super::rate::RateLimit;
use super::server_keys::{SecurityConfig, ServerKeys};
use super::sessions::{Issued, Sessions};
use super::signature::jwt;
use super::users::Users;
use super::Options;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// What one network starts with, and comes back to at a reset.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) api_key: String,
    pub(super) visitor_secret: String,
    server_keys: ServerKeys,
    admins: Admins,
    /// What access tokens are signed with.
    signing: String,
    pub(super) network_id: String,
    pub(super) created_at: f64,
    /// Where the generator stood once these were drawn.
    pub(super) random: Random,
}

impl Keys {
    pub(super) fn new(options: &Options, now: f64, mut random: Random) -> Self {
        // Everything is drawn whether it is needed or not: an option that is given must not shift
        // what the seed makes of the rest.
        let (api_key, server_key, signing, network_id) = (
            random.hex(48),
            random.hex(122),
            random.hex(64),
            random.hex(24),
        );
        let visitor_secret = random.hex(64);
        // Until there is another it is the one that came with the network.
        let first = options
            .admins
            .first()
            .map_or("console", |admin| &admin.username);
        Self {
            api_key: options.api_key.clone().unwrap_or(api_key),
            visitor_secret: options.visitor_secret.clone().unwrap_or(visitor_secret),
            server_keys: ServerKeys::new(
                options.server_key.clone().unwrap_or(server_key),
                now,
                first,
            ),
            admins: Admins::new(
                &options.admins,
                now,
                options.admin_token_lifetime_ms,
                &signing,
                &random.fork("admins"),
            ),
            signing,
            network_id,
            created_at: now,
            random,
        }
    }
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

struct AuthToken {
    user_id: String,
    expires_at: f64,
}

/// The service's memory.
pub(super) struct State {
    pub(super) options: Options,
    pub(super) keys: Keys,
    pub(super) server_keys: ServerKeys,
    pub(super) admins: Admins,
    pub(super) security: SecurityConfig,
    pub(super) secure_mode: bool,
    /// When the network's own settings were changed last.
    pub(super) updated_at: f64,
    pub(super) users: Users,
    pub(super) guests: Guests,
    pub(super) sessions: Sessions,
    pub(super) rate: RateLimit,
    pub(super) certificates: Certificates,
    auth_tokens: HashMap<String, AuthToken>,
    /// The same tokens, oldest first.
    minted: VecDeque<String>,
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
            rate: RateLimit::default(),
            certificates: Certificates::default(),
            auth_tokens: HashMap::new(),
            minted: VecDeque::new(),
            random,
            options,
            keys,
        }
    }

    /// Whether a protected request lacks the certificate that mTLS wants; only in secure mode, as
    /// the console has it.
    pub(super) fn lacks_certificate(&self, now: f64, request: &Request) -> bool {
        let mtls = self.options.mtls && self.secure_mode;
        mtls && !request
            .certificate()
            .is_some_and(|certificate| self.certificates.accept(now, certificate))
    }

    /// A new auth token for one user.
    pub(super) fn mint(&mut self, now: f64, user_id: String) -> String {
        // Those past their time are forgotten here, from the oldest on, so that the memory of a
        // long run stays flat.
        while self.minted.front().is_some_and(|oldest| {
            self.auth_tokens
                .get(oldest)
                .is_none_or(|token| token.expires_at <= now)
        }) {
            self.minted
                .pop_front()
                .and_then(|oldest| self.auth_tokens.remove(&oldest));
        }
        let token = format!("s{}", self.random.letters(41));
        self.minted.push_back(token.clone());
        self.auth_tokens.insert(
            token.clone(),
            AuthToken {
                user_id,
                expires_at: now + self.options.auth_token_lifetime_ms,
            },
        );
        token
    }

    /// Whether an auth token is good for this user now. It may be used again within its time.
    pub(super) fn redeems(&self, now: f64, token: &str, user_id: &str) -> bool {
        self.auth_tokens
            .get(token)
            .is_some_and(|token| token.user_id == user_id && now < token.expires_at)
    }

    /// A new access token; nobody remembers it yet.
    pub(super) fn issue(&mut self, now: f64, user_id: &str, device_id: &str) -> Issued {
        let expires_at = now + self.options.access_token_lifetime_ms;
        let claims = AccessClaims {
            user: AccessUser {
                public_user_id: user_id,
                device_id,
            },
            jti: self.random.hex(24),
            iat: (now / 1000.0) as i64,
            exp: (expires_at / 1000.0) as i64,
        };
        Issued {
            access_token: jwt(self.keys.signing.as_bytes(), &claims),
            issued_at: now,
            expires_at,
        }
    }

    /// Whether a string holds one of the secrets that are known here, or anything of the shape of a
    /// JWT or of a signature but the API key.
    pub(super) fn holds_secret(&self, text: &str) -> bool {
        let lasting = || {
            self.server_keys
                .all()
                .chain(self.admins.tokens())
                .chain([&self.keys.visitor_secret])
        };
        // A short one may well be a part of some harmless word, so that it must stand alone.
        let inside = |key: &String| {
            (key.len() >= 16 || !key.chars().all(of_word)) && text.contains(key.as_str())
        };
        let secret = |word: &str| {
            let shaped = word.starts_with("eyJ")
                || word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
            shaped && word != self.keys.api_key
                || lasting().any(|key| key == word)
                || self.auth_tokens.contains_key(word)
                || self.sessions.knows(word)
        };
        lasting().any(inside) || text.split(|c| !of_word(c)).any(secret)
    }
}

/// Whether a character is one of those that keys and tokens are made of.
fn of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}
