//! A finished run: its results, what is left to do, and the exit code.

use std::path::{Path, PathBuf};

use trustmh_core::outcome::Outcome;
use trustmh_core::scorecard::JudgeName;
use trustmh_core::scores::Scores;
use trustmh_report::ending::Pointer;
use trustmh_run::derived::caveats::unanswered;
use trustmh_run::derived::score::{ScoredRun, SetAside};
use trustmh_run::dispatch::Ending;

use crate::arguments::ResultOutput;
use crate::failure::{Exit, Failure};
use crate::run_folder::exit_of as exit_of_record;
use crate::{scorecards, screen};

/// What a finished run prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// The result on one screen.
    Summary,
    /// Every metric, with its notes.
    AllMetrics,
    /// The scorecard as JSON.
    Json,
    /// Nothing yet: what follows prints more.
    Nothing,
}

impl From<&ResultOutput> for Output {
    fn from(output: &ResultOutput) -> Self {
        match output {
            ResultOutput { json: true, .. } => Self::Json,
            ResultOutput { all: true, .. } => Self::AllMetrics,
            ResultOutput { .. } => Self::Summary,
        }
    }
}

/// A run that ended, one way or another.
pub(crate) struct Finished {
    pub(crate) scored: ScoredRun,
    pub(crate) ending: Ending,
    pub(crate) html: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Finished {
    /// Prints the result, and says what is left to do.
    pub(crate) fn report(&self, output: Output) -> Result<Exit, Failure> {
        let Self { scored, folder, .. } = self;
        // What was found stands last, where it is seen.
        let exit = self.say_what_is_left();
        match output {
            Output::Summary => {
                screen::print_painted(&scorecards::summary(scored, &self.pointers()));
            }
            Output::AllMetrics => {
                screen::print_painted(&scorecards::terminal(scored));
                let paths =
                    format!("\nRun:    {}\nReport: {}\n", folder.display(), self.html.display());
                screen::print(&paths);
            }
            Output::Json => {
                let card = std::slice::from_ref(&scored.scorecard);
                screen::print_json_text(&scorecards::json(card)?);
            }
            Output::Nothing => {}
        }
        Ok(exit)
    }

    /// Where the result is, and what to do next.
    fn pointers(&self) -> Vec<Pointer> {
        let folder = self.folder.display();
        let next = match self.ending {
            Ending::Complete => format!("trustmh view {folder}"),
            Ending::Stopped | Ending::BudgetSpent(_) => format!("trustmh resume {folder}"),
        };
        vec![
            Pointer { word: "Report", to: self.html.display().to_string() },
            Pointer { word: "All", to: format!("trustmh score {folder} --all") },
            Pointer { word: "Next", to: next },
        ]
    }

    /// Says on standard error what was left out or is left to do.
    fn say_what_is_left(&self) -> Exit {
        let Self { scored, folder, .. } = self;
        if let Some(note) = unanswered(&scored.scorecard.tasks) {
            screen::note(&note);
        }
        for warning in scored.cuts.warnings(&scored.manifest) {
            screen::note(&warning);
        }
        for lesson in &scored.trials.lessons {
            screen::note(&lesson.to_string());
        }
        report_skipped(scored);
        match scored.trials.totals.handed_on {
            0 => {}
            calls => screen::note(&format!(
                "{calls} calls went to more than one worker and may have been paid for more than once"
            )),
        }
        match &self.ending {
            Ending::Stopped => {
                screen::note(&format!("interrupted; {}", how_to_resume(folder)));
                Exit::Interrupted
            }
            Ending::BudgetSpent(what) => {
                screen::note(&format!("the limit on {what} is reached; {}", how_to_resume(folder)));
                Exit::Incomplete
            }
            Ending::Complete => {
                let (exit, notes) = shortfalls(scored);
                notes.iter().for_each(|note| screen::note(note));
                match exit {
                    Exit::Ok => exit_of_record([scored], Exit::Ok),
                    worse => worse,
                }
            }
        }
    }
}

pub(crate) fn how_to_resume(folder: &Path) -> String {
    format!("continue with: trustmh resume {}", folder.display())
}

/// What was skipped: each fault once, the most common first, at most three, with its trials.
fn report_skipped(scored: &ScoredRun) {
    let mut faults: Vec<(&String, &SetAside)> = scored.set_aside.iter().collect();
    faults.sort_by_key(|(_, aside)| std::cmp::Reverse(aside.calls));
    for (message, aside) in faults.iter().take(3) {
        let calls = if aside.calls == 1 { "call" } else { "calls" };
        screen::note(&format!("{} {calls} failed: {message}", aside.calls));
        let named: Vec<&str> = aside.trials.iter().map(|trial| trial.as_str()).collect();
        let more = aside.calls.saturating_sub(named.len() as u64);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        screen::note(&format!("  skipped: {}{more}", named.join(", ")));
    }
    if !faults.is_empty() {
        screen::note("resume the run to repeat what was skipped");
    }
}

/// Whether replies that could be read have no verdict because the chosen judge gives none: that was
/// known beforehand, and the scorecard says so.
fn is_for_another_judge(scores: &Scores) -> bool {
    let mut read = scores.iter().filter(|score| score.outcome() == Outcome::Scored);
    read.any(|score| score.verdict_missing().is_some_and(|missing| !missing.is_gap()))
}

fn judged_by_model(scored: &ScoredRun) -> bool {
    matches!(scored.scorecard.judge, JudgeName::Model(_))
}

/// A task of which more than this share of the trials failed is incomplete: its numbers rest on
/// what did not break.
const MOST_FAILED: f64 = 0.25;

/// A run of which a task got no reply, or of which trials wait, never ends as if all were well.
/// Replies that cannot be read are a result. What is to be said of it comes with it.
pub(crate) fn shortfalls(scored: &ScoredRun) -> (Exit, Vec<String>) {
    let mut exit = Exit::Ok;
    let mut notes = Vec::new();
    for (task, result) in &scored.scorecard.tasks {
        if result.pending > 0 {
            notes.push(format!("{task}: {} trials are pending", result.pending));
            exit = Exit::Incomplete;
        }
        let outcomes = &result.outcomes;
        if outcomes.failed > 0 && outcomes.failed == outcomes.total() {
            notes.push(format!("{task}: no reply came back"));
            exit = Exit::Unreachable;
        } else if result.is_without_measures() && judged_by_model(scored) {
            notes.push(format!(
                "{task}: nothing could be scored: no verdict arrived or could be read"
            ));
            exit = Exit::Unreachable;
        } else if result.is_without_measures()
            && result.pending == 0
            && !scored.scores.get(task).is_some_and(is_for_another_judge)
        {
            let why = result.not_scored.values().next().map_or("no metric applies", |why| why);
            notes.push(format!("{task}: nothing was scored: {why}"));
            exit = Exit::Incomplete;
        } else if outcomes.scored == 0 {
            notes.push(format!("{task}: no reply could be read as an answer"));
        }
        let (failed, all) = (outcomes.failed, outcomes.total());
        if failed < all && failed as f64 > MOST_FAILED * all as f64 {
            notes.push(format!(
                "{task}: {failed} of {all} trials failed; `trustmh resume` repeats them"
            ));
            exit = match exit {
                Exit::Ok => Exit::Incomplete,
                worse => worse,
            };
        }
    }
    (exit, notes)
}
