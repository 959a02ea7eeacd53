//! The charts of one run.

use trustmh_core::id::TaskId;
use trustmh_core::scorecard::{MetricEstimate, Scorecard, TaskResult};

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{Drawn, Figure, Labelled, stacked};
use crate::chart::{DOSE, DUMBBELL_WIDTH, STEPS, TRACK};
use crate::chart::{Lane, Line, dose, dumbbell, dumbbell_height, steps, track};
use crate::findings::unmeasured;
use crate::matrix::Scale;
use crate::number::{decimal, estimate_interval};
use crate::standing;
use crate::terminal::hundred;

/// A title that says first that the run is not whole, where it is not: a chart goes where its report does not.
fn titled(card: &Scorecard, title: &str) -> String {
    match standing::banner(card) {
        Some(said) => format!("{said} {title}"),
        None => title.to_owned(),
    }
}

/// What stands under the name of a metric, what is missing first.
fn told(metric: &MetricEstimate, words: String) -> String {
    match unmeasured(metric) {
        Some(missing) => format!("{missing}; {words}"),
        None => words,
    }
}

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
    let title = titled(card, &format!("{}: tasks, right is good", card.subject_shown()));
    vec![Figure::alone("tasks", &title, stacked(rows, DUMBBELL_WIDTH))]
}

fn task(id: &TaskId, result: &TaskResult, metric: &MetricEstimate) -> Option<Labelled> {
    let scale =
        Scale { direction: metric.direction, range: metric.range, anchors: metric.anchors() };
    let lanes = [Lane { sign: String::new(), estimate: metric.estimate() }];
    Some(Labelled {
        first: result.title.clone(),
        second: told(metric, format!("{id}, {}", metric.title)),
        drawn: dumbbell(&metric.title, &lanes, &scale)?,
        height: dumbbell_height(1),
    })
}

/// Width of a line.
const LINE: f64 = 320.0;

/// A drawing in percent of its box, in a box of this size.
fn boxed(drawn: &Markup, (width, height): (f64, f64)) -> Markup {
    html! { svg width=(width) height=(height) { (drawn) } }
}

/// The pillar scores.
pub(super) fn pillars(card: &Scorecard) -> Vec<Figure> {
    let rows: Vec<Labelled> = card
        .pillars
        .iter()
        .map(|(pillar, score)| {
            let line = Line::plain(&score.estimate(), (0.0, 100.0));
            Labelled {
                first: pillar.title().to_owned(),
                second: format!("{:.1} {}", score.value, hundred(score)),
                drawn: boxed(&track(pillar.title(), &line), (LINE, TRACK)),
                height: TRACK,
            }
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let title = titled(card, &format!("{}: pillar scores, 0 to 100", card.subject_shown()));
    vec![Figure::alone("pillars", &title, stacked(rows, LINE))]
}

/// All metrics of each task on their lines.
pub(super) fn metrics(card: &Scorecard) -> Vec<Figure> {
    let figure = |(id, result): (&TaskId, &TaskResult)| {
        let row = |metric: &MetricEstimate| Labelled {
            first: metric.title.clone(),
            second: told(
                metric,
                format!("{} {}", decimal(metric.value), estimate_interval(&metric.estimate())),
            ),
            drawn: boxed(&track(&metric.title, &Line::of(metric, None)), (LINE, TRACK)),
            height: TRACK,
        };
        let rows: Vec<Labelled> = result.metrics.values().map(row).collect();
        let title = titled(card, &format!("{id}: metrics"));
        (!rows.is_empty())
            .then(|| Figure::alone(&format!("metrics-{id}"), &title, stacked(rows, LINE)))
    };
    card.tasks.iter().filter_map(figure).collect()
}

/// Metrics over the levels of a perturbation, each family a line where the card has them.
pub(super) fn levels(card: &Scorecard) -> Vec<Figure> {
    let mut figures = Vec::new();
    let none = BTreeMap::new();
    for (id, result) in &card.tasks {
        for (name, metric) in &result.metrics {
            let Some(levels) = metric.groups.get("level") else { continue };
            let crossed = result.crossed.as_ref().filter(|crossed| crossed.metric == *name);
            let families = crossed.map_or(&none, |crossed| &crossed.cells);
            let Some(drawn) = dose(&metric.title, levels, families, metric.range) else { continue };
            let title = titled(card, &format!("{id}: {} by level", metric.title));
            let drawn = Drawn { drawn: boxed(&drawn, DOSE), width: DOSE.0, height: DOSE.1 };
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
            let title = titled(card, &format!("{id}: without {}, by turn", metric.title));
            let drawn = Drawn { drawn, width: STEPS.0, height: STEPS.1 };
            figures.push(Figure::alone(&format!("turns-{id}-{name}"), &title, drawn));
        }
    }
    figures
}
