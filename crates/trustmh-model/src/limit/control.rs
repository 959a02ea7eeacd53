//! Whether refusals are a limit or noise, and what rate follows: a machine of states over times and events, without a clock.
//!
//! A limit refuses what goes beyond it: below it there are no refusals. Noise (a gateway that passes on what others are told, a server
//! that refuses each first try) refuses the same share at any rate. So the rate is lowered for about a second, and lowered once more if
//! refusals go on: if their share falls as a limit predicts, there is one; if it stays, that share is noise, and the rate returns to what it
//! was. Concurrency grows by slow start, then additively, and falls to four fifths once per limit (Chiu & Jain 1989, doi
//! 10.1016/0169-7552(89)90019-6).

mod conclude;
mod phase;

use std::time::Duration;

use super::Quota;
use super::noise::Noise;
use super::recent::Recent;
use phase::{Bound, Growth, Mode, Sureness};

/// Calls at once to begin with.
const FIRST: f64 = 4.0;
/// Until so many calls were sent nothing is concluded.
const TOO_FEW: f64 = 16.0;
/// The rate, while it is tried out, is this part of what got through.
const BELOW: f64 = 0.85;
/// Nothing is paced slower, in calls a second.
const SLOWEST: f64 = 0.5;
/// Refusals of calls already under way belong to the same episode.
const EPISODE: Duration = Duration::from_secs(1);
/// What headers say is believed for so long.
const LONGEST_ADVICE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    Through,
    Refused(Option<Duration>),
    Failed,
}

/// Whether a call may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Now. The ticket is handed back with what became of the call.
    Go(Ticket),
    /// Not before this time.
    Until(Duration),
    /// Not before another call comes back.
    Full,
}

/// A call that went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    at: Duration,
    trial: u32,
}

/// How a refused call had best wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// As after any failure: the server is busy.
    Usual,
    /// The refusal was chance; a try after up to so long is as good as a late one.
    Short(Duration),
}

/// The state of one endpoint. Times are counted from its making.
#[derive(Debug)]
pub(super) struct Control {
    most: f64,
    limit: f64,
    growth: Growth,
    in_flight: u32,
    pace: Option<f64>,
    /// The most that the user allows.
    ceiling: f64,
    /// When the next paced call may go out.
    next: Duration,
    /// Whether calls had to wait for the pace since it last grew.
    bound: Bound,
    grown: Duration,
    /// What got through when the last limit was met, in calls a second.
    capacity: f64,
    sureness: Sureness,
    /// Where a limit was shown to be.
    confirmed: f64,
    /// How often in a row it was shown to be about there.
    steady: u8,
    /// A rate that the provider's headers allow, until when.
    advised: Option<(f64, Duration)>,
    silent_until: Duration,
    episode_ends: Duration,
    recent: Recent,
    noise: Noise,
    /// How long refusals take to come back.
    refusal: Duration,
    sent: f64,
    mode: Mode,
    trials: u32,
    noticed: Duration,
}

impl Control {
    pub(super) fn new(at_once: usize, calls_a_second: Option<f64>) -> Self {
        let most = at_once.max(1) as f64;
        Self {
            most,
            limit: FIRST.min(most),
            growth: Growth::Doubling,
            in_flight: 0,
            pace: calls_a_second,
            ceiling: calls_a_second.unwrap_or(f64::INFINITY),
            next: Duration::ZERO,
            bound: Bound::Nothing,
            grown: Duration::ZERO,
            capacity: f64::INFINITY,
            sureness: Sureness::Guessed,
            confirmed: f64::INFINITY,
            steady: 0,
            advised: None,
            silent_until: Duration::ZERO,
            episode_ends: Duration::ZERO,
            recent: Recent::default(),
            noise: Noise::default(),
            refusal: Duration::ZERO,
            sent: 0.0,
            mode: Mode::Calm,
            trials: 0,
            noticed: Duration::ZERO,
        }
    }

    /// How many calls may be under way.
    pub(super) fn limit(&self) -> usize {
        self.limit as usize
    }

    /// How many more may be.
    pub(super) fn free(&self) -> f64 {
        self.limit - f64::from(self.in_flight)
    }

    /// How long it is until the call after the next may go out.
    pub(super) fn next(&self, now: Duration) -> Duration {
        let gap =
            self.rate_now(now).map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate));
        self.next.saturating_sub(now) + gap
    }

    /// Asks for a place.
    pub(super) fn enter(&mut self, now: Duration) -> Entry {
        self.look(now);
        if now < self.silent_until {
            return Entry::Until(self.silent_until);
        }
        if f64::from(self.in_flight) + 1.0 > self.limit {
            return Entry::Full;
        }
        if let Some(pace) = self.rate_now(now) {
            if now < self.next {
                self.bound = Bound::Pace;
                return Entry::Until(self.next);
            }
            self.next = self.next.max(now) + Duration::from_secs_f64(1.0 / pace);
        }
        self.in_flight += 1;
        self.sent += 1.0;
        self.recent.sent(now);
        let trial = match &mut self.mode {
            Mode::Trying { trial, .. } => trial.sent(now),
            Mode::Calm | Mode::Suspicion { .. } => 0,
        };
        Entry::Go(Ticket { at: now, trial })
    }

    fn rate_now(&self, now: Duration) -> Option<f64> {
        let advised = self.advised.filter(|(_, until)| now < *until).map(|(rate, _)| rate);
        match (self.pace, advised) {
            (Some(pace), Some(advised)) => Some(pace.min(advised)),
            (pace, advised) => pace.or(advised),
        }
    }

    /// What the provider's headers leave of the calls it allows. It only matters when little is left.
    pub(super) fn advise(&mut self, now: Duration, left: Quota) {
        let few = left.limit.map_or(0.0, |limit| 0.1 * limit).max(2.0 * f64::from(self.in_flight));
        let seconds = left.resets_in.as_secs_f64();
        self.advised = (left.remaining <= few && seconds > 0.0).then(|| {
            // A bucket fills at the rate at which it is full in so long; a window gives out what is left.
            let filled = left.limit.map_or(0.0, |limit| limit - left.remaining) / seconds;
            let rate = filled.max(left.remaining / seconds).max(SLOWEST);
            (rate, now + left.resets_in.min(LONGEST_ADVICE))
        });
    }

    /// A call came back. `waiting` calls wait for a place.
    pub(super) fn leave(
        &mut self,
        now: Duration,
        ticket: Ticket,
        came: Came,
        waiting: u32,
    ) -> Patience {
        self.in_flight = self.in_flight.saturating_sub(1);
        match came {
            Came::Through => {
                self.through(now, ticket, waiting);
                Patience::Usual
            }
            Came::Refused(asked) => self.refused(now, ticket, asked),
            Came::Failed => Patience::Usual,
        }
    }

    fn through(&mut self, now: Duration, ticket: Ticket, waiting: u32) {
        self.recent.through(now);
        match &mut self.mode {
            Mode::Suspicion { through, .. } => *through += 1.0,
            Mode::Trying { trial, .. } => trial.through(ticket.trial),
            Mode::Calm => {}
        }
        self.look(now);
        if !matches!(self.mode, Mode::Calm) {
            return;
        }
        self.quicken(now);
        if waiting > 0 {
            let step = match self.growth {
                Growth::Doubling => 1.0,
                Growth::Additive => 1.0 / self.limit,
            };
            self.limit = (self.limit + step).min(self.most);
        }
    }

    /// The pace grows fast to where the last limit was met, slowly past it, and fast again once it is well beyond.
    fn quicken(&mut self, now: Duration) {
        let Some(pace) = &mut self.pace else { return };
        if std::mem::replace(&mut self.bound, Bound::Nothing) == Bound::Nothing {
            return;
        }
        let since = now.saturating_sub(self.grown).min(SECOND).as_secs_f64();
        self.grown = now;
        let near = if self.steady > 0 { 0.95 } else { 0.9 };
        let growth = match (*pace / self.capacity, self.sureness) {
            (part, _) if part < near => 0.7,
            (_, Sureness::Guessed) => 0.5,
            (part, Sureness::Measured) if part < 1.05 => 0.02 / f64::from(1 + self.steady.min(4)),
            (part, Sureness::Measured) if part < 1.3 => 0.1,
            (_, Sureness::Measured) => 0.25,
        };
        *pace = (*pace * (1.0 + growth * since)).min(self.ceiling);
    }

    fn refused(&mut self, now: Duration, ticket: Ticket, asked: Option<Duration>) -> Patience {
        let took = now.saturating_sub(ticket.at);
        self.refusal = if self.refusal.is_zero() { took } else { (self.refusal * 3 + took) / 4 };
        self.recent.refused(now);
        let mut patience = Patience::Usual;
        match &mut self.mode {
            Mode::Calm if self.sent < TOO_FEW => {
                self.slow_down(now, BELOW);
                self.silent_until = self.silent_until.max(now + asked.unwrap_or_default());
            }
            Mode::Calm => {
                let counts = self.recent.of_enough(now, SECOND, TOO_FEW);
                if self.noise.explains(counts.sent, counts.refused) {
                    patience = Patience::Short(
                        (self.refusal * 4).clamp(Duration::from_millis(10), SECOND / 2),
                    );
                } else {
                    self.mode = Mode::Suspicion { since: now, through: 0.0, refused: 1.0, asked };
                }
            }
            Mode::Suspicion { refused, asked: longest, .. } => {
                *refused += 1.0;
                *longest = (*longest).max(asked);
            }
            Mode::Trying { trial, asked: longest, .. } => {
                trial.refused(ticket.trial);
                *longest = (*longest).max(asked);
            }
        }
        self.look(now);
        patience
    }

    /// Four fifths of the calls at once, and no more doubling; once an episode.
    fn slow_down(&mut self, now: Duration, by: f64) {
        if now < self.episode_ends {
            return;
        }
        self.episode_ends = now + EPISODE;
        self.limit = (self.limit * by).max(1.0);
    }
}
