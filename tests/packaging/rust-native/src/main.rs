//! A native program with its own transport. It signs a user in to the emulator whose URL is the
//! first argument, then revokes the session.

use social_plus_auth::client::{Client, Edge, Endpoint, Secret, SessionRequest};
use social_plus_auth::client::{Transport, TransportError};
use std::env;
use std::error::Error;
use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("usage: rust-native URL API-KEY SERVER-KEY")
    };
    let endpoint = Endpoint::url(next()?);
    let client = Client::builder(endpoint.clone(), next()?)
        .transport(Http)
        .build()?;
    let edge = Edge::builder(endpoint, next()?).transport(Http).build()?;
    block_on(async {
        let token = edge.create_auth_token("ada").await?;
        let request = SessionRequest::new("ada", "native-device").auth_token(token);
        let session = client.create_session(&request).await?;
        println!("signed in as {}", session.user_id);
        client.revoke_session(&session.access_token).await?;
        let verification = client.verify_session(&session.access_token).await?;
        println!("valid after the sign-out: {}", verification.is_valid());
        Ok(())
    })
}

/// Sends requests over blocking connections. Uses HTTP/1.0, which the emulator supports.
struct Http;

impl Transport for Http {
    async fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        exchange(&request).map_err(|_| TransportError::Network)
    }

    async fn sleep(&self, duration: Duration) {
        // Blocking is safe here: `send` completes in one poll, so no attempt polls its timeout.
        std::thread::sleep(duration);
    }
}

fn exchange(
    request: &http::Request<Option<Secret>>,
) -> Result<http::Response<Vec<u8>>, Box<dyn Error>> {
    let authority = request
        .uri()
        .authority()
        .ok_or("the URL has no authority")?;
    let body = request.body().as_ref().map_or("", Secret::expose);
    let mut message = format!("{} {} HTTP/1.0\r\n", request.method(), request.uri().path());
    message.push_str(&format!(
        "host: {authority}\r\ncontent-length: {}\r\n",
        body.len()
    ));
    for (name, value) in request.headers() {
        message.push_str(&format!("{name}: {}\r\n", value.to_str()?));
    }
    message.push_str("\r\n");
    message.push_str(body);
    let mut stream = TcpStream::connect(authority.as_str())?;
    stream.write_all(message.as_bytes())?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response
        .split_once("\r\n\r\n")
        .ok_or("the response is incomplete")?;
    let status: u16 = head
        .split(' ')
        .nth(1)
        .ok_or("the response has no status")?
        .parse()?;
    Ok(http::Response::builder()
        .status(status)
        .body(body.as_bytes().to_vec())?)
}

/// Polls a future until it completes. Needs no waker, because the transport blocks.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}
