//! The script of a run, in words: the acts of users and fate, and the details of accidents and
//! delays. A seeded run records a script. A scripted run replays a script and draws nothing at
//! random. So it stays the same if a change makes the simulation draw other numbers.

/// How long a detail that is due waits for its event, in milliseconds. After that the script drops
/// the detail, because its event no longer happens.
const STALE_MS: f64 = 60_000.0;

macro_rules! acts {
    ($($(#[$note:meta])* $name:ident { $($field:ident: $type:ty),* } $words:literal),* $(,)?) => {
        /// An act of users or fate.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(crate) enum Act { $($(#[$note])* $name { $($field: $type),* }),* }

        impl Act {
            /// Writes the act in words.
            fn text(self) -> String {
                match self {
                    $(Self::$name { $($field),* } => fill($words, &[$($field as f64),*])),*
                }
            }

            /// Parses the words of an act.
            fn parse(text: &str) -> Option<Self> {
                $(if let Some(numbers) = parse_numbers($words, text) {
                    let mut _numbers = numbers.into_iter();
                    return Some(Self::$name { $($field: _numbers.next()? as $type),* });
                })*
                None
            }
        }
    };
}

acts! {
    Open { tab: usize } "tab {} opens",
    LogIn { tab: usize, user: u32 } "tab {} logs in as user {}",
    /// The app passes an auth token or a display name, so the login does not join another login.
    LogInSeparately { tab: usize, user: u32 } "tab {} starts a separate login as user {}",
    LogInAsVisitor { tab: usize } "tab {} logs in as a visitor",
    LogInAsBot { tab: usize } "tab {} logs in as a bot",
    Adopt { tab: usize, user: u32 } "tab {} adopts a session created elsewhere for user {}",
    LogOut { tab: usize } "tab {} logs out",
    LogOutUnrevoked { tab: usize } "tab {} logs out without a revoke",
    LogOutSecurely { tab: usize } "tab {} logs out securely",
    AskForToken { tab: usize, ms: f64 } "tab {} asks for a token valid for {} ms",
    Fetch { tab: usize } "tab {} fetches",
    FetchEverywhere {} "every tab fetches",
    Renew { tab: usize } "tab {} asks for a renewal",
    Wake { tab: usize } "tab {} wakes",
    WakeOnline { tab: usize } "tab {} wakes as the network returns",
    /// A caller aborts its call. The operation continues.
    Abort { tab: usize } "tab {}: a caller gives up",
    Close { tab: usize } "tab {} closes its client",
    Die { tab: usize } "tab {} dies",
    Freeze { tab: usize, ms: f64 } "tab {} freezes for {} ms",
    /// The user looks at another tab, so the timers of this one fire only once a minute.
    Hide { tab: usize, ms: f64 } "tab {} is hidden for {} ms",
    /// The user leaves the page, and returns to it with the browser's back button.
    Cache { tab: usize, ms: f64 } "tab {} is in the back/forward cache for {} ms",
    Deploy {} "a later version is deployed",
    Reload { tab: usize } "tab {} reloads",
    Sleep { ms: f64 } "the device sleeps for {} ms",
    SetClock { ms: f64 } "the wall clock is moved by {} ms",
    GoOffline { ms: f64 } "the device is offline for {} ms",
    ClearStorage {} "storage is cleared",
    ClearShared {} "the shared numbers are cleared",
    JunkShared {} "the shared numbers are overwritten with junk",
    RestoreShared { ago: usize } "the shared numbers go back by {} writes",
    RevokeAll { user: u32 } "an administrator revokes all tokens of user {}",
    Ban { user: u32, ms: f64 } "user {} is banned for {} ms",
    Delete { user: u32 } "user {} is deleted",
    ServeUser { worker: usize, user: u32 } "worker {} serves user {}",
    ServeBot { worker: usize } "worker {} serves a bot",
    ServeAgain { worker: usize } "worker {} resumes its session",
    ServeLogOut { worker: usize } "worker {} resumes its session and logs out",
    StopWorker { worker: usize } "the browser stops worker {}",
    /// Accidents stop, and the invariants of a device at rest are checked.
    Rest {} "everything comes to rest",
}

macro_rules! details {
    ($($(#[$note:meta])* $name:ident $words:literal),* $(,)?) => {
        /// An accident or a delay of one tab.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(crate) enum Detail { $($(#[$note])* $name),* }
        const DETAILS: &[(Detail, &str)] = &[$((Detail::$name, $words)),*];
    };
}

// The first number of a detail is its tab. A further number is its value. A message has three
// numbers: the tab, the sender and the value.
details! {
    Number "tab {}: its number is {}",
    ClockStart "tab {}: its monotonic clock starts {} ms late",
    RequestTakes "tab {}: a request takes {} ms",
    AnswerTakes "tab {}: an answer takes {} ms",
    RequestLost "tab {}: a request is lost with an error",
    RequestVanishes "tab {}: a request is lost without an error",
    AnswerLost "tab {}: an answer is lost with an error",
    AnswerVanishes "tab {}: an answer is lost without an error",
    ServiceFails "tab {}: a request is answered 503",
    ServiceLimits "tab {}: a request is answered 429 with Retry-After {}",
    ProxyAnswers "tab {}: a request is answered 401 in HTML",
    ServiceFindsNothing "tab {}: a session request is answered with not found",
    VisitorDiffers "tab {}: the session of a visitor is that of another visitor",
    LifetimeIs "tab {}: a new session lasts for {} ms",
    RetryJitter "tab {}: the jitter of a retry is {}",
    LockTakes "tab {}: the lock takes {} ms",
    StorageTakes "tab {}: storage takes {} ms",
    ReadFails "tab {}: a read of storage fails",
    WriteFails "tab {}: a write to storage is dropped",
    StorageEventTakes "tab {}: a storage event takes {} ms",
    MessageTakes "tab {}: a message from tab {} takes {} ms",
    TimerLate "tab {}: a timer fires {} ms late",
    SharedGoesOut "tab {}: a write of the shared numbers takes {} ms",
    SharedComesIn "tab {}: shared numbers take {} ms to arrive",
    BackendTakes "tab {}: the app's backend takes {} ms",
    BackendFails "tab {}: the app's backend fails",
    BackendLimits "tab {}: the app's backend asks to wait {} ms",
    BackendHangs "tab {}: the app's backend hangs",
    BackendErrs "tab {}: the app's backend gives an auth token that the service refuses",
    /// Change 1 clears the numbers, 2 overwrites them with junk, and 2 + n restores the numbers of
    /// n writes ago.
    SharedChanges "tab {}: the shared numbers change between its read and its write, by change {}",
    ResumeTakes "tab {}: its first call is aborted, and the next one follows after {} ms",
    WakeTakes "tab {}: it wakes {} ms late",
}

/// One line of a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    /// In milliseconds since the start.
    pub(crate) at: f64,
    pub(crate) what: Words,
}

/// The words of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Words {
    Act(Act),
    /// The detail, its tab, the sender (of a message), and the value.
    Detail(Detail, usize, usize, f64),
}

impl Words {
    pub(crate) fn text(&self) -> String {
        match *self {
            Self::Act(act) => act.text(),
            Self::Detail(detail, tab, from, value) => {
                let words = DETAILS
                    .iter()
                    .find(|(other, _)| *other == detail)
                    .map_or("", |(_, words)| *words);
                match words.matches("{}").count() {
                    3 => fill(words, &[tab as f64, from as f64, value]),
                    _ => fill(words, &[tab as f64, value]),
                }
            }
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let detail = DETAILS.iter().find_map(|(detail, words)| {
            let numbers = parse_numbers(words, text)?;
            let from = if numbers.len() > 2 { numbers[1] } else { 0.0 };
            let value = if numbers.len() > 1 {
                *numbers.last()?
            } else {
                1.0
            };
            Some(Self::Detail(
                *detail,
                numbers[0] as usize,
                from as usize,
                value,
            ))
        });
        detail.or_else(|| Act::parse(text).map(Self::Act))
    }
}

/// Replaces the placeholders of a sentence with numbers.
fn fill(words: &str, numbers: &[f64]) -> String {
    let mut parts = words.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (part, number) in parts.zip(numbers) {
        text += &format!("{number}{part}");
    }
    text
}

/// Returns the numbers in a text. Returns `None` if the text does not match these words.
fn parse_numbers(words: &str, text: &str) -> Option<Vec<f64>> {
    let (mut numbers, mut actual) = (Vec::new(), text.split_whitespace());
    for expected in words.split_whitespace() {
        let word = actual.next()?;
        match expected.strip_prefix("{}") {
            Some(end) => numbers.push(word.strip_suffix(end)?.parse().ok()?),
            None if expected == word => {}
            None => return None,
        }
    }
    actual.next().is_none().then_some(numbers)
}

/// The acts, accidents and delays of a scripted run.
#[derive(Default)]
pub(crate) struct Script {
    /// The acts that remain, in reverse order.
    acts: Vec<(f64, Act)>,
    details: Vec<Line>,
}

impl Script {
    pub(crate) fn new(lines: &[Line]) -> Self {
        let mut script = Self::default();
        for line in lines {
            match line.what {
                Words::Act(act) => script.acts.push((line.at, act)),
                Words::Detail(..) => script.details.push(*line),
            }
        }
        script.acts.reverse();
        script
    }

    /// Returns when the next act is due.
    pub(crate) fn next_at(&self) -> Option<f64> {
        self.acts.last().map(|(at, _)| *at)
    }

    /// Takes the next act.
    pub(crate) fn next_act(&mut self) -> Option<Act> {
        self.acts.pop().map(|(_, act)| act)
    }

    /// Takes the value of the first detail of this kind that is due.
    pub(crate) fn take_detail(
        &mut self,
        time: f64,
        detail: Detail,
        tab: usize,
        from: usize,
    ) -> Option<f64> {
        let wanted = (detail, tab, from);
        let matches = |line: &Line| match line.what {
            Words::Detail(detail, tab, from, _) => (detail, tab, from) == wanted,
            Words::Act(_) => false,
        };
        self.details
            .retain(|line| line.at + STALE_MS >= time || !matches(line));
        let index = self
            .details
            .iter()
            .position(|line| line.at <= time && matches(line))?;
        match self.details.remove(index).what {
            Words::Detail(.., value) => Some(value),
            Words::Act(_) => None,
        }
    }
}
