//! The users of the network, in order of creation.

use super::random::Random;
use crate::protocol::date::format_iso;
use serde::Serialize;
use std::collections::HashMap;

/// A user as the service stores it.
pub(super) struct User {
    /// The id that the service assigns, `userInternalId` on the wire.
    pub(super) internal_id: String,
    pub(super) user_id: String,
    pub(super) display_name: Option<String>,
    profile_handle: Option<String>,
    created_at: f64,
    updated_at: f64,
    pub(super) banned: bool,
    pub(super) deleted: bool,
}

/// A user of the emulated network, for assertions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// The id that the app chose (for a visitor or bot, that the service assigned), `userPublicId`
    /// on the wire.
    pub user_id: String,
    /// The display name that a session request set last, or `None` if no request has set one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether the user is globally banned.
    pub is_global_ban: bool,
    /// Whether the user is deleted.
    pub is_deleted: bool,
}

/// All users.
#[derive(Default)]
pub(super) struct Users {
    list: Vec<User>,
    indices: HashMap<String, usize>,
}

impl Users {
    pub(super) fn get(&self, user_id: &str) -> Option<&User> {
        self.list.get(*self.indices.get(user_id)?)
    }

    pub(super) fn get_mut(&mut self, user_id: &str) -> Option<&mut User> {
        self.list.get_mut(*self.indices.get(user_id)?)
    }

    /// Finds a user by `internal_id`.
    pub(super) fn find_by_internal_id(&self, internal_id: &str) -> Option<&User> {
        self.list
            .iter()
            .find(|user| user.internal_id == internal_id)
    }

    /// Creates the user if it does not exist, and sets the names that a session request contains.
    pub(super) fn upsert(
        &mut self,
        now: f64,
        user_id: &str,
        display_name: Option<String>,
        profile_handle: Option<String>,
        random: &mut Random,
    ) {
        if !self.indices.contains_key(user_id) {
            self.indices.insert(user_id.to_owned(), self.list.len());
            self.list.push(User {
                internal_id: random.draw_hex(24),
                user_id: user_id.to_owned(),
                display_name: None,
                profile_handle: None,
                created_at: now,
                updated_at: now,
                banned: false,
                deleted: false,
            });
        }
        let Some(user) = self.get_mut(user_id) else {
            return;
        };
        for (field, new) in [
            (&mut user.display_name, display_name),
            (&mut user.profile_handle, profile_handle),
        ] {
            if new.is_some() && *field != new {
                *field = new;
                user.updated_at = now;
            }
        }
    }

    /// Returns all users for assertions.
    pub(super) fn to_info(&self) -> Vec<UserInfo> {
        let info = |user: &User| UserInfo {
            user_id: user.user_id.clone(),
            display_name: user.display_name.clone(),
            is_global_ban: user.banned,
            is_deleted: user.deleted,
        };
        self.list.iter().map(info).collect()
    }
}

impl User {
    /// Converts the user to its JSON form.
    pub(super) fn to_wire<'a>(&'a self, network_id: &str) -> WireUser<'a> {
        WireUser {
            id: &self.internal_id,
            path: format!("{network_id}/user/{}", self.internal_id),
            user_id: &self.user_id,
            user_internal_id: &self.internal_id,
            user_public_id: &self.user_id,
            display_name: self.display_name.as_deref(),
            profile_handle: self.profile_handle.as_deref(),
            description: "",
            avatar_file_id: None,
            avatar_custom_url: "",
            roles: [],
            permissions: [],
            tags: [],
            flag_count: 0,
            hash_flag: None,
            metadata: Empty {},
            is_global_ban: self.banned,
            is_brand: false,
            is_deleted: self.deleted,
            created_at: format_iso(self.created_at),
            updated_at: format_iso(self.updated_at),
        }
    }
}

/// A user in a response, with every field that the contract lists.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUser<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    path: String,
    user_id: &'a str,
    user_internal_id: &'a str,
    user_public_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_handle: Option<&'a str>,
    description: &'static str,
    avatar_file_id: Option<&'static str>,
    avatar_custom_url: &'static str,
    roles: [&'static str; 0],
    permissions: [&'static str; 0],
    tags: [&'static str; 0],
    flag_count: u32,
    hash_flag: Option<Empty>,
    metadata: Empty,
    is_global_ban: bool,
    is_brand: bool,
    is_deleted: bool,
    created_at: String,
    updated_at: String,
}

/// An empty JSON object.
#[derive(Serialize)]
pub(super) struct Empty {}
