//! The options and requests of JavaScript callers, as `shared/input.js` hands them over: plain copies whose types have been checked there, so no
//! getter throws, and none gives a value of another type. What the values may be is for the protocol to say.

use crate::protocol::retry::check_timeout;
use crate::protocol::{DeviceInfo, Error, Retry, Secret, Service, SessionRequest};
use crate::transport::Call;
use alloc::string::String;
use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `ServiceOptions` and its kin.
    #[derive(Clone, Debug)]
    pub type Options;
    #[wasm_bindgen(method, getter, js_name = apiKey)]
    fn api_key(this: &Options) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn region(this: &Options) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn endpoint(this: &Options) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = apiVersion)]
    pub fn api_version(this: &Options) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn fetch(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = timeoutMs)]
    fn timeout_ms(this: &Options) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn attempts(this: &Options) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = baseDelayMs)]
    fn base_delay_ms(this: &Options) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = maxDelayMs)]
    fn max_delay_ms(this: &Options) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = onEvent)]
    fn on_event(this: &Options) -> Option<Function>;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = serverKey)]
    fn server_key(this: &Options) -> Option<String>;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = sessionApiVersion)]
    pub fn session_api_version(this: &Options) -> Option<String>;

    /// `SessionRequest` and its kin.
    #[derive(Debug)]
    pub type Input;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Input) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = userId)]
    fn optional_user_id(this: &Input) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = deviceId)]
    fn device_id(this: &Input) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = displayName)]
    fn display_name(this: &Input) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = profileHandle)]
    fn profile_handle(this: &Input) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = authToken)]
    fn auth_token(this: &Input) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = deviceInfo)]
    fn device_info(this: &Input) -> Option<Device>;
    #[wasm_bindgen(method, getter, js_name = accessToken)]
    fn access_token(this: &Input) -> Option<String>;
    #[cfg(feature = "browser")]
    #[wasm_bindgen(method, getter, js_name = refreshToken)]
    fn refresh_token(this: &Input) -> Option<String>;

    type Device;
    #[wasm_bindgen(method, getter)]
    fn kind(this: &Device) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn model(this: &Device) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = sdkVersion)]
    fn sdk_version(this: &Device) -> Option<String>;
}

impl Options {
    pub(super) fn service(&self) -> Result<Service, Error> {
        Service::new(self.region().as_deref(), self.endpoint().as_deref())
    }

    pub(super) fn secret_api_key(&self) -> Option<Secret> {
        self.api_key().map(Secret::from)
    }

    #[cfg(feature = "edge")]
    pub(super) fn secret_server_key(&self) -> Option<Secret> {
        self.server_key().map(Secret::from)
    }

    /// How the requests of `operation` are made.
    pub(super) fn call(&self, operation: &'static str, signal: JsValue) -> Result<Call, Error> {
        let usual = Retry::default();
        let retry = Retry {
            // What is no whole number becomes 0, which is refused.
            attempts: self.attempts().map_or(usual.attempts, |n| if n == f64::from(n as u32) { n as u32 } else { 0 }),
            base_delay_ms: self.base_delay_ms().unwrap_or(usual.base_delay_ms),
            max_delay_ms: self.max_delay_ms().unwrap_or(usual.max_delay_ms),
        };
        let timeout_ms = check_timeout(self.timeout_ms().unwrap_or(10_000.0))?;
        Ok(Call { operation, fetch: self.fetch(), timeout_ms, retry: retry.check()?, on_event: self.on_event(), signal })
    }
}

impl Input {
    pub(super) fn user_id(&self) -> String {
        self.optional_user_id().unwrap_or_default()
    }

    pub(super) fn session(&self) -> SessionRequest {
        SessionRequest {
            user_id: self.user_id(),
            device_id: self.device_id().unwrap_or_default(),
            display_name: self.display_name(),
            profile_handle: self.profile_handle(),
            auth_token: self.auth_token().map(Secret::from),
            device_info: self.device_info().map(|device| DeviceInfo {
                kind: device.kind(),
                model: device.model(),
                sdk_version: device.sdk_version(),
            }),
        }
    }

    pub(super) fn secret_access_token(&self) -> Option<Secret> {
        self.access_token().map(Secret::from)
    }

    #[cfg(feature = "browser")]
    pub(super) fn secret_refresh_token(&self) -> Secret {
        Secret::from(self.refresh_token().unwrap_or_default())
    }
}
