//! A Yew page. It gets an auth token from the worker of its origin, and signs the user in.

use gloo_net::http::Request;
use serde_json::Value;
use social_plus_auth::client::{Client, Endpoint, Retry, Session, SessionRequest};
use std::error::Error;
use std::time::Duration;
use yew::platform::spawn_local;
use yew::{component, html, use_state, Callback, Html};

fn main() {
    yew::Renderer::<App>::new().render();
}

#[component]
fn App() -> Html {
    let status = use_state(|| String::from("signed out"));
    let onclick = {
        let status = status.clone();
        Callback::from(move |_| {
            let status = status.clone();
            status.set(String::from("signing in"));
            spawn_local(async move {
                status.set(match sign_in().await {
                    Ok(session) => format!("signed in as {}", session.user.user_id),
                    Err(error) => format!("failed: {error}"),
                });
            });
        })
    };
    html! {
        <main>
            <button {onclick}>{ "Sign in" }</button>
            <output>{ &*status }</output>
        </main>
    }
}

async fn sign_in() -> Result<Session, Box<dyn Error>> {
    let config: Value = Request::get("/config.json").send().await?.json().await?;
    let auth: Value = Request::post("/auth/token").send().await?.json().await?;
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let retry = Retry {
        base_delay: Duration::from_millis(1),
        ..Retry::default()
    };
    let client = Client::builder(
        Endpoint::url(text(&config, "endpoint")),
        text(&config, "apiKey"),
    )
    .timeout(Duration::from_secs(2))
    .retry(retry)
    .build()?;
    let request = SessionRequest::new("ada", "page-device").auth_token(text(&auth, "token"));
    let session = client.create_session(&request).await?;
    let verification = client.verify_session(&session.access_token).await?;
    assert!(verification.is_valid());
    Ok(session)
}
