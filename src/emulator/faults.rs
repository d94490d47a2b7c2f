//! Faults that a test asks for: the next requests that match get another answer, a late one, half
//! of one, or none.

use super::message::{Reply, Request};
use super::{errors, Given, Misuse};

/// Headers that say how a message is framed: the carrier's own affair, and an untrue one would
/// break more than the fault means to.
const FRAMING: [&str; 4] = [
    "connection",
    "content-length",
    "keep-alive",
    "transfer-encoding",
];
/// The longest delay that a JavaScript timer can wait, in milliseconds.
const LONGEST_DELAY_MS: f64 = 2_147_483_647.0;
/// The furthest that the `Date` header is shifted: a hundred years, in milliseconds.
const FURTHEST_SKEW_MS: f64 = 3_153_600_000_000.0;

/// When a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drop {
    /// Before the service has seen the request.
    BeforeHandling,
    /// The service acts, and its answer is lost.
    AfterHandling,
}

/// What goes wrong, with which requests, how often.
#[derive(Debug, Clone, Default)]
pub struct Fault {
    /// The path without its query; one that ends in `*` matches whatever begins so. Default: every
    /// path.
    pub path: Option<String>,
    /// The method, in capitals. Default: every method, preflights aside.
    pub method: Option<String>,
    /// How many requests it happens to; infinity is allowed. Default: one.
    pub times: Option<f64>,
    /// With it the service does not act: this is the answer.
    pub status: Option<u16>,
    /// Set on the answer, whoever gives it; names in lower case.
    pub headers: Vec<(String, String)>,
    /// With it the service does not act: this is the answer's body.
    pub body: Option<String>,
    /// How long the answer is held back, in milliseconds. The service has acted by then.
    pub delay_ms: f64,
    /// The connection breaks.
    pub drop: Option<Drop>,
    /// The connection breaks after so many bytes of the answer's body.
    pub truncate_at: Option<usize>,
    /// Shifts the `Date` header, in milliseconds.
    pub clock_skew_ms: f64,
}

impl Fault {
    /// Reads what a JavaScript caller gave.
    ///
    /// # Errors
    /// Names the first field that is wrong or unknown; never its value.
    pub fn read(mut given: Given) -> Result<Self, Misuse> {
        let mut number =
            |name: &str, within: &dyn Fn(f64) -> bool, what: &str| match given.number(name)? {
                Some(number) if !within(number) => {
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
            &|n| (0.0..=LONGEST_DELAY_MS).contains(&n),
            "from 0 to 2147483647 milliseconds",
        )?;
        let truncate_at = number(
            "truncateAt",
            &|n| (0.0..=1e9).contains(&n) && n.fract() == 0.0,
            "a whole number of bytes, 0 or more",
        )?;
        let clock_skew_ms = number(
            "clockSkewMs",
            &|n| n.abs() <= FURTHEST_SKEW_MS,
            "a number of milliseconds, at most a hundred years",
        )?;
        let drop = match given.flag_or_text("drop")? {
            (Some(true), _) => Some(Drop::BeforeHandling),
            (_, Some(word)) if word == "afterHandling" => Some(Drop::AfterHandling),
            (_, Some(_)) => {
                return Err(Misuse::new(
                    "`drop` must be true, false or 'afterHandling'.",
                ))
            }
            _ => None,
        };
        let headers = given
            .texts("headers")?
            .unwrap_or_default()
            .into_iter()
            .map(header)
            .collect::<Result<_, _>>()?;
        let fault = Self {
            path: given.text("path")?,
            method: given
                .text("method")?
                .map(|method| method.to_ascii_uppercase()),
            times,
            status: status.map(|status| status as u16),
            headers,
            body: given.text("body")?,
            delay_ms: delay_ms.unwrap_or(0.0),
            drop,
            truncate_at: truncate_at.map(|bytes| bytes as usize),
            clock_skew_ms: clock_skew_ms.unwrap_or(0.0),
        };
        given.nothing_left()?;
        if fault.does_nothing() {
            return Err(Misuse::new(
                "A fault needs an effect: `status`, `headers`, `body`, `delayMs`, `drop`, `truncateAt` or `clockSkewMs`.",
            ));
        }
        Ok(fault)
    }

    fn does_nothing(&self) -> bool {
        let answers = self.status.is_some() || self.body.is_some() || !self.headers.is_empty();
        !answers
            && self.delay_ms == 0.0
            && self.drop.is_none()
            && self.truncate_at.is_none()
            && self.clock_skew_ms == 0.0
    }

    fn matches(&self, request: &Request, preflight: bool) -> bool {
        let path = match self
            .path
            .as_deref()
            .map(|path| (path, path.strip_suffix('*')))
        {
            None => true,
            Some((_, Some(beginning))) => request.path().starts_with(beginning),
            Some((path, None)) => request.path() == path,
        };
        let method = self
            .method
            .as_deref()
            .map_or(!preflight, |method| method == request.method());
        path && method
    }

    /// The answer that the service is kept from giving, if this fault has one of its own.
    pub(super) fn instead(&self) -> Option<Reply> {
        if self.status.is_none() && self.body.is_none() {
            return None;
        }
        let body = self.body.as_deref().unwrap_or_default();
        let kind = if body.starts_with(['{', '[', '"']) {
            errors::JSON
        } else {
            errors::TEXT
        };
        Some(Reply::new(self.status.unwrap_or(200), kind, body))
    }
}

/// A header that every carrier accepts.
fn header((name, value): (String, String)) -> Result<(String, String), Misuse> {
    let name = name.to_ascii_lowercase();
    let token = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if !token {
        Err(Misuse::new(
            "`headers` has a name that HTTP does not allow.",
        ))
    } else if FRAMING.contains(&name.as_str()) {
        Err(Misuse::new(format!(
            "`headers` must not set {name}: use `truncateAt` or `drop`."
        )))
    } else if !value
        .bytes()
        .all(|b| b == b'\t' || (b' '..=b'~').contains(&b))
    {
        Err(Misuse::new(format!(
            "`headers` has a value for {name} that is not plain ASCII."
        )))
    } else {
        Ok((name, value))
    }
}

/// Those that are still to happen, in the order in which they were added.
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

    /// The first one that matches, which then has happened once more.
    pub(super) fn take(&mut self, request: &Request, preflight: bool) -> Option<Fault> {
        let place = self
            .0
            .iter()
            .position(|(fault, _)| fault.matches(request, preflight))?;
        let (fault, left) = self.0.get_mut(place)?;
        let fault = fault.clone();
        *left -= 1.0;
        if *left < 1.0 {
            self.0.remove(place);
        }
        Some(fault)
    }
}
