//! Parses and formats dates, for the Rust client and the emulator: ISO 8601 in bodies, RFC 9110 in
//! headers. In the browser and edge artifacts, JavaScript does so.

use alloc::{format, string::String};

const SECONDS_PER_DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Returns the days from 1970-01-01 to a Gregorian date (Howard Hinnant's `days_from_civil`).
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year_of_era / 4 - year_of_era / 100;
    era * 146_097 + year_of_era * 365 + leap_days + day_of_year - 719_468
}

/// Parses 1 to 9 decimal digits, without a sign.
fn parse_digits(text: &str) -> Option<i64> {
    // An empty text does not parse.
    if text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// Returns the seconds since the epoch; `None` if a part is outside its range.
fn seconds_since_epoch(
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
) -> Option<i64> {
    let month_length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    };
    let is_in_range = (1..=12).contains(&month)
        && (1..=month_length).contains(&day)
        && (0..24).contains(&hour)
        && minute < 60
        && second <= 60;
    is_in_range.then(|| {
        days_since_epoch(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
    })
}

/// Parses an ISO 8601 date and time (`2026-01-02T03:04:05.678Z`, `…+07:00`) into milliseconds since
/// the epoch. Without a time zone, the time is UTC.
///
/// ```
/// use social_plus_auth::protocol::date::parse_iso;
/// assert_eq!(parse_iso("1970-01-01T00:00:01.5Z"), Some(1500.0));
/// assert_eq!(parse_iso("1970-01-01T07:00:00+07:00"), Some(0.0));
/// assert_eq!(parse_iso("yesterday"), None);
/// ```
pub fn parse_iso(text: &str) -> Option<f64> {
    let field = |from: usize, to: usize| parse_digits(text.get(from..to)?);
    let separator =
        |at: usize, allowed: &[u8]| text.as_bytes().get(at).filter(|b| allowed.contains(b));
    separator(4, b"-")
        .and(separator(7, b"-"))
        .and(separator(10, b"Tt "))
        .and(separator(13, b":"))
        .and(separator(16, b":"))?;
    let whole = seconds_since_epoch(
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
        // Digits after the milliseconds are ignored.
        let digits = fraction.get(..end.min(3))?;
        milliseconds = parse_digits(digits)? as f64 * [100.0, 10.0, 1.0].get(digits.len() - 1)?;
        rest = fraction.get(end..)?;
    }
    let zone = match rest.as_bytes().first() {
        None => 0,
        Some(b'Z' | b'z') if rest.len() == 1 => 0,
        Some(sign @ (b'+' | b'-')) => {
            let (hour, minute) = (rest.get(1..3)?, rest.get(3..)?);
            let minute = minute.strip_prefix(':').unwrap_or(minute);
            let (hours, minutes) = (parse_digits(hour)?, parse_digits(minute)?);
            if hours > 23 || minutes > 59 || minute.len() != 2 {
                return None;
            }
            let minutes = hours * 60 + minutes;
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

/// Parses an HTTP date in the format that RFC 9110 prefers (`Sun, 06 Nov 1994 08:49:37 GMT`) into
/// milliseconds since the epoch.
///
/// ```
/// use social_plus_auth::protocol::date::parse_http;
/// assert_eq!(parse_http("Thu, 01 Jan 1970 00:00:10 GMT"), Some(10_000.0));
/// assert_eq!(parse_http("10"), None);
/// ```
pub fn parse_http(text: &str) -> Option<f64> {
    let rest = text.get(3..)?.strip_prefix(", ")?.strip_suffix(" GMT")?;
    let mut parts = rest.split([' ', ':']);
    let mut part = |length| parts.next().filter(|part| part.len() == length);
    let day = parse_digits(part(2)?)?;
    let month_name = part(3)?;
    let month = MONTHS.iter().position(|m| *m == month_name)? as i64 + 1;
    let mut number = |length| parse_digits(part(length)?);
    let (year, hour, minute, second) = (number(4)?, number(2)?, number(2)?, number(2)?);
    let seconds = seconds_since_epoch(year, month, day, hour, minute, second)?;
    parts.next().is_none().then_some(seconds as f64 * 1000.0)
}

/// Returns the year, month, day, second of the day, weekday (0 is Thursday) and millisecond
/// (Howard Hinnant's `civil_from_days`).
fn calendar_fields(ms: f64) -> [i64; 6] {
    let ms = ms as i64;
    let (second, milli) = (ms.div_euclid(1000), ms.rem_euclid(1000));
    let (day, second) = (
        second.div_euclid(SECONDS_PER_DAY),
        second.rem_euclid(SECONDS_PER_DAY),
    );
    let day_from_year_0 = day + 719_468;
    let era = day_from_year_0.div_euclid(146_097);
    let day_of_era = day_from_year_0.rem_euclid(146_097);
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    [
        year + era * 400 + i64::from(month <= 2),
        month,
        day_of_month,
        second,
        day.rem_euclid(7),
        milli,
    ]
}

/// Formats milliseconds since the epoch as ISO 8601 (`2026-01-02T03:04:05.678Z`). For the years 0
/// to 9999, the result is that of `Date.prototype.toISOString`.
///
/// ```
/// use social_plus_auth::protocol::date::format_iso;
/// assert_eq!(format_iso(1500.0), "1970-01-01T00:00:01.500Z");
/// ```
pub fn format_iso(ms: f64) -> String {
    let [year, month, day, second, _, milli] = calendar_fields(ms);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milli:03}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Formats milliseconds since the epoch as an HTTP date (`Thu, 01 Jan 1970 00:00:10 GMT`), for
/// example for the `Date` header.
///
/// ```
/// use social_plus_auth::protocol::date::format_http;
/// assert_eq!(format_http(10_000.0), "Thu, 01 Jan 1970 00:00:10 GMT");
/// ```
pub fn format_http(ms: f64) -> String {
    let [year, month, day, second, weekday, _] = calendar_fields(ms);
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

#[cfg(all(test, feature = "emulator"))]
mod tests {
    use super::*;

    #[test]
    fn formatted_dates_parse_back_over_four_centuries() {
        let mut ms = -6_847_804_799_001.0;
        while ms < 6_847_804_800_000.0 {
            assert_eq!(parse_iso(&format_iso(ms)), Some(ms));
            let whole = (ms / 1000.0).floor() * 1000.0;
            assert_eq!(parse_http(&format_http(ms)), Some(whole));
            ms += 86_400_000.0 * 3.7 + 12_345.0;
        }
    }

    #[test]
    fn invalid_dates_are_rejected() {
        for text in [
            "",
            "2026",
            "2026-02-30T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-32T00:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00Zx",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00X",
            "2026-01-01T00:00:00.Z",
            "2026-01-0éT00:00:00Z",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60",
            "2026-01-01T00:00:00+01:999999999",
            "2026-01-01T00:00:00+01::00",
            "2026-01-01T00:00:00+01",
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
            "Sun, 06 Nov 1994 08:49:37 08:49:37 GMT",
            "Sun, 06 Nov 1994000 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse_http(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_day_of_a_month_and_the_last_time_zone_are_valid() {
        for text in [
            "1999-12-31T23:59:60",
            "2024-02-29T00:00:00",
            "2026-01-31T00:00:00",
            "2026-04-30T00:00:00z",
            "2026-06-30T00:59:00+23:59",
            "2026-09-30T00:00:00-2359",
            "2026-11-30T00:00:00,5Z",
        ] {
            assert!(parse_iso(text).is_some(), "{text}");
        }
        assert_eq!(parse_iso("1970-01-01T00:00:01.5Z"), Some(1_500.0));
        assert_eq!(parse_iso("1970-01-01T00:00:01.25Z"), Some(1_250.0));
        let without_zone = parse_iso("2000-02-29T00:00:00");
        assert_eq!(without_zone, Some(951_782_400_000.0));
        assert_eq!(format_iso(951_782_400_000.0), "2000-02-29T00:00:00.000Z");
    }

    #[test]
    fn known_dates_are_parsed_and_formatted() {
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
