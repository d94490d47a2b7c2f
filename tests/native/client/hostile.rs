//! Tests malformed responses, and responses that do not come from the service.

use crate::support::{ada, run};
use social_plus_auth::client::{
    Client, Error, ErrorKind, Region, Retry, Secret, Transport, TransportError, Verification,
    MAX_RESPONSE_BYTES,
};
use std::time::Duration;

/// Responds to every request with this status and this body.
struct Fixed(u16, Vec<u8>);

impl Transport for Fixed {
    async fn send(
        &self,
        _: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let response = http::Response::builder().status(self.0);
        Ok(response.body(self.1.clone()).unwrap())
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

fn client<T: Transport>(transport: T) -> Client<T> {
    Client::builder(Region::Eu, "api-key")
        .retry(Retry::NONE)
        .transport(transport)
        .build()
        .unwrap()
}

/// Returns the error of `create_session` if the response has this status and this body.
fn creation_error(status: u16, body: impl Into<Vec<u8>>) -> Error {
    let client = client(Fixed(status, body.into()));
    run(client.create_session(&ada())).unwrap_err()
}

#[test]
fn an_html_page_of_a_proxy_is_an_invalid_response() {
    let error = creation_error(200, "<html>Sign in to the hotel's network</html>");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.status(), Some(200));
}

#[test]
fn a_redirect_is_an_invalid_response() {
    let error = creation_error(302, "");
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.message().contains("redirect"), "{error}");
}

#[test]
fn a_redirect_whose_status_the_transport_hides_is_reported() {
    struct Hidden;
    impl Transport for Hidden {
        async fn send(
            &self,
            _: http::Request<Option<Secret>>,
        ) -> Result<http::Response<Vec<u8>>, TransportError> {
            Err(TransportError::Redirect)
        }

        async fn sleep(&self, _: Duration) {}
    }
    let error = run(client(Hidden).create_session(&ada())).unwrap_err();
    assert!(error.message().contains("redirect"), "{error}");
    assert_eq!(error.status(), None);
}

#[test]
fn a_response_over_the_limit_is_refused() {
    let error = creation_error(200, vec![b' '; MAX_RESPONSE_BYTES + 1]);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.message().contains("1 MiB"), "{error}");
    let error = creation_error(200, vec![b' '; MAX_RESPONSE_BYTES]);
    assert!(!error.message().contains("1 MiB"), "{error}");
}

#[test]
fn a_response_whose_body_is_not_text_is_classified_by_its_status() {
    let error = creation_error(401, [0xFF, 0xFE]);
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[test]
fn a_session_of_another_user_is_refused() {
    let body = r#"{"accessToken":"t","users":[{"userId":"eve"}]}"#;
    let error = creation_error(200, body);
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

#[test]
fn a_user_with_fields_of_unexpected_types_is_accepted() {
    let body = r#"{"accessToken":"t","users":[{"userId":"ada","roles":null,"metadata":7,
        "displayName":3,"isGlobalBan":"no"}],"files":"none","userType":"guru"}"#;
    let session = run(client(Fixed(200, body.into())).create_session(&ada())).unwrap();
    assert!(session.user.roles.is_empty());
    assert!(session.user.metadata.is_empty());
    assert_eq!(session.user.display_name, None);
    assert!(!session.user.is_global_ban);
    assert!(session.files.is_empty());
    let other = social_plus_auth::client::UserType::Other("guru".into());
    assert_eq!(session.user_type, Some(other));
}

#[test]
fn a_refusal_makes_a_token_invalid_but_an_html_page_or_a_rate_limit_is_an_error() {
    let token = Secret::from("access-token");
    let verify = |status, body: &str| {
        let client = client(Fixed(status, body.into()));
        run(client.verify_session(&token))
    };
    let invalid = Verification::Invalid(ErrorKind::Unauthorized);
    assert_eq!(verify(401, "").unwrap(), invalid);
    let not_found = r#"{"status":"error","code":400400}"#;
    let invalid = Verification::Invalid(ErrorKind::NotFound);
    assert_eq!(verify(404, not_found).unwrap(), invalid);
    let error = verify(404, "<html>").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = verify(403, "<html>").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Banned);
    let error = verify(200, "<html>").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    let error = verify(401, r#"{"status":"error","code":400311}"#).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
}
