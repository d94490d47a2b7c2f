//! The fingerprint of the model's state: equal for states that behave alike.

use crate::world::{Access, Call, Disk, Purpose, Request, Tab, World};
use social_plus_auth::session::{Digest, Message, Now, Record};

impl World<'_> {
    /// Returns the fingerprint of the state. States with equal fingerprints behave alike.
    pub(crate) fn fingerprint(&self) -> u64 {
        let now = self.now();
        let mut digest = Digest::default();
        for tab in &self.tabs {
            digest.add_flag(tab.is_alive);
            if tab.is_alive {
                digest.add(self.tab_fingerprint(tab));
            }
        }
        add_disk(&mut digest, &self.disk, now);
        if let Some((tab, ticket)) = self.lock.holder {
            digest.add(1 + tab as u64);
            digest.add(self.tabs[tab].machine.role_of(ticket) + u64::from(ticket > 0));
        }
        for (tab, ticket, until) in &self.lock.queue {
            digest.add(100 + *tab as u64);
            digest.add(self.tabs[*tab].machine.role_of(*ticket));
            digest.add_deadline(*until, now.mono);
        }
        // Only the order of the messages of one sender to one receiver counts.
        let mut mail = [[0_u64; 3]; 3];
        for letter in &self.mail {
            let mut hash = Digest::default();
            hash.add(mail[letter.from][letter.to]);
            add_message(&mut hash, letter.message, letter.record.as_ref(), now);
            hash.add_shared(&letter.shared, now.wall);
            mail[letter.from][letter.to] = hash.finish();
        }
        mail.as_flattened()
            .iter()
            .for_each(|hash| digest.add(*hash));
        let requests = self.requests.iter().map(|request| {
            let mut hash = Digest::default();
            self.add_request(&mut hash, request);
            hash.finish()
        });
        digest.add(requests.fold(0, u64::wrapping_add));
        for token in &self.tokens {
            digest.add(token.user.into());
            digest.add(token.epoch.to_bits());
            digest.add_time(token.issued_at, now.wall);
            digest.add_flag(token.is_valid);
            digest.add(token.receivers.into());
            digest.add(token.renewals.into());
        }
        for left in self.left {
            digest.add(left.into());
        }
        digest.add(self.excuses.into());
        digest.add_flag(self.has_died);
        digest.add_flag(self.is_out);
        for epoch in [self.ended_epoch, self.revoked_epoch, self.kept_epoch] {
            digest.add(epoch.to_bits());
        }
        digest.finish()
    }

    fn tab_fingerprint(&self, tab: &Tab) -> u64 {
        if let Some((time, fingerprint)) = tab.known.get() {
            if time == self.time {
                return fingerprint;
            }
        }
        let fingerprint = self.compute_fingerprint(tab);
        tab.known.set(Some((self.time, fingerprint)));
        fingerprint
    }

    fn compute_fingerprint(&self, tab: &Tab) -> u64 {
        let now = self.now();
        let mut digest = Digest::default();
        digest.add(tab.machine.fingerprint(now));
        digest.add_flag(tab.is_frozen);
        digest.add(tab.pending as u64);
        digest.add_deadline(tab.timer_at, now.mono);
        digest.add_shared(&tab.last_shared, now.wall);
        digest.add_flag(tab.late_view.is_some());
        if let Some(view) = &tab.late_view {
            add_disk(&mut digest, view, now);
        }
        for access in &tab.accesses {
            match access {
                Access::Read(ticket) => digest.add(1000 + tab.machine.role_of(*ticket)),
                Access::Write(record) => {
                    digest.add(2000);
                    digest.add_record(record.as_ref(), now.wall);
                }
                Access::Post(message, record) => {
                    digest.add(3000);
                    add_message(&mut digest, *message, record.as_ref(), now);
                }
            }
        }
        for waiter in &tab.waiters {
            digest.add(4000 + tab.machine.role_of(waiter.number));
            digest.add(call_code(waiter.call));
            digest.add(waiter.epoch.to_bits());
        }
        digest.add(tab.login.into());
        digest.add(tab.left_epoch.to_bits());
        digest.add_flag(tab.is_out);
        digest.finish()
    }

    fn add_request(&self, digest: &mut Digest, request: &Request) {
        let machine = &self.tabs[request.tab].machine;
        digest.add_flag(request.is_awaited);
        digest.add_flag(request.is_unknown);
        digest.add_flag(request.is_retry);
        if request.is_awaited {
            digest.add(request.tab as u64);
            digest.add_deadline(request.deadline, self.time);
        }
        let role = |ticket| machine.role_of(ticket) * u64::from(request.is_awaited);
        match request.purpose {
            Purpose::Credential { ticket } => digest.add(1000 + role(ticket)),
            Purpose::Create {
                ticket,
                user,
                epoch,
                base,
            } => {
                digest.add(2000 + role(ticket));
                digest.add(user.into());
                digest.add(epoch.to_bits());
                digest.add(base.into());
            }
            Purpose::Verify { ticket, token } => {
                digest.add(3000 + role(ticket));
                digest.add(token.into());
            }
            Purpose::Revoke { token } => {
                digest.add(4000);
                digest.add(token.into());
            }
        }
        digest.add(match request.answer {
            None => 0,
            Some(Ok(token)) => 2 + u64::from(token),
            Some(Err(())) => 1,
        });
    }
}

fn call_code(call: Call) -> u64 {
    match call {
        Call::Resume => 1,
        Call::Login(user) => 10 + u64::from(user),
        Call::Logout { revoke } => 2 + u64::from(revoke),
        Call::SecureLogout => 4,
        Call::Renew => 5,
        Call::Token => 6,
        Call::Refusal => 7,
    }
}

fn add_disk(digest: &mut Digest, disk: &Disk, now: Now) {
    digest.add_shared(&disk.shared, now.wall);
    digest.add_record(disk.stored.as_ref(), now.wall);
}

fn add_message(digest: &mut Digest, message: Message, record: Option<&Record>, now: Now) {
    match message {
        Message::Changed { .. } => digest.add(1),
        Message::RequestSession { is_quiet } => digest.add(2 + u64::from(is_quiet)),
        Message::Discarded { issued_at } => digest.add_time(issued_at, now.wall),
    }
    digest.add_record(record, now.wall);
}
