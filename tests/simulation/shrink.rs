//! Shortens a recorded run: drops flags, lines and waits that its failure does not need.

use crate::run::Services;
use crate::trace::{Trace, FLAGS};

/// Shortens a trace as far as it still breaks the same invariant.
pub(crate) fn shrink(mut trace: Trace) -> Trace {
    trace
        .lines
        .sort_by(|one, other| one.at.total_cmp(&other.at));
    let mut services = Services::default();
    let mut fails = |trace: &Trace| {
        let failure = services.play(trace, false).failure;
        failure.is_some_and(|failure| failure.sentence == trace.broken)
    };
    assert!(
        fails(&trace),
        "the recorded run does not fail when its script is replayed"
    );
    loop {
        let before = trace.lines.len();
        for (_, field) in FLAGS {
            let mut plainer = trace.clone();
            *field(&mut plainer.plan) = false;
            if fails(&plainer) {
                trace = plainer;
            }
        }
        let mut size = before;
        while size > 0 {
            let mut start = 0;
            while start < trace.lines.len() {
                let mut shorter = trace.clone();
                let end = (start + size).min(shorter.lines.len());
                shorter.lines.drain(start..end);
                if fails(&shorter) {
                    trace = shorter;
                } else {
                    start += size;
                }
            }
            size /= 2;
        }
        for start in 1..trace.lines.len() {
            close_gap(&mut trace, start, &mut fails);
        }
        if trace.lines.len() == before {
            return trace;
        }
    }
}

/// Moves a line and all later lines to the earliest time at which the run still fails.
fn close_gap(trace: &mut Trace, start: usize, fails: &mut impl FnMut(&Trace) -> bool) {
    let gap = trace.lines[start].at - trace.lines[start - 1].at;
    for share in [1.0, 0.9, 0.5] {
        let mut sooner = trace.clone();
        let by = (gap * share).floor();
        if by < 1.0 {
            return;
        }
        for line in &mut sooner.lines[start..] {
            line.at -= by;
        }
        if fails(&sooner) {
            *trace = sooner;
            return;
        }
    }
}
