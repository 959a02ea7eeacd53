//! What differs from the run that a scorecard stands beside.

use trustmh_core::comparison::{Comparison, Difference, Verdict};
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::metric::Anchors;
use trustmh_core::scorecard::Scorecard;

use super::sentence::short;
use super::{Evidence, Finding, trials};
use crate::tone::Tone;
use crate::validity::is_unvalidated;

/// At most so many losses and gains are told.
const LOSSES: usize = 2;
const GAINS: usize = 1;

/// The greatest losses and gains that are told apart after correction, by the metrics that tasks are ranked by.
pub(super) fn differences(card: &Scorecard, comparison: &Comparison) -> Vec<Finding> {
    let mut losses = of(card, comparison, Verdict::Worse);
    losses.truncate(LOSSES);
    let mut gains = of(card, comparison, Verdict::Better);
    gains.truncate(GAINS);
    losses.extend(gains);
    losses
}

fn of(card: &Scorecard, comparison: &Comparison, verdict: Verdict) -> Vec<Finding> {
    let mut found: Vec<(f64, Finding)> = Vec::new();
    for (id, task) in comparison.tasks.iter().filter(|(_, task)| task.is_alike()) {
        for (name, difference) in &task.metrics {
            if difference.primary && difference.verdict == verdict {
                let size = scaled(card, id, name, difference);
                found.push((size, finding(card, comparison, (id, name), difference)));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// How great a difference is on the way from knowing nothing to the best, so that metrics of all units stand beside each other.
fn scaled(card: &Scorecard, id: &TaskId, name: &MetricName, found: &Difference) -> f64 {
    let metric = card.tasks.get(id).and_then(|task| task.metrics.get(name));
    let anchors: Option<Anchors> = metric.and_then(|metric| metric.anchors());
    let score = |value: f64| anchors.and_then(|anchors| anchors.score(found.direction, value));
    match (score(found.first), score(found.second)) {
        (Some(first), Some(second)) => (second - first).abs(),
        _ => 0.0,
    }
}

fn finding(
    card: &Scorecard,
    comparison: &Comparison,
    (id, name): (&TaskId, &MetricName),
    found: &Difference,
) -> Finding {
    let better = found.verdict == Verdict::Better;
    let first = comparison.first.called();
    let does = card.tasks.get(id).map_or_else(|| id.to_string(), |result| super::does(id, result));
    let word = if better { "Better" } else { "Worse" };
    let ends = match (found.low, found.high) {
        (Some(low), Some(high)) => format!("{} to {}", short(low), short(high)),
        _ => "no interval".to_owned(),
    };
    let unvalidated = is_unvalidated(found.validity.as_ref());
    let missing = match found.missing {
        0 => Vec::new(),
        missing => vec![format!("{missing} missing")],
    };
    Finding {
        tone: if better { Tone::Reassuring } else { Tone::Worrying },
        sentence: format!("{word} than {first}: {does}"),
        evidence: Evidence {
            missing,
            ends: format!(
                "{} against {} ({}), difference {ends}",
                short(found.second),
                short(found.first),
                found.direction.in_words()
            ),
            n: trials(found.n, found.clusters),
            weak: unvalidated.then(|| "judge not validated".to_owned()).into_iter().collect(),
        },
        task: id.clone(),
        metric: name.clone(),
    }
}
