//! `trustmh compare`: runs beside each other on the trials they share.

use serde_json::json;
use std::collections::BTreeSet;

use trustmh_core::comparison::{ComparedRun, Comparison, Standings, TaskComparison};
use trustmh_core::inert;
use trustmh_report::comparison::{self, Shown};
use trustmh_report::standings;
use trustmh_run::several::compare::{UnlikeTasks, compare, named};
use trustmh_run::several::standings::standings as stand;

use super::{benchmark, protocol, scored};
use crate::arguments::{CompareArguments, TextFormat};
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &CompareArguments) -> Result<Exit, Failure> {
    if arguments.runs.len() < 2 {
        return Err(Failure::usage("one run has nothing to be compared with")
            .with_hint("name two or more run folders"));
    }
    let benchmark = benchmark(&arguments.tasks_from)?;
    let by = arguments.protocol.map(protocol);
    let runs = scored(&benchmark, &arguments.runs, by)?;
    let unlike =
        if arguments.even_if_unlike { UnlikeTasks::ShownAside } else { UnlikeTasks::Refused };
    let comparisons = compare(&benchmark, &runs, arguments.alpha, unlike)?;
    let tasks = || comparisons.iter().flat_map(|pair| pair.tasks.values());
    let all_unlike = tasks().next().is_some() && !tasks().any(TaskComparison::is_alike);
    if !all_unlike
        && comparisons.iter().all(|pair| pair.tasks.values().all(|task| task.shared == 0))
    {
        return Err(Failure::usage("the runs share no trial").with_hint(
            "compare runs of the same tasks and items; --items and --trials choose the same ones each time",
        ));
    }
    // Of two runs the comparison says it all.
    let several =
        if runs.len() > 2 { stand(&benchmark, &runs, &comparisons)? } else { Standings::default() };
    let named: Vec<ComparedRun> = runs.iter().map(named).collect();
    let shown = if arguments.all { Shown::All } else { Shown::Primary };
    let text = if arguments.json {
        let object = json!({
            "pairs": comparisons,
            "runs": named,
            "standings": several.tasks,
            "pillars": several.pillars,
            "overall": several.overall,
        });
        let json = serde_json::to_string_pretty(&object).map_err(|error| {
            Failure::usage(format!("the comparison cannot be written as JSON: {error}"))
        })?;
        inert::json(&json) + "\n"
    } else {
        match arguments.format {
            TextFormat::Table => {
                let width = screen::width();
                standings::terminal(&several, &named, width)
                    + &comparison::terminal(&comparisons, shown)
            }
            TextFormat::Markdown => {
                standings::markdown(&several, &named) + &comparison::markdown(&comparisons, shown)
            }
        }
    };
    screen::print(&text);
    if all_unlike && !arguments.even_if_unlike {
        return Err(nothing_alike(&comparisons));
    }
    Ok(Exit::Ok)
}

/// Runs of which no two may be compared in any task.
fn nothing_alike(comparisons: &[Comparison]) -> Failure {
    let unlike = comparisons.iter().flat_map(|pair| pair.tasks.values());
    let what: BTreeSet<String> =
        unlike.flat_map(|task| task.forbidding().map(ToString::to_string)).collect();
    let what: Vec<String> = what.into_iter().collect();
    Failure::usage(format!("no two runs are alike in any task: {}", what.join("; "))).with_hint(
        "compare runs that differ in their subject alone; --even-if-unlike shows the values side by side, without a verdict",
    )
}
