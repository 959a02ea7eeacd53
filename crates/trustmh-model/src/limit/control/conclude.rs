//! What follows from refusals: whether there is a limit, where it is, and when the server is left
//! alone.

use std::time::Duration;

use super::super::noise::{Trial, Verdict};
use super::phase::{Bound, Growth, Mode, Resume, Sureness, Walled};
use super::{BELOW, Control, SECOND, SLOWEST, TOO_FEW};

/// It is lowered by this factor while refusals go on.
const LOWER: f64 = 0.6;
/// The server is left alone so long when nothing gets through, and twice as long each time after.
const SHORTEST_SILENCE: Duration = Duration::from_millis(250);
const LONGEST_SILENCE: Duration = Duration::from_secs(15);

impl Control {
    /// Concludes what can be concluded by now.
    pub(super) fn look(&mut self, now: Duration) {
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

    /// All at once nothing gets through: what did within a second is what the server takes. It is
    /// left alone for a moment.
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
                    // What got through included what the server had saved up: limits seen before
                    // count as much.
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
