//! Scorecards as text, JSON and HTML: what all commands that score print or write.

use std::io::Write;
use std::path::{Path, PathBuf};

use trustmh_core::scorecard::Scorecard;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::ending::Pointer;
use trustmh_report::facts::{Companions, RunFacts};
use trustmh_report::terminal::Colour;
use trustmh_run::derived::score::ScoredRun;

use crate::arguments::Replies;
use crate::failure::Failure;
use crate::{atomic_file, report_extras, screen};

/// The HTML report.
pub(crate) fn html(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    replies: Replies,
) -> Result<String, Failure> {
    let extras = report_extras::of(benchmark, scored, replies)?;
    Ok(trustmh_report::html::html(&scored.scorecard, &facts(scored), &extras))
}

/// Writes the HTML report to `path`, whole or not at all.
pub(crate) fn write_html(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    path: &Path,
    replies: Replies,
) -> Result<PathBuf, Failure> {
    write_page(scored, &report_extras::of(benchmark, scored, replies)?, path)
}

/// The same with what stands beside the results.
pub(crate) fn write_page(
    scored: &ScoredRun,
    extras: &Companions,
    path: &Path,
) -> Result<PathBuf, Failure> {
    let page = trustmh_report::html::html(&scored.scorecard, &facts(scored), extras);
    atomic_file::write(path, |out| Ok(out.write_all(page.as_bytes())?))?;
    Ok(path.to_owned())
}

/// The result on one screen.
pub(crate) fn summary(scored: &ScoredRun, pointers: &[Pointer]) -> String {
    trustmh_report::ending::ending(
        &scored.scorecard,
        &facts(scored),
        pointers,
        colour(),
        screen::ending_width(),
    )
}

fn colour() -> Colour {
    if screen::colour_on_stdout() { Colour::On } else { Colour::Off }
}

/// The scorecard for people.
pub(crate) fn terminal(scored: &ScoredRun) -> String {
    trustmh_report::terminal::terminal(&scored.scorecard, &facts(scored), colour(), screen::width())
}

/// Scorecards for programs.
pub(crate) fn json(cards: &[Scorecard]) -> Result<String, Failure> {
    trustmh_report::json::json(cards).map_err(|error| {
        Failure::usage(format!("the scorecard cannot be written as JSON: {error}"))
    })
}

/// What a report says of the run besides its scores.
pub(crate) fn facts(scored: &ScoredRun) -> RunFacts {
    trustmh_run::derived::facts::facts_of(scored)
}
