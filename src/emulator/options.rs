//! What an emulator is started with.

use super::admins::{Admin, Role, USERNAME};
use super::clock::moment;
use super::{Given, Misuse};
use crate::protocol::limits;
use std::collections::BTreeMap;
use std::fmt;

/// No lifetime is longer than this (a hundred years, in milliseconds), so that every date stays
/// one.
const LONGEST_MS: f64 = 100.0 * 365.0 * 86_400_000.0;
/// A header that holds a bearer token takes no more of it.
const TOKEN: usize = 4096;

/// The settings of an [`Emulator`](super::Emulator).
///
/// ```
/// use social_plus_auth::emulator::Options;
/// let options = Options { secure_mode: true, ..Options::default() };
/// assert_eq!(options.auth_token_lifetime_ms, 600_000.0);
/// ```
#[derive(Clone)]
pub struct Options {
    /// Names the network. Default: drawn.
    pub api_key: Option<String>,
    /// What the backend mints auth tokens with. Default: drawn.
    pub server_key: Option<String>,
    /// What visitors' sessions are signed with. Default: drawn.
    pub visitor_secret: Option<String>,
    /// The users of the console. Default: a super-admin `root` and an admin `admin`.
    pub admins: Vec<Admin>,
    /// Whether a session needs an auth token. Default: false.
    pub secure_mode: bool,
    /// Whether visitors are let in. Default: true.
    pub visitors: bool,
    /// Whether bots are let in. Default: true.
    pub bots: bool,
    /// Whether a visitor's session needs a signature. Default: false.
    pub secure_visitor_mode: bool,
    /// How many reads visitors and bots have together on one day (UTC). Default: 100.
    pub visitor_daily_quota: f64,
    /// Whether minting and administration need a client certificate, as long as secure mode is on.
    /// Default: false.
    pub mtls: bool,
    /// Default: thirty days.
    pub access_token_lifetime_ms: f64,
    /// Default: ten minutes.
    pub auth_token_lifetime_ms: f64,
    /// Default: 365 days.
    pub admin_token_lifetime_ms: f64,
    /// Where the clock stands still at the start; without it goes along with the real one.
    pub now: Option<f64>,
    /// Makes every token and id repeatable.
    pub seed: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            api_key: None,
            server_key: None,
            visitor_secret: None,
            admins: vec![
                Admin {
                    username: "root".into(),
                    role: Role::SuperAdmin,
                    token: None,
                },
                Admin {
                    username: "admin".into(),
                    role: Role::Admin,
                    token: None,
                },
            ],
            secure_mode: false,
            visitors: true,
            bots: true,
            secure_visitor_mode: false,
            visitor_daily_quota: 100.0,
            mtls: false,
            access_token_lifetime_ms: limits::ACCESS_TOKEN_LIFETIME_MS,
            auth_token_lifetime_ms: limits::AUTH_TOKEN_LIFETIME_MS,
            admin_token_lifetime_ms: 365.0 * 86_400_000.0,
            now: None,
            seed: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("secure_mode", &self.secure_mode)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// Reads what a JavaScript caller gave.
    ///
    /// # Errors
    /// Names the first field that is wrong or unknown; never its value.
    pub fn read(mut given: Given) -> Result<Self, Misuse> {
        let default = Self::default();
        let mut lifetime = |name: &str, default: f64| match given.number(name)? {
            None => Ok(default),
            Some(ms) if (1.0..=LONGEST_MS).contains(&ms) => Ok(ms.floor()),
            Some(_) => Err(Misuse::new(format!(
                "`{name}` must be between a millisecond and a hundred years, in milliseconds."
            ))),
        };
        let options = Self {
            access_token_lifetime_ms: lifetime(
                "accessTokenLifetimeMs",
                default.access_token_lifetime_ms,
            )?,
            auth_token_lifetime_ms: lifetime(
                "authTokenLifetimeMs",
                default.auth_token_lifetime_ms,
            )?,
            admin_token_lifetime_ms: lifetime(
                "adminTokenLifetimeMs",
                default.admin_token_lifetime_ms,
            )?,
            api_key: key(&mut given, "apiKey")?,
            server_key: key(&mut given, "serverKey")?,
            visitor_secret: text(&mut given, "visitorSecret", 1024)?,
            admins: given.list("admins")?.map_or(Ok(default.admins), admins)?,
            secure_mode: given.flag("secureMode")?.unwrap_or(default.secure_mode),
            visitors: given.flag("visitors")?.unwrap_or(default.visitors),
            bots: given.flag("bots")?.unwrap_or(default.bots),
            secure_visitor_mode: given
                .flag("secureVisitorMode")?
                .unwrap_or(default.secure_visitor_mode),
            visitor_daily_quota: given
                .number("visitorDailyQuota")?
                .unwrap_or(default.visitor_daily_quota),
            mtls: given.flag("mtls")?.unwrap_or(default.mtls),
            now: given
                .number("now")?
                .map(|ms| moment("now", ms))
                .transpose()?
                .map(f64::floor),
            seed: given.number("seed")?,
        };
        if options.seed.is_some_and(|seed| !seed.is_finite()) {
            return Err(Misuse::new("`seed` must be a finite number."));
        }
        let quota = options.visitor_daily_quota;
        if !(quota >= 0.0 && (quota.fract() == 0.0 || quota.is_infinite())) {
            return Err(Misuse::new(
                "`visitorDailyQuota` must be a whole number of reads, 0 or more, or Infinity.",
            ));
        }
        if options.mtls && !options.secure_mode {
            return Err(Misuse::new(
                "`mtls` needs `secureMode: true`: the console offers it in secure mode only.",
            ));
        }
        given.nothing_left()?;
        Ok(options)
    }
}

/// Whether a header can carry it.
fn is_credential(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A key that a header can carry.
fn key(given: &mut Given, name: &str) -> Result<Option<String>, Misuse> {
    let key = given.text(name)?;
    match &key {
        Some(text) if !is_credential(text, limits::SERVER_KEY as usize) => {
            Err(Misuse::new(format!(
                "`{name}` must be 1 to {} visible ASCII characters.",
                limits::SERVER_KEY
            )))
        }
        _ => Ok(key),
    }
}

/// A text of any characters, which is sent nowhere.
fn text(given: &mut Given, name: &str, most: usize) -> Result<Option<String>, Misuse> {
    let text = given.text(name)?;
    match &text {
        Some(text) if !(1..=most).contains(&text.len()) => Err(Misuse::new(format!(
            "`{name}` must be 1 to {most} bytes of text."
        ))),
        _ => Ok(text),
    }
}

/// The users of the console, each with a name and a token of its own.
fn admins(list: Vec<BTreeMap<String, String>>) -> Result<Vec<Admin>, Misuse> {
    let mut admins: Vec<Admin> = Vec::new();
    for mut fields in list {
        let username = fields
            .remove("username")
            .filter(|name| (1..=USERNAME).contains(&limits::utf16_len(name)));
        let role = match fields.remove("role").as_deref() {
            Some("super-admin") => Some(Role::SuperAdmin),
            Some("admin") => Some(Role::Admin),
            Some("none") => Some(Role::None),
            _ => None,
        };
        let token = fields.remove("token");
        let (Some(username), Some(role), true) = (username, role, fields.is_empty()) else {
            return Err(Misuse::new(
                "`admins` must be a list of { username, role, token? }: a name of 1 to 50 characters, and 'super-admin', 'admin' or 'none'.",
            ));
        };
        if token
            .as_ref()
            .is_some_and(|token| !is_credential(token, TOKEN))
        {
            return Err(Misuse::new(format!(
                "`admins` has a `token` that is not 1 to {TOKEN} visible ASCII characters."
            )));
        }
        if admins
            .iter()
            .any(|other| other.username == username || token.is_some() && other.token == token)
        {
            return Err(Misuse::new("`admins` has a `username` or a `token` twice."));
        }
        admins.push(Admin {
            username,
            role,
            token,
        });
    }
    Ok(admins)
}
