//! `trustmh forget`: what was said in recorded runs goes, their scores stay.

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use trustmh_run::error::RunError;
use trustmh_run::forgetting::{Cutoff, Outcome, foresee, forget};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Forget what was said in recorded runs, and keep their scores
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ForgetArguments {
    /// Run folders
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Forget the trials that are older than this: 90d, 12w, 6mo, 1y, or a date such as 2026-01-31
    #[arg(long, value_name = "AGE", required_unless_present = "all", conflicts_with = "all")]
    older_than: Option<String>,
    /// Forget all trials
    #[arg(long)]
    all: bool,
    /// Count what would be forgotten, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh forget runs/RUN --older-than 90d --dry-run
  trustmh forget runs/RUN --older-than 2026-01-31
  trustmh forget runs/RUN --all

Prompts, items, replies, thoughts and verdicts go; scores, names, times and counts stay, and
`trustmh verify` still shows every change. It cannot be undone, and copies elsewhere, such as
bundles and backups, are not touched. docs/record.md explains what goes and what stays.

A trial is as old as the last dated turn of a recorded conversation, the newest call of any
other, or else the run. Exits with 0 even if nothing was old enough, and with 2 if a run cannot
forget.";

pub(crate) fn run(arguments: &ForgetArguments) -> Result<Exit, Failure> {
    let cutoff = match &arguments.older_than {
        Some(age) => Cutoff::Before(time_of(age, Timestamp::now())?),
        None => Cutoff::All,
    };
    let benchmark = benchmark(&arguments.tasks_from)?;
    let doing = if arguments.dry_run { Doing::Foreseen } else { Doing::Done };
    let mut all = Vec::new();
    for folder in &arguments.runs {
        if !folder.is_dir() {
            return Err(Failure::usage(format!("{} is not a folder", folder.display()))
                .with_hint("name folders of runs; a bundle is a copy, which you can delete"));
        }
        let done = match doing {
            Doing::Foreseen => foresee(&benchmark, folder, cutoff),
            Doing::Done => forget(&benchmark, folder, cutoff),
        };
        let outcome = done.map_err(failure)?;
        if arguments.output.json {
            all.push(as_json(folder, &outcome));
        } else {
            screen::print(&told(folder, doing, &outcome));
        }
    }
    if arguments.output.json {
        screen::print_json(&json!({ "dry_run": arguments.dry_run, "runs": all }))?;
    }
    Ok(Exit::Ok)
}

fn failure(error: RunError) -> Failure {
    match error {
        RunError::NotForgettable { ref hint, .. } => {
            let hint = hint.clone();
            Failure::usage(error.to_string()).with_hint(hint)
        }
        other => other.into(),
    }
}

/// The time before which everything is old enough: so long before `now`, or the beginning of a day.
fn time_of(age: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("--older-than {age}: {why}"))
            .with_hint("give an age such as 90d, 12w, 6mo or 1y, or a date such as 2026-01-31")
    };
    if let Ok(date) = age.parse::<Date>() {
        let begins = date.to_zoned(TimeZone::UTC).map_err(|error| wrong(&error.to_string()))?;
        let time = begins.timestamp();
        return match time <= now {
            true => Ok(time),
            false => Err(Failure::usage(format!("--older-than {age}: the day has not come yet"))
                .with_hint("--all forgets all trials, however new")),
        };
    }
    let span: Span = age.parse().map_err(|_| wrong("it is neither an age nor a date"))?;
    if !span.is_positive() {
        return Err(wrong("an age is more than nothing"));
    }
    let before = now.to_zoned(TimeZone::UTC).checked_sub(span);
    Ok(before.map_err(|error| wrong(&error.to_string()))?.timestamp())
}

/// Whether anything is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// It is counted only.
    Foreseen,
    /// It is done.
    Done,
}

fn as_json(folder: &Path, outcome: &Outcome) -> Value {
    let Outcome { trials, scored, pending, stay, before, notes, beside, recorded } = outcome;
    json!({
        "run": folder,
        "trials": trials,
        "scored": scored,
        "pending": pending,
        "stay": stay,
        "forgotten_before": before,
        "notes": notes,
        "removed_files": beside.removed,
        "unknown_files": beside.unknown,
        "recorded": recorded,
    })
}

fn told(folder: &Path, doing: Doing, outcome: &Outcome) -> String {
    let Outcome { trials, scored, pending, stay, before, notes, beside, recorded } = outcome;
    let (forgotten, removed) = match doing {
        Doing::Foreseen => ("to be forgotten", "to be removed"),
        Doing::Done => ("forgotten", "removed"),
    };
    let mut text = format!(
        "{}: {trials} trials {forgotten}, {scored} of them with a score; {stay} keep their words\n",
        folder.display()
    );
    if *before > 0 {
        text.push_str(&format!("  {before} were forgotten before\n"));
    }
    if *pending > 0 {
        text.push_str(&format!(
            "  {pending} had not ended and have no score: resuming the run asks them again\n"
        ));
    }
    if *notes > 0 {
        text.push_str(&format!("  {notes} notes that people wrote on replies {removed}\n"));
    }
    for name in &beside.removed {
        text.push_str(&format!("  {name} {removed}; it held what was said\n"));
    }
    if let Some(recorded) = recorded {
        text.push_str(&format!(
            "  {} lines of the journal hold no words any more\n",
            recorded.lines
        ));
    }
    for path in &beside.unknown {
        text.push_str(&format!(
            "  {}: not a file of a run; look whether it holds what was said\n",
            path.display()
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_back_by_the_calendar_and_dates_begin_at_midnight() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        let time = |age: &str| time_of(age, now).map(|time| time.to_string());
        for (age, expected) in [
            ("90d", "2025-12-31T12:00:00Z"),
            ("12w", "2026-01-06T12:00:00Z"),
            ("1mo", "2026-02-28T12:00:00Z"),
            ("6mo", "2025-09-30T12:00:00Z"),
            ("1y", "2025-03-31T12:00:00Z"),
            ("2026-01-31", "2026-01-31T00:00:00Z"),
        ] {
            assert_eq!(time(age).unwrap(), expected, "{age}");
        }
        for (age, why) in [
            ("0d", "more than nothing"),
            ("-3d", "more than nothing"),
            ("soon", "neither an age nor a date"),
            ("90", "neither an age nor a date"),
            ("2026-04-01", "has not come yet"),
            ("99999y", "--older-than 99999y"),
        ] {
            assert!(time(age).unwrap_err().message.contains(why), "{age}");
        }
    }
}
