//! The charts of one run.

use trustmh_core::id::TaskId;
use trustmh_core::scorecard::{MetricEstimate, Scorecard, TaskResult};

use super::{Drawn, Figure, Labelled, stacked};
use crate::chart::{CURVE, DOT, DUMBBELL_WIDTH, RADAR};
use crate::chart::{Lane, curve, dot_and_interval, dumbbell, dumbbell_height, radar, steps};
use crate::matrix::Scale;
use crate::number::{decimal, estimate_interval};

/// All tasks by the metric that each is ranked by, right is good.
pub(super) fn tasks(card: &Scorecard) -> Vec<Figure> {
    let rows: Vec<Labelled> = card
        .tasks
        .iter()
        .flat_map(|(id, result)| {
            let primary = result.metrics.values().filter(|metric| metric.primary);
            primary.filter_map(|metric| task(id, result, metric))
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let title = format!("{}: tasks, right is good", card.subject_shown());
    vec![Figure::alone("tasks", &title, stacked(rows, DUMBBELL_WIDTH))]
}

fn task(id: &TaskId, result: &TaskResult, metric: &MetricEstimate) -> Option<Labelled> {
    let scale =
        Scale { direction: metric.direction, range: metric.range, anchors: metric.anchors() };
    let lanes = [Lane { sign: String::new(), estimate: metric.estimate() }];
    Some(Labelled {
        first: result.title.clone(),
        second: format!("{id}, {}", metric.title),
        drawn: dumbbell(&metric.title, &lanes, &scale)?,
        height: dumbbell_height(1),
    })
}

/// The pillar scores.
pub(super) fn pillars(card: &Scorecard) -> Vec<Figure> {
    if card.pillars.is_empty() {
        return Vec::new();
    }
    let drawn = Drawn { drawn: radar(&card.pillars), width: RADAR.0, height: RADAR.1 };
    let title = format!("{}: pillar scores, 0 to 100", card.subject_shown());
    vec![Figure::alone("pillars", &title, drawn)]
}

/// All metrics of each task on their ranges.
pub(super) fn metrics(card: &Scorecard) -> Vec<Figure> {
    let figure = |(id, result): (&TaskId, &TaskResult)| {
        let row = |metric: &MetricEstimate| Labelled {
            first: metric.title.clone(),
            second: format!(
                "{} {}, from {} to {}",
                decimal(metric.value),
                estimate_interval(&metric.estimate()),
                decimal(metric.range.0),
                decimal(metric.range.1)
            ),
            drawn: dot_and_interval(metric),
            height: DOT.1,
        };
        let rows: Vec<Labelled> = result.metrics.values().map(row).collect();
        let title = format!("{id}: metrics");
        (!rows.is_empty())
            .then(|| Figure::alone(&format!("metrics-{id}"), &title, stacked(rows, DOT.0)))
    };
    card.tasks.iter().filter_map(figure).collect()
}

/// Metrics over the levels of a perturbation.
pub(super) fn levels(card: &Scorecard) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (id, result) in &card.tasks {
        for (name, metric) in &result.metrics {
            let Some(levels) = metric.groups.get("level") else { continue };
            let Some(drawn) = curve(&metric.title, levels, metric.range) else { continue };
            let title = format!("{id}: {} by level", metric.title);
            let drawn = Drawn { drawn, width: CURVE.0, height: CURVE.1 };
            figures.push(Figure::alone(&format!("levels-{id}-{name}"), &title, drawn));
        }
    }
    figures
}

/// Conversations without a failure, turn by turn.
pub(super) fn turns(card: &Scorecard) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (id, result) in &card.tasks {
        for (name, metric) in &result.metrics {
            let Some(found) = &metric.curve else { continue };
            let Some(drawn) = steps(&metric.title, found) else { continue };
            let title = format!("{id}: without {}, by turn", metric.title);
            let drawn = Drawn { drawn, width: CURVE.0, height: CURVE.1 };
            figures.push(Figure::alone(&format!("turns-{id}-{name}"), &title, drawn));
        }
    }
    figures
}
