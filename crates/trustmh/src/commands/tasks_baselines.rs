//! `trustmh tasks check --baselines`: what a task's metrics make of subjects that follow a rule.

use serde_json::json;

use trustmh_bench::benchmark::Benchmark;
use trustmh_core::metric::Direction;
use trustmh_core::scorecard::TaskResult;
use trustmh_data::starter::Shelf;
use trustmh_model::scripted::Behaviour;
use trustmh_report::number::{count, decimal, interval};
use trustmh_report::sections::{self, Section};
use trustmh_run::baselines::baseline;

use super::runtime;
use crate::failure::{Exit, Failure};
use crate::screen;

const SEED: u64 = 20_260_303;

pub(super) fn run(
    benchmark: &Benchmark,
    shelf: &Shelf,
    task: &str,
    json: bool,
) -> Result<Exit, Failure> {
    let id = task.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    let task = benchmark.task(&id)?;
    let set = shelf.read(&task.file.dataset.starter)?;
    let mut items = set.items;
    items.retain(|item| task.file.dataset.fits(item));
    let runtime = runtime()?;
    let mut found: Vec<(String, TaskResult)> = Vec::new();
    // A judge is no subject.
    let subjects = Behaviour::ALL.into_iter().filter(|one| !matches!(one, Behaviour::Judge { .. }));
    for behaviour in subjects {
        let asked = baseline(benchmark, task, &items, set.source.clone(), behaviour, SEED);
        found.push((format!("scripted/{behaviour}"), runtime.block_on(asked)?));
    }
    if json {
        let results: Vec<_> = found
            .iter()
            .map(|(subject, result)| json!({ "subject": subject, "result": result }))
            .collect();
        screen::print(&format!("{:#}\n", serde_json::Value::from(results)));
    } else {
        screen::print(&sections::terminal(
            &[section(task.file.title.as_str(), &found)],
            screen::width(),
        ));
    }
    Ok(Exit::Ok)
}

/// The metrics by which the task is ranked, by subject.
fn section(title: &str, found: &[(String, TaskResult)]) -> Section {
    let mut rows = Vec::new();
    for (subject, result) in found {
        let outcomes = &result.outcomes;
        let ended = format!(
            "{} scored, {} refused, {} unparsed, {} failed",
            outcomes.scored, outcomes.refused, outcomes.unparsed, outcomes.failed
        );
        let mut primaries = result.metrics.iter().filter(|(_, metric)| metric.primary).peekable();
        if primaries.peek().is_none() {
            let why = result.not_scored.values().next().cloned().unwrap_or_default();
            rows.push(vec![subject.clone(), "not scored".to_owned(), why, String::new(), ended]);
            continue;
        }
        for (name, metric) in primaries {
            let arrow = match metric.direction {
                Direction::Higher => "higher is better",
                Direction::Lower => "lower is better",
                Direction::NearZero => "closer to 0 is better",
            };
            rows.push(vec![
                subject.clone(),
                format!("{name} {} ({arrow})", decimal(metric.value)),
                interval(metric.low, metric.high),
                count(metric.n, metric.clusters),
                ended.clone(),
            ]);
        }
    }
    Section {
        title: format!("{title}: what its metric makes of subjects that follow a rule"),
        head: ["subject", "metric", "95 % interval", "n", "outcomes"].map(str::to_owned).into(),
        rows,
        notes: vec![
            "Corrected protocol, offline rules. A subject that knows nothing must not look good; one that refuses everything, answers \
             A, or repeats the prompt shows what the metric can be fooled by."
                .to_owned(),
        ],
    }
}
