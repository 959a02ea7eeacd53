//! `trustmh tasks check --baselines`: what a task's metrics make of subjects that follow a rule.

use serde_json::json;

use trustmh_bench::benchmark::Benchmark;
use trustmh_core::id::MetricName;
use trustmh_core::metric::Direction;
use trustmh_core::scorecard::{MetricEstimate, TaskResult};
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
    metric: Option<&str>,
    json: bool,
) -> Result<Exit, Failure> {
    let id = task.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    let task = benchmark.task(&id)?;
    let metrics = task.file.metrics.iter().map(|rule| rule.name.as_str());
    if let Some(metric) = metric.filter(|name| !metrics.clone().any(|known| known == *name)) {
        let known = metrics.collect::<Vec<_>>().join(", ");
        let unknown = format!("{id} has no metric `{metric}`; it has {known}");
        return Err(Failure::usage(unknown));
    }
    let set = shelf.read(&task.file.dataset.starter)?;
    let mut items = set.items;
    items.retain(|item| task.file.dataset.fits(item));
    let runtime = runtime()?;
    let mut found: Vec<(String, TaskResult)> = Vec::new();
    // A judge is no subject, and silence shows nothing that a task could tell apart.
    let shows = |one: &Behaviour| !matches!(one, Behaviour::Judge { .. } | Behaviour::Empty);
    let subjects = Behaviour::ALL.into_iter().filter(shows);
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
            &[section(task.file.title.as_str(), metric, &found)],
            screen::width(),
        ));
    }
    Ok(Exit::Ok)
}

/// One metric, or those by which the task is ranked, by subject.
fn section(title: &str, metric: Option<&str>, found: &[(String, TaskResult)]) -> Section {
    let mut rows = Vec::new();
    for (subject, result) in found {
        let outcomes = &result.outcomes;
        let ended = format!(
            "{} scored, {} refused, {} unparsed, {} unanswered, {} failed",
            outcomes.scored,
            outcomes.refused,
            outcomes.unparsed,
            outcomes.unanswered,
            outcomes.failed
        );
        let shown = |name: &MetricName, result: &MetricEstimate| {
            metric.map_or(result.primary, |wanted| name.as_str() == wanted)
        };
        let mut metrics =
            result.metrics.iter().filter(|(name, result)| shown(name, result)).peekable();
        if metrics.peek().is_none() {
            let why = result
                .not_scored
                .iter()
                .find(|(name, _)| metric.is_none_or(|wanted| name.as_str() == wanted));
            let why = why.map(|(_, why)| why.clone()).unwrap_or_default();
            rows.push(vec![subject.clone(), "not scored".to_owned(), why, String::new(), ended]);
            continue;
        }
        for (name, metric) in metrics {
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
