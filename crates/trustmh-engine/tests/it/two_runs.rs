//! Two runs of invented trials beside each other: what is tested, what is missing, and what is too little to say.
use crate::support::{basis, said, task, trial};
use trustmh_core::comparison::{Difference, TaskComparison, TestName, Verdict};
use trustmh_core::id::MetricName;
use trustmh_core::scores::Scores;
use trustmh_engine::estimate::compare::{settle, task_comparison};

/// The first `trials` trials, those in `gone` without a reply, the others saying what `way` says.
fn scores(trials: usize, gone: &[usize], way: impl Fn(usize) -> usize) -> Scores {
    let one = |number| (!gone.contains(&number)).then(|| said(number, way(number)));
    Scores::of((0..trials).map(|number| trial(number, one(number)))).unwrap()
}

fn compared(first: &Scores, second: &Scores, planned: usize) -> TaskComparison {
    let mut found = task_comparison(&task(), first, second, &basis(planned));
    settle(std::iter::once(&mut found), 0.05);
    found
}

fn metric<'c>(found: &'c TaskComparison, name: &str) -> &'c Difference {
    &found.metrics[&MetricName::new(name)]
}

#[test]
fn statistics_of_fewer_than_ten_items_are_not_tested_and_say_so() {
    // Eight items: anything but shares and means is untested, with the number in the reason.
    let found = compared(&scores(24, &[], |_| 0), &scores(24, &[], |number| number % 5), 24);
    for name in ["macro_f1", "pearson", "spearman", "kappa", "contrast", "flips"] {
        let found = metric(&found, name);
        assert_eq!((found.p, found.low, found.verdict), (None, None, Verdict::Untested), "{name}");
        assert_eq!(found.test, TestName::SignFlip, "{name}");
        // Two of the items have no clean answer that is right, so none that could turn.
        let items = if name == "flips" { 6 } else { 8 };
        let why = format!("{items} items are too few to test it: it takes 10");
        assert_eq!(found.untested.as_deref(), Some(why.as_str()), "{name}");
    }
    let share = metric(&found, "share");
    assert!(share.p.is_some() && share.untested.is_none());
}

#[test]
fn every_statistic_of_enough_items_has_a_test() {
    let found = compared(&scores(60, &[], |_| 0), &scores(60, &[], |number| number % 5), 60);
    for (name, found) in &found.metrics {
        assert!(found.p.is_some(), "{name}");
        assert!(found.p.is_none_or(|p| p > 0.0 && p <= 1.0), "{name}");
    }
    assert!(found.not_compared.is_empty(), "{:?}", found.not_compared);
}

#[test]
fn equal_runs_are_not_told_apart_and_their_difference_has_width() {
    let found = compared(&scores(60, &[], |_| 0), &scores(60, &[], |_| 0), 60);
    for (name, found) in &found.metrics {
        assert!(found.difference.abs() < 1e-12, "{name}");
        assert_eq!(found.verdict, Verdict::NotSeparated, "{name}");
        assert!(found.low.is_none_or(|low| low < found.high.unwrap()), "{name}");
    }
    let share = metric(&found, "share");
    assert!(share.low.is_some_and(|low| low < 0.0), "twenty equal items hide a loss");
}

#[test]
fn what_either_run_lacks_is_missing_and_moves_the_ends() {
    let whole = scores(60, &[], |_| 0);
    // Two calls that broke, and three trials that have not ended.
    let lacking = scores(57, &[5, 7], |_| 0);
    let found = compared(&whole, &lacking, 60);
    for (name, found) in &found.metrics {
        if name.as_str() == "unanswered_rate" {
            continue;
        }
        assert!(found.missing >= 4, "{name}: {}", found.missing);
        if let Some((least, most)) = found.at_worst {
            let (low, high) = (found.low.unwrap(), found.high.unwrap());
            assert!(least < low && most > high, "{name}: {least} {low} {high} {most}");
        }
    }
    let share = metric(&found, "share");
    assert_eq!((share.measured, share.missing), (55, 5));
}
