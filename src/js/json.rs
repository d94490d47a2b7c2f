//! Answers stay JavaScript values: transport.js has parsed them, and a getter for each field looks into them. Nothing is copied that is not asked for.

use crate::protocol::json::{Field, Json, Text};
use crate::protocol::Secret;
use alloc::string::String;
use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What `JSON.parse` has made, so no getter of it throws as long as it is an object.
    type Parsed;
    #[wasm_bindgen(method, getter, js_name = accessToken)]
    fn access_token(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = refreshToken)]
    fn refresh_token(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = issuedAt)]
    fn issued_at(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = expiresAt)]
    fn expires_at(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn users(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn files(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = userType)]
    fn user_type(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = userId)]
    fn user_id(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = isGlobalBan)]
    fn is_global_ban(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = isDeleted)]
    fn is_deleted(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn code(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn data(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn success(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Parsed) -> JsValue;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = useSecureAuthentication)]
    fn use_secure_authentication(this: &Parsed) -> JsValue;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = securityConfigs)]
    fn security_configs(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn iat(this: &Parsed) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn exp(this: &Parsed) -> JsValue;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter)]
    fn token(this: &Parsed) -> JsValue;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = authToken)]
    fn auth_token(this: &Parsed) -> JsValue;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = adminToken)]
    fn admin_token(this: &Parsed) -> JsValue;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = updatedAt)]
    fn updated_at(this: &Parsed) -> JsValue;
    #[cfg(feature = "edge")]
    #[wasm_bindgen(method, getter, js_name = updatedBy)]
    fn updated_by(this: &Parsed) -> JsValue;

    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    fn parse_date(text: &JsString) -> f64;
    #[wasm_bindgen(js_name = Number)]
    fn to_number(value: &JsValue) -> f64;
}

#[wasm_bindgen(module = "/src/js/made.js")]
extern "C" {
    fn claims(token: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = isToken)]
    fn is_token(value: &JsValue) -> bool;
}

/// The text of an answer, and what it is as JSON: undefined if it is none.
pub(super) struct Body {
    pub(super) text: JsString,
    pub(super) json: JsValue,
}

impl Text for Body {
    type Json = JsValue;

    fn parse(&self) -> Option<JsValue> {
        (!self.json.is_undefined()).then(|| self.json.clone())
    }

    fn read(&self) -> Secret {
        Secret::from(String::from(&self.text))
    }
}

impl Json for JsValue {
    fn get(&self, field: Field) -> Option<Self> {
        if !JsValue::is_object(self) {
            return None;
        }
        let this: &Parsed = self.unchecked_ref();
        let value = match field {
            Field::AccessToken => this.access_token(),
            Field::RefreshToken => this.refresh_token(),
            Field::IssuedAt => this.issued_at(),
            Field::ExpiresAt => this.expires_at(),
            Field::Users => this.users(),
            Field::Files => this.files(),
            Field::UserType => this.user_type(),
            Field::UserId => this.user_id(),
            Field::IsGlobalBan => this.is_global_ban(),
            Field::IsDeleted => this.is_deleted(),
            Field::Code => this.code(),
            Field::Data => this.data(),
            Field::Success => this.success(),
            Field::Iat => this.iat(),
            Field::Exp => this.exp(),
            #[cfg(feature = "edge")]
            Field::Token => this.token(),
            #[cfg(feature = "edge")]
            Field::AuthToken => this.auth_token(),
            #[cfg(feature = "edge")]
            Field::AdminToken => this.admin_token(),
            #[cfg(feature = "edge")]
            Field::UpdatedAt => this.updated_at(),
            #[cfg(feature = "edge")]
            Field::UpdatedBy => this.updated_by(),
            #[cfg(feature = "edge")]
            Field::UseSecureAuthentication => this.use_secure_authentication(),
            #[cfg(feature = "edge")]
            Field::SecurityConfigs => this.security_configs(),
            Field::Status => this.status(),
        };
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn is_token(&self) -> bool {
        is_token(self)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn code(&self) -> Option<u32> {
        // What is no number in the end becomes 0.
        Some(to_number(self) as u32).filter(|code| *code > 0)
    }

    fn date(&self) -> Option<f64> {
        self.dyn_ref::<JsString>().map(parse_date).filter(|ms| !ms.is_nan())
    }

    fn claims(&self) -> Option<Self> {
        Some(claims(self)).filter(JsValue::is_object)
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn is_object(&self) -> bool {
        JsValue::is_object(self) && !Array::is_array(self)
    }

    fn find(&self, fits: impl Fn(&Self) -> bool) -> Option<Self> {
        self.dyn_ref::<Array>()?.iter().find(|value| fits(value))
    }
}
