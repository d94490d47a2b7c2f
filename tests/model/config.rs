//! Defines a configuration of the model: the number of tabs, their features, and how often each
//! action of the user and each accident may occur.

use social_plus_auth::session::Rule;

/// Where a tab stores its session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Storage {
    /// In `localStorage`. Each access takes effect immediately.
    Local,
    /// Each access takes time, as with `encrypted` storage or a storage that the app provides. Each
    /// save writes a different text, even of the same session, and so causes a `storage` event in
    /// the other tabs.
    Slow,
    /// Nowhere. Tabs send their session in messages.
    Memory,
}

/// An action of the user, an accident or a long jump in time. A configuration limits how often
/// each may occur.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Chance {
    /// A login of user 1.
    LoginFirst,
    /// A login of user 2.
    LoginSecond,
    Logout,
    /// A logout with `revoke: false`.
    LogoutKeeping,
    SecureLogout,
    Renew,
    /// A call of `accessToken`.
    Token,
    /// A request of the app gets a 401.
    Refusal,
    /// A tab dies.
    Kill,
    /// A tab freezes. It may thaw at any later time.
    Freeze,
    /// A tab opens in the place of a dead one.
    Open,
    /// A request, its answer or a message between tabs is lost. A lost request may still reach the
    /// service later.
    Lose,
    /// A request for a session reaches the service twice, or a message arrives twice in a tab.
    Duplicate,
    /// Time passes although a message or an access to storage is pending.
    Delay,
    /// Time jumps by more than 10 minutes, usually until a session is due.
    Period,
}

pub(crate) const CHANCES: usize = Chance::Period as usize + 1;

/// A configuration of the model.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) name: &'static str,
    pub(crate) tabs: usize,
    pub(crate) storage: [Storage; 3],
    /// Whether the tabs have Web Locks.
    pub(crate) has_locks: bool,
    /// Whether other tabs see writes to `localStorage` late.
    pub(crate) is_late: bool,
    /// Whether a session request needs a credential of the app's backend first.
    pub(crate) is_secure: bool,
    /// Whether the transport retries a lost request once.
    pub(crate) retries: bool,
    /// Whether user 1 is signed in at the start.
    pub(crate) is_signed_in: bool,
    /// How often each [`Chance`] may occur.
    pub(crate) chances: [u8; CHANCES],
    /// A rule that the machines lack.
    pub(crate) without: Option<Rule>,
}

impl Config {
    /// Returns a configuration of two tabs with locks, `local` storage and a signed-in user. No
    /// [`Chance`] may occur in it.
    pub(crate) const fn new(name: &'static str) -> Self {
        Config {
            name,
            tabs: 2,
            storage: [Storage::Local; 3],
            has_locks: true,
            is_late: false,
            is_secure: false,
            retries: false,
            is_signed_in: true,
            chances: [0; CHANCES],
            without: None,
        }
    }

    pub(crate) const fn with(mut self, chance: Chance, times: u8) -> Self {
        self.chances[chance as usize] = times;
        self
    }

    pub(crate) const fn tabs(mut self, tabs: usize) -> Self {
        self.tabs = tabs;
        self
    }

    pub(crate) const fn stored(mut self, storage: Storage) -> Self {
        self.storage = [storage; 3];
        self
    }

    /// Sets the storage of the second tab, and that of the other tabs.
    pub(crate) const fn mixed(mut self, others: Storage, second: Storage) -> Self {
        self.storage = [others, second, others];
        self
    }

    pub(crate) const fn late(mut self) -> Self {
        self.is_late = true;
        self
    }

    pub(crate) const fn without_locks(mut self) -> Self {
        self.has_locks = false;
        self
    }

    pub(crate) const fn secure(mut self) -> Self {
        self.is_secure = true;
        self
    }

    pub(crate) const fn retrying(mut self) -> Self {
        self.retries = true;
        self
    }

    pub(crate) const fn signed_out(mut self) -> Self {
        self.is_signed_in = false;
        self
    }

    pub(crate) const fn lacking(mut self, rule: Rule) -> Self {
        self.without = Some(rule);
        self
    }
}
