//! What went to an endpoint and came back in the last seconds, in tenths of a second.

use std::collections::VecDeque;
use std::time::Duration;

/// A tenth of a second.
const GRAIN: Duration = Duration::from_millis(100);
/// So many tenths are kept.
const KEPT: u64 = 100;
/// The longest span that can be asked for.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// How many calls went out and came back in a span of time.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Counts {
    /// Calls that were sent.
    pub(super) sent: f64,
    /// Calls that were answered.
    pub(super) through: f64,
    /// Calls that were refused.
    pub(super) refused: f64,
    /// The span, in seconds.
    pub(super) seconds: f64,
}

/// Counts of the last [`LONGEST`].
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<Tenth>);

#[derive(Debug, Clone, Copy)]
struct Tenth {
    number: u64,
    counts: Counts,
}

impl Recent {
    /// A call went out.
    pub(super) fn sent(&mut self, now: Duration) {
        self.add(now, |counts| counts.sent += 1.0);
    }

    /// A call was answered.
    pub(super) fn through(&mut self, now: Duration) {
        self.add(now, |counts| counts.through += 1.0);
    }

    /// A call was refused.
    pub(super) fn refused(&mut self, now: Duration) {
        self.add(now, |counts| counts.refused += 1.0);
    }

    fn add(&mut self, now: Duration, what: impl FnOnce(&mut Counts)) {
        let number = tenths(now);
        if self.0.back().is_none_or(|last| last.number < number) {
            self.0.push_back(Tenth { number, counts: Counts::default() });
            while self.0.front().is_some_and(|first| first.number + KEPT < number) {
                self.0.pop_front();
            }
        }
        if let Some(last) = self.0.back_mut() {
            what(&mut last.counts);
        }
    }

    /// The counts of the last `span`.
    pub(super) fn over(&self, now: Duration, span: Duration) -> Counts {
        let begin = now.saturating_sub(span);
        let first = tenths(begin);
        let mut sum = Counts {
            seconds: (now - GRAIN * u32::try_from(first).unwrap_or(0)).as_secs_f64(),
            ..Counts::default()
        };
        for Tenth { counts, .. } in self.0.iter().rev().take_while(|tenth| tenth.number >= first) {
            sum.sent += counts.sent;
            sum.through += counts.through;
            sum.refused += counts.refused;
        }
        sum
    }

    /// The counts of the last `span`, or of as much more as it takes for `enough` calls to have been sent.
    pub(super) fn of_enough(&self, now: Duration, span: Duration, enough: f64) -> Counts {
        let mut span = span;
        loop {
            let counts = self.over(now, span);
            if counts.sent >= enough || span >= LONGEST {
                return counts;
            }
            span = (span * 2).min(LONGEST);
        }
    }
}

fn tenths(time: Duration) -> u64 {
    u64::try_from(time.as_millis() / GRAIN.as_millis()).unwrap_or(u64::MAX)
}
