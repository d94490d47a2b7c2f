//! Defines the state that all tabs of a device share (rule 4). It contains no secret, so the tabs
//! store it in `localStorage` as six numbers, whatever the `storage` option is.

use super::wire::{to_code, Reason, SharedNumbers};

/// The numbers that the tabs of a device share. A tab reads them before every step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shared {
    /// The login epoch. Every logout raises it, and so does every login except one that uses the
    /// existing session. Its last ten bits are random, so that two tabs that raise it at the same
    /// time rarely choose the same number.
    pub epoch: f64,
    /// The earliest epoch whose sessions have not ended.
    pub min_epoch: f64,
    /// The number of sessions that the device has committed.
    pub sequence: f64,
    /// Whether the last committed session still exists, or how it ended.
    pub last: LastSession,
    /// Which tab may request a session, or the pause during which no tab may.
    pub claim: Claim,
}

/// Whether the device's last committed session still exists, or how it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LastSession {
    /// A logout or a login as another user has ended the session, or the device has never committed
    /// one.
    #[default]
    Ended,
    /// A logout has ended the session in a tab that lacked the device's latest session. A tab that
    /// holds the latest session must revoke it (rule 17).
    EndedUnknown,
    /// The session still exists, if its epoch is not below `min_epoch`.
    Committed {
        /// The login epoch of the session.
        epoch: f64,
    },
    /// The service has ended the session.
    Terminated(Reason),
}

/// The device's single permission to request a session (rule 6).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Claim {
    /// No tab has the claim.
    #[default]
    Free,
    /// A tab has the claim.
    Held {
        /// The tab's random number.
        owner: u32,
        /// When the claim expires, by the device's clock.
        expires_at: f64,
    },
    /// A renewal has failed. During the pause, a tab renews only if the app calls `renew` or the
    /// tab has gone online. If a tab releases its claim while its request may still reach the
    /// service, it writes a cooldown that has already ended, which tells the next tab about the
    /// request.
    Cooldown {
        /// When the pause ends, by the device's clock.
        until: f64,
    },
    /// The service or the app's backend has requested a pause (`Retry-After`). Going online does
    /// not end it.
    RetryAfter {
        /// When the pause ends, by the device's clock.
        until: f64,
    },
}

/// The stored committed epoch after [`LastSession::EndedUnknown`]. Earlier versions of the package
/// read it like 0.
const COMMITTED_EPOCH_UNKNOWN: f64 = -4.0;
/// The stored claim owner during a cooldown after a failed renewal.
const OWNER_COOLDOWN: f64 = -1.0;
/// The stored claim owner during a pause that a `Retry-After` has requested.
const OWNER_RETRY_AFTER: f64 = -2.0;

impl Shared {
    /// Decodes the six stored numbers.
    pub fn from_numbers(numbers: SharedNumbers) -> Self {
        let [epoch, min_epoch, sequence, committed_epoch, until, owner] = numbers;
        let claim = match owner {
            OWNER_COOLDOWN => Claim::Cooldown { until },
            OWNER_RETRY_AFTER => Claim::RetryAfter { until },
            owner if owner > 0.0 => Claim::Held {
                owner: owner as u32,
                expires_at: until,
            },
            _ => Claim::Free,
        };
        let last = match Reason::from_code(to_code(-committed_epoch)) {
            Some(reason) => LastSession::Terminated(reason),
            None if committed_epoch == COMMITTED_EPOCH_UNKNOWN => LastSession::EndedUnknown,
            None if committed_epoch > 0.0 => LastSession::Committed {
                epoch: committed_epoch,
            },
            None => LastSession::Ended,
        };
        Shared {
            epoch,
            min_epoch,
            sequence,
            last,
            claim,
        }
    }

    /// Encodes the six numbers to store.
    pub fn to_numbers(&self) -> SharedNumbers {
        let committed_epoch = match self.last {
            LastSession::Ended => 0.0,
            LastSession::EndedUnknown => COMMITTED_EPOCH_UNKNOWN,
            LastSession::Committed { epoch } => epoch,
            LastSession::Terminated(reason) => -f64::from(reason as u8),
        };
        let (expires_at, owner) = match self.claim {
            Claim::Free => (0.0, 0.0),
            Claim::Held { owner, expires_at } => (expires_at, f64::from(owner)),
            Claim::Cooldown { until } => (until, OWNER_COOLDOWN),
            Claim::RetryAfter { until } => (until, OWNER_RETRY_AFTER),
        };
        [
            self.epoch,
            self.min_epoch,
            self.sequence,
            committed_epoch,
            expires_at,
            owner,
        ]
    }

    /// Merges what this tab knows with the numbers that it reads (rule 24). The claim comes from
    /// storage.
    pub(super) fn merge(self, seen: Shared) -> Shared {
        // Storage may be late or cleared, which must not end the session.
        let mut merged = if self.is_newer_than(&seen) {
            self
        } else {
            seen
        };
        // Keep the maxima, because tabs may overwrite each other's numbers.
        merged.min_epoch = seen.min_epoch.max(self.min_epoch);
        let sequence = seen.sequence.max(self.sequence);
        if merged.last == LastSession::Ended && merged.sequence < sequence {
            // The tab that has ended the session did not know the latest one.
            merged.last = LastSession::EndedUnknown;
        }
        merged.sequence = sequence;
        merged.claim = seen.claim;
        merged
    }

    /// Adds what the sender of a message knows to the stored numbers, which may be late. A claim
    /// that storage shows counts more than the sender's numbers, which may be older.
    pub(super) fn merge_sent(self, mut sent: Shared, tab: u32) -> Shared {
        if !sent.is_newer_than(&self) {
            return sent.merge(self);
        }
        // Storage that is late may not show the claim of the sender.
        let is_claim_newer = matches!(sent.claim, Claim::Held { owner, .. } if owner != tab)
            && !matches!(self.claim, Claim::Held { .. });
        if !is_claim_newer {
            sent.claim = self.claim;
        }
        self.merge(sent)
    }

    /// Returns whether these numbers know of a login, a logout, a termination or a commit that the
    /// others lack.
    #[inline(never)]
    fn is_newer_than(&self, other: &Shared) -> bool {
        if self.epoch != other.epoch {
            return self.epoch > other.epoch;
        }
        if self.min_epoch != other.min_epoch {
            return self.min_epoch > other.min_epoch;
        }
        self.sequence > other.sequence
    }

    /// Records a committed session of this epoch, unless a session of a later epoch was committed.
    pub(super) fn record_committed(&mut self, epoch: f64) {
        let epoch = match self.last {
            LastSession::Committed { epoch: committed } => committed.max(epoch),
            _ => epoch,
        };
        self.last = LastSession::Committed { epoch };
    }

    /// Returns whether the device has a session that has not ended.
    pub(super) fn has_session(&self) -> bool {
        matches!(self.last, LastSession::Committed { epoch } if epoch >= self.min_epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(numbers: [f64; 6]) -> Shared {
        Shared::from_numbers(numbers)
    }

    #[test]
    fn decoding_restores_every_encoded_value() {
        let claims = [
            Claim::Free,
            Claim::Held {
                owner: u32::MAX,
                expires_at: 1.5,
            },
            Claim::Cooldown { until: 0.0 },
            Claim::RetryAfter { until: 9e12 },
        ];
        let lasts = [
            LastSession::Ended,
            LastSession::EndedUnknown,
            LastSession::Committed { epoch: 1025.0 },
            LastSession::Terminated(Reason::Unauthorized),
            LastSession::Terminated(Reason::GlobalBan),
            LastSession::Terminated(Reason::UserDeleted),
        ];
        for claim in claims {
            for last in lasts {
                let shared = Shared {
                    epoch: 2049.0,
                    min_epoch: 3.0,
                    sequence: 7.0,
                    last,
                    claim,
                };
                assert_eq!(decode(shared.to_numbers()), shared);
            }
        }
    }

    /// The numbers must not change, because tabs of the previous version read them.
    #[test]
    fn the_numbers_on_disk_are_pinned() {
        let held = Claim::Held {
            owner: 5,
            expires_at: 4.0,
        };
        let last = LastSession::Committed { epoch: 3.0 };
        let shared = Shared {
            epoch: 1.0,
            min_epoch: 0.5,
            sequence: 2.0,
            last,
            claim: held,
        };
        assert_eq!(shared.to_numbers(), [1.0, 0.5, 2.0, 3.0, 4.0, 5.0]);
        let numbers = |last, claim| {
            Shared {
                last,
                claim,
                ..Shared::default()
            }
            .to_numbers()
        };
        let cooldown = Claim::Cooldown { until: 4.0 };
        let banned = LastSession::Terminated(Reason::GlobalBan);
        assert_eq!(numbers(banned, cooldown), [0.0, 0.0, 0.0, -2.0, 4.0, -1.0]);
        let retry_after = Claim::RetryAfter { until: 4.0 };
        let unauthorized = LastSession::Terminated(Reason::Unauthorized);
        assert_eq!(
            numbers(unauthorized, retry_after),
            [0.0, 0.0, 0.0, -1.0, 4.0, -2.0]
        );
        assert_eq!(
            numbers(LastSession::EndedUnknown, Claim::Free),
            [0.0, 0.0, 0.0, -4.0, 0.0, 0.0]
        );
        let deleted = LastSession::Terminated(Reason::UserDeleted);
        assert_eq!(
            numbers(deleted, Claim::Free),
            [0.0, 0.0, 0.0, -3.0, 0.0, 0.0]
        );
    }

    #[test]
    fn unknown_numbers_decode_to_no_session_and_no_claim() {
        let shared = decode([0.0, 0.0, 0.0, -5.0, 1.0, -3.0]);
        assert_eq!(
            (shared.last, shared.claim),
            (LastSession::Ended, Claim::Free)
        );
        let shared = decode([0.0, 0.0, 0.0, f64::NAN, 1.0, f64::NAN]);
        assert_eq!(
            (shared.last, shared.claim),
            (LastSession::Ended, Claim::Free)
        );
    }

    /// Returns numbers that a termination distinguishes from those that a commit has written.
    fn numbers(epoch: f64, min_epoch: f64, sequence: f64, is_terminated: bool) -> Shared {
        Shared {
            epoch,
            min_epoch,
            sequence,
            last: match is_terminated {
                true => LastSession::Terminated(Reason::GlobalBan),
                false => LastSession::Committed { epoch },
            },
            claim: Claim::Free,
        }
    }

    #[test]
    fn the_epoch_then_the_minimum_then_the_sequence_decide_which_numbers_are_newer() {
        for (newer, older) in [
            ((2.0, 0.0, 0.0), (1.0, 1.0, 9.0)),
            ((2.0, 1.0, 0.0), (2.0, 0.0, 9.0)),
            ((2.0, 1.0, 5.0), (2.0, 1.0, 4.0)),
        ] {
            let newer = numbers(newer.0, newer.1, newer.2, true);
            let older = numbers(older.0, older.1, older.2, false);
            for merged in [newer.merge(older), older.merge(newer)] {
                assert_eq!(merged.last, newer.last, "{newer:?} {older:?}");
                assert_eq!(merged.epoch, newer.epoch);
                assert_eq!(merged.min_epoch, newer.min_epoch.max(older.min_epoch));
                assert_eq!(merged.sequence, newer.sequence.max(older.sequence));
            }
        }
    }

    #[test]
    fn storage_decides_between_numbers_of_the_same_age() {
        let (known, seen) = (numbers(2.0, 1.0, 5.0, false), numbers(2.0, 1.0, 5.0, true));
        assert_eq!(known.merge(seen).last, seen.last);
        assert_eq!(known.merge_sent(seen, 1).last, known.last);
    }

    #[test]
    fn a_message_shows_a_claim_only_if_it_is_newer_and_storage_shows_none() {
        let held = |owner| Claim::Held {
            owner,
            expires_at: 9.0,
        };
        let pause = Claim::Cooldown { until: 8.0 };
        for (stored, sequence, sent, expected) in [
            (Claim::Free, 6.0, held(2), held(2)),
            (pause, 6.0, held(2), held(2)),
            (held(3), 6.0, held(2), held(3)),
            (Claim::Free, 6.0, held(1), Claim::Free),
            (Claim::Free, 6.0, pause, Claim::Free),
            (pause, 6.0, Claim::Free, pause),
            (Claim::Free, 5.0, held(2), Claim::Free),
            (pause, 4.0, held(2), pause),
        ] {
            let (mut storage, mut message) = (
                numbers(2.0, 1.0, 5.0, false),
                numbers(2.0, 1.0, sequence, true),
            );
            (storage.claim, message.claim) = (stored, sent);
            let merged = storage.merge_sent(message, 1);
            assert_eq!(merged.claim, expected, "{stored:?} {sequence} {sent:?}");
            let is_newer = sequence > storage.sequence;
            assert_eq!(merged.last == message.last, is_newer);
            assert_eq!(merged.sequence, storage.sequence.max(sequence));
        }
    }

    #[test]
    fn a_commit_of_an_earlier_epoch_does_not_replace_that_of_a_later_one() {
        let mut shared = numbers(5.0, 5.0, 1.0, false);
        shared.record_committed(3.0);
        assert_eq!(shared.last, LastSession::Committed { epoch: 5.0 });
        shared.record_committed(6.0);
        assert_eq!(shared.last, LastSession::Committed { epoch: 6.0 });
    }
}
