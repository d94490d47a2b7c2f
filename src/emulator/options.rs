//! The settings of an emulator, and how they are parsed from JavaScript.

use super::admins::{Admin, Role};
use super::clock::check_timestamp;
use super::{Misuse, RawFields};
use crate::protocol::limits;
use std::collections::BTreeMap;
use std::fmt;

/// The longest lifetime: a hundred years, in milliseconds. With this limit, every expiry is a valid
/// date.
const MAX_LIFETIME_MS: f64 = 100.0 * 365.0 * 86_400_000.0;
/// The maximum length of an admin token, with which the token fits into a header.
const MAX_ADMIN_TOKEN_BYTES: usize = 4096;
const MAX_VISITOR_SECRET_BYTES: usize = 1024;
const DEFAULT_ADMIN_TOKEN_LIFETIME_MS: f64 = 365.0 * 86_400_000.0;
const DEFAULT_VISITOR_DAILY_QUOTA: f64 = 100.0;

/// The settings of an [`Emulator`](super::Emulator).
///
/// ```
/// use social_plus_auth::emulator::Options;
/// let options = Options { secure_mode: true, ..Options::default() };
/// assert_eq!(options.auth_token_lifetime_ms, 600_000.0);
/// ```
#[derive(Clone)]
pub struct Options {
    /// The API key, which identifies the network. Default: random.
    pub api_key: Option<String>,
    /// The server key, with which a backend mints auth tokens. Default: random.
    pub server_key: Option<String>,
    /// The secret that signs visitor sessions. Default: random.
    pub visitor_secret: Option<String>,
    /// The console users. Default: a super-admin `root` and an admin `admin`.
    pub admins: Vec<Admin>,
    /// Whether creating a session requires an auth token. Default: false.
    pub secure_mode: bool,
    /// Whether visitors can create sessions. Default: true.
    pub visitors: bool,
    /// Whether bots can create sessions. Default: true.
    pub bots: bool,
    /// Whether a visitor session requires a signature. Default: false.
    pub secure_visitor_mode: bool,
    /// The number of reads that all visitors and bots share per day (UTC). Default: 100.
    pub visitor_daily_quota: f64,
    /// The origins whose pages can read responses, besides loopback origins. Default: none.
    pub allow_origins: Vec<String>,
    /// Whether minting and administration require a client certificate while secure mode is on.
    /// Default: false.
    pub mtls: bool,
    /// The lifetime of access tokens, in milliseconds. Default: 30 days.
    pub access_token_lifetime_ms: f64,
    /// The lifetime of auth tokens, in milliseconds. Default: 10 minutes.
    pub auth_token_lifetime_ms: f64,
    /// The lifetime of admin tokens, in milliseconds. Default: 365 days.
    pub admin_token_lifetime_ms: f64,
    /// The time at which a frozen [`Clock`](super::Clock) starts, in milliseconds since the epoch.
    /// Default: the clock follows the real time. [`Emulator`](super::Emulator) itself ignores this
    /// option.
    pub now: Option<f64>,
    /// The seed from which every key, token and id derives that no other option sets. The same seed
    /// makes them repeatable. Default: they derive from the entropy that
    /// [`Emulator::new`](super::Emulator::new) takes.
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
            visitor_daily_quota: DEFAULT_VISITOR_DAILY_QUOTA,
            allow_origins: Vec::new(),
            mtls: false,
            access_token_lifetime_ms: limits::ACCESS_TOKEN_LIFETIME_MS,
            auth_token_lifetime_ms: limits::AUTH_TOKEN_LIFETIME_MS,
            admin_token_lifetime_ms: DEFAULT_ADMIN_TOKEN_LIFETIME_MS,
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
    /// Parses the options that a JavaScript caller passes.
    ///
    /// # Errors
    /// If a field is invalid or unknown. The message never contains the value of a field.
    pub fn parse(mut fields: RawFields) -> Result<Self, Misuse> {
        let default = Self::default();
        let mut lifetime = |name: &str, default: f64| match fields.take_number(name)? {
            None => Ok(default),
            Some(ms) if (1.0..=MAX_LIFETIME_MS).contains(&ms) => Ok(ms.floor()),
            Some(_) => Err(Misuse::new(format!(
                "`{name}` must be 1 millisecond to 100 years, in milliseconds."
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
            api_key: take_key(&mut fields, "apiKey")?,
            server_key: take_key(&mut fields, "serverKey")?,
            visitor_secret: take_text(&mut fields, "visitorSecret", MAX_VISITOR_SECRET_BYTES)?,
            admins: fields
                .take_string_maps("admins")?
                .map_or(Ok(default.admins), parse_admins)?,
            secure_mode: fields
                .take_bool("secureMode")?
                .unwrap_or(default.secure_mode),
            visitors: fields.take_bool("visitors")?.unwrap_or(default.visitors),
            bots: fields.take_bool("bots")?.unwrap_or(default.bots),
            secure_visitor_mode: fields
                .take_bool("secureVisitorMode")?
                .unwrap_or(default.secure_visitor_mode),
            visitor_daily_quota: fields
                .take_number("visitorDailyQuota")?
                .unwrap_or(default.visitor_daily_quota),
            allow_origins: take_origins(&mut fields)?,
            mtls: fields.take_bool("mtls")?.unwrap_or(default.mtls),
            now: fields
                .take_number("now")?
                .map(|ms| check_timestamp("now", ms))
                .transpose()?
                .map(f64::floor),
            seed: fields.take_number("seed")?,
        };
        if options.seed.is_some_and(|seed| !seed.is_finite()) {
            return Err(Misuse::new("`seed` must be a finite number."));
        }
        let quota = options.visitor_daily_quota;
        if !(quota >= 0.0 && (quota.fract() == 0.0 || quota.is_infinite())) {
            return Err(Misuse::new(
                "`visitorDailyQuota` must be a whole number of at least 0, or Infinity.",
            ));
        }
        if options.mtls && !options.secure_mode {
            return Err(Misuse::new(
                "`mtls` requires `secureMode: true`, as in the console.",
            ));
        }
        fields.reject_unknown()?;
        Ok(options)
    }
}

/// Returns whether a text consists of 1 to `max` characters that a header may contain.
fn is_credential(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Takes a key that is sent in a header.
fn take_key(fields: &mut RawFields, name: &str) -> Result<Option<String>, Misuse> {
    let key = fields.take_string(name)?;
    match &key {
        Some(text) if !is_credential(text, limits::MAX_SERVER_KEY_LENGTH as usize) => {
            Err(Misuse::new(format!(
                "`{name}` must be 1 to {} visible ASCII characters.",
                limits::MAX_SERVER_KEY_LENGTH
            )))
        }
        _ => Ok(key),
    }
}

/// Takes a text that may contain any characters, because it is never sent.
fn take_text(fields: &mut RawFields, name: &str, max: usize) -> Result<Option<String>, Misuse> {
    let text = fields.take_string(name)?;
    match &text {
        Some(text) if !(1..=max).contains(&text.len()) => Err(Misuse::new(format!(
            "`{name}` must be 1 to {max} bytes of UTF-8 (got {}).",
            text.len()
        ))),
        _ => Ok(text),
    }
}

/// Takes the origins of other pages, each as browsers send it: in lower case and without a path.
fn take_origins(fields: &mut RawFields) -> Result<Vec<String>, Misuse> {
    let origins = fields.take_string_list("allowOrigins")?.unwrap_or_default();
    let is_origin = |origin: &String| {
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let is_plain = |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase() && b != b'/';
        origin == "null" || !host.is_empty() && host.bytes().all(is_plain)
    };
    if origins.iter().all(is_origin) {
        return Ok(origins);
    }
    Err(Misuse::new(
        "`allowOrigins` must be a list of origins as browsers send them, like \
         'https://app.example:8443': lower case, without a path or trailing slash.",
    ))
}

/// Parses the console users and checks that their names and tokens are unique.
fn parse_admins(list: Vec<BTreeMap<String, String>>) -> Result<Vec<Admin>, Misuse> {
    let mut admins: Vec<Admin> = Vec::new();
    for mut fields in list {
        let username = fields
            .remove("username")
            .filter(|name| (1..=limits::MAX_USERNAME_LENGTH).contains(&limits::utf16_len(name)));
        let role = match fields.remove("role").as_deref() {
            Some("super-admin") => Some(Role::SuperAdmin),
            Some("admin") => Some(Role::Admin),
            Some("none") => Some(Role::None),
            _ => None,
        };
        let token = fields.remove("token");
        let (Some(username), Some(role), true) = (username, role, fields.is_empty()) else {
            return Err(Misuse::new(format!(
                "`admins` must be a list of {{ username, role, token? }}: `username` has 1 to {} \
                 characters, `role` is 'super-admin', 'admin' or 'none'.",
                limits::MAX_USERNAME_LENGTH
            )));
        };
        if token
            .as_ref()
            .is_some_and(|token| !is_credential(token, MAX_ADMIN_TOKEN_BYTES))
        {
            return Err(Misuse::new(format!(
                "Each `token` in `admins` must be 1 to {MAX_ADMIN_TOKEN_BYTES} visible ASCII \
                 characters."
            )));
        }
        if admins
            .iter()
            .any(|other| other.username == username || token.is_some() && other.token == token)
        {
            return Err(Misuse::new(
                "Each `username` and each `token` in `admins` must be unique.",
            ));
        }
        admins.push(Admin {
            username,
            role,
            token,
        });
    }
    Ok(admins)
}
