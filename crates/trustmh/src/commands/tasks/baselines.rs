//! `trustmh tasks check --baselines`: how scripted subjects score.

use serde_json::json;

use trustmh_core::id::MetricName;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{MetricEstimate, TaskResult};
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::Task;
use trustmh_report::number::{count, decimal, interval};
use trustmh_report::sections::{self, Section};
use trustmh_run::derived::baselines::{TOP_TENTH, baseline, score, subjects};

use crate::arguments::{JsonOutput, SEED};
use crate::failure::{Exit, Failure};
use crate::runtime::runtime;
use crate::{screen, suggest};

/// What scripted subjects reach in one task.
struct Reached<'t> {
    task: &'t Task,
    by: Vec<(String, TaskResult)>,
}

impl Reached<'_> {
    /// Subjects in the top tenth of the scale, with their scores.
    fn too_good(&self) -> impl Iterator<Item = (&str, f64)> {
        let scored = self.by.iter().filter_map(|(who, found)| Some((who.as_str(), score(found)?)));
        scored.filter(|(_, score)| *score >= TOP_TENTH)
    }
}

/// Tries one task, or all, on the scripted subjects. The check does not hold where one of them
/// reaches the top tenth of the scale of the metric that a task is ranked by.
pub(super) fn run(
    benchmark: &Benchmark,
    starter_sets: &Shelf,
    task: Option<&str>,
    metric: Option<&str>,
    output: &JsonOutput,
) -> Result<Exit, Failure> {
    let tasks = match task {
        Some(task) => vec![named(benchmark, task, metric)?],
        None => benchmark.tasks().collect(),
    };
    let found: Vec<Reached<'_>> = tasks
        .into_iter()
        .map(|task| reached(benchmark, starter_sets, task))
        .collect::<Result<_, _>>()?;
    if output.json {
        screen::print_json(&as_json(&found))?;
    } else {
        let sections: Vec<Section> = found
            .iter()
            .map(|found| section(found.task.file.title.as_str(), metric, &found.by))
            .collect();
        screen::print(&sections::terminal(&sections, screen::width()));
    }
    let mut holds = true;
    for found in &found {
        for (who, score) in found.too_good() {
            holds = false;
            screen::note(&format!(
                "{}: {who} reaches {score:.1} of 100, the top tenth of the scale: the metric cannot distinguish it from a good subject",
                found.task.file.id
            ));
        }
    }
    Ok(if holds { Exit::Ok } else { Exit::CheckFailed })
}

fn named<'b>(
    benchmark: &'b Benchmark,
    task: &str,
    metric: Option<&str>,
) -> Result<&'b Task, Failure> {
    let task = suggest::task(benchmark, task)?;
    let metrics = task.file.metrics.iter().map(|rule| rule.name.as_str());
    if let Some(metric) = metric.filter(|name| !metrics.clone().any(|known| known == *name)) {
        let known = metrics.clone().collect::<Vec<_>>().join(", ");
        let unknown = format!("{} has no metric `{metric}`", task.file.id);
        let listed = format!("its metrics: {known}");
        return Err(Failure::usage(unknown).with_hint(suggest::hint(metric, metrics, &listed)));
    }
    Ok(task)
}

fn reached<'t>(
    benchmark: &Benchmark,
    starter_sets: &Shelf,
    task: &'t Task,
) -> Result<Reached<'t>, Failure> {
    let starter = &task.file.dataset.starter;
    let set = starter_sets.read(starter)?;
    let mut items = set.items;
    items.retain(|item| task.file.dataset.fits(item));
    for also in task.also(Protocol::Corrected, Some(starter)) {
        items.extend(starter_sets.read(also)?.items);
    }
    let runtime = runtime()?;
    let mut by = Vec::new();
    for behaviour in subjects() {
        let asked = baseline(benchmark, task, &items, set.source.clone(), behaviour, SEED);
        by.push((format!("scripted/{behaviour}"), runtime.block_on(asked)?));
    }
    Ok(Reached { task, by })
}

fn as_json(found: &[Reached<'_>]) -> serde_json::Value {
    let rows = found.iter().flat_map(|found| {
        found.by.iter().map(|(subject, result)| {
            let score = score(result);
            json!({
                "task": found.task.file.id,
                "subject": subject,
                "score": score,
                "top_tenth": score.is_some_and(|score| score >= TOP_TENTH),
                "result": result,
            })
        })
    });
    rows.collect()
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
            let arrow = metric.direction.in_words();
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
        title: format!("{title}: scores of scripted subjects"),
        head: ["subject", "metric", "95 % interval", "n", "outcomes"].map(str::to_owned).into(),
        rows,
        notes: vec![
            "Corrected protocol, offline rules. A subject that knows nothing must not look good; one that refuses everything, always \
             answers A, or repeats the prompt shows what can fool the metric. None may reach the top tenth of the scale between the \
             metric's worst and best."
                .to_owned(),
        ],
    }
}
