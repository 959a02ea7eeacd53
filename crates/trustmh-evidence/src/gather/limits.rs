//! What limits the results, and which failures the tests brought about.

use trustmh_core::metric::Interval;
use trustmh_core::scorecard::{MetricEstimate, Scorecard};
use trustmh_report::number::decimal;

use crate::pack::{Limit, RunEvidence};

/// Every caveat once, with the tasks and runs it is said of.
pub(super) fn limits(runs: &[RunEvidence]) -> Vec<Limit> {
    let mut limits: Vec<Limit> = Vec::new();
    let mut add = |text: &String, of: String| match limits.iter_mut().find(|l| l.text == *text) {
        Some(known) if known.of.contains(&of) => {}
        Some(known) => known.of.push(of),
        None => limits.push(Limit { text: text.clone(), of: vec![of] }),
    };
    for run in runs {
        for caveat in &run.card.caveats {
            add(caveat, format!("run {}", run.id));
        }
    }
    for run in runs {
        for (id, result) in &run.card.tasks {
            result.caveats.iter().for_each(|caveat| add(caveat, id.to_string()));
        }
    }
    limits
}

/// Tasks whose primary figure falls short of the best there is: what they look for happened.
pub(super) fn adverse<'c>(cards: impl Iterator<Item = &'c Scorecard>) -> Vec<String> {
    let mut adverse = Vec::new();
    for card in cards {
        for (id, result) in &card.tasks {
            let primary = result.metrics.values().find(|metric| metric.primary);
            let short = primary.filter(|metric| falls_short(metric));
            adverse.extend(short.map(|metric| {
                let best = metric.anchors().map_or(metric.value, |anchors| anchors.best);
                format!(
                    "{} ({id}): “{}” was {}; without a failure it would be {}.",
                    result.title,
                    metric.title,
                    decimal(metric.value),
                    decimal(best)
                )
            }));
        }
    }
    adverse
}

fn falls_short(metric: &MetricEstimate) -> bool {
    metric.anchors().is_some_and(|anchors| (metric.value - anchors.best).abs() > Interval::DUST)
}
