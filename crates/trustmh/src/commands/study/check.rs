//! Whether a study can be run as it stands, and what has changed since it was.

use clap::Args;
use serde_json::json;
use std::path::PathBuf;

use trustmh_report::number::counted;
use trustmh_run::study::{LOCK, Lock};

use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::screen;
use crate::studying::{Bounds, OpenStudy, Work, changes_since, lock, planned, usual_folder};

/// Check a study file, whether it can run here, and what has changed since it was last run; nothing is sent
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
    let wanting = Work::check(&runs).err();
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
            "ready": wanting.is_none(),
            "wanting": wanting.as_ref().map(|failure| &failure.message),
            "lock": known,
            "changes": changes,
        }))?;
        return Ok(Exit::Ok);
    }
    let counts = [
        counted(subjects as u64, "subject", "subjects"),
        counted(judges as u64, "judge", "judges"),
        counted(now.tasks.len() as u64, "task", "tasks"),
        counted(runs.len() as u64, "run", "runs"),
        counted(trials, "trial", "trials"),
    ];
    screen::print(&format!("{} is valid: {}.\n", study.source.file, counts.join(", ")));
    if let Some(Failure { message, hint, .. }) = &wanting {
        let hint = hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
        screen::print(&format!("It cannot run here yet: {message}{hint}\n"));
    }
    match (&changes, &known) {
        (Some(changes), Some(path)) if changes.is_empty() => {
            screen::print(&format!("Nothing has changed since {}.\n", path.display()));
        }
        (Some(changes), Some(path)) => {
            screen::print(&format!("Compared with {}:\n", path.display()));
            changes.iter().for_each(|change| screen::print(&format!("  {change}\n")));
        }
        _ => screen::print("Not run yet, so there is no lock to compare with.\n"),
    }
    Ok(Exit::Ok)
}
