//! Injects faults: a matching request gets a different, late or truncated reply, or no reply.

use super::reply::{Reply, JSON, TEXT};
use super::request::Request;
use super::{Misuse, RawFields};

/// Headers that frame a message or control the connection. A fault must not set them, because the
/// transport sets them.
const FRAMING_HEADERS: [&str; 4] = [
    "connection",
    "content-length",
    "keep-alive",
    "transfer-encoding",
];
/// The longest delay of a JavaScript timer, in milliseconds.
const MAX_DELAY_MS: f64 = 2_147_483_647.0;
/// The largest shift of the `Date` header: a hundred years, in milliseconds.
const MAX_SKEW_MS: f64 = 3_153_600_000_000.0;
const MAX_TRUNCATE_AT: f64 = 1e9;

/// When a dropped connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropPoint {
    /// Before the service handles the request.
    BeforeHandling,
    /// After the service has handled the request. Its reply is lost.
    AfterHandling,
}

/// A failure to inject into matching requests.
///
/// ```
/// use social_plus_auth::emulator::{Emulator, Fault, Options, Request};
///
/// let mut emulator = Emulator::new(Options::default(), 0.0, b"entropy");
/// emulator.add_fault(Fault {
///     status: Some(503),
///     times: Some(1.0),
///     ..Fault::default()
/// });
/// let request = Request::new("GET", "/api/v3/sessions", [("x-trace", "1")], "");
/// assert_eq!(emulator.handle(0.0, &request).status, 503);
/// assert_eq!(emulator.handle(0.0, &request).status, 401);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Fault {
    /// The path to match, without the query. A trailing `*` matches any suffix. Default: every
    /// path.
    pub path: Option<String>,
    /// The method to match, in upper case. Default: every request except preflights.
    pub method: Option<String>,
    /// The number of requests to affect, possibly infinite. Default: 1.
    pub times: Option<f64>,
    /// The status of a reply that replaces the service's own. The service then does not handle the
    /// request. Without effect if `drop` is set.
    pub status: Option<u16>,
    /// Headers to set on the reply, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The body of a reply that replaces the service's own. The service then does not handle the
    /// request. Without effect if `drop` is set.
    pub body: Option<String>,
    /// How long to hold the reply back after the service has handled the request, in milliseconds.
    pub delay_ms: f64,
    /// Breaks the connection so that no reply arrives.
    pub drop: Option<DropPoint>,
    /// Breaks the connection after this number of bytes of the reply's body. Without effect if the
    /// body is not longer.
    pub truncate_at: Option<usize>,
    /// The shift of the `Date` header, in milliseconds, positive or negative.
    pub clock_skew_ms: f64,
}

impl Fault {
    /// Parses a fault that a JavaScript caller passes.
    ///
    /// # Errors
    /// If a field is invalid or unknown, or the fault has no effect. The message never contains the
    /// value of a field.
    pub fn parse(mut fields: RawFields) -> Result<Self, Misuse> {
        let mut number = |name: &str, is_valid: &dyn Fn(f64) -> bool, what: &str| match fields
            .take_number(name)?
        {
            Some(number) if !is_valid(number) => {
                Err(Misuse::new(format!("`{name}` must be {what}.")))
            }
            number => Ok(number),
        };
        let times = number(
            "times",
            &|n| n >= 1.0 && (n.fract() == 0.0 || n.is_infinite()),
            "a whole number of at least 1, or Infinity",
        )?;
        let status = number(
            "status",
            &|n| (200.0..=599.0).contains(&n) && n.fract() == 0.0,
            "a whole number from 200 to 599",
        )?;
        let delay_ms = number(
            "delayMs",
            &|n| (0.0..=MAX_DELAY_MS).contains(&n),
            "0 to 2147483647 milliseconds",
        )?;
        let truncate_at = number(
            "truncateAt",
            &|n| (0.0..=MAX_TRUNCATE_AT).contains(&n) && n.fract() == 0.0,
            "a whole number of bytes from 0 to 1000000000",
        )?;
        let clock_skew_ms = number(
            "clockSkewMs",
            &|n| n.abs() <= MAX_SKEW_MS,
            "at most 100 years in either direction, in milliseconds",
        )?;
        let drop = match fields.take_bool_or_string("drop")? {
            (Some(true), _) => Some(DropPoint::BeforeHandling),
            (_, Some(word)) if word == "afterHandling" => Some(DropPoint::AfterHandling),
            (_, Some(_)) => {
                return Err(Misuse::new(
                    "`drop` must be true, false or 'afterHandling'.",
                ))
            }
            _ => None,
        };
        let headers = fields
            .take_string_map("headers")?
            .unwrap_or_default()
            .into_iter()
            .map(check_header)
            .collect::<Result<_, _>>()?;
        let fault = Self {
            path: fields.take_string("path")?,
            method: fields
                .take_string("method")?
                .map(|method| method.to_ascii_uppercase()),
            times,
            status: status.map(|status| status as u16),
            headers,
            body: fields.take_string("body")?,
            delay_ms: delay_ms.unwrap_or(0.0),
            drop,
            truncate_at: truncate_at.map(|bytes| bytes as usize),
            clock_skew_ms: clock_skew_ms.unwrap_or(0.0),
        };
        fields.reject_unknown()?;
        if !fault.has_effect() {
            return Err(Misuse::new(
                "A fault needs an effect: set `status`, `headers`, `body`, `delayMs`, `drop`, \
                 `truncateAt` or `clockSkewMs`.",
            ));
        }
        Ok(fault)
    }

    fn has_effect(&self) -> bool {
        self.status.is_some()
            || self.body.is_some()
            || !self.headers.is_empty()
            || self.delay_ms != 0.0
            || self.drop.is_some()
            || self.truncate_at.is_some()
            || self.clock_skew_ms != 0.0
    }

    fn matches(&self, request: &Request, is_preflight: bool) -> bool {
        let path_matches = match self
            .path
            .as_deref()
            .map(|path| (path, path.strip_suffix('*')))
        {
            None => true,
            Some((_, Some(prefix))) => request.path().starts_with(prefix),
            Some((path, None)) => request.path() == path,
        };
        let method_matches = self
            .method
            .as_deref()
            .map_or(!is_preflight, |method| method == request.method());
        path_matches && method_matches
    }

    /// Returns the reply that replaces the service's own, if this fault has one.
    pub(super) fn replacement_reply(&self) -> Option<Reply> {
        if self.status.is_none() && self.body.is_none() {
            return None;
        }
        let body = self.body.as_deref().unwrap_or_default();
        let kind = if body.starts_with(['{', '[', '"']) {
            JSON
        } else {
            TEXT
        };
        Some(Reply::new(self.status.unwrap_or(200), kind, body))
    }
}

/// Checks that every transport accepts a header, and converts its name to lower case.
fn check_header((name, value): (String, String)) -> Result<(String, String), Misuse> {
    let name = name.to_ascii_lowercase();
    let is_token = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if !is_token {
        Err(Misuse::new(
            "`headers` contains a name that HTTP does not allow.",
        ))
    } else if FRAMING_HEADERS.contains(&name.as_str()) {
        Err(Misuse::new(format!(
            "`headers` must not set {name}. Use `truncateAt` or `drop` to break a message."
        )))
    } else if !value
        .bytes()
        .all(|b| b == b'\t' || (b' '..=b'~').contains(&b))
    {
        Err(Misuse::new(format!(
            "`headers` must have printable ASCII characters as the value of {name}."
        )))
    } else {
        Ok((name, value))
    }
}

/// The pending faults, oldest first, each with the number of requests that it will still affect.
#[derive(Default)]
pub(super) struct Faults(Vec<(Fault, f64)>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        let times = fault.times.unwrap_or(1.0);
        self.0.push((fault, times));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the first fault that matches a request, and counts it as used once.
    pub(super) fn take(&mut self, request: &Request, is_preflight: bool) -> Option<Fault> {
        let index = self
            .0
            .iter()
            .position(|(fault, _)| fault.matches(request, is_preflight))?;
        let (fault, remaining) = self.0.get_mut(index)?;
        let fault = fault.clone();
        *remaining -= 1.0;
        if *remaining < 1.0 {
            self.0.remove(index);
        }
        Some(fault)
    }
}
