//! The network's push switch. Nothing is pushed here: what is set shows in the record of requests.

use super::super::message::{Reply, Request};
use super::super::parameters::Parameters;
use super::super::state::State;
use super::{access, Answer};
use serde::Serialize;

/// So many events there are.
const EVENTS: usize = 24;

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

/// `POST /admin/v1/notification/setting`.
pub(super) fn set(state: &mut State, now: f64, request: &Request) -> Answer {
    access::admin(state, now, request)?;
    let mut parameters = Parameters::of_body(request)?;
    parameters.must_have("level");
    parameters.one_of("level", &["network"]);
    parameters.must_have("isPushNotifiable");
    parameters.flag("isPushNotifiable");
    parameters.objects("notifiableEvents", "notifiableEvents.", EVENTS, |event| {
        event.required("name", u32::MAX);
        event.must_have("isPushNotifiable");
        event.flag("isPushNotifiable");
    });
    parameters.check(422)?;
    Ok(Reply::json(200, &Status { status: "success" }))
}
