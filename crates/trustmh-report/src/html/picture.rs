//! The one picture that fits a task.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::id::MetricName;
use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::{MetricEstimate, Picture, TaskResult};

use super::matrix;
use crate::chart::{Line, Part, banded, dose, stack, steps, track};
use crate::findings::sentence::{ends, percent, short};
use crate::number::{count, estimate_interval};
use crate::survival;

/// At most so many groups are drawn; all are in the tables below.
const GROUPS: usize = 10;

/// The picture, where the run has what it shows.
pub(super) fn picture(result: &TaskResult) -> Option<Markup> {
    let metric = |name: &MetricName| result.metrics.get(name);
    match result.plain.as_ref()?.picture.as_ref()? {
        Picture::Confusion { scheme } => {
            let labels = result.labels.get(scheme).map(Vec::as_slice).unwrap_or_default();
            Some(matrix::confusion(result.confusions.get(scheme)?, labels))
        }
        Picture::Triage { scheme, .. } => triage(result, scheme),
        Picture::Heat { metric: name, .. } => {
            let crossed = result.crossed.as_ref().filter(|crossed| crossed.metric == *name)?;
            Some(
                html! { p.small.caption { (metric(name)?.title) } (matrix::heat(crossed, metric(name)?)) },
            )
        }
        Picture::Dose { metric: name } => {
            let found = metric(name)?;
            let none = BTreeMap::new();
            let crossed = result.crossed.as_ref().filter(|crossed| crossed.metric == *name);
            let families = crossed.map_or(&none, |crossed| &crossed.cells);
            dose(&found.title, found.groups.get("level")?, families, found.range)
        }
        Picture::Shares { metrics } => shares(result, metrics),
        Picture::Dots { metric: name, facet, noise } => {
            let found = metric(name)?;
            Some(dots(found, found.groups.get(facet)?, metric(noise)))
        }
        Picture::Groups { metric: name, facet } => {
            let found = metric(name)?;
            Some(rows(found, found.groups.get(facet)?))
        }
        Picture::Bars { metrics } => {
            let found: Vec<(&MetricName, &MetricEstimate)> =
                metrics.iter().filter_map(|name| Some((name, metric(name)?))).collect();
            (!found.is_empty()).then(|| bars(&found))
        }
        Picture::Turns { metric: name } => {
            let found = metric(name)?;
            let curve = found.curve.as_ref()?;
            Some(
                html! { (steps(&found.title, curve)?) p.small { (survival::sentence(found, curve)) } },
            )
        }
    }
}

/// How far given levels lie below and above the true ones.
fn triage(result: &TaskResult, scheme: &str) -> Option<Markup> {
    let levels = result.labels.get(scheme)?;
    let place = |name: &str| levels.iter().position(|level| level.name == name);
    let mut counts = [0_u64; 6];
    for (truth, given) in result.confusions.get(scheme)? {
        for (label, count) in given {
            let step = match (place(truth), place(label)) {
                (Some(truth), Some(label)) if label + 1 < truth => 0,
                (Some(truth), Some(label)) if label < truth => 1,
                (Some(truth), Some(label)) if label == truth => 2,
                (Some(truth), Some(label)) if label == truth + 1 => 3,
                (Some(_), Some(_)) => 4,
                _ => 5,
            };
            if let Some(of_step) = counts.get_mut(step) {
                *of_step += count;
            }
        }
    }
    let all: u64 = counts.iter().sum();
    let named = [
        ("two or more levels too low", "bad-far"),
        ("one level too low", "bad-near"),
        ("right", "good-part"),
        ("one level too high", "unsure-near"),
        ("two or more levels too high", "unsure-far"),
        ("not readable", "none-part"),
    ];
    let parts: Vec<Part> = named
        .into_iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|((name, class), count)| Part {
            name: name.to_owned(),
            share: count as f64 / all.max(1) as f64,
            class,
            said: format!("{count} of {all}"),
        })
        .collect();
    (all > 0).then(|| html! { p.small.caption { "Given level beside the true one, percent" } (stack("Given level beside the true one", &parts)) })
}

/// Classes of so many shares, from the worst to the best.
const fn classes(count: usize) -> [&'static str; 5] {
    match count {
        0..=3 => ["part-1", "part-3", "part-4", "part-4", "part-4"],
        _ => ["part-1", "part-2", "part-3", "part-4", "part-5"],
    }
}

fn shares(result: &TaskResult, metrics: &[MetricName]) -> Option<Markup> {
    let mut parts: Vec<Part> = Vec::new();
    for (name, class) in metrics.iter().zip(classes(metrics.len())) {
        let found = result.metrics.get(name)?;
        parts.push(Part {
            // What a title explains in brackets stands in the table of all metrics.
            name: found.title.split(" (").next().unwrap_or_default().to_owned(),
            share: found.value,
            class,
            said: format!("{} % {}", percent(found.value), ends_in_brackets(found)),
        });
    }
    let rest = 1.0 - parts.iter().map(|part| part.share).sum::<f64>();
    if rest > 0.005 {
        let said = format!("{} %", percent(rest));
        parts.push(Part { name: "other".to_owned(), share: rest, class: "none-part", said });
    }
    Some(
        html! { p.small.caption { "Shares of replies, percent" } (stack("Shares of replies", &parts)) },
    )
}

fn ends_in_brackets(metric: &MetricEstimate) -> String {
    format!("({})", ends(metric))
}

/// Groups on the line of their metric, with the band in which noise alone would put them.
fn dots(
    metric: &MetricEstimate,
    groups: &BTreeMap<String, Estimate>,
    noise: Option<&MetricEstimate>,
) -> Markup {
    let band = noise.map(|noise| (metric.value - noise.value, metric.value + noise.value));
    html! {
        p.small.caption {
            (metric.title) " by group, and the mean of all (" (short(metric.value)) ")"
            @if band.is_some() { "; shaded: as far from it as noise alone puts a group" }
        }
        table.rows.tight { tbody { @for (name, found) in groups {
            @let line = Line::within(metric, found);
            tr {
                th scope="row" { (name) }
                td.line { @match band {
                    Some(band) => (banded(name, &line.with_band(band, metric))),
                    None => (track(name, &line)),
                } }
                td.number { (short(found.value)) }
            }
        } } }
    }
}

fn rows(metric: &MetricEstimate, groups: &BTreeMap<String, Estimate>) -> Markup {
    let mut by_size: Vec<(&String, &Estimate)> = groups.iter().collect();
    by_size.sort_by_key(|(_, found)| std::cmp::Reverse(found.n));
    let more = by_size.len().saturating_sub(GROUPS);
    html! {
        p.small.caption { (metric.title) @if more > 0 { "; the " (GROUPS) " largest groups of " (by_size.len()) } }
        table.rows { tbody { @for (name, found) in by_size.into_iter().take(GROUPS) {
            tr {
                th scope="row" { (name) }
                td.line { (track(name, &Line::within(metric, found))) }
                td.number { (short(found.value)) " " span.small { "n " (count(found.n, found.clusters)) } }
            }
        } } }
    }
}

/// Metrics, each on its own line.
pub(super) fn bars(metrics: &[(&MetricName, &MetricEstimate)]) -> Markup {
    html! {
        table.rows { tbody { @for (_, found) in metrics {
            tr {
                th scope="row" { (found.title) }
                td.line { (track(&found.title, &Line::of(found, None))) }
                td.number { (short(found.value)) " " span.small { (estimate_interval(&found.estimate())) } }
            }
        } } }
    }
}
