//! `trustmh score --calibration CARD`: a share put right by the judge's card.

use std::path::Path;

use trustmh_core::id::TaskId;
use trustmh_core::metric::Estimate;
use trustmh_core::validity::JudgeCard;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::number::{count, decimal, interval};
use trustmh_report::sections::{self, Section};
use trustmh_run::derived::by_card::{ByCard, by_card};

use super::ScoreArguments;
use crate::failure::{Exit, Failure};
use crate::run_folder::RunFolder;
use crate::screen;

/// The card in a file; none if the file holds something else, such as people's ratings.
pub(super) fn read(path: &Path) -> Result<Option<JudgeCard>, Failure> {
    if path.extension().is_none_or(|end| end != "json") {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path).map_err(|e| Failure::io(path, "reading", &e))?;
    Ok(serde_json::from_str(&text).ok())
}

pub(super) fn run(
    benchmark: &Benchmark,
    card: &JudgeCard,
    arguments: &ScoreArguments,
) -> Result<Exit, Failure> {
    let task = arguments.task.as_deref().unwrap_or_default().parse::<TaskId>();
    let task = task.map_err(|error| Failure::usage(format!("--task: {error}")))?;
    let metric = arguments.metric.as_deref().ok_or_else(|| {
        Failure::usage("a judge's card puts a metric right, and none is named")
            .with_hint("name a share with --metric, such as resistance_rate")
    })?;
    let mut found = Vec::new();
    for given in &arguments.runs {
        let scored = RunFolder::open(given)?.score(
            benchmark,
            arguments.rules.protocol,
            arguments.judge.clone(),
        )?;
        let corrected = by_card(benchmark, &scored, &task, metric, card);
        found.push(corrected.map_err(|error| {
            Failure::usage(error.to_string()).with_hint(
                "check the judge against people with `trustmh validate`, and give the card that it writes",
            )
        })?);
    }
    if arguments.output.json {
        screen::print_json(&found)?;
    } else {
        found.iter().for_each(|one| screen::print(&told(one)));
    }
    Ok(Exit::Ok)
}

fn told(found: &ByCard) -> String {
    let row = |name: &str, estimate: &Estimate| {
        let ends = estimate.interval;
        let ends = interval(ends.map(|ends| ends.low), ends.map(|ends| ends.high));
        let n = count(estimate.n, estimate.clusters);
        vec![name.to_owned(), decimal(estimate.value), ends, n]
    };
    let errors = &found.errors;
    let section = Section {
        title: format!("{} of {}: by {}, and corrected by its card", found.metric, found.task, found.judge),
        head: ["", "value", "95 % interval", "n"].map(str::to_owned).into(),
        rows: vec![row("by the judge", &found.raw), row("corrected", &found.corrected)],
        notes: vec![
            format!(
                "On {} the judge said `{}` of {} of {} replies of which people said so, and not of {} of {} others (rubric {}).",
                found.set, errors.label, errors.found, errors.given, errors.left, errors.others, found.rubric
            ),
            "Corrected as Rogan and Gladen do (1978): right only if the judge errs on these replies as it does there.".to_owned(),
        ],
    };
    sections::terminal(&[section], screen::width())
}
