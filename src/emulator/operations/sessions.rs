//! Creating a session, in the three versions that are in use, and verifying one.

use super::super::errors;
use super::super::guests::UserType;
use super::super::message::{Reply, Request};
use super::super::parameters::Parameters;
use super::super::sessions::Entry;
use super::super::state::State;
use super::super::users::{Empty, WireUser};
use super::{access, Answer};
use crate::protocol::date::format_iso;
use crate::protocol::limits;
use serde::Serialize;

/// Which of the calls it is: they differ in what they take and in what they answer.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Version {
    V3,
    V4,
    V5,
}

/// What was asked for, within its limits.
struct Wanted {
    user_id: String,
    device_id: String,
    display_name: Option<String>,
    profile_handle: Option<String>,
    auth_token: Option<String>,
}

impl Wanted {
    fn read(request: &Request, version: Version) -> Result<Self, Reply> {
        let mut parameters = Parameters::of_body(request)?;
        let user_id = parameters.required("userId", limits::USER_ID);
        if version == Version::V5 {
            parameters.not_reserved("userId", &user_id, &limits::RESERVED_USER_IDS);
        }
        let wanted = Self {
            user_id,
            device_id: parameters.required("deviceId", limits::DEVICE_ID),
            display_name: parameters.optional("displayName", 0, limits::DISPLAY_NAME),
            // v3 does not know it, and what is unknown is let pass.
            profile_handle: if version == Version::V3 {
                None
            } else {
                parameters.optional("profileHandle", 0, limits::PROFILE_HANDLE)
            },
            auth_token: parameters.optional("authToken", 1, limits::AUTH_TOKEN),
        };
        device_info(&mut parameters, version);
        parameters.check(422)?;
        Ok(wanted)
    }
}

/// What is told of the device: nothing is done with it, but it has its limits.
pub(super) fn device_info(parameters: &mut Parameters, version: Version) {
    parameters.object("deviceInfo", "deviceInfo.", |device| {
        device.one_of("kind", &limits::DEVICE_KINDS);
        device.optional(
            "model",
            0,
            if version == Version::V5 {
                limits::MODEL_V5
            } else {
                limits::MODEL
            },
        );
        device.optional("sdkVersion", 0, limits::SDK_VERSION);
    });
}

/// The answer: v3 leaves the dates to the JWT, v5 has no refresh token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    users: Vec<WireUser<'a>>,
    files: [Empty; 0],
    #[serde(flatten)]
    since_v4: Option<SinceV4>,
    #[serde(flatten)]
    since_v5: Option<SinceV5>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SinceV4 {
    last_cache_purge: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SinceV5 {
    roles: [&'static str; 0],
    user_type: &'static str,
}

/// `POST /api/v{3,4,5}/sessions`.
pub(super) fn create(state: &mut State, now: f64, request: &Request, version: Version) -> Answer {
    access::api_key(state, request)?;
    let Wanted {
        user_id,
        device_id,
        display_name,
        profile_handle,
        auth_token,
    } = Wanted::read(request, version)?;
    access::within_rate(state, now, &user_id)?;
    if state.secure_mode {
        let auth_token = auth_token.ok_or_else(errors::forbidden)?;
        if !state.redeems(now, &auth_token, &user_id) {
            return Err(errors::unauthorized());
        }
    }
    access::in_good_standing(state, &user_id)?;
    state.users.enter(
        now,
        &user_id,
        display_name,
        profile_handle,
        &mut state.random,
    );
    Ok(begin(
        state,
        now,
        version,
        UserType::SignedIn,
        &user_id,
        &device_id,
    ))
}

/// Begins a session of a user that is there, and answers with it.
pub(super) fn begin(
    state: &mut State,
    now: f64,
    version: Version,
    user_type: UserType,
    user_id: &str,
    device_id: &str,
) -> Reply {
    let refresh_token = (version != Version::V5).then(|| state.random.letters(64));
    let issued = state.issue(now, user_id, device_id);
    state.sessions.begin(
        &issued,
        Entry {
            user_id,
            device_id,
            user_type,
            refresh_token: refresh_token.clone(),
        },
    );

    let dated = version != Version::V3;
    Reply::json(
        200,
        &Created {
            access_token: &issued.access_token,
            refresh_token: refresh_token.as_deref(),
            issued_at: dated.then(|| format_iso(issued.issued_at)),
            expires_at: dated.then(|| format_iso(issued.expires_at)),
            users: state
                .users
                .get(user_id)
                .map(|user| user.wire(&state.keys.network_id))
                .into_iter()
                .collect(),
            files: [],
            since_v4: dated.then_some(SinceV4 {
                last_cache_purge: None,
            }),
            since_v5: (version == Version::V5).then_some(SinceV5 {
                roles: [],
                user_type: user_type.name(),
            }),
        },
    )
}

/// `GET /api/v3/sessions`: whether an access token is good.
pub(super) fn verify(state: &mut State, now: f64, request: &Request) -> Answer {
    access::user(state, now, request)?;
    Ok(Reply::json(
        200,
        &SinceV4 {
            last_cache_purge: None,
        },
    ))
}
