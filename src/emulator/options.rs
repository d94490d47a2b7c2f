//! What an emulator is started with.

use super::clock::moment;
use super::{Given, Misuse};
use crate::protocol::limits;
use std::fmt;

/// No lifetime is longer than this (a hundred years, in milliseconds), so that every date stays one.
const LONGEST_MS: f64 = 100.0 * 365.0 * 86_400_000.0;

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
    /// Whether a session needs an auth token. Default: false.
    pub secure_mode: bool,
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
            secure_mode: false,
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
        f.debug_struct("Options").field("secure_mode", &self.secure_mode).field("now", &self.now).finish_non_exhaustive()
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
            Some(_) => Err(Misuse::new(format!("`{name}` must be between a millisecond and a hundred years, in milliseconds."))),
        };
        let options = Self {
            access_token_lifetime_ms: lifetime("accessTokenLifetimeMs", default.access_token_lifetime_ms)?,
            auth_token_lifetime_ms: lifetime("authTokenLifetimeMs", default.auth_token_lifetime_ms)?,
            admin_token_lifetime_ms: lifetime("adminTokenLifetimeMs", default.admin_token_lifetime_ms)?,
            api_key: key(&mut given, "apiKey")?,
            server_key: key(&mut given, "serverKey")?,
            secure_mode: given.flag("secureMode")?.unwrap_or(default.secure_mode),
            now: given.number("now")?.map(|ms| moment("now", ms)).transpose()?.map(f64::floor),
            seed: given.number("seed")?,
        };
        if options.seed.is_some_and(|seed| !seed.is_finite()) {
            return Err(Misuse::new("`seed` must be a finite number."));
        }
        given.nothing_left()?;
        Ok(options)
    }
}

/// A key that a header can carry.
fn key(given: &mut Given, name: &str) -> Result<Option<String>, Misuse> {
    let key = given.text(name)?;
    match &key {
        Some(text) if text.is_empty() || text.len() > limits::SERVER_KEY as usize || !text.bytes().all(|b| b.is_ascii_graphic()) => {
            Err(Misuse::new(format!("`{name}` must be 1 to {} visible ASCII characters.", limits::SERVER_KEY)))
        }
        _ => Ok(key),
    }
}
