//! The text of a recorded run: comments that describe the fault, the sentence of the broken
//! invariant, the plan, and the acts, accidents and delays in chronological order.

use crate::plan::{Plan, LIFETIMES};
use crate::script::{Line, Words};
use std::fmt::Write;

/// A recorded run.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// The sentence of the broken invariant.
    pub(crate) broken: String,
    pub(crate) plan: Plan,
    pub(crate) lines: Vec<Line>,
}

const BROKEN: &str = "broken invariant: ";
const LIFETIME: &str = "tokens live for minutes: ";

/// A flag of a plan: its words in a trace, and its field.
pub(crate) type Flag = (&'static str, fn(&mut Plan) -> &mut bool);

/// The flags that a trace can set. They decide how tabs share the session, and which faults the
/// invariants excuse.
pub(crate) const FLAGS: &[Flag] = &[
    ("tabs send the session in messages", |plan| {
        &mut plan.uses_memory
    }),
    ("tabs mix memory and storage", |plan| {
        &mut plan.mixes_storage
    }),
    ("some tabs encrypt with another key", |plan| {
        &mut plan.keys_differ
    }),
    ("writes to storage wake other tabs", |plan| {
        &mut plan.has_storage_events
    }),
    ("tabs have locks", |plan| &mut plan.has_locks),
    ("the network is in secure mode", |plan| &mut plan.is_secure),
    ("tabs may die", |plan| &mut plan.tabs_die),
    ("tabs may freeze", |plan| &mut plan.tabs_freeze),
    ("clocks may be wrong", |plan| &mut plan.clocks_jump),
    ("storage may fail", |plan| &mut plan.storage_fails),
    ("shared numbers may be lost", |plan| {
        &mut plan.shared_may_be_lost
    }),
    ("shared numbers arrive late", |plan| {
        &mut plan.shared_is_late
    }),
    ("messages and timers may be late", |plan| {
        &mut plan.messages_are_late
    }),
    ("tabs may be hidden", |plan| &mut plan.tabs_hide),
    ("pages may be cached", |plan| &mut plan.pages_are_cached),
    ("deployments change the version", |plan| {
        &mut plan.versions_differ
    }),
    ("the service's date is readable", |plan| {
        &mut plan.dates_are_readable
    }),
];

impl Trace {
    /// Parses a trace.
    ///
    /// # Panics
    ///
    /// Panics if a line is not valid.
    pub(crate) fn parse(text: &str) -> Self {
        let mut trace = Self {
            broken: String::new(),
            plan: Plan::without_faults(),
            lines: Vec::new(),
        };
        let lines = text.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(broken) = line.strip_prefix(BROKEN) {
                trace.broken = broken.to_owned();
            } else if let Some(minutes) = line.strip_prefix(LIFETIME) {
                let ms = minutes.parse::<f64>().unwrap_or(0.0) * 60_000.0;
                trace.plan.lifetime = LIFETIMES
                    .iter()
                    .position(|lifetime| *lifetime == ms)
                    .unwrap_or_else(|| panic!("unknown lifetime of tokens: {minutes} minutes"));
            } else if let Some((_, field)) = FLAGS.iter().find(|(words, _)| *words == line) {
                *field(&mut trace.plan) = true;
            } else {
                let parsed = line
                    .split_once(' ')
                    .and_then(|(at, words)| Some((parse_time(at)?, Words::parse(words)?)));
                let (at, what) =
                    parsed.unwrap_or_else(|| panic!("unknown line in a trace: {line}"));
                trace.lines.push(Line { at, what });
            }
        }
        trace
    }

    /// Writes a trace as text, without comments.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{BROKEN}{}\n\n", self.broken);
        let mut plan = self.plan;
        let minutes = plan.lifetime_ms() / 60_000.0;
        writeln!(text, "{LIFETIME}{minutes}").unwrap();
        for (words, field) in FLAGS {
            if *field(&mut plan) {
                writeln!(text, "{words}").unwrap();
            }
        }
        text.push('\n');
        for line in &self.lines {
            writeln!(text, "{} {}", format_time(line.at), line.what.text()).unwrap();
        }
        text
    }
}

/// Formats a time as hours, minutes and seconds.
fn format_time(ms: f64) -> String {
    let whole = ms as u64;
    format!(
        "{}:{:02}:{:02}.{:03}",
        whole / 3_600_000,
        whole / 60_000 % 60,
        whole / 1000 % 60,
        whole % 1000
    )
}

fn parse_time(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let (seconds, ms) = parts.next()?.split_once('.')?;
    let (seconds, ms): (f64, f64) = (seconds.parse().ok()?, ms.parse().ok()?);
    Some(((hours * 60.0 + minutes) * 60.0 + seconds) * 1000.0 + ms)
}
