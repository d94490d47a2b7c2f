//! Builds the text that the backend signs for a visitor, and checks the expiry of the signature
//! (`docs/contract.md`, "Visitors and bots"). A page never signs, because the visitor secret must
//! not reach it. In the npm package, `shared/signatures.js` does the same in JavaScript.

use super::{check, limits, Error, Secret};

/// The last millisecond whose ISO 8601 date has a year of four digits.
const MAX_DATE_MS: f64 = 253_402_300_799_999.0;
const DATE_FIELD: &str = "&authSignatureExpiresAt=";

/// Checks the device id and the lifetime of a signature, and returns when the signature expires, in
/// milliseconds since the epoch.
///
/// # Errors
/// `invalidRequest` for a device id that is empty, is too long or contains
/// `&authSignatureExpiresAt=`, and for a lifetime that is not positive or ends before the year 1970
/// or after the year 9999.
pub fn expires_at(device_id: &str, expires_in_ms: f64, now: f64) -> Result<f64, Error> {
    check::required("deviceId", device_id, limits::MAX_DEVICE_ID_LENGTH)?;
    // With such a device id, the signed text would also be valid for another device and date.
    if device_id.contains(DATE_FIELD) {
        return Err(Error::invalid(
            "deviceId",
            "must not contain `&authSignatureExpiresAt=`.",
        ));
    }
    let at = now + expires_in_ms;
    if expires_in_ms > 0.0 && (0.0..=MAX_DATE_MS).contains(&at) {
        return Ok(at);
    }
    Err(Error::invalid(
        "expiresInMs",
        "must be more than 0 and end before the year 10000.",
    ))
}

/// Returns the text to sign with HMAC-SHA-256. `date` is the expiry in ISO 8601. The request must
/// repeat `date` character for character.
///
/// ```
/// use social_plus_auth::protocol::visitor;
/// let text = visitor::text_to_sign("device-1", "2026-01-01T00:00:00.000Z");
/// assert_eq!(text.expose(), "deviceId=device-1&authSignatureExpiresAt=2026-01-01T00:00:00.000Z");
/// ```
pub fn text_to_sign(device_id: &str, date: &str) -> Secret {
    let mut text = Secret::with_capacity(256);
    for part in ["deviceId=", device_id, DATE_FIELD, date] {
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_id_that_contains_a_date_field_is_rejected() {
        let device_id = "a&authSignatureExpiresAt=2099-01-01T00:00:00.000Z";
        let error = expires_at(device_id, 1.0, 0.0).unwrap_err();
        assert_eq!(error.field, Some("deviceId"));
    }

    #[test]
    fn the_signed_text_names_the_device_and_the_date() {
        let text = text_to_sign("d", "2026");
        assert_eq!(text.expose(), "deviceId=d&authSignatureExpiresAt=2026");
    }

    #[test]
    fn a_lifetime_must_be_positive_and_end_from_1970_to_9999() {
        assert_eq!(expires_at("a", 5.0, 10.0).unwrap(), 15.0);
        for (expires_in_ms, now) in [(0.0, 0.0), (f64::NAN, 0.0), (1.0, MAX_DATE_MS), (1.0, -2.0)] {
            let error = expires_at("a", expires_in_ms, now).unwrap_err();
            assert_eq!(error.field, Some("expiresInMs"));
        }
    }
}
