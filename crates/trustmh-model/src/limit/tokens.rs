//! Tokens a minute: what is let in is reckoned beforehand, and put right by what calls took.

use std::time::Duration;

/// No wait is longer than a day, whatever is divided by what.
const DAY: f64 = 86_400.0;

/// The tokens of one endpoint. Times are counted from its making.
#[derive(Debug)]
pub(super) struct Tokens {
    /// Tokens a second, if that is bounded.
    pace: Option<f64>,
    /// When the tokens of all calls so far are within what is allowed.
    paid: Duration,
}

impl Tokens {
    /// So many a second.
    pub(super) const fn new(a_second: Option<f64>) -> Self {
        Self { pace: a_second, paid: Duration::ZERO }
    }

    /// Until when the next call must wait, if it must.
    pub(super) fn wait(&self, now: Duration) -> Option<Duration> {
        (self.pace.is_some() && now < self.paid).then_some(self.paid)
    }

    /// A call of about so many goes out.
    pub(super) fn take(&mut self, now: Duration, tokens: u64) {
        if let Some(pace) = self.pace {
            self.paid = self.paid.max(now) + seconds(tokens as f64 / pace);
        }
    }

    /// A call took other than the tokens it was let in with.
    pub(super) fn correct(&mut self, expected: u64, used: u64) {
        let Some(pace) = self.pace else { return };
        let off = seconds(expected.abs_diff(used) as f64 / pace);
        self.paid = if used >= expected { self.paid + off } else { self.paid.saturating_sub(off) };
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.clamp(0.0, DAY))
}
