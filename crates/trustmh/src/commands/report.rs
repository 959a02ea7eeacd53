//! `trustmh report`: the HTML report of a run, and what all commands that score print.

use std::io::Write;
use std::path::{Path, PathBuf};

use trustmh_core::scorecard::Scorecard;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::facts::RunFacts;
use trustmh_report::terminal::Colour;
use trustmh_run::derived::score::ScoredRun;

use super::folder::{Folder, ending};
use super::whole::whole;
use super::{benchmark, companions, protocol};
use crate::arguments::ReportArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &ReportArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let folder = Folder::open(&arguments.run)?;
    let scored = folder.score(&benchmark, arguments.protocol.map(protocol), None)?;
    let path = match (&arguments.output, folder.finding()) {
        (Some(output), _) => output.clone(),
        (None, None) => arguments.run.join("report.html"),
        // A bundle is not written into.
        (None, Some(_)) => arguments.run.with_extension("html"),
    };
    let written = write(&benchmark, &scored, &path)?.display().to_string();
    if arguments.json {
        screen::print_json(&format!("{:#}\n", serde_json::json!({ "report": written })));
    } else {
        screen::print(&format!("{written}\n"));
    }
    Ok(ending([&scored], Exit::Ok))
}

/// The HTML report.
pub(super) fn html(benchmark: &Benchmark, scored: &ScoredRun) -> Result<String, Failure> {
    let companions = companions::of(benchmark, scored)?;
    Ok(trustmh_report::html::html(&scored.scorecard, &facts(scored), &companions))
}

/// Writes the HTML report to `path`, whole or not at all.
pub(super) fn write(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    path: &Path,
) -> Result<PathBuf, Failure> {
    let page = html(benchmark, scored)?;
    whole(path, |out| Ok(out.write_all(page.as_bytes())?))?;
    Ok(path.to_owned())
}

/// The scorecard for people.
pub(super) fn terminal(scored: &ScoredRun) -> String {
    let colour = if screen::colour_on_stdout() { Colour::On } else { Colour::Off };
    trustmh_report::terminal::terminal(&scored.scorecard, &facts(scored), colour, screen::width())
}

/// Scorecards for programs.
pub(super) fn json(cards: &[Scorecard]) -> Result<String, Failure> {
    trustmh_report::json::json(cards).map_err(|error| {
        Failure::usage(format!("the scorecard cannot be written as JSON: {error}"))
    })
}

pub(super) fn facts(scored: &ScoredRun) -> RunFacts {
    trustmh_run::derived::facts::facts_of(scored)
}
