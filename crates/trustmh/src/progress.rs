//! Progress of a run: a bar on a terminal, a line now and then where there is none.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use trustmh_run::dispatch::Progress;

use crate::arguments::ProgressChoice;
use crate::screen;

const QUIET_EVERY: Duration = Duration::from_secs(30);
const JSON_EVERY: Duration = Duration::from_secs(1);

/// What has happened so far.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    trials: u64,
    calls: u64,
    retries: u64,
    failures: u64,
    tokens: u64,
    dollars: f64,
    /// Calls that more than one worker was given.
    handed_on: u64,
}

impl Tally {
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
    state: Mutex<(Tally, Instant)>,
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
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:24} {pos}/{len} trials  {per_sec}  {elapsed} gone, {eta} to go  {msg}",
        ) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self {
            bar,
            on_terminal,
            choice,
            total,
            begun: now,
            state: Mutex::new((Tally::default(), now)),
        }
    }

    /// Takes note of what happened.
    pub(crate) fn take(&self, progress: Progress) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (tally, said) = &mut *state;
        match progress {
            Progress::Resumed { paid, warning } => {
                self.say(&format!(
                    "going on: {paid} calls are recorded and will not be made again"
                ));
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
                            "a call failed: {why}; further ones are only counted here, the journal names each"
                        ));
                    }
                }
                let usage = usage.unwrap_or_default();
                tally.tokens += usage.prompt_tokens + usage.reply_tokens;
            }
            Progress::Learnt(text) | Progress::Cut(text) => self.warn(&text),
            Progress::TrialEnded => {
                tally.trials += 1;
                self.bar.inc(1);
            }
        }
        let tally = *tally;
        self.bar.set_message(tally.in_words());
        let every = match self.choice {
            ProgressChoice::Text if !self.on_terminal => QUIET_EVERY,
            ProgressChoice::Json => JSON_EVERY,
            ProgressChoice::Text | ProgressChoice::None => return,
        };
        if said.elapsed() >= every {
            *said = Instant::now();
            self.tell(tally);
        }
    }

    fn tell(&self, tally: Tally) {
        match self.choice {
            ProgressChoice::Json => screen::note_json(&self.object(tally)),
            ProgressChoice::Text => screen::note(&self.line(tally)),
            ProgressChoice::None => {}
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
        if self.choice == ProgressChoice::Json {
            let state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            self.tell(state.0);
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

    fn object(&self, tally: Tally) -> serde_json::Value {
        let gone = self.begun.elapsed().as_secs_f64();
        let rate = tally.trials as f64 / gone.max(0.001);
        let left = self.total.saturating_sub(tally.trials) as f64;
        serde_json::json!({
            "trials": tally.trials,
            "of": self.total,
            "seconds": gone,
            "trials_per_second": rate,
            "seconds_to_go": (rate > 0.0).then(|| left / rate),
            "calls": tally.calls,
            "retries": tally.retries,
            "failures": tally.failures,
            "tokens": tally.tokens,
            "dollars": tally.dollars,
        })
    }

    fn line(&self, tally: Tally) -> String {
        let gone = self.begun.elapsed().as_secs_f64();
        let rate = tally.trials as f64 / gone.max(0.001);
        let left = self.total.saturating_sub(tally.trials) as f64;
        let eta = if rate > 0.0 {
            format!("{:.0} s to go", left / rate)
        } else {
            "no rate yet".to_owned()
        };
        format!("{}/{} trials, {rate:.1}/s, {eta}; {}", tally.trials, self.total, tally.in_words())
    }
}
