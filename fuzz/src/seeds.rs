//! The valid inputs from which a corpus starts: the cases of `tests/vectors.json`, and texts in the
//! formats of `docs/contract.md`.

use serde_json::Value;

/// `tests/vectors.json`, parsed.
pub struct Vectors(Value);

impl Vectors {
    /// # Panics
    /// If the text is not JSON.
    pub fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("tests/vectors.json must be JSON"))
    }

    /// Returns the requests of the request cases and the administration cases.
    pub fn requests(&self) -> impl Iterator<Item = &Value> {
        ["requests", "administration"]
            .into_iter()
            .flat_map(|list| self.list(list))
            .map(|case| &case["request"])
    }

    /// Returns the status and the body of each response.
    pub fn responses(&self) -> Vec<(u16, String)> {
        let given = self.list("responses").map(|case| {
            let response = &case["response"];
            let body = match &response["body"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (response["status"].as_u64().unwrap_or(200) as u16, body)
        });
        let administration = self.list("administration").flat_map(|case| {
            case["responses"]
                .as_array()
                .into_iter()
                .flatten()
                .chain(case["invalidBodies"].as_array().into_iter().flatten())
                .map(|body| (200, body.to_string()))
        });
        given.chain(administration).collect()
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.0[name].as_array().into_iter().flatten()
    }
}

/// A session as v5 returns it.
// lint:allow-long-line
pub const SESSION: &str = r#"{"accessToken":"eyJhbGciOiJub25lIn0.eyJleHAiOjIwMDAwMDAwMDAsImlhdCI6MTkwMDAwMDAwMCwidXNlciI6eyJ1c2VySWQiOiJhZGEifX0.s","issuedAt":"2026-01-02T03:04:05.678Z","expiresAt":"2026-02-01T03:04:05.678Z","users":[{"userId":"ada","isGlobalBan":false,"isDeleted":false}],"userType":"signed-in","refreshToken":"~rt-1","files":[]}"#;

/// Errors of the contract's table, and what proxies return instead.
pub const ERRORS: [(u16, &str); 12] = [
    (400, r#"{"status":"error","code":400000,"message":"~Bad"}"#),
    (401, r#"{"status":"error","code":"400100","message":"No"}"#),
    (401, "Unauthorized"),
    (403, r#"{"status":"error","code":400300,"message":"No"}"#),
    (403, r#"{"status":"error","code":400312,"message":"No"}"#),
    (403, r#"{"status":"error","code":400323,"message":"No"}"#),
    (403, r#"{"status":"error","code":403999,"message":"No"}"#),
    (404, r#"{"status":"error","code":400400,"message":"No"}"#),
    (
        422,
        r#"{"status":"error","code":500000,"data":{"detail":[]}}"#,
    ),
    (429, r#"{"status":"error","code":400311,"message":"Slow"}"#),
    (500, r#"{"status":"error","code":500000,"message":"~x"}"#),
    (502, "<html><body>Bad gateway</body></html>"),
];
