//! Progress of a run: a bar on a terminal, a line now and then where there is none.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use trustmh_run::dispatch::{Progress, Work};

use crate::arguments::ProgressChoice;
use crate::screen;

const QUIET_EVERY: Duration = Duration::from_secs(30);
const JSON_EVERY: Duration = Duration::from_secs(1);

/// What has happened so far.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    trials: u64,
    /// Those that took calls made now; the others were found recorded and say nothing of the rate.
    fresh: u64,
    calls: u64,
    retries: u64,
    failures: u64,
    tokens: u64,
    dollars: f64,
    /// Calls that more than one worker was given.
    handed_on: u64,
}

impl Tally {
    /// Trials per second, of those that took calls made now; `None` before the first.
    fn rate(&self, seconds: f64) -> Option<f64> {
        (self.fresh > 0 && seconds > 0.0).then(|| self.fresh as f64 / seconds)
    }

    /// Seconds until all of `total` are there, at that rate.
    fn seconds_left(&self, total: u64, seconds: f64) -> Option<f64> {
        Some(total.saturating_sub(self.trials) as f64 / self.rate(seconds)?)
    }

    fn pace(&self, total: u64, seconds: f64) -> String {
        match (self.rate(seconds), self.seconds_left(total, seconds)) {
            (Some(rate), Some(left)) => format!("{rate:.1}/s, {left:.0} s left"),
            _ => "no rate yet".to_owned(),
        }
    }

    fn in_words(&self) -> String {
        let money =
            if self.dollars > 0.0 { format!(", ${:.2}", self.dollars) } else { String::new() };
        format!(
            "{} calls, {} retries, {} failures, {} tokens{money}",
            self.calls, self.retries, self.failures, self.tokens
        )
    }
}

/// Follows a run.
pub(crate) struct Follower {
    bar: ProgressBar,
    on_terminal: bool,
    choice: ProgressChoice,
    total: u64,
    begun: Instant,
    state: Mutex<State>,
}

struct State {
    tally: Tally,
    /// When a line was last said.
    said: Instant,
    /// Since when calls are made.
    since: Instant,
}

impl Follower {
    /// A follower of `total` trials.
    pub(crate) fn new(total: u64, choice: ProgressChoice) -> Self {
        let on_terminal = std::io::stderr().is_terminal() && choice == ProgressChoice::Text;
        let target = if on_terminal {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        // A malformed template would be a fault of this line alone; the default bar serves too.
        if let Ok(style) =
            ProgressStyle::with_template("{bar:24} {pos}/{len} trials  {elapsed} elapsed  {msg}")
        {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self {
            bar,
            on_terminal,
            choice,
            total,
            begun: now,
            state: Mutex::new(State { tally: Tally::default(), said: now, since: now }),
        }
    }

    /// Takes note of what happened.
    pub(crate) fn take(&self, progress: Progress) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let State { tally, said, since } = &mut *state;
        match progress {
            Progress::Resumed { paid, warning } => {
                self.say(&format!("resuming: {paid} calls are recorded and will not be repeated"));
                if let Some(warning) = warning {
                    self.say(&format!("warning: {warning}"));
                }
            }
            Progress::Called { usage, cost, retries, broken, handed_on } => {
                tally.handed_on += u64::from(handed_on);
                tally.dollars += cost;
                tally.calls += 1;
                tally.retries += u64::from(retries);
                if let Some(why) = broken {
                    tally.failures += 1;
                    // One reason is worth a line at once: a run whose calls all fail can be stopped early.
                    if tally.failures == 1 {
                        self.say(&format!(
                            "a call failed: {why}; further failures are only counted here, the journal names each"
                        ));
                    }
                }
                let usage = usage.unwrap_or_default();
                tally.tokens += usage.prompt_tokens + usage.reply_tokens;
            }
            Progress::Learnt(text) | Progress::Cut(text) => self.warn(&text),
            Progress::TrialEnded(work) => {
                tally.trials += 1;
                self.bar.inc(1);
                match work {
                    Work::Made => tally.fresh += 1,
                    Work::Recorded if tally.calls == 0 => *since = Instant::now(),
                    Work::Recorded => {}
                }
            }
        }
        let (tally, seconds) = (*tally, since.elapsed().as_secs_f64());
        if self.on_terminal {
            let pace = tally.pace(self.total, seconds);
            self.bar.set_message(format!("{pace}  {}", tally.in_words()));
        }
        let every = match self.choice {
            ProgressChoice::Text if !self.on_terminal => QUIET_EVERY,
            ProgressChoice::Json => JSON_EVERY,
            ProgressChoice::Text | ProgressChoice::None => return,
        };
        if said.elapsed() >= every {
            *said = Instant::now();
            self.tell(tally, seconds);
        }
    }

    fn tell(&self, tally: Tally, seconds: f64) {
        match self.choice {
            ProgressChoice::Json => screen::note_json(&self.object(tally, seconds)),
            ProgressChoice::Text => screen::note(&self.line(tally, seconds)),
            ProgressChoice::None => {}
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
        if self.choice == ProgressChoice::Json {
            let state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            self.tell(state.tally, state.since.elapsed().as_secs_f64());
        }
    }

    /// Says what should be known before the run ends; programs that read JSON are told, too.
    fn warn(&self, text: &str) {
        match self.choice {
            ProgressChoice::Json => {
                screen::note_json(&serde_json::json!({ "warning": text }));
            }
            ProgressChoice::Text | ProgressChoice::None => self.say(&format!("warning: {text}")),
        }
    }

    fn say(&self, text: &str) {
        if self.choice != ProgressChoice::Text {
            return;
        }
        if self.on_terminal {
            self.bar.suspend(|| screen::note(text));
        } else {
            screen::note(text);
        }
    }

    fn object(&self, tally: Tally, seconds: f64) -> serde_json::Value {
        serde_json::json!({
            "trials": tally.trials,
            "of": self.total,
            "recorded_before": tally.trials - tally.fresh,
            "seconds": self.begun.elapsed().as_secs_f64(),
            "trials_per_second": tally.rate(seconds).unwrap_or_default(),
            "seconds_to_go": tally.seconds_left(self.total, seconds),
            "calls": tally.calls,
            "retries": tally.retries,
            "failures": tally.failures,
            "tokens": tally.tokens,
            "dollars": tally.dollars,
        })
    }

    fn line(&self, tally: Tally, seconds: f64) -> String {
        let pace = tally.pace(self.total, seconds);
        format!("{}/{} trials, {pace}; {}", tally.trials, self.total, tally.in_words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trials_that_took_calls_count_for_rate_and_time_to_go() {
        let resumed = Tally { trials: 900, ..Tally::default() };
        assert_eq!((resumed.rate(2.0), resumed.seconds_left(1000, 2.0)), (None, None));
        assert_eq!(resumed.pace(1000, 2.0), "no rate yet");
        let going = Tally { trials: 920, fresh: 20, ..Tally::default() };
        assert_eq!((going.rate(10.0), going.seconds_left(1000, 10.0)), (Some(2.0), Some(40.0)));
        assert_eq!(going.pace(1000, 10.0), "2.0/s, 40 s left");
    }
}
