//! The sessions of all devices: a device has one at a time, and a new one ends the one before.

use super::guests::UserType;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// So many sessions that have ended are remembered, for a test to look at.
const ENDED_KEPT: usize = 1000;

/// One session of one device.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) user_id: String,
    pub(super) device_id: String,
    pub(super) user_type: UserType,
    pub(super) refresh_token: Option<String>,
    pub(super) issued_at: f64,
    pub(super) expires_at: f64,
    ended: bool,
    /// The how-manieth session it is.
    order: u64,
}

/// An access token with the span of time that it is good for.
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) issued_at: f64,
    pub(super) expires_at: f64,
}

/// What a session is begun with, its access token aside.
pub(super) struct Entry<'a> {
    pub(super) user_id: &'a str,
    pub(super) device_id: &'a str,
    pub(super) user_type: UserType,
    pub(super) refresh_token: Option<String>,
}

/// A session as a test sees it. Its tokens are not shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Whose it is.
    pub user_id: String,
    /// The device that it was made for.
    pub device_id: String,
    /// Milliseconds since the epoch.
    pub issued_at: f64,
    /// Milliseconds since the epoch.
    pub expires_at: f64,
    /// Whether the service would honour its access token now.
    pub valid: bool,
}

/// All of them, by access token.
#[derive(Default)]
pub(super) struct Sessions {
    by_token: HashMap<String, Session>,
    /// The access token of the session that each device has.
    of_device: HashMap<String, String>,
    /// The access token that goes with each refresh token that is still good.
    of_refresh: HashMap<String, String>,
    ended: VecDeque<String>,
    count: u64,
}

impl Sessions {
    /// Begins a session; the one that its device had before is over, whoever's it was.
    pub(super) fn begin(&mut self, issued: &Issued, entry: Entry) {
        let access_token = &issued.access_token;
        if let Some(before) = self
            .of_device
            .insert(entry.device_id.to_owned(), access_token.clone())
        {
            self.end(&before);
        }
        if let Some(refresh_token) = &entry.refresh_token {
            self.of_refresh
                .insert(refresh_token.clone(), access_token.clone());
        }
        self.count += 1;
        let session = Session {
            user_id: entry.user_id.to_owned(),
            device_id: entry.device_id.to_owned(),
            user_type: entry.user_type,
            refresh_token: entry.refresh_token,
            issued_at: issued.issued_at,
            expires_at: issued.expires_at,
            ended: false,
            order: self.count,
        };
        self.by_token.insert(access_token.clone(), session);
    }

    /// The session of an access token that has not ended and is within its time.
    pub(super) fn alive(&self, now: f64, access_token: &str) -> Option<&Session> {
        self.by_token
            .get(access_token)
            .filter(|session| !session.ended && now < session.expires_at)
    }

    /// The session that a refresh token belongs to, within its time or not; a new session of its
    /// device or a revoke has ended it.
    pub(super) fn refreshable(&self, user_id: &str, refresh_token: &str) -> Option<&Session> {
        self.by_token
            .get(self.of_refresh.get(refresh_token)?)
            .filter(|session| session.user_id == user_id)
    }

    /// Ends a session, and its device has none.
    pub(super) fn revoke(&mut self, access_token: &str) {
        if let Some(session) = self.by_token.get(access_token) {
            if self
                .of_device
                .get(&session.device_id)
                .is_some_and(|token| token == access_token)
            {
                self.of_device.remove(&session.device_id.clone());
            }
            self.end(access_token);
        }
    }

    /// Ends every session of a user, on whichever device.
    pub(super) fn revoke_all_of(&mut self, user_id: &str) {
        let of_user = |token: &&String| {
            self.by_token
                .get(*token)
                .is_some_and(|session| session.user_id == user_id)
        };
        let mut tokens: Vec<String> = self.of_device.values().filter(of_user).cloned().collect();
        // A map has no order of its own that two runs could share.
        tokens.sort_unstable();
        tokens.iter().for_each(|token| self.revoke(token));
    }

    fn end(&mut self, access_token: &str) {
        if let Some(session) = self.by_token.get_mut(access_token) {
            session.ended = true;
            // Renewed in the old way, a session hands its refresh token on: it may belong to the
            // next one by now.
            if let Some(refresh_token) = &session.refresh_token {
                if self
                    .of_refresh
                    .get(refresh_token)
                    .is_some_and(|token| token == access_token)
                {
                    self.of_refresh.remove(refresh_token);
                }
            }
            self.ended.push_back(access_token.to_owned());
        }
        if self.ended.len() > ENDED_KEPT {
            self.ended
                .pop_front()
                .and_then(|oldest| self.by_token.remove(&oldest));
        }
    }

    /// Whether a word is an access token or a refresh token.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.by_token.contains_key(word) || self.of_refresh.contains_key(word)
    }

    /// For a test to look at, oldest first; `honoured` says whether a user's tokens count at all.
    pub(super) fn info(&self, now: f64, honoured: impl Fn(&str) -> bool) -> Vec<SessionInfo> {
        let mut all: Vec<&Session> = self.by_token.values().collect();
        all.sort_unstable_by_key(|session| session.order);
        let info = |session: &Session| SessionInfo {
            user_id: session.user_id.clone(),
            device_id: session.device_id.clone(),
            issued_at: session.issued_at,
            expires_at: session.expires_at,
            valid: !session.ended && now < session.expires_at && honoured(&session.user_id),
        };
        all.into_iter().map(info).collect()
    }
}
