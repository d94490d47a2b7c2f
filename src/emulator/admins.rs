//! The console users, their roles and their admin tokens.

use super::random::Random;
use super::signature::sign_jwt;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;

/// The role of a console user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May revoke the admin tokens of any console user and make all other administration calls,
    /// except those that issue or return an admin token or issue a server key.
    SuperAdmin,
    /// May make every administration call, but may revoke only its own admin tokens.
    Admin,
    /// May not make any administration call.
    None,
}

impl Role {
    /// Returns the role's name in options and tokens.
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::SuperAdmin => "super-admin",
            Role::Admin => "admin",
            Role::None => "none",
        }
    }
}

/// A console user in [`Options::admins`](super::Options::admins).
#[derive(Clone, PartialEq, Eq)]
pub struct Admin {
    /// The unique name, 1 to 50 characters.
    pub username: String,
    /// The user's permissions.
    pub role: Role,
    /// The initial admin token. Default: random for [`Role::Admin`], no token for other roles.
    pub token: Option<String>,
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("username", &self.username)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// An admin token and its validity.
#[derive(Clone)]
pub(super) struct AdminToken {
    pub(super) text: String,
    pub(super) issued_at: f64,
    pub(super) expires_at: f64,
    revoked: bool,
}

/// The console user that a valid token belongs to.
pub(super) struct Caller {
    pub(super) username: String,
    pub(super) role: Role,
}

/// The result of looking up a bearer token.
pub(super) enum TokenStatus {
    Valid(Caller),
    Expired,
    Revoked,
    Unknown,
}

#[derive(Clone)]
struct ConsoleUser {
    username: String,
    role: Role,
    /// All tokens, newest last. Every token but the newest is in its grace period, has expired or
    /// was revoked.
    tokens: Vec<AdminToken>,
}

/// All console users, in the order of the options.
#[derive(Clone)]
pub(super) struct Admins {
    users: Vec<ConsoleUser>,
    /// The index of the user that each token belongs to.
    owners: HashMap<String, usize>,
    signing_key: String,
    lifetime_ms: f64,
}

#[derive(Serialize)]
struct Claims<'a> {
    username: &'a str,
    role: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
}

impl Admins {
    pub(super) fn new(
        list: &[Admin],
        now: f64,
        lifetime_ms: f64,
        signing_key: &str,
        random: &Random,
    ) -> Self {
        let users = list.iter().map(|admin| ConsoleUser {
            username: admin.username.clone(),
            role: admin.role,
            tokens: Vec::new(),
        });
        let mut admins = Self {
            users: users.collect(),
            owners: HashMap::new(),
            signing_key: signing_key.to_owned(),
            lifetime_ms,
        };
        for admin in list {
            match &admin.token {
                Some(token) => admins.add(now, &admin.username, token.clone()),
                // Each admin has its own generator, so that its token does not depend on the other
                // admins.
                None if admin.role == Role::Admin => drop(admins.issue(
                    now,
                    &admin.username,
                    random.fork(&admin.username).draw_hex(16),
                    0.0,
                )),
                None => {}
            }
        }
        admins
    }

    fn user(&self, username: &str) -> Option<&ConsoleUser> {
        self.users.iter().find(|user| user.username == username)
    }

    /// Returns whether a console user has this name.
    pub(super) fn has_user(&self, username: &str) -> bool {
        self.user(username).is_some()
    }

    fn add(&mut self, now: f64, username: &str, text: String) {
        let Some((index, user)) = self
            .users
            .iter_mut()
            .enumerate()
            .find(|(_, user)| user.username == username)
        else {
            return;
        };
        self.owners.insert(text.clone(), index);
        user.tokens.push(AdminToken {
            text,
            issued_at: now,
            expires_at: now + self.lifetime_ms,
            revoked: false,
        });
    }

    /// Issues a token and lets the previous one expire after the grace period at the latest. `jti`
    /// makes the token unique. Returns `None` for an unknown user.
    pub(super) fn issue(
        &mut self,
        now: f64,
        username: &str,
        jti: String,
        grace_ms: f64,
    ) -> Option<&AdminToken> {
        let user = self
            .users
            .iter_mut()
            .find(|user| user.username == username)?;
        if let Some(previous) = user.tokens.last_mut() {
            previous.expires_at = previous.expires_at.min(now + grace_ms);
        }
        let (iat, exp) = (
            (now / 1000.0) as i64,
            ((now + self.lifetime_ms) / 1000.0) as i64,
        );
        let text = sign_jwt(
            self.signing_key.as_bytes(),
            &Claims {
                username,
                role: user.role.name(),
                jti,
                iat,
                exp,
            },
        );
        self.add(now, username, text);
        self.newest_token(username)
    }

    /// Returns the newest token of a console user.
    pub(super) fn newest_token(&self, username: &str) -> Option<&AdminToken> {
        self.user(username)?.tokens.last()
    }

    /// Revokes all tokens of a console user, including those in their grace period.
    pub(super) fn revoke(&mut self, username: &str) {
        self.users
            .iter_mut()
            .filter(|user| user.username == username)
            .flat_map(|user| &mut user.tokens)
            .for_each(|token| token.revoked = true);
    }

    /// Looks up a token and checks its validity.
    pub(super) fn token_status(&self, now: f64, token: &str) -> TokenStatus {
        let owner = self
            .owners
            .get(token)
            .and_then(|index| self.users.get(*index));
        let found = owner.and_then(|user| {
            let found = user.tokens.iter().find(|other| other.text == token)?;
            Some((user, found))
        });
        match found {
            None => TokenStatus::Unknown,
            Some((_, token)) if token.revoked => TokenStatus::Revoked,
            Some((_, token)) if now >= token.expires_at => TokenStatus::Expired,
            Some((user, _)) => TokenStatus::Valid(Caller {
                username: user.username.clone(),
                role: user.role,
            }),
        }
    }

    /// Returns the newest token of the first admin that has a token. If no admin has a token,
    /// returns the newest token of the first super-admin that has a token, or else an empty string.
    pub(super) fn default_token(&self) -> &str {
        let first_token = |role| {
            self.users
                .iter()
                .filter(move |user| user.role == role)
                .find_map(|user| user.tokens.last())
        };
        first_token(Role::Admin)
            .or_else(|| first_token(Role::SuperAdmin))
            .map_or("", |token| &token.text)
    }

    /// Returns whether a text is an admin token, even if the token is no longer valid.
    pub(super) fn has_token(&self, token: &str) -> bool {
        self.owners.contains_key(token)
    }

    /// Returns every token, including tokens that are no longer valid.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &String> {
        self.owners.keys()
    }
}
