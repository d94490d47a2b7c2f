//! Serializes and deserializes values: tokens as text, dates as ISO 8601. Tolerates response fields
//! of an undocumented type.

/// Serializes and deserializes a token as text, so that an app can store or send a session.
pub(super) mod token {
    use crate::protocol::Secret;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        token: &Secret,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(token.expose())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

/// Serializes and deserializes an optional token.
pub(super) mod optional_token {
    use crate::protocol::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        token: &Option<Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        token.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret>, D::Error> {
        let token = Option::<String>::deserialize(deserializer)?;
        Ok(token.map(Secret::from))
    }
}

/// Serializes a date as ISO 8601 in UTC with milliseconds, as JavaScript does. Deserializes any
/// date that `date::parse_iso` accepts.
pub(super) mod iso_date {
    use crate::client::retry::{to_duration, to_milliseconds};
    use crate::protocol::date;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::{SystemTime, UNIX_EPOCH};

    /// Converts milliseconds since the epoch to a time. A time before the epoch, or one that
    /// `SystemTime` cannot represent, becomes the epoch.
    pub(in super::super) fn at(ms: f64) -> SystemTime {
        UNIX_EPOCH
            .checked_add(to_duration(ms))
            .unwrap_or(UNIX_EPOCH)
    }

    pub(in super::super) fn serialize<S: Serializer>(
        time: &SystemTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        serializer.serialize_str(&date::format_iso(to_milliseconds(since_epoch).round()))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SystemTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        date::parse_iso(&text)
            .map(at)
            .ok_or_else(|| D::Error::custom("expected an ISO 8601 date"))
    }
}

/// Deserializes a field of a response. A value of an undocumented type becomes the default.
pub(super) mod lenient {
    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Deserializer};
    use serde_json::Value;

    pub(in super::super) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: DeserializeOwned + Default,
    {
        let value = Value::deserialize(deserializer)?;
        Ok(serde_json::from_value(value).unwrap_or_default())
    }
}
