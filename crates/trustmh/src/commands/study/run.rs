//! A study from its file: made into a folder, asked, judged, compared.

use clap::Args;
use std::path::PathBuf;

use trustmh_run::study::Lock;

use super::shown::{self, Shown};
use crate::arguments::ProgressChoice;
use crate::failure::{Exit, Failure};
use crate::screen;
use crate::studying::{
    Bounds, OpenStudy, Work, changes_since, create, occupied, planned, usual_folder,
};

/// Run a study, and compare its subjects
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunStudyArguments {
    /// Study file
    #[arg(default_value = "study.toml")]
    file: PathBuf,
    /// Folder of the study, which must not be there yet [default: studies/NAME]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Lock of an earlier run of the study: say what has changed since
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// How to report progress on stderr: a bar or plain lines, JSON lines, or not at all
    #[arg(long, value_enum, default_value = "text")]
    progress: ProgressChoice,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = r"Examples:
  trustmh study run study.toml
  trustmh study run study.toml --output studies/june --lock studies/may/study.lock
  trustmh study run study.toml --progress json --json";

pub(crate) fn run(arguments: &RunStudyArguments) -> Result<Exit, Failure> {
    let study = OpenStudy::open(&arguments.file)?;
    let folder = arguments.output.clone().unwrap_or_else(|| usual_folder(&study.source));
    occupied(&folder, &study)?;
    let bounds = Bounds::of(&study.source.study.limits);
    let runs = planned(&study, &bounds)?;
    Work::check(&runs)?;
    let earlier = arguments.lock.as_deref().map(Lock::read).transpose()?;
    let kept = create(&folder, &study, &runs)?;
    if let Some(earlier) = earlier {
        let changes = changes_since(&earlier, &kept.lock);
        changes.iter().for_each(|change| screen::note(change));
        if changes.is_empty() {
            screen::note("since the lock: nothing has changed");
        }
    }
    let work = Work {
        benchmark: &study.benchmark,
        kept: &kept,
        runs: &runs,
        bounds,
        progress: arguments.progress,
    };
    shown::done(&work, Shown::of(arguments.json))
}
