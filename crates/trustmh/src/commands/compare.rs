//! `trustmh compare`: runs beside each other on the trials they share.

use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

use trustmh_core::comparison::{ComparedRun, Comparison, TaskComparison};
use trustmh_report::comparison::{self, Shown};
use trustmh_report::{several, standings};
use trustmh_run::several::compare::{ALPHA, UnlikeTasks, compare, named};

use crate::arguments::{BesideArguments, JsonOutput, Layout, ScoringRules, chance};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::matrices::RunsBeside;
use crate::run_folder::score_all;
use crate::{matrices, screen};

/// Compare runs: differences with intervals and corrected p-values
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompareArguments {
    /// Run folders or bundles; each is compared with all that follow
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Show all metrics, not only the primary ones; of three or more runs, every pair in full
    #[arg(long)]
    all: bool,
    /// Also show values of runs that are not comparable (other judge, protocol, prompts, data,
    /// limits or task files), side by side and without a test
    #[arg(long)]
    even_if_unlike: bool,
    /// Significance level after correction
    #[arg(long, default_value_t = ALPHA, value_parser = chance)]
    alpha: f64,
    #[command(flatten)]
    beside: BesideArguments,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    rules: ScoringRules,
}

const EXAMPLES: &str = r"Examples:
  trustmh compare runs/BEFORE runs/AFTER
  trustmh compare runs/* --all --json
  trustmh compare runs/A runs/B --format markdown > comparison.md
  trustmh compare runs/A runs/B --format html --output comparison.html --figures figures/
  trustmh compare runs/A runs/B --format latex --label tab:models --name runs/A=Before";

pub(crate) fn run(arguments: &CompareArguments) -> Result<Exit, Failure> {
    if arguments.runs.len() < 2 {
        return Err(Failure::usage("a single run has nothing to be compared with")
            .with_hint("name two or more run folders"));
    }
    arguments.beside.check()?;
    let benchmark = benchmark(&arguments.rules.tasks_from)?;
    let runs = score_all(&benchmark, &arguments.runs, arguments.rules.protocol)?;
    let runs = runs.called(&arguments.beside.names)?;
    let unlike =
        if arguments.even_if_unlike { UnlikeTasks::ShownAside } else { UnlikeTasks::Refused };
    let comparisons = compare(&benchmark, &runs, arguments.alpha, unlike)?;
    let tasks = || comparisons.iter().flat_map(|pair| pair.tasks.values());
    let all_unlike = tasks().next().is_some() && !tasks().any(TaskComparison::is_alike);
    if !all_unlike && comparisons.iter().all(|pair| pair.tasks.values().all(|task| task.is_empty()))
    {
        return Err(Failure::usage("the runs have no trial in common").with_hint(
            "compare runs of the same tasks and items; --items and --trials choose the same ones every time",
        ));
    }
    let named: Vec<ComparedRun> = runs.iter().map(named).collect();
    let shown = if arguments.all { Shown::All } else { Shown::Primary };
    let beside = RunsBeside::of(&benchmark, &runs, comparisons)?;
    let matrix =
        arguments.beside.shows_matrix(&arguments.output).then(|| beside.compared(shown, unlike));
    matrices::write_figures(matrix.as_ref(), &arguments.beside)?;
    if arguments.output.json {
        screen::print_json(&beside.json())?;
    } else {
        let standings = beside.several();
        let text = match arguments.beside.format {
            Layout::Table => {
                let width = screen::width();
                match shown {
                    Shown::Primary if runs.len() > 2 => {
                        several::terminal(&standings, &named, &beside.pairs, width)
                    }
                    Shown::Primary | Shown::All => {
                        standings::terminal(&standings, &named, width)
                            + &comparison::terminal(&beside.pairs, shown, width)
                    }
                }
            }
            Layout::Markdown => {
                standings::markdown(&standings, &named)
                    + &comparison::markdown(&beside.pairs, shown)
            }
            Layout::Html | Layout::Latex | Layout::Csv => {
                matrices::text(matrix.as_ref(), &arguments.beside)
            }
        };
        matrices::put(&text, &arguments.beside)?;
    }
    if all_unlike && !arguments.even_if_unlike {
        return Err(nothing_alike(&beside.pairs));
    }
    Ok(Exit::Ok)
}

/// Runs of which no two may be compared in any task.
fn nothing_alike(comparisons: &[Comparison]) -> Failure {
    let unlike = comparisons.iter().flat_map(|pair| pair.tasks.values());
    let what: BTreeSet<String> =
        unlike.flat_map(|task| task.forbidding().map(ToString::to_string)).collect();
    let what: Vec<String> = what.into_iter().collect();
    Failure::usage(format!("no two runs are comparable in any task: {}", what.join("; "))).with_hint(
        "compare runs that differ only in their subject: made with the same tasks, --profile, --items and judge; --even-if-unlike shows the values side by side, without a test",
    )
}
