//! The queue of planned items, ordered by time. Items of the same time keep the order in which they
//! were planned.

use crate::tab::Call;
use social_plus_auth::session::{Event, Message, Record, Shared};
use std::cmp::Ordering;

/// A session in a message or in storage: its token and its record. Only the sender knows the
/// record's number.
pub(crate) type Packed = (u32, Record);

/// What happens at a planned moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// The next act of users or fate.
    Acts,
    /// A frozen tab thaws, if it still lives this life.
    Thaws(usize, u32),
    /// The network returns.
    Online,
    /// The app closes the client of a tab in this life, or aborts one of its calls.
    Interrupts(usize, u32, Interruption),
    /// A user's ban is lifted.
    Unbans(u32),
    /// The shared numbers that a tab wrote in this life reach the common storage.
    Commits(usize, u32, Shared),
    /// Shared numbers reach a tab in this life. The flag tells whether the tab wrote them itself.
    Sees(usize, u32, Shared, bool),
    /// A request reaches the service.
    Arrives(u32),
    /// For a tab: its machine receives an event.
    Happens(Event),
    /// For a tab: the timer with this number fires.
    TimerFires(u32),
    /// For a tab: the lock is granted for a ticket.
    Granted(u32),
    /// For a tab: its wait for the lock times out at this monotonic time.
    LockEnds(u32, f64),
    /// For a tab: it releases the lock.
    Frees,
    /// For a tab: its write reaches storage.
    Writes(Option<Packed>),
    /// For a tab: its read of storage ends.
    Reads(u32),
    /// For a tab: it sends a message to the others.
    Posts(Message, Option<Packed>),
    /// For a tab: it receives a message, with the numbers that the sender shared.
    Hears(Message, Option<Packed>, Shared),
    /// For a tab: an attempt begins.
    Sends(u32),
    /// For a tab: an attempt times out at this monotonic time.
    TimesOut(u32, f64),
    /// For a tab: an attempt fails without an answer.
    Breaks(u32),
    /// For a tab: an answer arrives.
    Answers(u32),
    /// For a tab: the app's backend answers a ticket. The result is an auth token, if one is
    /// needed, or the pause that the backend asks for.
    Provides(u32, Result<Option<u32>, f64>),
    /// For a tab: a call of the app continues.
    Calls(Call),
    /// For a worker: it has answered its request, and its writes are stored.
    Leaves,
}

/// How the app interrupts a client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Interruption {
    Close,
    Abort,
}

/// An entry of the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// In milliseconds since the start.
    pub(crate) at: f64,
    pub(crate) order: u32,
    /// The tab that the item is for; [`NO_TAB`] for none.
    pub(crate) tab: u8,
    /// The life of the tab that the item is for.
    pub(crate) life: u32,
    pub(crate) what: What,
}

/// The `tab` of an item that is for no tab.
pub(crate) const NO_TAB: u8 = u8::MAX;

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    /// The heap returns its greatest item first, so an earlier item is greater.
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .at
            .total_cmp(&self.at)
            .then(other.order.cmp(&self.order))
    }
}
