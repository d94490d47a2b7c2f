//! The sessions of all devices. A device has at most one session: a new session ends the previous
//! session.

use super::guests::UserType;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// The maximum number of ended sessions that are kept for assertions.
const MAX_ENDED: usize = 1000;

/// A session of one device.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) user_id: String,
    pub(super) device_id: String,
    pub(super) user_type: UserType,
    pub(super) refresh_token: Option<String>,
    pub(super) issued_at: f64,
    pub(super) expires_at: f64,
    ended: bool,
    /// The session's position in the order of creation, from 1.
    number: u64,
}

/// A new access token and its validity.
pub(super) struct IssuedToken {
    pub(super) access_token: String,
    pub(super) issued_at: f64,
    pub(super) expires_at: f64,
}

/// The properties of a new session besides its access token and validity.
pub(super) struct NewSession<'a> {
    pub(super) user_id: &'a str,
    pub(super) device_id: &'a str,
    pub(super) user_type: UserType,
    pub(super) refresh_token: Option<String>,
}

/// A session of the emulated network, for assertions, without its tokens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// The user that the session belongs to.
    pub user_id: String,
    /// The device that the session belongs to.
    pub device_id: String,
    /// When the access token was issued, in milliseconds since the epoch.
    pub issued_at: f64,
    /// When the access token expires, in milliseconds since the epoch.
    pub expires_at: f64,
    /// Whether the service accepts the access token now.
    pub valid: bool,
}

/// All sessions, by access token.
#[derive(Default)]
pub(super) struct Sessions {
    by_access_token: HashMap<String, Session>,
    /// The access token of each device's current session.
    by_device: HashMap<String, String>,
    /// The access token of the session that each valid refresh token belongs to.
    by_refresh_token: HashMap<String, String>,
    ended: VecDeque<String>,
    count: u64,
}

impl Sessions {
    /// Begins a session and ends the device's previous session, even if the previous session
    /// belongs to another user.
    pub(super) fn begin(&mut self, issued: &IssuedToken, new: NewSession) {
        let access_token = &issued.access_token;
        if let Some(previous) = self
            .by_device
            .insert(new.device_id.to_owned(), access_token.clone())
        {
            self.end(&previous);
        }
        if let Some(refresh_token) = &new.refresh_token {
            self.by_refresh_token
                .insert(refresh_token.clone(), access_token.clone());
        }
        self.count += 1;
        let session = Session {
            user_id: new.user_id.to_owned(),
            device_id: new.device_id.to_owned(),
            user_type: new.user_type,
            refresh_token: new.refresh_token,
            issued_at: issued.issued_at,
            expires_at: issued.expires_at,
            ended: false,
            number: self.count,
        };
        self.by_access_token.insert(access_token.clone(), session);
    }

    /// Finds the session of an access token, unless the session has ended or expired.
    pub(super) fn find_valid(&self, now: f64, access_token: &str) -> Option<&Session> {
        self.by_access_token
            .get(access_token)
            .filter(|session| !session.ended && now < session.expires_at)
    }

    /// Finds the session that a refresh token belongs to, even if its access token has expired.
    ///
    /// A refresh moves the refresh token to the new session. The token becomes invalid when its
    /// session is revoked, or when any other new session of the device replaces its session.
    pub(super) fn find_refreshable(&self, user_id: &str, refresh_token: &str) -> Option<&Session> {
        self.by_access_token
            .get(self.by_refresh_token.get(refresh_token)?)
            .filter(|session| session.user_id == user_id)
    }

    /// Ends the session of an access token.
    pub(super) fn revoke(&mut self, access_token: &str) {
        if let Some(session) = self.by_access_token.get(access_token) {
            if self
                .by_device
                .get(&session.device_id)
                .is_some_and(|token| token == access_token)
            {
                self.by_device.remove(&session.device_id.clone());
            }
            self.end(access_token);
        }
    }

    /// Ends every session of a user.
    pub(super) fn revoke_all_of(&mut self, user_id: &str) {
        let of_user = |token: &&String| {
            self.by_access_token
                .get(*token)
                .is_some_and(|session| session.user_id == user_id)
        };
        let mut tokens: Vec<String> = self.by_device.values().filter(of_user).cloned().collect();
        // The iteration order of a map differs from run to run, so sort for repeatable results.
        tokens.sort_unstable();
        tokens.iter().for_each(|token| self.revoke(token));
    }

    fn end(&mut self, access_token: &str) {
        if let Some(session) = self.by_access_token.get_mut(access_token) {
            session.ended = true;
            // After a legacy refresh, the refresh token belongs to the new session. Keep it in that
            // case.
            if let Some(refresh_token) = &session.refresh_token {
                if self
                    .by_refresh_token
                    .get(refresh_token)
                    .is_some_and(|token| token == access_token)
                {
                    self.by_refresh_token.remove(refresh_token);
                }
            }
            self.ended.push_back(access_token.to_owned());
        }
        if self.ended.len() > MAX_ENDED {
            self.ended
                .pop_front()
                .and_then(|oldest| self.by_access_token.remove(&oldest));
        }
    }

    /// Returns whether a text is an access token or a refresh token.
    pub(super) fn has_token(&self, text: &str) -> bool {
        self.by_access_token.contains_key(text) || self.by_refresh_token.contains_key(text)
    }

    /// Returns all stored sessions for assertions, oldest first. `is_active` returns whether a user
    /// is neither banned nor deleted.
    pub(super) fn to_info(&self, now: f64, is_active: impl Fn(&str) -> bool) -> Vec<SessionInfo> {
        let mut all: Vec<&Session> = self.by_access_token.values().collect();
        all.sort_unstable_by_key(|session| session.number);
        let info = |session: &Session| SessionInfo {
            user_id: session.user_id.clone(),
            device_id: session.device_id.clone(),
            issued_at: session.issued_at,
            expires_at: session.expires_at,
            valid: !session.ended && now < session.expires_at && is_active(&session.user_id),
        };
        all.into_iter().map(info).collect()
    }
}
