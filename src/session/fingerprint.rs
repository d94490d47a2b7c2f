//! Computes the fingerprint of a machine for a model checker: from then on, two machines with equal
//! fingerprints behave alike if their settings and their disabled rules are equal and their draws
//! are fixed.
//!
//! Times are relative to the present, and all deadlines that have passed are equal. A fingerprint
//! contains no ticket and no number of a call, only whether the machine waits for one, because each
//! of these numbers is unique.

use super::calls::MIN_RENEWAL_AGE_MS;
use super::operation::{Login, Operation, Renewal, Stage};
use super::{Claim, Machine, Now, Record, Shared, Sink};

/// A hash of numbers.
#[derive(Clone, Copy, Debug)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(0x9e37_79b9_7f4a_7c15)
    }
}

impl Digest {
    /// Adds a number.
    pub fn add(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * 0xe703_7ed1_a0b4_28db;
        self.0 = (product as u64) ^ (product >> 64) as u64 ^ number.rotate_left(32);
    }

    /// Adds a flag.
    pub fn add_flag(&mut self, is_set: bool) {
        self.add(u64::from(is_set));
    }

    /// Adds a time relative to the present, in whole milliseconds.
    pub fn add_time(&mut self, at: f64, now: f64) {
        self.add((at - now).round().to_bits());
    }

    /// Adds a deadline. All deadlines that have passed are equal.
    pub fn add_deadline(&mut self, at: f64, now: f64) {
        self.add_time(at.max(now), now);
    }

    /// Adds a session, or 0 if there is none.
    pub fn add_record(&mut self, record: Option<&Record>, now: f64) {
        let Some(record) = record else {
            return self.add(0);
        };
        self.add(record.id.into());
        self.add(record.epoch.to_bits());
        self.add(record.sequence.to_bits());
        self.add_time(record.issued_at, now);
        self.add_time(record.expires_at, now);
        self.add(record.identity.kind.into());
        self.add(record.identity.user.into());
        self.add(record.clock_offset.round().to_bits());
    }

    /// Adds shared numbers. All expired claims of one owner are equal, and so are all pauses of one
    /// kind that have ended.
    pub fn add_shared(&mut self, shared: &Shared, now: f64) {
        let [epoch, min_epoch, sequence, committed_epoch, until, owner] = shared.to_numbers();
        for number in [epoch, min_epoch, sequence, committed_epoch, owner] {
            self.add(number.to_bits());
        }
        if shared.claim != Claim::Free {
            self.add_deadline(until, now);
        }
    }

    /// Returns the hash.
    pub fn finish(self) -> u64 {
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ mixed >> 32
    }
}

impl<S: Sink> Machine<S> {
    /// Returns the fingerprint at this moment. It covers neither the settings, nor a disabled rule,
    /// nor the draws.
    pub fn fingerprint(&self, now: Now) -> u64 {
        let mut digest = Digest::default();
        self.add_clock(&mut digest, now);
        digest.add_shared(&self.shared, now.wall);
        digest.add(self.state.code() as u64);
        digest.add(self.state.reason().map_or(0, |reason| reason as u64));
        digest.add_flag(self.is_obsolete);
        digest.add_record(self.current.as_ref(), now.wall);
        digest.add_deadline(self.current_since + MIN_RENEWAL_AGE_MS, now.mono);
        self.add_operation(&mut digest, now);
        digest.add(self.failures.into());
        digest.add_deadline(self.retry_at, now.mono);
        digest.add_deadline(self.waived_until, now.wall);
        digest.add_flag(self.has_lost_request);
        digest.add_time(self.discarded_at, now.wall);
        digest.add(self.asked.to_bits());
        digest.add(self.handed_over.into());
        digest.add_time(self.corrected, now.wall);
        for revocation in &self.revocations {
            digest.add(revocation.session.into());
            digest.add(revocation.epoch.to_bits());
            digest.add_time(revocation.expires_at, now.wall);
            digest.add_flag(revocation.wait > 0);
            digest.add_flag(revocation.is_secure);
            digest.add_flag(revocation.is_partial);
            digest.add(revocation.attempts.into());
            digest.add_deadline(revocation.next_attempt_at, now.mono);
        }
        digest.add_flag(self.searching_logout.ticket > 0);
        digest.add_flag(self.searching_logout.is_partial);
        digest.add_flag(self.secure_logout > 0);
        digest.add_flag(self.has_searched);
        digest.finish()
    }

    fn add_clock(&self, digest: &mut Digest, now: Now) {
        let clock = &self.clock;
        let drift = (now.wall - clock.now.wall) - (now.mono - clock.now.mono);
        digest.add(drift.round().to_bits());
        digest.add(clock.offset.round().to_bits());
        digest.add_flag(clock.is_measured);
        digest.add_flag(clock.is_suspect);
        digest.add_time(clock.steady_since, now.wall);
    }

    fn add_operation(&self, digest: &mut Digest, now: Now) {
        let Some(in_flight) = &self.in_flight else {
            return digest.add(0);
        };
        match in_flight.operation {
            Operation::Resume => digest.add(1),
            Operation::Login(Login {
                identity,
                needs_request,
                epoch,
                claim_wait_until,
            }) => {
                digest.add(2);
                digest.add(identity.kind.into());
                digest.add(identity.user.into());
                digest.add_flag(needs_request);
                digest.add(epoch.to_bits());
                digest.add_deadline(claim_wait_until, now.mono);
            }
            Operation::Renew(Renewal {
                is_forced,
                is_retry,
            }) => {
                digest.add(3);
                digest.add_flag(is_forced);
                digest.add_flag(is_retry);
            }
            Operation::Verify { renewal_requested } => {
                digest.add(4);
                digest.add_flag(renewal_requested);
            }
        }
        digest.add(in_flight.session_before.into());
        digest.add(in_flight.rejections.into());
        digest.add_flag(in_flight.is_committed);
        match in_flight.stage {
            Stage::Lock { .. } => digest.add(1),
            Stage::WaitForClaim { until } => {
                digest.add(2);
                digest.add_deadline(until, now.mono);
            }
            Stage::SettleClaim { until } => {
                digest.add(3);
                digest.add_deadline(until, now.mono);
            }
            Stage::Load { .. } => digest.add(4),
            Stage::AskTabs { until } => {
                digest.add(5);
                digest.add_deadline(until, now.mono);
            }
            Stage::Credential { sequence, .. } => {
                digest.add(6);
                digest.add(sequence.to_bits());
            }
            Stage::CreateSession {
                sequence,
                has_credential,
                ..
            } => {
                digest.add(7);
                digest.add(sequence.to_bits());
                digest.add_flag(has_credential);
            }
            Stage::Reload { answer, .. } => {
                digest.add(8);
                digest.add_record(Some(&answer), now.wall);
            }
            Stage::Commit => digest.add(9),
            Stage::Verify { not_found, .. } => {
                digest.add(10);
                digest.add_flag(not_found);
            }
        }
    }

    /// Returns the shared numbers that the machine knows.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Returns the name of the stage of the operation in flight.
    pub fn stage_name(&self) -> &'static str {
        match self.stage() {
            None => "idle",
            Some(Stage::Lock { .. }) => "Lock",
            Some(Stage::WaitForClaim { .. }) => "WaitForClaim",
            Some(Stage::SettleClaim { .. }) => "SettleClaim",
            Some(Stage::Load { .. }) => "Load",
            Some(Stage::AskTabs { .. }) => "AskTabs",
            Some(Stage::Credential { .. }) => "Credential",
            Some(Stage::CreateSession { .. }) => "CreateSession",
            Some(Stage::Reload { .. }) => "Reload",
            Some(Stage::Commit) => "Commit",
            Some(Stage::Verify { .. }) => "Verify",
        }
    }

    /// Returns the role of a ticket or of the number that a call waits for: 1 for the ticket of the
    /// stage, 2 for the calls of the operation, 3 and 4 for the ticket and the call of a searching
    /// `logout`, 5 for a waiting `secureLogout`, and 6 or more for the calls that wait for a
    /// revocation. Returns 0 for a stale number.
    pub fn role_of(&self, number: u32) -> u64 {
        let in_flight = self.in_flight.as_ref();
        let roles = [
            in_flight.map_or(0, |in_flight| in_flight.stage.ticket()),
            in_flight.map_or(0, |in_flight| in_flight.wait),
            self.searching_logout.ticket,
            self.searching_logout.wait,
            self.secure_logout,
        ];
        let waits = self.revocations.iter().map(|revocation| revocation.wait);
        roles
            .into_iter()
            .chain(waits)
            .zip(1..)
            .find_map(|(awaited, role)| (number > 0 && awaited == number).then_some(role))
            .unwrap_or(0)
    }
}
