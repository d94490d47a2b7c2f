//! Creates sessions in the API versions v3, v4 and v5, and verifies access tokens.

use super::super::errors;
use super::super::guests::UserType;
use super::super::parameters::Parameters;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::sessions::NewSession;
use super::super::state::State;
use super::super::users::{Empty, WireUser};
use super::{access, Answer};
use crate::protocol::date::format_iso;
use crate::protocol::limits;
use serde::Serialize;

/// The API version of the call. Versions differ in their parameters and responses.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Version {
    V3,
    V4,
    V5,
}

/// The validated parameters of a session.
struct SessionParameters {
    user_id: String,
    device_id: String,
    display_name: Option<String>,
    profile_handle: Option<String>,
    auth_token: Option<String>,
}

impl SessionParameters {
    fn read(request: &Request, version: Version) -> Result<Self, Reply> {
        let mut parameters = Parameters::from_body(request)?;
        let user_id = parameters.read_required("userId", limits::MAX_USER_ID_LENGTH);
        if version == Version::V5 {
            parameters.reject_reserved("userId", &user_id, &limits::RESERVED_USER_ID_PREFIXES);
        }
        let read = Self {
            user_id,
            device_id: parameters.read_required("deviceId", limits::MAX_DEVICE_ID_LENGTH),
            display_name: parameters.read_optional(
                "displayName",
                0,
                limits::MAX_DISPLAY_NAME_LENGTH,
            ),
            // v3 has no profile handles, so it ignores this field like every unknown field.
            profile_handle: if version == Version::V3 {
                None
            } else {
                parameters.read_optional("profileHandle", 0, limits::MAX_PROFILE_HANDLE_LENGTH)
            },
            auth_token: parameters.read_optional("authToken", 1, limits::MAX_AUTH_TOKEN_LENGTH),
        };
        check_device_info(&mut parameters, version);
        parameters.finish(422)?;
        Ok(read)
    }
}

/// Validates `deviceInfo`, which the emulator does not use.
pub(super) fn check_device_info(parameters: &mut Parameters, version: Version) {
    parameters.check_object("deviceInfo", "deviceInfo.", |device| {
        device.check_one_of("kind", &limits::DEVICE_KINDS);
        device.read_optional(
            "model",
            0,
            if version == Version::V5 {
                limits::MAX_MODEL_LENGTH_V5
            } else {
                limits::MAX_MODEL_LENGTH
            },
        );
        device.read_optional("sdkVersion", 0, limits::MAX_SDK_VERSION_LENGTH);
    });
}

/// The body of the response. In v3 it omits the dates, so that only the JWT contains them. In v5 it
/// omits the refresh token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionBody<'a> {
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

/// `POST /api/v{3,4,5}/sessions`: creates a session of a signed-in user.
pub(super) fn create(state: &mut State, now: f64, request: &Request, version: Version) -> Answer {
    access::require_api_key(state, request)?;
    let SessionParameters {
        user_id,
        device_id,
        display_name,
        profile_handle,
        auth_token,
    } = SessionParameters::read(request, version)?;
    access::enforce_rate_limit(state, now, &user_id)?;
    if state.secure_mode {
        let auth_token = auth_token.ok_or_else(errors::forbidden)?;
        if !state.can_redeem(now, &auth_token, &user_id) {
            return Err(errors::unauthorized());
        }
    }
    access::require_active_user(state, &user_id)?;
    state.users.upsert(
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

/// Begins a session of an existing user and returns the response.
pub(super) fn begin(
    state: &mut State,
    now: f64,
    version: Version,
    user_type: UserType,
    user_id: &str,
    device_id: &str,
) -> Reply {
    let refresh_token = (version != Version::V5).then(|| state.random.draw_alphanumeric(64));
    let issued = state.issue_access_token(now, user_id, device_id);
    state.sessions.begin(
        &issued,
        NewSession {
            user_id,
            device_id,
            user_type,
            refresh_token: refresh_token.clone(),
        },
    );

    let has_dates = version != Version::V3;
    Reply::json(
        200,
        &SessionBody {
            access_token: &issued.access_token,
            refresh_token: refresh_token.as_deref(),
            issued_at: has_dates.then(|| format_iso(issued.issued_at)),
            expires_at: has_dates.then(|| format_iso(issued.expires_at)),
            users: state
                .users
                .get(user_id)
                .map(|user| user.to_wire(&state.keys.network_id))
                .into_iter()
                .collect(),
            files: [],
            since_v4: has_dates.then_some(SinceV4 {
                last_cache_purge: None,
            }),
            since_v5: (version == Version::V5).then_some(SinceV5 {
                roles: [],
                user_type: user_type.name(),
            }),
        },
    )
}

/// `GET /api/v3/sessions`: verifies an access token.
pub(super) fn verify(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_user(state, now, request)?;
    Ok(Reply::json(
        200,
        &SinceV4 {
            last_cache_purge: None,
        },
    ))
}
