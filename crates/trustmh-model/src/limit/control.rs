//! Whether refusals are a limit or noise, and what rate follows: a machine of states over times and events, without a clock.
//!
//! A limit refuses what goes beyond it: below it there are no refusals. Noise (a gateway that passes on what others are told, a server
//! that refuses each first try) refuses the same share at any rate. So the rate is lowered for about a second, and lowered once more if
//! refusals go on: if their share falls as a limit predicts, there is one; if it stays, that share is noise, and the rate returns to what it
//! was. Concurrency grows by slow start, then additively, and falls to four fifths once per limit (Chiu & Jain 1989, doi
//! 10.1016/0169-7552(89)90019-6).

use std::time::Duration;

use super::Quota;
use super::noise::{Noise, Trial, Verdict};
use super::recent::Recent;

/// Calls at once to begin with.
const FIRST: f64 = 4.0;
/// Until so many calls were sent nothing is concluded.
const TOO_FEW: f64 = 16.0;
/// The rate, while it is tried out, is this part of what got through.
const BELOW: f64 = 0.85;
/// It is lowered by this factor while refusals go on.
const LOWER: f64 = 0.6;
/// Nothing is paced slower, in calls a second.
const SLOWEST: f64 = 0.5;
/// Refusals of calls already under way belong to the same episode.
const EPISODE: Duration = Duration::from_secs(1);
/// The server is left alone so long when nothing gets through, and twice as long each time after.
const SHORTEST_SILENCE: Duration = Duration::from_millis(250);
const LONGEST_SILENCE: Duration = Duration::from_secs(15);
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    Doubling,
    Additive,
}

/// How far the capacity can be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sureness {
    Guessed,
    Measured,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Pace,
    Nothing,
}

#[derive(Debug)]
enum Mode {
    Calm,
    /// More was refused than noise explains: the next few outcomes tell a wall from a sprinkle.
    Suspicion {
        since: Duration,
        through: f64,
        refused: f64,
        asked: Option<Duration>,
    },
    /// The rate is lowered to see whether refusals go.
    Trying {
        trial: Trial,
        asked: Option<Duration>,
        resume: Resume,
    },
}

/// What is gone back to if refusals turn out to be noise, and how the suspicion arose.
#[derive(Debug, Clone, Copy)]
struct Resume {
    pace: Option<f64>,
    growth: Growth,
    wall: Option<Walled>,
}

/// Since when nothing gets through, and how long the server was left alone last.
#[derive(Debug, Clone, Copy)]
struct Walled {
    since: Duration,
    silence: Duration,
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

    /// Concludes what can be concluded by now.
    fn look(&mut self, now: Duration) {
        match &mut self.mode {
            Mode::Calm => self.note_noise(now),
            Mode::Suspicion { since, through, refused, asked } => {
                let seen = *through + *refused;
                if seen >= 10.0 || now > *since + SECOND + self.refusal * 2 {
                    let wall = *refused >= 0.5 * seen && (seen >= 3.0 || asked.is_some());
                    let asked = *asked;
                    if wall { self.wall(now, asked) } else { self.sprinkle(now) }
                }
            }
            Mode::Trying { trial, .. } => {
                if let Some(verdict) = trial.verdict(now, self.refusal, &self.noise) {
                    self.conclude(now, verdict);
                }
            }
        }
    }

    /// Well below any limit, what is refused is noise.
    fn note_noise(&mut self, now: Duration) {
        if now < self.noticed + SECOND {
            return;
        }
        self.noticed = now;
        let safe = self.pace.is_none_or(|pace| pace < 0.97 * self.capacity);
        if safe {
            let counts = self.recent.over(now, SECOND);
            self.noise.saw(counts.sent, counts.refused);
        }
    }

    /// All at once nothing gets through: what did within a second is what the server takes. It is left alone for a moment.
    fn wall(&mut self, now: Duration, asked: Option<Duration>) {
        let counts = self.recent.over(now, SECOND);
        let seconds = counts.seconds.max(1.0);
        let through = counts.through / seconds;
        let rate = match self.pace {
            // What the server had saved up, and two of its windows, look like more than it takes.
            Some(pace) if through > 0.0 => through.min(0.95 * pace),
            _ if through > 0.0 => through,
            _ => counts.sent / seconds / 2.0,
        };
        self.capacity = rate.max(SLOWEST);
        self.sureness = if counts.seconds >= 0.9 { Sureness::Measured } else { Sureness::Guessed };
        let wall = Some(Walled { since: now, silence: SHORTEST_SILENCE });
        let resume = Resume { pace: self.pace, growth: self.growth, wall };
        self.growth = Growth::Additive;
        self.slow_down(now, 0.8);
        self.silent_until =
            self.silent_until.max(now + asked.unwrap_or_default().max(SHORTEST_SILENCE));
        self.try_rate(now, rate * BELOW, resume, Trial::after_wall);
    }

    /// Some are refused among many that are not.
    fn sprinkle(&mut self, now: Duration) {
        let counts = self.recent.of_enough(now, Duration::from_millis(300), TOO_FEW);
        let seconds = counts.seconds.max(0.1);
        self.capacity = (counts.through / seconds).max(SLOWEST);
        self.sureness = Sureness::Measured;
        let resume = Resume { pace: self.pace, growth: self.growth, wall: None };
        let seen = self.recent.of_enough(now, SECOND, TOO_FEW);
        let share = counts.refused / (counts.refused + counts.through).max(1.0);
        let rate = counts.sent / seconds * (1.0 - share);
        let rate = rate.min(self.confirmed) * BELOW;
        self.try_rate(now, rate, resume, |number, now| {
            Trial::after_sprinkle(number, now, seen.sent, seen.refused)
        });
    }

    fn try_rate(
        &mut self,
        now: Duration,
        rate: f64,
        resume: Resume,
        trial: impl FnOnce(u32, Duration) -> Trial,
    ) {
        self.trials += 1;
        self.pace = Some(rate.max(SLOWEST).min(self.ceiling));
        let trial = trial(self.trials, now.max(self.silent_until));
        self.mode = Mode::Trying { trial, asked: None, resume };
    }

    fn conclude(&mut self, now: Duration, verdict: Verdict) {
        let Mode::Trying { asked, resume, .. } = &self.mode else { return };
        let (asked, mut resume) = (*asked, *resume);
        let pace = self.pace.unwrap_or(SLOWEST);
        match verdict {
            Verdict::Limit { sent, refused, capacity } => {
                self.noise.saw(sent, refused);
                if let Some(capacity) = capacity {
                    self.capacity = capacity.max(SLOWEST);
                }
                if self.sureness == Sureness::Measured {
                    // What got through included what the server had saved up: limits seen before count as much.
                    if capacity.is_none() && self.confirmed < self.capacity {
                        self.capacity = (self.capacity + self.confirmed) / 2.0;
                    }
                    let alike = (self.capacity / self.confirmed - 1.0).abs() < 0.1;
                    self.steady = if alike { self.steady.saturating_add(1) } else { 0 };
                    self.confirmed = self.capacity;
                }
                self.calm(now);
            }
            Verdict::Unclear { sent, refused } => {
                self.noise.saw(sent, refused);
                self.go_back(now, resume);
            }
            Verdict::Noise { sent, refused } => {
                self.noise.learnt(sent, refused);
                if resume.wall.is_some() {
                    // There was a limit, too, and where it is was not seen.
                    self.pace = Some((pace / LOWER).min(self.ceiling));
                    self.sureness = Sureness::Guessed;
                    self.calm(now);
                } else {
                    self.capacity = f64::INFINITY;
                    self.confirmed = f64::INFINITY;
                    self.go_back(now, resume);
                }
            }
            Verdict::GoesOn(before) => {
                self.try_rate(now, pace * LOWER, resume, |number, now| {
                    Trial::after(number, now, before)
                });
            }
            Verdict::Wall => {
                let walled =
                    resume.wall.unwrap_or(Walled { since: now, silence: SHORTEST_SILENCE / 2 });
                let silence = (walled.silence * 2).min(LONGEST_SILENCE);
                self.silent_until =
                    self.silent_until.max(now + silence.max(asked.unwrap_or_default()));
                let counts = self.recent.over(now, now - walled.since);
                let through = counts.through / counts.seconds.max(0.1);
                let rate = if through > 0.0 && through < pace { through } else { pace * LOWER };
                resume.wall = Some(Walled { silence, ..walled });
                self.try_rate(now, rate, resume, Trial::after_wall);
            }
        }
    }

    fn go_back(&mut self, now: Duration, resume: Resume) {
        self.pace = resume.pace;
        self.growth = resume.growth;
        self.calm(now);
    }

    fn calm(&mut self, now: Duration) {
        self.mode = Mode::Calm;
        self.grown = now;
        self.bound = Bound::Nothing;
        self.noticed = now;
    }
}
