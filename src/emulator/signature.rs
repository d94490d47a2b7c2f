//! HMAC-SHA-256, and JWTs signed with it.
//!
//! Access tokens look like those of the service: they contain `iat`, `exp` and the user's public
//! id.

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

/// Computes the authentication code of a message. The key may have any length.
pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC accepts keys of every length, so the error case never occurs.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mac| mac.chain_update(message).finalize().into_bytes().to_vec(),
    )
}

/// Computes a visitor signature: the authentication code as 64 lower-case hexadecimal digits.
pub(super) fn compute_visitor_signature(key: &str, message: &str) -> String {
    hmac_sha256(key.as_bytes(), message.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Encodes bytes as base64url without padding, as in a JWT.
fn encode_base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            let index = group >> (18 - 6 * digit) & 63;
            text.extend(ALPHABET.get(index as usize).copied().map(char::from));
        }
    }
    text
}

/// Encodes claims as a JWT signed with HS256.
pub(super) fn sign_jwt(key: &[u8], claims: &impl Serialize) -> String {
    let claims = serde_json::to_string(claims).unwrap_or_default();
    let content = format!(
        "{}.{}",
        encode_base64url(br#"{"alg":"HS256","typ":"JWT"}"#),
        encode_base64url(claims.as_bytes())
    );
    let signature = encode_base64url(&hmac_sha256(key, content.as_bytes()));
    format!("{content}.{signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_encodes_every_remainder_without_padding() {
        // Test vectors of RFC 4648, section 10, without their padding. The last assertion covers
        // the characters that differ from standard base64.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode_base64url(plain.as_bytes()), coded);
        }
        assert_eq!(encode_base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn a_signature_matches_the_test_vector_of_the_rfc() {
        // RFC 4231, test case 2.
        let signature = compute_visitor_signature("Jefe", "what do ya want for nothing?");
        assert_eq!(
            signature,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
