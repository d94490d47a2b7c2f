//! The users of the console and their admin tokens: who has which role, and which token is still
//! good.

use super::random::Random;
use super::signature::jwt;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;

/// Longest name of a user of the console, in UTF-16 code units.
pub(super) const USERNAME: u32 = 50;

/// What a user of the console may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May revoke any admin's token; issues neither admin tokens nor server keys.
    SuperAdmin,
    /// May do all that an admin token is for, and revoke its own.
    Admin,
    /// May do nothing here.
    None,
}

impl Role {
    /// As options and tokens write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::SuperAdmin => "super-admin",
            Role::Admin => "admin",
            Role::None => "none",
        }
    }
}

/// A user of the console, as the options name them.
#[derive(Clone, PartialEq, Eq)]
pub struct Admin {
    /// 1 to 50 characters.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// Their bearer token at the start. Default: drawn for an admin, none for the others.
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

/// An admin token with the span of time that it is good for.
#[derive(Clone)]
pub(super) struct AdminToken {
    pub(super) text: String,
    pub(super) issued_at: f64,
    pub(super) expires_at: f64,
    revoked: bool,
}

/// Who a good token belongs to.
pub(super) struct Caller {
    pub(super) username: String,
    pub(super) role: Role,
}

/// What a bearer token turned out to be.
pub(super) enum Standing {
    Good(Caller),
    Expired,
    Revoked,
    Unknown,
}

#[derive(Clone)]
struct Member {
    username: String,
    role: Role,
    /// Newest last; all but that one are in their grace period, or past it.
    tokens: Vec<AdminToken>,
}

/// All of them, in the order of the options.
#[derive(Clone)]
pub(super) struct Admins {
    members: Vec<Member>,
    /// Whose each token is, by place.
    owners: HashMap<String, usize>,
    /// What tokens are signed with.
    signing: String,
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
        signing: &str,
        random: &Random,
    ) -> Self {
        let members = list.iter().map(|admin| Member {
            username: admin.username.clone(),
            role: admin.role,
            tokens: Vec::new(),
        });
        let mut admins = Self {
            members: members.collect(),
            owners: HashMap::new(),
            signing: signing.to_owned(),
            lifetime_ms,
        };
        for admin in list {
            match &admin.token {
                Some(token) => admins.add(now, &admin.username, token.clone()),
                // Each has a generator of its own: an admin more shifts nothing.
                None if admin.role == Role::Admin => drop(admins.issue(
                    now,
                    &admin.username,
                    random.fork(&admin.username).hex(16),
                    0.0,
                )),
                None => {}
            }
        }
        admins
    }

    fn member(&self, username: &str) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.username == username)
    }

    /// Whether somebody has this name.
    pub(super) fn has(&self, username: &str) -> bool {
        self.member(username).is_some()
    }

    fn add(&mut self, now: f64, username: &str, text: String) {
        let Some((place, member)) = self
            .members
            .iter_mut()
            .enumerate()
            .find(|(_, member)| member.username == username)
        else {
            return;
        };
        self.owners.insert(text.clone(), place);
        member.tokens.push(AdminToken {
            text,
            issued_at: now,
            expires_at: now + self.lifetime_ms,
            revoked: false,
        });
    }

    /// A new token; the one before stays good for the grace period. `jti` makes it differ from
    /// every other.
    pub(super) fn issue(
        &mut self,
        now: f64,
        username: &str,
        jti: String,
        grace_ms: f64,
    ) -> Option<&AdminToken> {
        let member = self
            .members
            .iter_mut()
            .find(|member| member.username == username)?;
        if let Some(before) = member.tokens.last_mut() {
            before.expires_at = before.expires_at.min(now + grace_ms);
        }
        let (iat, exp) = (
            (now / 1000.0) as i64,
            ((now + self.lifetime_ms) / 1000.0) as i64,
        );
        let text = jwt(
            self.signing.as_bytes(),
            &Claims {
                username,
                role: member.role.name(),
                jti,
                iat,
                exp,
            },
        );
        self.add(now, username, text);
        self.newest(username)
    }

    /// The token that was issued last.
    pub(super) fn newest(&self, username: &str) -> Option<&AdminToken> {
        self.member(username)?.tokens.last()
    }

    /// Every token of a user of the console is over.
    pub(super) fn revoke(&mut self, username: &str) {
        let members = self
            .members
            .iter_mut()
            .filter(|member| member.username == username);
        members
            .flat_map(|member| &mut member.tokens)
            .for_each(|token| token.revoked = true);
    }

    /// What a token is worth now.
    pub(super) fn standing(&self, now: f64, token: &str) -> Standing {
        let member = self
            .owners
            .get(token)
            .and_then(|place| self.members.get(*place));
        let found = member
            .and_then(|member| Some((member, member.tokens.iter().find(|one| one.text == token)?)));
        match found {
            None => Standing::Unknown,
            Some((_, token)) if token.revoked => Standing::Revoked,
            Some((_, token)) if now >= token.expires_at => Standing::Expired,
            Some((member, _)) => Standing::Good(Caller {
                username: member.username.clone(),
                role: member.role,
            }),
        }
    }

    /// The newest token of the first admin, or, if there is none, of the first super-admin. Empty
    /// if no one has any.
    pub(super) fn shown(&self) -> &str {
        let of = |role| {
            self.members
                .iter()
                .filter(move |member| member.role == role)
                .find_map(|member| member.tokens.last())
        };
        of(Role::Admin)
            .or_else(|| of(Role::SuperAdmin))
            .map_or("", |token| &token.text)
    }

    /// Whether a word is an admin token, good or not.
    pub(super) fn knows(&self, token: &str) -> bool {
        self.owners.contains_key(token)
    }

    /// Every token that there ever was.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &String> {
        self.owners.keys()
    }
}
