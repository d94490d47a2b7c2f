//! Finds secrets in the output of the suites by their form. Each line that a test
//! program prints passes through [`find`], on every engine, so no test has to check its own output.

/// The minimum length of a bearer token, and of at least two parts of a JWT.
const MIN_TOKEN: usize = 16;
/// A server key has 122 hexadecimal digits. A digest has at most 64.
const MIN_KEY: usize = 100;
/// Invented secrets of the tests contain this text.
const CANARY: &str = "never-print";

/// Returns what kind of secret a line contains, if any.
pub(crate) fn find(line: &str) -> Option<&'static str> {
    if line.contains(CANARY) {
        return Some("a canary");
    }
    let is_token = |byte: char| byte.is_ascii_alphanumeric() || "._~+/-".contains(byte);
    for word in line.split(|byte| !is_token(byte)) {
        // A path or a colour code of the terminal may precede the token.
        let token = word.find("eyJ").map_or("", |start| &word[start..]);
        if long_parts(token).count() >= 2 {
            return Some("a JWT");
        }
        if long_parts(word).any(is_key) {
            return Some("a server key");
        }
    }
    let bearer = line.split("Bearer ").skip(1);
    let mut lengths = bearer.map(|rest| rest.chars().take_while(|byte| is_token(*byte)).count());
    lengths
        .any(|length| length >= MIN_TOKEN)
        .then_some("a bearer token")
}

/// Returns the parts of a dotted text that are long enough for a secret.
fn long_parts(text: &str) -> impl Iterator<Item = &str> {
    text.split('.').filter(|part| part.len() >= MIN_TOKEN)
}

/// Returns whether a text has the form of a server key. A key has letters. The tables of decimal
/// digits in formatting code have none.
fn is_key(part: &str) -> bool {
    part.len() >= MIN_KEY
        && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn planted_secrets_are_found() {
        let jwt = [
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJ1c2VySWQiOiJhZGEifQ",
            "c2lnbmF0dXJl",
        ]
        .join(".");
        for before in ["token=", "/api/v3/", "\u{1b}[31m", "a-", "_"] {
            assert_eq!(find(&format!("{before}{jwt};")), Some("a JWT"), "{before}");
        }
        assert_eq!(
            find(&format!("key \"{}\"", "a1".repeat(61))),
            Some("a server key")
        );
        assert_eq!(
            find("authorization: Bearer abcdefgh.ijklmnop"),
            Some("a bearer token")
        );
        assert_eq!(find(&["sk-never", "print-2"].join("-")), Some("a canary"));
    }

    #[test]
    fn digests_versions_and_redacted_texts_are_no_secrets() {
        assert_eq!(find(&"a1".repeat(32)), None);
        assert_eq!(find("authorization: Bearer [redacted]"), None);
        assert_eq!(
            find("integrity sha512-eyJhbGciOiJIUzI1NiJ9 package-1.2.3.tgz"),
            None
        );
    }
}
