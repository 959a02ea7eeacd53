//! `trustmh resume`: continue an interrupted run.

use clap::Args;
use std::path::PathBuf;

use crate::arguments::{CallArguments, DataSource, ResultOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::running::PreparedRun;

/// Resume an interrupted run; recorded calls are never repeated
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ResumeArguments {
    /// Run folder
    run: PathBuf,
    #[command(flatten, next_help_heading = "Tasks and data")]
    data: DataSource,
    #[command(flatten, next_help_heading = "Tasks and data")]
    tasks_from: TaskSource,
    #[command(flatten)]
    calls: CallArguments,
    #[command(flatten, next_help_heading = "Output")]
    output: ResultOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh resume runs/20261123T101500Z-openai-gpt-5.1-3f2a";

pub(crate) fn run(arguments: &ResumeArguments) -> Result<Exit, Failure> {
    let ResumeArguments { run, data, tasks_from, calls, output } = arguments;
    let benchmark = benchmark(tasks_from)?;
    let rest = PreparedRun::rest_of(&benchmark, run, data, tasks_from, calls)?;
    rest.execute(&benchmark, calls, &calls.limits.reuse)?.report(output.into())
}
