//! The address of the service: a region, or a complete endpoint (`docs/contract.md`, "Hosts").

use super::{Error, Secret};

const REGIONS: [&str; 3] = ["eu", "sg", "us"];

/// A valid base URL without a trailing slash, as three texts to concatenate. For an endpoint, the
/// last two are empty.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a>([&'a str; 3]);

impl<'a> Service<'a> {
    /// Creates a service from either `region` (`eu`, `sg` or `us`, in upper or lower case) or
    /// `endpoint`.
    ///
    /// # Errors
    /// `config` if neither or both are given, for an unknown region, and for an endpoint that is
    /// not a valid URL, that is neither `https:` nor `http:` on a loopback host, or that has user
    /// info, a query or a fragment.
    ///
    /// ```
    /// use social_plus_auth::protocol::Service;
    /// assert!(Service::new(Some("EU"), None).is_ok());
    /// assert!(Service::new(None, Some("https://proxy.example.test/amity/")).is_ok());
    /// assert!(Service::new(None, Some("http://127.0.0.1:8080")).is_ok());
    /// assert!(Service::new(None, Some("http://example.test")).is_err());
    /// ```
    pub fn new(region: Option<&str>, endpoint: Option<&'a str>) -> Result<Self, Error> {
        match (region, endpoint) {
            (Some(region), None) => {
                let region = REGIONS
                    .into_iter()
                    .find(|known| known.eq_ignore_ascii_case(region));
                let region = region.ok_or_else(|| {
                    Error::config(
                        "region",
                        "must be 'eu', 'sg' or 'us'; pass any other host as `endpoint`.",
                    )
                })?;
                Ok(Service(["https://apix.", region, ".amity.co"]))
            }
            (None, Some(endpoint)) => Ok(Service([check_endpoint(endpoint)?, "", ""])),
            _ => Err(Error::config(
                "region",
                "('eu', 'sg', 'us') or `endpoint` (a complete URL) is required, but not both.",
            )),
        }
    }

    /// Returns the URL of `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> Secret {
        let mut url = Secret::with_capacity(256);
        self.0
            .into_iter()
            .chain([path])
            .for_each(|part| url.push_str(part));
        url
    }
}

/// Checks an endpoint and returns it without its trailing slashes.
fn check_endpoint(endpoint: &str) -> Result<&str, Error> {
    let bytes = endpoint.as_bytes();
    // Two URL parsers could disagree about the host if the endpoint contained other characters.
    let is_plain = bytes
        .iter()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'@' | b'?' | b'#'));
    let https = strip_scheme(bytes, b"https://");
    let host = https
        .or_else(|| strip_scheme(bytes, b"http://"))
        .and_then(parse_host);
    if !is_plain || !host.is_some_and(|host| https.is_some() || is_loopback(host)) {
        return Err(Error::config(
            "endpoint",
            "must be a complete https:// URL (http:// only on a loopback host) \
             without user info, query or fragment.",
        ));
    }
    Ok(endpoint.trim_end_matches('/'))
}

/// Returns the rest of an address that starts with `scheme`, in upper or lower case; `None` if the
/// address starts with anything else.
fn strip_scheme<'a>(address: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = address.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Returns the host of an address whose scheme was removed; `None` if the host is missing or
/// invalid, or if the port is invalid.
pub(crate) fn parse_host(rest: &[u8]) -> Option<&[u8]> {
    let authority = rest.split(|b| *b == b'/').next()?;
    // The port follows the last colon, unless that colon is part of an IPv6 address.
    let colon = authority
        .iter()
        .rposition(|b| *b == b':')
        .filter(|_| !authority.ends_with(b"]"))
        .unwrap_or(authority.len());
    let (host, port) = (
        authority.get(..colon)?,
        authority.get(colon + 1..).unwrap_or_default(),
    );
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let is_address = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let is_host = match host {
        [b'[', inside @ .., b']'] => inside.iter().all(is_address),
        _ => !host.is_empty() && host.iter().all(is_name),
    };
    (is_host && is_number_up_to(port, 65_535)).then_some(host)
}

/// Returns whether the text is a decimal number of at most `max`. An empty text counts as 0.
fn is_number_up_to(digits: &[u8], max: u32) -> bool {
    let number = digits.iter().try_fold(0, |number, b| {
        Some(number * 10 + char::from(*b).to_digit(10)?).filter(|n| *n <= max)
    });
    number.is_some()
}

/// Returns whether a host is `localhost`, `[::1]` or in 127.0.0.0/8.
pub(crate) fn is_loopback(host: &[u8]) -> bool {
    let mut parts = 0;
    let mut is_part = |part: &[u8]| {
        parts += 1;
        !part.is_empty() && is_number_up_to(part, 255)
    };
    let is_127 =
        host.starts_with(b"127.") && host.split(|b| *b == b'.').all(&mut is_part) && parts == 4;
    host.eq_ignore_ascii_case(b"localhost") || host == b"[::1]" || is_127
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_case_insensitive() {
        for (region, base) in [
            ("eu", "https://apix.eu.amity.co"),
            ("SG", "https://apix.sg.amity.co"),
            ("Us", "https://apix.us.amity.co"),
        ] {
            assert_eq!(
                Service::new(Some(region), None).unwrap().url("").expose(),
                base
            );
        }
        for region in ["", "de", "eu ", "apix.eu"] {
            assert!(Service::new(Some(region), None).is_err(), "{region}");
        }
    }

    #[test]
    fn exactly_one_of_region_and_endpoint_is_required() {
        assert!(Service::new(None, None).is_err());
        assert!(Service::new(Some("eu"), Some("https://a.test")).is_err());
    }

    #[test]
    fn invalid_and_insecure_endpoints_are_rejected() {
        for endpoint in [
            "",
            "a.test",
            "//a.test",
            "https:a.test",
            "https:///a",
            "https://",
            "ftp://a.test",
            "javascript://a.test",
            "http://a.test",
            "http://127.0.0.1.a.test",
            "http://localhost.a.test",
            "http://127.0.0.1@a.test",
            "http://localhost:80@a.test",
            "http://128.0.0.1",
            "http://127.0.0.+1",
            "http://127.0.0.256",
            "http://127.0.0",
            "http://127.0.0.",
            "http://127.0.0.0.1",
            "https://:8443",
            "https://a.test:99999",
            "https://[zz]",
            "https://[::1",
            "https://a<b",
            "https://a%2eb",
            "https://a.test:+1",
            "https://é.test",
            "http://[::2]",
            "http://localhost:8a",
            "http://0.0.0.0",
            "https://user@a.test",
            "https://a.test?x",
            "https://a.test#x",
            "https://a.test\\@b.test",
            "https://a.test/ x",
            "https://a.test\n",
        ] {
            assert!(Service::new(None, Some(endpoint)).is_err(), "{endpoint}");
        }
    }

    #[test]
    fn https_and_loopback_endpoints_are_accepted() {
        for (endpoint, base) in [
            ("https://a.test", "https://a.test"),
            ("HTTPS://a.test:8443/b//", "HTTPS://a.test:8443/b"),
            ("http://localhost:3000/", "http://localhost:3000"),
            ("http://127.9.9.9", "http://127.9.9.9"),
            ("http://[::1]:80/x/", "http://[::1]:80/x"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(
                Service::new(None, Some(endpoint)).unwrap().url("").expose(),
                base
            );
        }
    }
}
