//! Progress of a run: two lines on a terminal, a line now and then where there is none, or objects of JSON.

mod fitted;
mod tally;
mod ticker;
mod told;
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use trustmh_core::id::TaskId;
use trustmh_model::traffic::Traffic;
use trustmh_run::dispatch::{Progress, Work};
use trustmh_run::manifest::Manifest;

use trustmh_report::number::counted;

use crate::arguments::{CallLimits, ProgressChoice};
use crate::screen;
use fitted::{Piece, Seen};
use tally::Tally;
use ticker::Ticker;

/// How progress is shown, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Two lines that are drawn anew.
    Drawn,
    /// A line for a file or a pipe.
    Plain,
    /// An object of JSON on a line.
    Json,
    /// Not at all.
    Silent,
}

impl Manner {
    fn of(choice: ProgressChoice) -> Self {
        match choice {
            ProgressChoice::Text if screen::can_draw_on_stderr() => Self::Drawn,
            ProgressChoice::Text => Self::Plain,
            ProgressChoice::Json => Self::Json,
            ProgressChoice::None => Self::Silent,
        }
    }

    const fn every(self) -> Option<Duration> {
        match self {
            Self::Drawn => Some(Duration::from_millis(125)),
            Self::Plain => Some(Duration::from_secs(30)),
            Self::Json => Some(Duration::from_secs(1)),
            Self::Silent => None,
        }
    }
}

/// Follows a run, and shows how far it is until this is dropped.
pub(crate) struct Follower {
    course: Arc<Course>,
    ticker: Option<Ticker>,
}

/// What is shown of several runs together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    pub(crate) progress: ProgressChoice,
    /// US dollars that may be spent.
    pub(crate) bound: Option<f64>,
    /// Those that were spent before.
    pub(crate) dollars: f64,
}

/// What is known of the run, for all who show it.
struct Course {
    manner: Manner,
    begun: Instant,
    traffic: Traffic,
    /// US dollars that may be spent.
    bound: Option<f64>,
    state: Mutex<State>,
}

struct State {
    tally: Tally,
    /// Since when calls are made.
    since: Instant,
}

impl Follower {
    /// A follower of the run that is planned so; its calls count themselves in `traffic`.
    pub(crate) fn new(manifest: &Manifest, limits: &CallLimits, traffic: &Traffic) -> Self {
        let planned = manifest.tasks.iter().map(|(task, planned)| (task.clone(), planned.trials));
        Self::with(Tally::of(planned), limits.progress, limits.max_cost, traffic)
    }

    fn with(tally: Tally, progress: ProgressChoice, bound: Option<f64>, traffic: &Traffic) -> Self {
        let now = Instant::now();
        let course = Arc::new(Course {
            manner: Manner::of(progress),
            begun: now,
            traffic: traffic.clone(),
            bound,
            state: Mutex::new(State { tally, since: now }),
        });
        let ticker = course.manner.every().map(|every| {
            let course = Arc::clone(&course);
            Ticker::new(every, move || course.show())
        });
        Self { course, ticker }
    }

    /// A follower of several runs that are worked on together.
    pub(crate) fn over<'m>(
        manifests: impl Iterator<Item = &'m Manifest>,
        whole: Whole,
        traffic: &Traffic,
    ) -> Self {
        let mut planned: BTreeMap<TaskId, u64> = BTreeMap::new();
        for (task, of_task) in manifests.flat_map(|manifest| &manifest.tasks) {
            *planned.entry(task.clone()).or_default() += of_task.trials;
        }
        let mut tally = Tally::of(planned);
        tally.dollars = whole.dollars;
        Self::with(tally, whole.progress, whole.bound, traffic)
    }

    /// Takes note of a run of which all was found recorded.
    pub(crate) fn found(&self, manifest: &Manifest) {
        for (task, planned) in &manifest.tasks {
            for _ in 0..planned.trials {
                self.take(Progress::TrialEnded { task: task.clone(), work: Work::Recorded });
            }
        }
    }

    /// Takes note of what happened.
    pub(crate) fn take(&self, progress: Progress) {
        self.course.take(progress);
    }

    /// What to say when a stop is asked for: how many calls may finish, and how many trials are left.
    pub(crate) fn on_stop(&self, grace: Duration) -> impl FnOnce() -> String + Send + 'static {
        let course = Arc::clone(&self.course);
        move || course.stopping(grace)
    }
}

impl Drop for Follower {
    /// Takes the lines away; programs are told how it ended.
    fn drop(&mut self) {
        drop(self.ticker.take());
        match self.course.manner {
            Manner::Drawn => screen::undraw(),
            Manner::Json => self.course.show(),
            Manner::Plain | Manner::Silent => {}
        }
    }
}

impl Course {
    fn held(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, progress: Progress) {
        match progress {
            Progress::Resumed { paid, warning } => {
                let paid = counted(paid as u64, "call is", "calls are");
                self.say(&format!("resuming: {paid} recorded and will not be repeated"));
                warning.into_iter().for_each(|warning| self.say(&format!("warning: {warning}")));
            }
            Progress::Called { usage, cost, retries, broken, handed_on: _ } => {
                let failures = {
                    let tally = &mut self.held().tally;
                    let usage = usage.unwrap_or_default();
                    tally.tokens += usage.prompt_tokens + usage.reply_tokens;
                    tally.dollars += cost;
                    tally.calls += 1;
                    tally.retries += u64::from(retries);
                    tally.failures += u64::from(broken.is_some());
                    tally.failures
                };
                // One reason is worth a line at once: a run whose calls all fail can be stopped early.
                if let Some(why) = broken.filter(|_| failures == 1) {
                    self.say(&format!(
                        "a call failed: {why}; further failures are only counted here, the journal names each"
                    ));
                }
            }
            Progress::Learnt(text) | Progress::Cut(text) => self.warn(&text),
            Progress::TrialEnded { task, work } => {
                let State { tally, since } = &mut *self.held();
                tally.trial_ended(task, work);
                // What was found recorded took no time worth counting.
                if work == Work::Recorded && tally.calls == 0 {
                    *since = Instant::now();
                }
            }
        }
    }

    /// Shows how far the run is.
    fn show(&self) {
        // A copy, so that a terminal that takes nothing holds up no call.
        let (tally, since) = {
            let state = self.held();
            (state.tally.clone(), state.since.elapsed())
        };
        let seen = Seen { tally: &tally, traffic: self.traffic.now(), bound: self.bound, since };
        match self.manner {
            Manner::Drawn => {
                let painted = if screen::colour_on_stderr() {
                    |line: Vec<Piece>| line.iter().map(Piece::painted).collect::<String>()
                } else {
                    |line: Vec<Piece>| line.iter().map(Piece::plain).collect::<String>()
                };
                screen::draw(|width| fitted::lines(&seen, width).map(painted).into());
            }
            Manner::Plain => screen::note(&told::line(&seen)),
            Manner::Json => screen::note_json(&told::object(&seen, self.begun.elapsed())),
            Manner::Silent => {}
        }
    }

    fn stopping(&self, grace: Duration) -> String {
        let left = counted(self.held().tally.left(), "trial is", "trials are");
        let in_flight = match self.traffic.now().in_flight {
            0 => "none is in flight".to_owned(),
            calls => format!(
                "waiting up to {} s for {} in flight",
                grace.as_secs(),
                counted(u64::from(calls), "call", "calls")
            ),
        };
        format!("stopping: no new calls; {in_flight}; {left} left; interrupt again to stop at once")
    }

    /// Says what should be known before the run ends; programs that read JSON are told, too.
    fn warn(&self, text: &str) {
        match self.manner {
            Manner::Json => screen::note_json(&serde_json::json!({ "warning": text })),
            Manner::Drawn | Manner::Plain | Manner::Silent => {
                self.say(&format!("warning: {text}"));
            }
        }
    }

    fn say(&self, text: &str) {
        match self.manner {
            Manner::Drawn | Manner::Plain => screen::note(text),
            Manner::Json | Manner::Silent => {}
        }
    }
}
