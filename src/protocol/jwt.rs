//! Reads the claims of a JWT for the Rust client and native tests. In the browser and edge
//! artifacts, JavaScript reads the claims with `atob` and `JSON.parse`.

use alloc::vec::Vec;
use serde_json::Value;
use zeroize::Zeroizing;

/// Returns the claims; `None` if the token is not a JWT.
pub(super) fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let payload = parts.nth(1)?;
    parts.next()?;
    let bytes = decode_base64url(payload)?;
    serde_json::from_slice(&bytes).ok()
}

/// Decodes base64url without padding.
fn decode_base64url(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in text.bytes() {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        buffer = (buffer << 6) + u32::from(sextet);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_of_a_jwt_are_read() {
        assert_eq!(
            claims("e30.eyJleHAiOjE2NjA5MDMxODQsIm4iOiLDqSJ9.sig"),
            Some(serde_json::json!({ "exp": 1_660_903_184, "n": "é" }))
        );
    }

    #[test]
    fn the_alphabet_of_base64url_has_a_hyphen_and_an_underscore() {
        assert_eq!(decode_base64url("-_-_"), Some(vec![251, 255, 191].into()));
        assert_eq!(decode_base64url("AZaz"), Some(vec![1, 150, 179].into()));
        assert_eq!(decode_base64url("09+/"), None);
    }

    #[test]
    fn a_token_that_is_not_a_jwt_has_no_claims() {
        for token in ["", "opaque", "a.b", "a.!!!.c", "a..c", "a.e30", "a._w.c"] {
            assert_eq!(claims(token), None, "{token}");
        }
    }
}
