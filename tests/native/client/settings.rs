//! Tests the settings of a client: their limits, the endpoint and the region.

use crate::support::{ada, run};
use social_plus_auth::client::emulated::Emulated;
use social_plus_auth::client::{
    Client, ClientBuilder, Edge, Endpoint, ErrorKind, Region, Retry, Secret, Transport,
    TransportError,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn build(builder: ClientBuilder) -> Result<(), ErrorKind> {
    let built = builder.transport(Emulated::default()).build();
    built.map(|_| ()).map_err(|error| error.kind())
}

fn builder() -> ClientBuilder {
    Client::builder(Region::Eu, "api-key")
}

#[test]
fn settings_within_their_limits_are_accepted() {
    assert_eq!(build(builder()), Ok(()));
    assert_eq!(build(builder().timeout(Duration::from_millis(1))), Ok(()));
    assert_eq!(build(builder().retry(Retry::NONE)), Ok(()));
}

#[test]
fn settings_outside_their_limits_are_refused() {
    let config = Err(ErrorKind::Config);
    assert_eq!(build(builder().timeout(Duration::ZERO)), config);
    assert_eq!(build(builder().timeout(Duration::MAX)), config);
    for attempts in [0, 21] {
        let retry = Retry {
            attempts,
            ..Retry::default()
        };
        assert_eq!(build(builder().retry(retry)), config);
    }
    assert_eq!(build(Client::builder(Region::Eu, "")), config);
}

#[test]
fn the_debug_output_of_an_error_names_its_field_once() {
    let builder = builder()
        .timeout(Duration::ZERO)
        .transport(Emulated::default());
    let debug = format!("{:?}", builder.build().err());
    assert_eq!(debug.matches("field: ").count(), 1, "{debug}");
}

#[test]
fn empty_and_unsafe_endpoints_are_refused() {
    for url in ["", "http://service.example", "https://user@service.example"] {
        let builder = Client::builder(Endpoint::url(url), "api-key");
        assert_eq!(build(builder), Err(ErrorKind::Config), "{url}");
    }
}

#[test]
fn an_edge_checks_both_keys() {
    let build = |builder: social_plus_auth::client::EdgeBuilder| {
        let built = builder.transport(Emulated::default()).build();
        built.map(|_| ()).map_err(|error| error.kind())
    };
    assert_eq!(build(Edge::builder(Region::Eu, "server-key")), Ok(()));
    assert!(build(Edge::builder(Region::Eu, "")).is_err());
    let spaced = Edge::builder(Region::Eu, "server-key").api_key("a b");
    assert!(build(spaced).is_err());
}

#[test]
fn a_region_is_parsed_from_its_code_in_upper_or_lower_case() {
    for (code, region) in [("eu", Region::Eu), ("SG", Region::Sg), ("us", Region::Us)] {
        assert_eq!(code.parse::<Region>().unwrap(), region);
    }
    let error = "de".parse::<Region>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("'eu', 'sg' or 'us'"), "{error}");
}

/// Records the addresses of the requests.
#[derive(Default)]
struct Addresses(Mutex<Vec<String>>);

impl Transport for Addresses {
    async fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        self.0.lock().unwrap().push(request.uri().to_string());
        Err(TransportError::InvalidResponse)
    }

    async fn sleep(&self, _: Duration) {}
}

#[test]
fn requests_are_sent_to_the_region_or_to_the_endpoint() {
    for (endpoint, address) in [
        (
            Endpoint::from(Region::Us),
            "https://apix.us.amity.co/api/v5/sessions",
        ),
        (
            Endpoint::url("http://localhost:8080/amity/"),
            "http://localhost:8080/amity/api/v5/sessions",
        ),
    ] {
        let transport = Arc::new(Addresses::default());
        let client = Client::builder(endpoint, "api-key")
            .transport(transport.clone())
            .build()
            .unwrap();
        run(client.create_session(&ada())).unwrap_err();
        assert_eq!(*transport.0.lock().unwrap(), [address]);
    }
}
