//! `trustmh leaderboard`: local runs beside the published models.

mod tables;

use clap::Args;
use std::path::PathBuf;

use trustmh_engine::published::Published;
use trustmh_report::sections;
use trustmh_run::several::compare::{ALPHA, UnlikeTasks, compare};
use trustmh_run::several::leaderboard::leaderboard;

use crate::arguments::{BesideArguments, JsonOutput, Layout, ScoringRules};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::matrices::RunsBeside;
use crate::run_folder::score_all;
use crate::{matrices, screen};
use tables::{Shown, tables};

/// Rank runs against the 12 published models, where the numbers are comparable
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LeaderboardArguments {
    /// Run folders or bundles; without any, the published ranks alone
    runs: Vec<PathBuf>,
    /// Also show the published models beside the runs
    #[arg(long)]
    published: bool,
    #[command(flatten)]
    beside: BesideArguments,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    rules: ScoringRules,
}

const EXAMPLES: &str = r"Examples:
  trustmh leaderboard                     only the published ranks
  trustmh leaderboard runs/* --published
  trustmh leaderboard runs/* --format markdown
  trustmh leaderboard runs/* --format html --output board.html
  trustmh leaderboard imported/* --protocol reference --json";

pub(crate) fn run(arguments: &LeaderboardArguments) -> Result<Exit, Failure> {
    arguments.beside.check()?;
    let benchmark = benchmark(&arguments.rules.tasks_from)?;
    let runs = score_all(&benchmark, &arguments.runs, arguments.rules.protocol)?;
    let runs = runs.called(&arguments.beside.names)?;
    let board = leaderboard(&Published::embedded()?, &runs);
    let matrix = match arguments.beside.shows_matrix(&arguments.output) {
        true => {
            let pairs = compare(&benchmark, &runs, ALPHA, UnlikeTasks::ShownAside)?;
            Some(RunsBeside::of(&benchmark, &runs, pairs)?.ranked()?)
        }
        false => None,
    };
    matrices::write_figures(matrix.as_ref(), &arguments.beside)?;
    if arguments.output.json {
        screen::print_json(&board)?;
        return Ok(Exit::Ok);
    }
    let shown = match (runs.is_empty(), arguments.published) {
        (true, _) => Shown::PublishedAlone,
        (false, true) => Shown::RunsAndPublished,
        (false, false) => Shown::Runs,
    };
    let sections = || tables(&board, &runs, shown);
    let text = match arguments.beside.format {
        Layout::Table => sections::terminal(&sections(), screen::width()),
        Layout::Markdown => sections::markdown(&sections()),
        Layout::Html | Layout::Latex | Layout::Csv => {
            matrices::text(matrix.as_ref(), &arguments.beside)
        }
    };
    matrices::put(&text, &arguments.beside)?;
    Ok(Exit::Ok)
}
