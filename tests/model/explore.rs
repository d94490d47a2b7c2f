//! Explores every order of actions depth-first. Stores a fingerprint of 64 bits for each known
//! state.
//!
//! The states of a configuration form a graph without cycles, because every action consumes a
//! message, a request, a chance of the configuration, or time. So every path ends in a state of
//! rest, and the invariants of rest are the liveness properties: every call settles, and every
//! session can be renewed. A cycle is a violation: the tabs keep each other busy without end.
//!
//! `stateright` 0.31 does not fit. Its breadth-first search keeps whole states in the frontier, and
//! its depth-first search keeps a path with each state. Both take too much memory for 10 million
//! states of several machines. Its `eventually` handles neither paths that join nor cycles, as its
//! documentation says.

use crate::actions::Action;
use crate::config::Config;
use crate::world::World;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::{Duration, Instant};

/// Returns a fingerprint unchanged, because it is already a hash.
#[derive(Default)]
pub(crate) struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

type Fingerprints = HashSet<u64, BuildHasherDefault<Unhashed>>;

/// The limits at which an exploration stops even if it has not seen every state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) states: usize,
    pub(crate) time: Duration,
}

impl Limit {
    pub(crate) const NONE: Limit = Limit {
        states: usize::MAX,
        time: Duration::MAX,
    };
}

/// A broken invariant, and the actions that lead to it.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) what: String,
    pub(crate) path: Vec<Action>,
}

/// The result of an exploration.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    pub(crate) depth: usize,
    /// The number of states of rest.
    pub(crate) rests: usize,
    /// Whether every state has been explored.
    pub(crate) is_closed: bool,
    pub(crate) elapsed: Duration,
    pub(crate) violation: Option<Violation>,
}

struct Frame<'a> {
    world: World<'a>,
    fingerprint: u64,
    actions: Vec<Action>,
    next: usize,
}

const ENDLESS: &str = "the tabs keep each other busy without end";

/// Explores a configuration.
pub(crate) fn explore(config: &Config, limit: Limit) -> Report {
    let start = Instant::now();
    let mut report = Report::default();
    let mut known = Fingerprints::default();
    let mut on_path = Fingerprints::default();
    let mut stack: Vec<Frame> = Vec::new();
    let mut next = Some(World::new(config, false));
    loop {
        if let Some(mut world) = next.take() {
            let fingerprint = world.fingerprint();
            let is_cycle = on_path.contains(&fingerprint);
            if world.broken.is_none() && is_cycle {
                world.report(ENDLESS);
            }
            if world.broken.is_none() && known.insert(fingerprint) {
                report.states += 1;
                if world.mandatory_actions().is_empty() {
                    report.rests += 1;
                    check_at_rest(&mut world);
                }
                report.depth = report.depth.max(stack.len());
                if world.broken.is_none() {
                    on_path.insert(fingerprint);
                    let mut actions = world.actions();
                    // Vary the order, so that an exploration that stops early favours none.
                    let length = actions.len().max(1) as u64;
                    actions.rotate_left((fingerprint % length) as usize);
                    stack.push(Frame {
                        world,
                        fingerprint,
                        actions,
                        next: 0,
                    });
                    continue;
                }
            }
            if let Some(what) = world.broken {
                let path = stack.iter().map(|frame| frame.actions[frame.next - 1]);
                let path = path.collect();
                report.violation = Some(Violation { what, path });
                break;
            }
        }
        let Some(frame) = stack.last_mut() else {
            report.is_closed = true;
            break;
        };
        if let Some(action) = frame.actions.get(frame.next) {
            frame.next += 1;
            let mut world = frame.world.clone();
            world.act(*action);
            report.transitions += 1;
            next = Some(world);
        } else {
            on_path.remove(&frame.fingerprint);
            stack.pop();
        }
        let is_over = report.transitions % 4096 == 0 && start.elapsed() > limit.time;
        if report.states >= limit.states || is_over {
            break;
        }
    }
    report.elapsed = start.elapsed();
    report.violation = report.violation.map(|violation| shrink(config, violation));
    report
}

fn check_at_rest(world: &mut World) {
    world.check_rest();
    if world.broken.is_none() {
        let mut future = world.clone();
        future.check_future();
        world.broken = future.broken;
    }
}

/// Replays the actions in order, and skips those that are not possible. Returns the world at the
/// first broken invariant or at the end, and the actions up to there.
pub(crate) fn replay<'a>(
    config: &'a Config,
    path: &[Action],
    is_recorded: bool,
) -> (World<'a>, Vec<Action>) {
    let mut world = World::new(config, false);
    world.trace = is_recorded.then(Vec::new);
    let mut taken = Vec::new();
    let mut known = HashSet::from([world.fingerprint()]);
    for action in path {
        if !world.actions().contains(action) {
            continue;
        }
        world.act(*action);
        taken.push(*action);
        if world.broken.is_none() && !known.insert(world.fingerprint()) {
            world.report(ENDLESS);
        }
        if world.broken.is_none() && world.mandatory_actions().is_empty() {
            world.check_rest();
            let mut future = world.clone();
            future.check_future();
            if future.broken.is_some() {
                return (future, taken);
            }
        }
        if world.broken.is_some() {
            break;
        }
    }
    (world, taken)
}

/// Removes actions as long as an invariant still breaks without them.
fn shrink(config: &Config, violation: Violation) -> Violation {
    let mut shortest = violation;
    let mut size = shortest.path.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        let mut has_shrunk = false;
        while start < shortest.path.len() {
            let end = (start + size).min(shortest.path.len());
            let shorter = [&shortest.path[..start], &shortest.path[end..]].concat();
            let (world, path) = replay(config, &shorter, false);
            match world.broken {
                Some(what) if path.len() < shortest.path.len() => {
                    shortest = Violation { what, path };
                    has_shrunk = true;
                }
                _ => start += size,
            }
        }
        if !has_shrunk || size > 1 {
            size /= 2;
        }
    }
    shortest
}
