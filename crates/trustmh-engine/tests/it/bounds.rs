//! What is missing behind a metric: whatever the missing trials would have been, the metric lies within its bounds.
use std::collections::BTreeMap;

use crate::support::{basis, said, task, trial};
use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::outcome::Outcome;
use trustmh_core::scorecard::{Coverage, MetricEstimate};
use trustmh_core::scores::Scores;
use trustmh_engine::estimate::task_result;

const TRIALS: usize = 24;

fn metrics(
    gone: &[usize],
    way: impl Fn(usize) -> Option<usize>,
) -> BTreeMap<MetricName, MetricEstimate> {
    let trials = (0..TRIALS).map(|number| {
        let found = if gone.contains(&number) {
            way(number).map(|way| said(number, way))
        } else {
            Some(said(number, 0))
        };
        trial(number, found)
    });
    let scores = Scores::of(trials).unwrap();
    result(&scores, TRIALS)
}

fn result(scores: &Scores, planned: usize) -> BTreeMap<MetricName, MetricEstimate> {
    task_result(&task(), scores, basis(planned)).metrics
}

#[test]
fn no_reply_that_could_have_come_leaves_the_bounds() {
    for gone in [vec![4], vec![0, 13], vec![1, 9, 17, 20]] {
        let lacking = metrics(&gone, |_| None);
        for way in 0..20 {
            let whole = metrics(&gone, |number| Some(way + number));
            for (name, found) in &whole {
                let Some(own) = lacking.get(name) else { panic!("{name} is not there") };
                assert_eq!(found.coverage, None, "{name}");
                if name.as_str() == "unanswered_rate" {
                    continue;
                }
                let Coverage { lowest, highest, missing, judged } = own.coverage.unwrap();
                assert!(missing > 0 && judged > 0, "{name}");
                let inside = lowest - 1e-9 <= found.value && found.value <= highest + 1e-9;
                assert!(
                    inside,
                    "{name} without {gone:?}: {} not in {lowest}..{highest}",
                    found.value
                );
            }
        }
    }
}

#[test]
fn bounds_of_shares_and_means_are_those_of_the_worst_and_the_best_replies() {
    let found = metrics(&[0, 13], |_| None);
    let bounds = |name: &str| {
        let Coverage { lowest, highest, .. } = found[&MetricName::new(name)].coverage.unwrap();
        (lowest, highest)
    };
    let there =
        || (0..TRIALS).filter(|number| ![0, 13].contains(number)).map(|number| said(number, 0));
    let marks: f64 = there().map(|said| said.mark).sum();
    let scores: f64 = there().map(|said| said.score).sum();
    let all = TRIALS as f64;
    let near = |(low, high): (f64, f64), least: f64, most: f64| {
        assert!(
            (low - least).abs() < 1e-12 && (high - most).abs() < 1e-12,
            "{low} {high} {least} {most}"
        );
    };
    near(bounds("share"), marks / all, (marks + 2.0) / all);
    near(bounds("mean"), (scores + 2.0) / all, (scores + 10.0) / all);
    near(bounds("mean_of_items"), (scores + 2.0) / all, (scores + 10.0) / all);
}

#[test]
fn trials_that_have_not_ended_are_missing_from_every_metric() {
    let scores = Scores::of((0..18).map(|number| trial(number, Some(said(number, 0))))).unwrap();
    for (name, metric) in result(&scores, TRIALS) {
        let coverage = metric.coverage.unwrap_or_else(|| panic!("{name} has no bounds"));
        assert_eq!(coverage.missing, 6, "{name}");
        assert!(coverage.lowest <= metric.value && metric.value <= coverage.highest, "{name}");
        assert!(coverage.lowest < coverage.highest, "{name}");
    }
}

#[test]
fn a_rating_that_was_refused_is_missing_from_the_correlation() {
    let refused = |number: usize| {
        let mut score = trial(number, Some(said(number, 0)));
        if number < 6 {
            score.measures.remove(&MeasureName::new("rating"));
            score.outcome = Outcome::Refused;
        }
        score
    };
    let scores = Scores::of((0..TRIALS).map(refused)).unwrap();
    let found = result(&scores, TRIALS);
    for name in ["pearson", "spearman", "kappa"] {
        let coverage = found[&MetricName::new(name)].coverage.unwrap();
        assert_eq!((coverage.judged, coverage.missing), (18, 6), "{name}");
        assert!(coverage.lowest < found[&MetricName::new(name)].value, "{name}");
    }
}
