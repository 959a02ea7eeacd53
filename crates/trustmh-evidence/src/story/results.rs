//! Every metric of every task.

use std::collections::BTreeMap;

use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::metric::{Estimate, IntervalMethod};
use trustmh_core::scorecard::{MetricEstimate, TaskResult};
use trustmh_report::number::{count, decimal, estimate_interval, interval};

use super::{section, task_anchor};
use crate::document::{Block, Line, Row, Section, Table, Weight};
use crate::pack::{Pack, RunEvidence};

/// All results.
pub(super) fn results(pack: &Pack) -> Section {
    let intro = "By run and task; the figure that a task is ranked by is bold. Every figure stands with the way in which it is better, and \
                 trials that were refused, unread, unanswered or failed are counted.";
    let mut blocks = vec![Block::Text(intro.into())];
    for (place, run) in pack.runs.iter().enumerate() {
        blocks.push(Block::heading(Line::text("Run ").then_code(run.id.clone())));
        blocks.push(Block::Text(of_run(run)));
        for (id, result) in &run.card.tasks {
            blocks.extend(task(place, id, result));
        }
    }
    section("results", "Results", blocks)
}

fn of_run(run: &RunEvidence) -> Line {
    let card = &run.card;
    let client = card
        .client
        .as_ref()
        .map_or_else(String::new, |client| format!("Clients played by: {}. ", client.title()));
    Line::text(format!(
        "Subject: {}. Judge: {}. {client}Protocol: {}.",
        card.subject_shown(),
        card.judge.title(),
        card.protocol
    ))
}

fn task(run: usize, id: &TaskId, result: &TaskResult) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading {
            anchor: Some(task_anchor(run, id)),
            title: Line::text(format!("{} ", result.title)).then_code(id.to_string()),
        },
        Block::Text(outcomes(result).into()),
    ];
    let mut metrics: Vec<(&MetricName, &MetricEstimate)> = result.metrics.iter().collect();
    metrics.sort_by_key(|(_, metric)| !metric.primary);
    if !metrics.is_empty() {
        blocks.push(Block::Table(Table {
            caption: format!("Metrics of {id} in run {}", run + 1),
            head: HEADS.into(),
            rows: metrics.iter().map(|(name, metric)| row(name, metric)).collect(),
        }));
    }
    if !result.not_scored.is_empty() {
        let lines = result.not_scored.iter();
        blocks.push(Block::List(
            lines
                .map(|(name, why)| {
                    Line::text("Not scored: ").then_code(name.as_str()).then(format!(": {why}"))
                })
                .collect(),
        ));
    }
    let grouped = metrics.iter().filter(|(_, metric)| !metric.groups.is_empty());
    let rows: Vec<Row> = grouped.flat_map(|(name, metric)| groups(name, &metric.groups)).collect();
    if !rows.is_empty() {
        blocks.push(Block::Table(Table {
            caption: format!(
                "Subgroups of {id} in run {}; where intervals overlap, no order is shown",
                run + 1
            ),
            head: vec!["Metric", "Group", "Value", "95 % interval", "n"],
            rows,
        }));
    }
    blocks
}

const HEADS: [&str; 8] =
    ["Metric", "Value", "95 % interval", "Method", "n", "Better", "With what is missing", "Judge"];

fn row(name: &MetricName, metric: &MetricEstimate) -> Row {
    let bounds = metric.coverage.map_or_else(
        || "nothing is missing".to_owned(),
        |coverage| {
            let (low, high) = (decimal(coverage.lowest), decimal(coverage.highest));
            format!("{low} to {high} ({} missing)", coverage.missing)
        },
    );
    let judge = metric.validity.as_ref().map_or("no judge", |validity| validity.level.word());
    Row {
        anchor: None,
        cells: vec![
            Line::text(format!("{} ", metric.title)).then_code(name.as_str()),
            decimal(metric.value).into(),
            interval(metric.low, metric.high).into(),
            metric.method.map_or("none", IntervalMethod::title).into(),
            count(metric.n, metric.clusters).into(),
            metric.direction.in_words().into(),
            bounds.into(),
            judge.into(),
        ],
        weight: if metric.primary { Weight::Primary } else { Weight::Usual },
    }
}

fn groups<'g>(
    name: &'g MetricName,
    groups: &'g BTreeMap<String, BTreeMap<String, Estimate>>,
) -> impl Iterator<Item = Row> + 'g {
    let all = groups
        .iter()
        .flat_map(|(facet, values)| values.iter().map(move |(value, found)| (facet, value, found)));
    all.map(move |(facet, value, found)| {
        Row::of([
            Line::code(name.as_str()),
            format!("{facet}: {value}").into(),
            decimal(found.value).into(),
            estimate_interval(found).into(),
            count(found.n, found.clusters).into(),
        ])
    })
}

/// How its trials ended.
fn outcomes(result: &TaskResult) -> String {
    let counts = &result.outcomes;
    let all = [
        ("scored", counts.scored),
        ("refused", counts.refused),
        ("unread", counts.unparsed),
        ("unanswered", counts.unanswered),
        ("failed", counts.failed),
        ("left out because the client broke its role", counts.broken_client),
        ("pending", result.pending),
    ];
    let told = all.iter().filter(|(_, count)| *count > 0);
    let told: Vec<String> = told.map(|(word, count)| format!("{count} {word}")).collect();
    let all = result.n + result.pending;
    match told.is_empty() {
        true => format!("{all} trials."),
        false => format!("{all} trials: {}.", told.join(", ")),
    }
}
