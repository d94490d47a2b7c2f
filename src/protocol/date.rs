//! Dates as the wire writes them: ISO 8601 in bodies, RFC 9110 in headers. Our own few lines,
//! because a date library is larger than the rest of the browser artifact; both directions are
//! tested against each other over four centuries.

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    if digits {
        text.parse().ok()
    } else {
        None
    }
}

/// Seconds since the epoch; `None` if a part is out of its range.
fn seconds(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<i64> {
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    };
    let inside = (1..=12).contains(&month)
        && (1..=length).contains(&day)
        && (0..24).contains(&hour)
        && minute < 60
        && second <= 60;
    inside.then(|| days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// Milliseconds since the epoch of an ISO 8601 date and time (`2026-01-02T03:04:05.678Z`,
/// `…+07:00`); one without a zone is taken as UTC.
///
/// ```
/// use social_plus_auth::protocol::date::parse_iso;
/// assert_eq!(parse_iso("1970-01-01T00:00:01.5Z"), Some(1500.0));
/// assert_eq!(parse_iso("1970-01-01T07:00:00+07:00"), Some(0.0));
/// assert_eq!(parse_iso("yesterday"), None);
/// ```
pub fn parse_iso(text: &str) -> Option<f64> {
    let field = |from: usize, to: usize| number(text.get(from..to)?);
    let mark = |at: usize, among: &[u8]| text.as_bytes().get(at).filter(|b| among.contains(b));
    mark(4, b"-")
        .and(mark(7, b"-"))
        .and(mark(10, b"Tt "))
        .and(mark(13, b":"))
        .and(mark(16, b":"))?;
    let whole = seconds(
        field(0, 4)?,
        field(5, 7)?,
        field(8, 10)?,
        field(11, 13)?,
        field(14, 16)?,
        field(17, 19)?,
    )?;
    let mut rest = text.get(19..)?;
    let mut milliseconds = 0.0;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let end = fraction
            .bytes()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(fraction.len());
        // More digits than milliseconds carry nothing that we use.
        let digits = fraction.get(..end.min(3))?;
        milliseconds = number(digits)? as f64 * [100.0, 10.0, 1.0].get(digits.len() - 1)?;
        rest = fraction.get(end..)?;
    }
    let zone = match rest.as_bytes().first() {
        None => 0,
        Some(b'Z' | b'z') if rest.len() == 1 => 0,
        Some(sign @ (b'+' | b'-')) => {
            let minutes =
                number(rest.get(1..3)?)? * 60 + number(rest.get(3..)?.trim_start_matches(':'))?;
            if *sign == b'+' {
                minutes
            } else {
                -minutes
            }
        }
        _ => return None,
    };
    Some((whole - zone * 60) as f64 * 1000.0 + milliseconds)
}

/// Milliseconds since the epoch of an HTTP date as servers write it today (`Sun, 06 Nov 1994
/// 08:49:37 GMT`).
///
/// ```
/// use social_plus_auth::protocol::date::parse_http;
/// assert_eq!(parse_http("Thu, 01 Jan 1970 00:00:10 GMT"), Some(10_000.0));
/// assert_eq!(parse_http("10"), None);
/// ```
pub fn parse_http(text: &str) -> Option<f64> {
    let rest = text.get(3..)?.strip_prefix(", ")?.strip_suffix(" GMT")?;
    let mut parts = rest.split([' ', ':']);
    let day = number(parts.next()?)?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|m| *m == name)? as i64 + 1;
    let mut next = || number(parts.next()?);
    Some(seconds(next()?, month, day, next()?, next()?, next()?)? as f64 * 1000.0)
}

#[cfg(any(feature = "client", feature = "emulator", feature = "edge"))]
pub use format::*;

#[cfg(any(feature = "client", feature = "emulator", feature = "edge"))]
mod format {
    use super::{DAY, MONTHS};
    use alloc::{format, string::String};

    /// Year, month, day, second of the day, day of the week (0: Thursday), millisecond.
    fn civil(ms: f64) -> (i64, i64, i64, i64, i64, i64) {
        let ms = ms as i64;
        let (second, milli) = (ms.div_euclid(1000), ms.rem_euclid(1000));
        let (day, second) = (second.div_euclid(DAY), second.rem_euclid(DAY));
        let z = day + 719_468;
        let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let m = (5 * of_year + 2) / 153;
        let month = if m < 10 { m + 3 } else { m - 9 };
        let date = of_year - (153 * m + 2) / 5 + 1;
        (
            year + era * 400 + i64::from(month <= 2),
            month,
            date,
            second,
            day.rem_euclid(7),
            milli,
        )
    }

    /// `2026-01-02T03:04:05.678Z` of milliseconds since the epoch: ISO 8601 with milliseconds, as
    /// `Date.prototype.toISOString` writes it.
    ///
    /// ```
    /// use social_plus_auth::protocol::date::format_iso;
    /// assert_eq!(format_iso(1500.0), "1970-01-01T00:00:01.500Z");
    /// ```
    pub fn format_iso(ms: f64) -> String {
        let (year, month, day, second, _, milli) = civil(ms);
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milli:03}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }

    /// `Thu, 01 Jan 1970 00:00:10 GMT` of milliseconds since the epoch, as the `Date` and
    /// `Retry-After` headers write it.
    ///
    /// ```
    /// use social_plus_auth::protocol::date::format_http;
    /// assert_eq!(format_http(10_000.0), "Thu, 01 Jan 1970 00:00:10 GMT");
    /// ```
    pub fn format_http(ms: f64) -> String {
        let (year, month, day, second, weekday, _) = civil(ms);
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
            .get(weekday as usize)
            .unwrap_or(&"Thu");
        let month = MONTHS.get(month as usize - 1).unwrap_or(&"Jan");
        format!(
            "{weekday}, {day:02} {month} {year:04} {:02}:{:02}:{:02} GMT",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }
}

#[cfg(all(test, feature = "emulator"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_over_four_centuries() {
        let mut ms = -6_847_804_799_001.0;
        while ms < 6_847_804_800_000.0 {
            assert_eq!(parse_iso(&format_iso(ms)), Some(ms));
            let whole = (ms / 1000.0).floor() * 1000.0;
            assert_eq!(parse_http(&format_http(ms)), Some(whole));
            ms += 86_400_000.0 * 3.7 + 12_345.0;
        }
    }

    #[test]
    fn dates_that_are_none_are_refused() {
        for text in [
            "",
            "2026",
            "2026-02-30T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00X",
            "2026-01-01T00:00:00.Z",
            "2026-01-0éT00:00:00Z",
            "+026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
        for text in [
            "",
            "Sun",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nob 1994 08:49:37 GMT",
            "Sun, 6x Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
        ] {
            assert_eq!(parse_http(text), None, "{text}");
        }
    }

    #[test]
    fn known_dates() {
        assert_eq!(
            parse_iso("2026-01-02T03:04:05.678Z"),
            Some(1_767_323_045_678.0)
        );
        assert_eq!(
            parse_iso("2026-01-02T03:04:05.678123456Z"),
            Some(1_767_323_045_678.0)
        );
        assert_eq!(
            parse_iso("2026-01-02T03:04:05-0130"),
            Some(1_767_328_445_000.0)
        );
        assert_eq!(
            parse_http("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777_000.0)
        );
        assert_eq!(
            format_http(784_111_777_000.0),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }
}
