//! The queue of planned tasks, ordered by time. Tasks of the same time keep the order in which they
//! were planned.

use crate::tab::Call;
use social_plus_auth::session::{Event, Message, Record, Shared};
use std::cmp::Ordering;

/// A session in a message or in storage: its token and its record. A tab that receives it replaces
/// the `id` of the record, because each tab numbers its sessions itself.
pub(crate) type Packed = (u32, Record);

/// Shared numbers with the version of the tab that wrote them.
pub(crate) type Versioned = (Shared, u32);

/// A task for a planned time.
///
/// A *life* of a tab lasts from when the tab opens until it closes or dies. A task whose comment
/// begins with "For a tab" belongs to the tab and the life in its [`Item`]. It waits while the tab
/// is frozen, and is dropped if the life ends first, except for a write of a closed client. Other
/// tasks contain the tab and the life that they concern, if any, and do not wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    /// Performs the next act of the users or of the environment.
    NextAct,
    /// Thaws a frozen tab, unless this life of the tab has ended.
    Thaw(usize, u32),
    /// Shows a hidden tab, unless this life of the tab has ended, or it has been hidden again.
    Show(usize, u32),
    /// Brings the device online again, unless a later act extends the time offline.
    ComeOnline,
    /// Closes the client of a tab or aborts one of its calls, unless this life of the tab has
    /// ended.
    Interrupt(usize, u32, Interruption),
    /// Lifts a user's ban.
    Unban(u32),
    /// Delivers shared numbers to the common storage. The tab wrote them in this life, which may
    /// have ended.
    CommitShared(usize, u32, Versioned),
    /// Delivers shared numbers from the common storage to a tab, unless this life of the tab has
    /// ended. The flag tells whether this life of the tab wrote them.
    DeliverShared(usize, u32, Versioned, bool),
    /// Delivers the request of an attempt to the service.
    DeliverRequest(u32),
    /// For a tab: passes an event to its machine.
    DeliverEvent(Event),
    /// For a tab: fires the timer with this number.
    FireTimer(u32),
    /// For a tab: takes the lock for a ticket.
    TakeLock(u32),
    /// For a tab: ends the wait for the lock with this ticket, when the tab's monotonic clock
    /// reaches this time.
    TimeOutLock(u32, f64),
    /// For a tab: releases the lock.
    ReleaseLock,
    /// For a tab: finishes a write to storage. `None` removes the session.
    FinishWrite(Option<Packed>),
    /// For a tab: finishes a read of storage for a ticket.
    FinishRead(u32),
    /// For a tab: sends a message to the other tabs.
    PostMessage(Message, Option<Packed>),
    /// For a tab: receives a message with the shared numbers of its sender, and with their version.
    ReceiveMessage(Message, Option<Packed>, Shared, u32),
    /// For a tab: starts an attempt.
    StartAttempt(u32),
    /// For a tab: ends an attempt, when the tab's monotonic clock reaches this time.
    TimeOutAttempt(u32, f64),
    /// For a tab: ends an attempt whose connection has failed.
    BreakAttempt(u32),
    /// For a tab: receives the answer of an attempt.
    ReceiveAnswer(u32),
    /// For a tab: passes the response of the app's backend for a ticket to the machine. The result
    /// is an auth token (`None` if the session needs none), or the pause that the backend asks for,
    /// in milliseconds.
    DeliverCredential(u32, Result<Option<u32>, f64>),
    /// For a tab: continues a call of the app.
    ContinueCall(Call),
    /// For a tab that is a worker: ends the worker, once it has answered its request and its writes
    /// are stored.
    EndWorker,
}

/// How the app interrupts a client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Interruption {
    Close,
    Abort,
    /// The browser stops a worker.
    Stop,
}

/// An entry of the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// In milliseconds since the start.
    pub(crate) at: f64,
    pub(crate) order: u32,
    /// The tab that the task is for, or [`NO_TAB`].
    pub(crate) tab: u8,
    /// The life of the tab that the task is for.
    pub(crate) life: u32,
    pub(crate) task: Task,
}

/// The `tab` of an item whose task is for no tab.
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
