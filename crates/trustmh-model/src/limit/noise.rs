//! A limit or noise: what the share of refusals says at different rates.

use std::time::Duration;

/// What is remembered of noise, in calls.
const MEMORY: f64 = 4000.0;

/// What is taken for noise before there is any to learn from: a refusal now and then shows no limit.
const UNKNOWN: f64 = 0.005;

/// The share of refusals that has nothing to do with the rate.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Noise {
    sent: f64,
    refused: f64,
}

impl Noise {
    /// The share, between 0 and 1.
    pub(super) fn share(&self) -> f64 {
        if self.sent > 0.0 { self.refused / self.sent } else { 0.0 }
    }

    /// Whether so many refusals are what noise brings: within three standard deviations.
    pub(super) fn explains(&self, sent: f64, refused: f64) -> bool {
        let share = self.share().max(UNKNOWN);
        refused <= sent * share + 3.0 * (sent * share * (1.0 - share)).sqrt() + 0.5
    }

    /// Calls at a rate that no limit holds.
    pub(super) fn saw(&mut self, sent: f64, refused: f64) {
        self.sent += sent;
        self.refused += refused;
        if self.sent > MEMORY {
            self.refused *= MEMORY / self.sent;
            self.sent = MEMORY;
        }
    }

    /// These refusals were shown to be noise.
    pub(super) fn learnt(&mut self, sent: f64, refused: f64) {
        self.sent *= 0.25;
        self.refused *= 0.25;
        self.saw(sent, refused);
    }
}

/// A stretch of calls at a lowered rate.
#[derive(Debug)]
pub(super) struct Trial {
    number: u32,
    begun: Duration,
    /// When it is looked at next.
    due: Duration,
    sent: f64,
    through: f64,
    refused: f64,
    cause: Cause,
}

/// Why the rate was lowered.
#[derive(Debug, Clone, Copy)]
enum Cause {
    /// Some calls were refused among others.
    Sprinkle { sent: f64, refused: f64 },
    /// All were.
    Wall,
    /// At the rate before, refusals went on.
    Before(Before),
}

/// A stretch at a higher rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Before {
    rate: f64,
    sent: f64,
    refused: f64,
}

/// What a stretch says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// At the lower rate nothing is refused: there is a limit, and where, if that came out.
    Limit { sent: f64, refused: f64, capacity: Option<f64> },
    /// Too little is refused to tell.
    Unclear { sent: f64, refused: f64 },
    /// The share does not depend on the rate.
    Noise { sent: f64, refused: f64 },
    /// Refusals go on: the rate is to be lowered once more.
    GoesOn(Before),
    /// Nearly all is refused.
    Wall,
}

/// How much more likely one explanation must be than the other: 20 times, as a logarithm.
const SURE: f64 = 3.0;
/// A stretch takes at least so long, and is looked at so often.
const SHORTEST: Duration = Duration::from_millis(400);
const LOOK: Duration = Duration::from_millis(20);

impl Trial {
    /// Calls from `now` on, after so many were refused of so many.
    pub(super) fn after_sprinkle(number: u32, now: Duration, sent: f64, refused: f64) -> Self {
        Self::begin(number, now, Cause::Sprinkle { sent, refused })
    }

    /// Calls from `now` on, after nothing got through.
    pub(super) fn after_wall(number: u32, now: Duration) -> Self {
        Self::begin(number, now, Cause::Wall)
    }

    /// Calls from `now` on, after refusals went on.
    pub(super) fn after(number: u32, now: Duration, before: Before) -> Self {
        Self::begin(number, now, Cause::Before(before))
    }

    fn begin(number: u32, now: Duration, cause: Cause) -> Self {
        Self {
            number,
            begun: now,
            due: now + SHORTEST,
            sent: 0.0,
            through: 0.0,
            refused: 0.0,
            cause,
        }
    }

    /// A call goes out; returns the number by which its end is known.
    pub(super) fn sent(&mut self, now: Duration) -> u32 {
        if now < self.begun {
            return 0;
        }
        self.sent += 1.0;
        self.number
    }

    /// A call that went out with this number was refused.
    pub(super) fn refused(&mut self, number: u32) {
        self.refused += f64::from(u8::from(number == self.number));
    }

    /// A call that went out with this number got through.
    pub(super) fn through(&mut self, number: u32) {
        self.through += f64::from(u8::from(number == self.number));
    }

    /// What can be said now. Refusals take `delay` to come back.
    pub(super) fn verdict(
        &mut self,
        now: Duration,
        delay: Duration,
        noise: &Noise,
    ) -> Option<Verdict> {
        if self.is_wall() {
            return Some(Verdict::Wall);
        }
        if now < self.due {
            return None;
        }
        self.due = now + LOOK;
        // Calls that went out last are not back yet.
        let seconds = now.saturating_sub(self.begun).as_secs_f64();
        let sent = self.sent * (1.0 - (delay.as_secs_f64() * 1.5 / seconds).min(1.0));
        let long = [(3.0, 30.0), (30.0, 3.0)]
            .iter()
            .any(|(time, enough)| seconds >= *time && sent >= *enough);
        let quick = matches!(self.cause, Cause::Wall) && self.refused <= 0.0;
        if sent < if quick { 5.0 } else { 30.0 } && !long || quick && seconds < 1.0 {
            return None;
        }
        self.judged(sent.max(self.refused), self.sent / seconds, noise, long)
    }

    /// Hardly anything gets through.
    fn is_wall(&self) -> bool {
        let enough = match self.cause {
            Cause::Wall => 3.0,
            Cause::Sprinkle { .. } | Cause::Before(_) => 10.0,
        };
        self.refused >= enough
            && self.refused > 4.0 * self.through
            && self.refused > 0.5 * self.sent
    }

    /// A sequential test of the likelihoods (Wald 1945, doi 10.1214/aoms/1177731118).
    fn judged(&self, sent: f64, rate: f64, noise: &Noise, long: bool) -> Option<Verdict> {
        let refused = self.refused;
        let (sent_before, refused_before, expected) = match self.cause {
            Cause::Sprinkle { sent, refused } => (sent, refused, 0.0),
            Cause::Wall => (0.0, 0.0, 0.0),
            // A limit that refused the share before would refuse this one now.
            Cause::Before(before) => {
                (before.sent, before.refused, 1.0 - before.through_rate() / rate)
            }
        };
        let limited = noise.share().max(expected);
        let pooled = (refused + refused_before) / (sent + sent_before);
        let for_noise = if pooled <= limited {
            -f64::INFINITY
        } else {
            likelihood(sent, refused, pooled) - likelihood(sent, refused, limited)
        };
        let this = Before { rate, sent, refused };
        let all = (sent + sent_before, refused + refused_before);
        match self.cause {
            Cause::Wall if refused <= 0.0 => Some(Verdict::Limit { sent, refused, capacity: None }),
            Cause::Before(_) if for_noise >= SURE || long && for_noise > 0.0 => {
                Some(Verdict::Noise { sent: all.0, refused: all.1 })
            }
            Cause::Sprinkle { .. } | Cause::Wall if for_noise >= SURE => {
                Some(Verdict::GoesOn(this))
            }
            Cause::Sprinkle { .. } if long && for_noise > -1.0 => {
                Some(Verdict::Unclear { sent: all.0, refused: all.1 })
            }
            Cause::Before(before) if for_noise <= -SURE || long => {
                // Neither this nor that, but lower still.
                let clean = refused
                    <= sent * noise.share()
                        + 3.0 * (sent * noise.share().max(UNKNOWN)).sqrt()
                        + 1.0;
                Some(if clean {
                    Verdict::Limit { sent, refused, capacity: Some(before.through_rate()) }
                } else {
                    Verdict::GoesOn(this)
                })
            }
            Cause::Sprinkle { .. } | Cause::Wall if for_noise <= -SURE || long => {
                Some(Verdict::Limit { sent, refused, capacity: None })
            }
            Cause::Sprinkle { .. } | Cause::Wall | Cause::Before(_) => None,
        }
    }
}

impl Before {
    fn through_rate(&self) -> f64 {
        self.rate * (1.0 - self.refused / self.sent.max(1.0))
    }
}

/// The logarithm of the likelihood of a share, but for a constant.
fn likelihood(sent: f64, refused: f64, share: f64) -> f64 {
    let share = share.clamp(0.002, 0.998);
    refused * share.ln() + (sent - refused) * (1.0 - share).ln()
}
