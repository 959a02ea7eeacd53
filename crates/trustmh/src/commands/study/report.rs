//! What comes of a study, from its journals alone.

use clap::Args;
use std::path::PathBuf;

use super::shown::{self, Shown};
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::studying::{Kept, Named, report};

/// Score a study again and write its comparison, leaderboard and reports; nothing is sent
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReportStudyArguments {
    /// Folder of the study, or the file it was run from
    study: PathBuf,
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh study report studies/first-study
  trustmh study report archive/first-study --json";

pub(crate) fn run(arguments: &ReportStudyArguments) -> Result<Exit, Failure> {
    let kept = Kept::open(Named::find(&arguments.study)?)?;
    let reported = report(&kept, None)?;
    shown::print(&kept, &reported, Shown::of(arguments.output.json))?;
    Ok(reported.exit)
}
