//! Sets the push notifications of the network. The emulator validates the settings, but it neither
//! stores them nor sends notifications.

use super::super::parameters::Parameters;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::state::State;
use super::{access, Answer};
use serde::Serialize;

/// The maximum number of events in one call.
const MAX_EVENTS: usize = 24;

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

/// `POST /admin/v1/notification/setting`: validates the settings and reports success.
pub(super) fn set(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_admin(state, now, request)?;
    let mut parameters = Parameters::from_body(request)?;
    parameters.require("level");
    parameters.check_one_of("level", &["network"]);
    parameters.require("isPushNotifiable");
    parameters.read_bool("isPushNotifiable");
    parameters.check_objects(
        "notifiableEvents",
        "notifiableEvents.",
        MAX_EVENTS,
        |event| {
            event.read_required("name", u32::MAX);
            event.require("isPushNotifiable");
            event.read_bool("isPushNotifiable");
        },
    );
    parameters.finish(422)?;
    Ok(Reply::json(200, &Status { status: "success" }))
}
