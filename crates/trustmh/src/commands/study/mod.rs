//! `trustmh study`: many runs from one file.

mod check;
mod init;
mod plan;
mod report;
mod resume;
mod run;
mod schema;
mod shown;

use clap::Args;

use crate::failure::{Exit, Failure};

/// Run a study: all subjects and judges of one file, with one budget and comparison
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StudyArguments {
    #[command(subcommand)]
    action: Option<StudyAction>,
    // `trustmh study FILE` runs it.
    #[command(flatten)]
    run: run::RunStudyArguments,
}

const EXAMPLES: &str = r"Examples:
  trustmh study init                       write study.toml, which works offline at once
  trustmh study check study.toml
  trustmh study plan study.toml            calls, tokens and cost; nothing is sent
  trustmh study run study.toml             into studies/NAME; `trustmh study study.toml` does the same
  trustmh study resume studies/NAME
  trustmh study report studies/NAME --json

docs/study.md has every field of a study file.";

commands! { StudyAction:
    Init => init::InitStudyArguments,
    Check => check::CheckArguments,
    Plan => plan::PlanStudyArguments,
    Run => run::RunStudyArguments,
    Resume => resume::ResumeStudyArguments,
    Report => report::ReportStudyArguments,
    Schema => schema::StudySchemaArguments,
}

pub(crate) fn run(arguments: &StudyArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        Some(action) => action.run(),
        None => run::run(&arguments.run),
    }
}
