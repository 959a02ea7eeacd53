//! `trustmh panel`: several judges of the same replies.

use clap::Args;
use std::path::PathBuf;

use trustmh_report::comparison::Shown;

use crate::arguments::{JsonOutput, ScoringRules};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::running::{Output, panel};

/// Compare judges of the same replies: individual scores, mean, majority and agreement
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PanelArguments {
    /// Runs of the same replies, each scored by another judge
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Show all metrics, not only the primary ones (JSON always has all)
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    rules: ScoringRules,
}

const EXAMPLES: &str = r"Examples:
  trustmh panel runs/BY-ONE runs/BY-ANOTHER --json

`trustmh run` with several --judge makes such runs and shows their panel.";

pub(crate) fn run(arguments: &PanelArguments) -> Result<Exit, Failure> {
    let PanelArguments { runs, all, output, rules } = arguments;
    let benchmark = benchmark(&rules.tasks_from)?;
    let output = if output.json { Output::Json } else { Output::Summary };
    let shown = if *all { Shown::All } else { Shown::Primary };
    panel::show(&benchmark, runs, rules.protocol, shown, output)?;
    Ok(Exit::Ok)
}
