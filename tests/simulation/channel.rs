//! Checks that tabs send few messages to each other (rule 18), although every write to storage
//! causes an event in the other tabs. Encrypted storage writes a different text each time, so even
//! the write of an unchanged session causes events.

use crate::counts::Kind;
use crate::queue::Task;
use crate::script::Detail;
use crate::shared::MAX_SHARED_DELAY_MS;
use crate::tab::{is_worker, Tab};
use crate::world::{World, MAX_TABS};
use social_plus_auth::session::{Event, Message};

/// The maximum number of messages that a tab may send for each event of any tab (rule 18).
const MAX_MESSAGES_PER_EVENT: u32 = 4;
/// The upper limit of a tab's message budget (`messages_left`). It exceeds the budget of one event,
/// because several events may happen at once.
const MAX_SAVED_MESSAGES: u32 = 64;

impl World<'_> {
    /// Tells the other tabs that a tab has written its session or the shared numbers.
    pub(crate) fn send_storage_events(&mut self, sender: usize, is_session: bool) {
        if is_worker(sender) {
            return;
        }
        for tab in 0..MAX_TABS {
            if tab != sender && self.tabs[tab].alive {
                self.send_storage_event(tab, is_session);
            }
        }
    }

    /// Sends a tab the `storage` event of another tab's write.
    pub(crate) fn send_storage_event(&mut self, tab: usize, is_session: bool) {
        if !self.plan.has_storage_events {
            return;
        }
        self.count(Kind::StorageEvent);
        // A tab writes the shared numbers before its session, and they take up to twice
        // `MAX_SHARED_DELAY_MS` to arrive. The session's event must not overtake them.
        let min_ms = if is_session && self.plan.shared_is_late {
            2.0 * MAX_SHARED_DELAY_MS
        } else {
            0.0
        };
        let after = self.decide_delay(Detail::StorageEventTakes, tab, min_ms, min_ms + 50.0);
        let event = Event::StorageChanged { is_session };
        self.push_to(tab, after, Task::DeliverEvent(event));
    }

    /// Adds the messages that an event allows to every tab's budget. An event that is only a
    /// reaction to what tabs sent, wrote or waited for allows none.
    pub(crate) fn allow_messages(&mut self, event: &Event) {
        let is_reaction = matches!(
            event,
            Event::Message { .. }
                | Event::StorageChanged { .. }
                | Event::Loaded { .. }
                | Event::Locked { .. }
                | Event::ServerDate { .. }
                | Event::Timer
        );
        if !is_reaction {
            for tab in &mut self.tabs {
                tab.messages_left =
                    (tab.messages_left + MAX_MESSAGES_PER_EVENT).min(MAX_SAVED_MESSAGES);
            }
        }
    }

    /// If the message asks for the device's session, records whether the tab asks in vain: tabs
    /// differ in storage or version, and no tab can answer.
    pub(crate) fn note_question(&mut self, tab: usize, message: Message) {
        if !matches!(message, Message::RequestSession { .. }) {
            return;
        }
        let sequence = self.tabs[tab].last_shared.sequence;
        let can_answer = |other: &Tab| {
            let held = other.machine.current();
            other.alive && !other.frozen && held.is_some_and(|held| held.sequence >= sequence)
        };
        let plan = self.plan;
        let differ = plan.mixes_storage || plan.keys_differ || plan.versions_differ;
        self.tabs[tab].has_asked_in_vain = differ && !self.tabs[..MAX_TABS].iter().any(can_answer);
    }

    /// Takes a message from a tab's budget, and reports a violation if the budget is empty.
    pub(crate) fn count_message(&mut self, tab: usize) {
        match self.tabs[tab].messages_left.checked_sub(1) {
            Some(left) => self.tabs[tab].messages_left = left,
            None => self.report(tab, "a tab sends messages without an event"),
        }
    }
}
