//! Fuzzes the decoding of session events: numbers as a broken or hostile tab could store them or
//! send them over the channel.
//!
//! JavaScript passes only finite numbers. The machine still panics on those that overflow, so the
//! numbers have a limit here.

use super::reader::{Reader, Writer};
use super::seeds::Vectors;
use social_plus_auth::protocol::Kind;
use social_plus_auth::session::wire::{Input, RecordNumber, SettingNumber};
use social_plus_auth::session::{Effect, Machine, Now, ServiceError, Settings, Sink};

/// No event causes more effects than this, whatever its numbers are.
const MAX_EFFECTS: usize = 64;
/// The largest number of an event, far beyond the dates of JavaScript.
const MAX_NUMBER: f64 = 1e17;
const KINDS: [Kind; 5] = [
    Kind::Network,
    Kind::Unauthorized,
    Kind::Banned,
    Kind::NotFound,
    Kind::RateLimited,
];

/// The numbers of one event.
struct Numbers {
    record: [f64; 8],
    arguments: [f64; 8],
    error: ServiceError,
}

impl Input for Numbers {
    fn record(&self, number: RecordNumber) -> f64 {
        self.record.get(number as usize).copied().unwrap_or(0.0)
    }

    fn argument(&self, position: usize) -> f64 {
        self.arguments.get(position).copied().unwrap_or(0.0)
    }

    fn error(&self) -> ServiceError {
        self.error
    }
}

/// Keeps the last numbers to store, and counts the effects of a step.
#[derive(Default)]
struct Effects {
    count: usize,
    stored: Option<[f64; 6]>,
}

struct Counter<'a>(&'a std::cell::RefCell<Effects>);

impl Sink for Counter<'_> {
    fn put(&mut self, effect: Effect) {
        let mut effects = self.0.borrow_mut();
        effects.count += 1;
        assert!(effects.count <= MAX_EFFECTS, "one event causes a storm");
        if let Effect::WriteShared(numbers) = effect {
            effects.stored = Some(numbers);
        }
    }
}

/// Reads a number: most often one that a real event could contain.
fn read_number(reader: &mut Reader<'_>, now: f64) -> f64 {
    match reader.byte() % 12 {
        0..=3 => f64::from(reader.byte() % 8),
        4 => -f64::from(reader.byte() % 8),
        5 => now + f64::from(reader.byte()) * 60_000.0,
        6 => now - f64::from(reader.byte()) * 60_000.0,
        7 => f64::from(reader.byte()) * 1_000.0,
        8 => 1_024.0 * f64::from(reader.byte()),
        9 => MAX_NUMBER,
        10 => -MAX_NUMBER,
        _ => Some(reader.number())
            .filter(|number| number.is_finite())
            .unwrap_or(0.0)
            .clamp(-MAX_NUMBER, MAX_NUMBER),
    }
}

fn read_numbers<const N: usize>(reader: &mut Reader<'_>, now: f64) -> [f64; N] {
    std::array::from_fn(|_| read_number(reader, now))
}

pub fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    let flags = reader.byte();
    let settings = Settings::decode(|number| match number {
        SettingNumber::Flags => f64::from(flags),
        SettingNumber::TimeoutMs => 10_000.0,
        _ => 7.0,
    });
    let mut now = Now {
        wall: 1.7e12,
        mono: 1_000.0,
    };
    let effects = std::cell::RefCell::new(Effects::default());
    let mut machine = Machine::with_sink(Counter(&effects), settings, now);
    let mut stored = [0.0; 6];
    // Whether the tab has met a later version.
    let mut is_obsolete = false;
    while !reader.is_empty() {
        let pass_ms = f64::from(reader.byte()) * 1_000.0;
        now.mono += pass_ms;
        now.wall += pass_ms;
        match reader.byte() % 8 {
            0 => now.wall += f64::from(reader.byte()) * 3_600_000.0,
            1 => now.wall -= f64::from(reader.byte()) * 3_600_000.0,
            2 => stored = read_numbers(&mut reader, now.wall),
            4 => is_obsolete = true,
            _ => {}
        }
        let code = reader.byte() % 32;
        let record = if reader.flag() {
            read_numbers(&mut reader, now.wall)
        } else {
            [0.0; 8]
        };
        let numbers = Numbers {
            record,
            arguments: read_numbers(&mut reader, now.wall),
            error: ServiceError {
                kind: reader.pick(&KINDS),
                code: reader.pick(&[None, Some(400_100), Some(400_312), Some(7)]),
                status: reader.pick(&[None, Some(200), Some(401), Some(403), Some(404)]),
                retry_after_ms: f64::from(reader.byte()) * 1_000.0,
            },
        };
        effects.borrow_mut().count = 0;
        machine.handle(now, (stored, is_obsolete), code, &numbers);
        if let Some(numbers) = effects.borrow_mut().stored.take() {
            stored = numbers;
        }
    }
}

pub fn seeds(_: &Vectors) -> Vec<Vec<u8>> {
    // Each event by itself, and a login whose session arrives: the lock is granted, nothing is
    // stored, a session comes.
    let event = |writer: Writer, code: u8, arguments: [u8; 3]| {
        let mut writer = writer.byte(1).byte(3).byte(code).byte(0);
        for argument in arguments.into_iter().chain([0; 5]) {
            writer = writer.byte(0).byte(argument);
        }
        writer.byte(0).byte(0).byte(0).byte(0)
    };
    let start = |flags| Writer::default().byte(flags);
    let mut all: Vec<_> = (0..24)
        .map(|code| event(event(start(7), 1, [0, 1, 0]), code, [1, 1, 0]).finish())
        .collect();
    for flags in 0..8 {
        let mut writer = event(start(flags), 1, [0, 1, 0]);
        for (code, first, second) in [(10, 1, 1), (11, 2, 0), (13, 3, 1), (15, 4, 7)] {
            writer = event(writer, code, [first, second, 0]);
        }
        writer = writer.byte(1).byte(3).byte(16).byte(1);
        // id, epoch, sequence, issued_at, expires_at, kind, user, clock_offset
        writer = writer.byte(0).byte(1).byte(0).byte(0).byte(0).byte(0);
        writer = writer.byte(6).byte(0).byte(5).byte(60).byte(0).byte(0);
        writer = writer.byte(0).byte(1).byte(0).byte(0);
        for argument in [4, 1, 0, 0, 0, 0, 0, 0] {
            writer = writer.byte(0).byte(argument);
        }
        writer = writer.byte(0).byte(0).byte(0).byte(0);
        for code in [3, 4, 5, 6, 8, 22, 23] {
            writer = event(writer, code, [1, 0, 0]);
        }
        all.push(writer.finish());
    }
    all
}
