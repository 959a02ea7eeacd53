//! Whether a study can be run as it stands, and what has changed since it was.

use clap::Args;
use serde_json::json;
use std::path::PathBuf;

use trustmh_run::study::{LOCK, Lock};

use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::screen;
use crate::studying::{Bounds, OpenStudy, changes_since, lock, planned, usual_folder};

/// Check a study file, and say what has changed since it was last run; nothing is sent
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArguments {
    /// Study file
    #[arg(default_value = "study.toml")]
    file: PathBuf,
    /// Lock to compare with [default: that of the study's folder, if there is one]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh study check study.toml
  trustmh study check study.toml --lock archive/study.lock --json";

pub(crate) fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let study = OpenStudy::open(&arguments.file)?;
    let bounds = Bounds::of(&study.source.study.limits);
    let runs = planned(&study, &bounds)?;
    let now = lock(&study, &runs, None)?;
    let usual = usual_folder(&study.source).join(LOCK);
    let known = match &arguments.lock {
        Some(path) => Some(path.clone()),
        None => Some(usual).filter(|path| path.is_file()),
    };
    let changes =
        known.as_ref().map(|path| Ok::<_, Failure>(changes_since(&Lock::read(path)?, &now)));
    let changes = changes.transpose()?;
    let trials: u64 = runs.iter().map(|run| run.plan.total()).sum();
    let (subjects, judges) = (now.subjects.len(), now.judges.len());
    if arguments.output.json {
        screen::print_json(&json!({
            "study": study.source.study.study.name,
            "subjects": now.subjects,
            "judges": now.judges,
            "tasks": now.tasks.len(),
            "runs": runs.len(),
            "trials": trials,
            "lock": known,
            "changes": changes,
        }))?;
        return Ok(Exit::Ok);
    }
    let s = |count: usize| if count == 1 { "" } else { "s" };
    screen::print(&format!(
        "{}: right. {subjects} subject{} by {judges} judge{}, {} task{}: {} run{}, {trials} trials.\n",
        study.source.file,
        s(subjects),
        s(judges),
        now.tasks.len(),
        s(now.tasks.len()),
        runs.len(),
        s(runs.len()),
    ));
    match (&changes, &known) {
        (Some(changes), Some(path)) if changes.is_empty() => {
            screen::print(&format!("Nothing has changed since {}.\n", path.display()));
        }
        (Some(changes), Some(path)) => {
            screen::print(&format!("Compared with {}:\n", path.display()));
            changes.iter().for_each(|change| screen::print(&format!("  {change}\n")));
        }
        _ => screen::print("It was not run yet: there is no lock to compare with.\n"),
    }
    Ok(Exit::Ok)
}
