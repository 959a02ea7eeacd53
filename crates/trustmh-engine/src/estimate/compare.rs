//! Two runs of a task, trial by trial.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use trustmh_core::comparison::{ChangedTrial, Difference, TaskComparison, TestName, Verdict};
use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::metric::{Direction, Estimate};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::UNANSWERED_RATE;
use trustmh_core::scores::{Score, Scores};
use trustmh_core::trial::round_of;
use trustmh_stats::multiplicity::{benjamini_hochberg, holm};
use trustmh_stats::paired::{cohens_d, cohens_h, mcnemar, mcnemar_exact, t_test, wilcoxon};
use trustmh_stats::permutation::FEWEST_ITEMS;
use trustmh_stats::sample::Sample;

use super::lacking::with_missing;
use super::together::Together;
use super::{Basis, classes, corpus, differences, matches_tags};
use crate::score::UNANSWERED;
use crate::task::{MetricRule, Statistic, Task};

/// A trial that both runs scored: first run, second run.
pub(super) type Pair<'s> = (Score<'s>, Score<'s>);

/// Compares the scores of two runs on the trials they share. P values are not corrected yet, see [`settle`]. What has
/// ended in one run only, and what was planned and has ended in neither, is missing.
pub fn task_comparison(
    task: &Task,
    first: &Scores,
    second: &Scores,
    basis: &Basis,
) -> TaskComparison {
    let matched = matched(first, second);
    let pairs = &matched.pairs;
    let mut comparison = uncompared(task, &matched);
    for rule in task.metrics(basis.protocol) {
        let selected: Vec<Pair<'_>> =
            pairs.iter().copied().filter(|(one, _)| matches_tags(*one, &rule.select)).collect();
        if is_answered_throughout(rule, &selected) {
            continue;
        }
        if let Some(why) = classes::other_classes(task, rule, (first, second), basis.protocol) {
            comparison.not_compared.insert(rule.name.clone(), why);
            continue;
        }
        let found = match &rule.statistic {
            Statistic::MeanOf { .. } => difference(task, rule, pairs, basis),
            _ => difference(task, rule, &selected, basis),
        };
        match found {
            Ok(found) => {
                let runs = [first, second];
                let found = with_missing(described(found), (task, rule), &matched, runs, basis);
                if found.primary {
                    comparison.changed = changed(task, rule, pairs, basis);
                }
                comparison.metrics.insert(rule.name.clone(), found);
            }
            Err(why) => drop(comparison.not_compared.insert(rule.name.clone(), why)),
        }
    }
    comparison
}

/// Two runs of a task that may not be compared: how many trials they share, and nothing of what was measured on these.
pub fn without_comparison(task: &Task, first: &Scores, second: &Scores) -> TaskComparison {
    uncompared(task, &matched(first, second))
}

pub(super) fn uncompared(task: &Task, Matched { pairs, alone }: &Matched<'_>) -> TaskComparison {
    let alone_in = |run: InRun| alone.iter().filter(|(of, _)| *of == run).count() as u64;
    TaskComparison {
        title: task.file.title.clone(),
        suite: task.suite.clone(),
        shared: pairs.len() as u64,
        only_first: alone_in(InRun::First),
        only_second: alone_in(InRun::Second),
        metrics: BTreeMap::new(),
        not_compared: BTreeMap::new(),
        changed: Vec::new(),
        differs: Vec::new(),
        side_by_side: BTreeMap::new(),
    }
}

/// What has no better way can differ, but not be better or worse: it is not tested, and weakens no correction of what is.
pub(super) fn described(found: Difference) -> Difference {
    match found.direction {
        Direction::None => {
            let untested = Some("it describes: no way is better".to_owned());
            Difference { p: None, other_tests: BTreeMap::new(), untested, ..found }
        }
        Direction::Higher | Direction::Lower | Direction::NearZero => found,
    }
}

/// Nothing is compared where neither run lacks an answer: a test of nothing would weaken the correction of all others.
fn is_answered_throughout(rule: &MetricRule, pairs: &[Pair<'_>]) -> bool {
    let of = MeasureName::new(UNANSWERED);
    let answered = |score: Score<'_>| score.measure(&of).is_none_or(|value| value < 0.5);
    rule.name.as_str() == UNANSWERED_RATE
        && pairs.iter().all(|(one, two)| answered(*one) && answered(*two))
}

/// Trials of two runs.
pub(super) struct Matched<'s> {
    /// Those that both have.
    pub(super) pairs: Vec<Pair<'s>>,
    /// Those that one of them has.
    pub(super) alone: Vec<(InRun, Score<'s>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InRun {
    First,
    Second,
}

/// Both tables are sorted by trial.
pub(super) fn matched<'s>(first: &'s Scores, second: &'s Scores) -> Matched<'s> {
    let (mut firsts, mut seconds) = (first.iter().peekable(), second.iter().peekable());
    let (mut pairs, mut alone) = (Vec::new(), Vec::new());
    while let (Some(one), Some(two)) = (firsts.peek(), seconds.peek()) {
        match one.trial().cmp(two.trial()) {
            Ordering::Less => alone.extend(firsts.next().map(|score| (InRun::First, score))),
            Ordering::Greater => alone.extend(seconds.next().map(|score| (InRun::Second, score))),
            Ordering::Equal => pairs.extend(firsts.next().zip(seconds.next())),
        }
    }
    alone.extend(firsts.map(|score| (InRun::First, score)));
    alone.extend(seconds.map(|score| (InRun::Second, score)));
    Matched { pairs, alone }
}

fn difference(
    task: &Task,
    rule: &MetricRule,
    pairs: &[Pair<'_>],
    basis: &Basis,
) -> Result<Difference, String> {
    if pairs.is_empty() {
        return Err("the runs share no trial of this kind".to_owned());
    }
    match &rule.statistic {
        Statistic::Bleu { .. } | Statistic::Distinct { .. } => {
            corpus::none_is_forgotten(pairs.iter().flat_map(|(one, two)| [*one, *two]))?;
            of_statistics(task, rule, pairs, basis)
        }
        Statistic::Proportion { of } | Statistic::Mean { of, .. } => {
            of_measures(rule, &measured(pairs, of), basis)
        }
        Statistic::MeanOfItems { of } => of_measures(rule, &by_item(&measured(pairs, of)), basis),
        Statistic::Pearson { .. }
        | Statistic::Spearman { .. }
        | Statistic::QuadraticKappa { .. }
        | Statistic::AlarmF1
        | Statistic::SumOfItems { .. }
        | Statistic::SdOfItems { .. }
        | Statistic::SdWithinItems { .. }
        | Statistic::F1 { .. }
        | Statistic::Parity { .. }
        | Statistic::DropRate { .. }
        | Statistic::Flips { .. }
        | Statistic::Contrast { .. }
        | Statistic::FailedBy { .. }
        | Statistic::TurnShare { .. }
        | Statistic::DimensionScore { .. }
        | Statistic::Maximum { .. }
        | Statistic::MeanOf { .. } => of_statistics(task, rule, pairs, basis),
    }
}

/// What both runs measured of a trial, over the rounds in which both measured it, or of an item; and the item.
pub(super) type Both<'s> = (f64, f64, &'s str);

pub(super) fn measured<'s>(pairs: &[Pair<'s>], of: &MeasureName) -> Vec<Both<'s>> {
    let both = pairs.iter().filter_map(|(one, two)| {
        let trial = round_of(one.trial());
        Some((trial, (one.measure(of)?, two.measure(of)?, one.cluster())))
    });
    let both: Vec<((&str, u32), Both<'s>)> = both.collect();
    // Repeats are not independent: a trial counts once, with its mean.
    if both.iter().any(|((_, round), _)| *round > 0) {
        let mut rounds: BTreeMap<&str, Vec<Both<'s>>> = BTreeMap::new();
        for ((trial, _), row) in both {
            rounds.entry(trial).or_default().push(row);
        }
        return rounds.values().flat_map(|rows| by_item(rows)).collect();
    }
    both.into_iter().map(|(_, row)| row).collect()
}

/// The means over each item's trials.
pub(super) fn by_item<'s>(trials: &[Both<'s>]) -> Vec<Both<'s>> {
    let mut items: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for (one, two, item) in trials {
        items.entry(item).or_default().push((*one, *two));
    }
    let mean = |values: &[(f64, f64)], pick: fn(&(f64, f64)) -> f64| {
        values.iter().map(pick).sum::<f64>() / values.len() as f64
    };
    let items = items.into_iter();
    items.map(|(item, of)| (mean(&of, |both| both.0), mean(&of, |both| both.1), item)).collect()
}

/// A share or a mean: differences trial by trial, or item by item.
fn of_measures(rule: &MetricRule, both: &[Both<'_>], basis: &Basis) -> Result<Difference, String> {
    let (estimate, sample) =
        differences::of_measures(rule, both).ok_or("no trial was measured in both runs")?;
    let differences = sample.values();
    let (_, t) = t_test(&sample);
    let mean = |pick: fn(&Both<'_>) -> f64| both.iter().map(pick).sum::<f64>() / both.len() as f64;
    let (first, second) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let share = both.iter().all(|(one, two, _)| is_share(*one) && is_share(*two));
    let effect = if share { Some(cohens_h(second, first)) } else { cohens_d(differences) };
    let mut found = Difference { p: t, effect, ..plain(rule, (first, second), estimate, basis) };
    if sample.is_independent() && share {
        let wins = |up: f64| differences.iter().filter(|d| (**d - up).abs() < 0.5).count() as u64;
        let exact = mcnemar_exact(wins(-1.0), wins(1.0)).p;
        found.other_tests.extend(found.p.map(|p| (TestName::PairedT, p)));
        found.other_tests.insert(TestName::McNemar, exact);
        (found.test, found.p) = (TestName::McNemarMidP, Some(mcnemar(wins(-1.0), wins(1.0)).p));
    } else if sample.is_independent() {
        let ranks = wilcoxon(differences).map(|test| (TestName::Wilcoxon, test.p));
        found.other_tests.extend(ranks);
    }
    if found.p.is_none() && sample.cluster_count() > 1 {
        (found.test, found.p) = (TestName::Sign, Some(sign_test(&sample)));
    }
    Ok(found)
}

/// Items that went up and items that went down.
fn sign_test(differences: &Sample) -> f64 {
    let mut sums = vec![0.0; differences.cluster_count()];
    for (value, cluster) in differences.values().iter().zip(differences.clusters()) {
        if let Some(sum) = sums.get_mut(*cluster) {
            *sum += value;
        }
    }
    let count = |sign: f64| sums.iter().filter(|sum| **sum * sign > 1e-12).count() as u64;
    mcnemar_exact(count(-1.0), count(1.0)).p
}

pub(super) fn is_share(value: f64) -> bool {
    value.abs() < f64::EPSILON || (value - 1.0).abs() < f64::EPSILON
}

/// Any other statistic: items are exchanged between the runs, and drawn anew for both.
fn of_statistics(
    task: &Task,
    rule: &MetricRule,
    pairs: &[Pair<'_>],
    basis: &Basis,
) -> Result<Difference, String> {
    let together = Together::of(task, rule, pairs, basis)?;
    let [first, second] = together.values().ok_or(
        "on the trials that both share, one of the runs, or both, have no value of the metric",
    )?;
    let estimate = Estimate {
        value: second - first,
        interval: match differences::of_means(task, rule, pairs, basis.protocol) {
            Some(recovered) => recovered.estimate.interval,
            None => together.interval(basis.seed),
        },
        n: together.n(),
        clusters: together.items(),
    };
    let items = together.items();
    let too_few = format!("{items} items are too few to test it: it takes {FEWEST_ITEMS}");
    Ok(Difference {
        test: TestName::SignFlip,
        p: together.test(basis.seed).map(|test| test.p),
        untested: (items < FEWEST_ITEMS as u64).then_some(too_few),
        ..plain(rule, (first, second), estimate, basis)
    })
}

pub(super) fn plain(
    rule: &MetricRule,
    (first, second): (f64, f64),
    estimate: Estimate,
    basis: &Basis,
) -> Difference {
    Difference {
        title: rule.title.clone(),
        first,
        second,
        difference: second - first,
        measured: 0,
        missing: 0,
        at_worst: None,
        low: estimate.interval.map(|interval| interval.low),
        high: estimate.interval.map(|interval| interval.high),
        method: estimate.interval.map(|interval| interval.method),
        n: estimate.n,
        clusters: estimate.clusters,
        direction: rule.direction,
        primary: rule.primary.contains(&basis.protocol),
        test: TestName::PairedT,
        p: None,
        p_corrected: None,
        other_tests: BTreeMap::new(),
        effect: None,
        untested: None,
        validity: None,
        verdict: Verdict::Untested,
    }
}

/// The trials on which the measure behind a primary share or mean changed; of a mean of metrics those behind its parts.
fn changed(task: &Task, rule: &MetricRule, pairs: &[Pair<'_>], basis: &Basis) -> Vec<ChangedTrial> {
    let mut seen = HashSet::new();
    let mut changed: Vec<ChangedTrial> = behind(task, rule, basis.protocol)
        .into_iter()
        .flat_map(|(rule, of)| pairs.iter().map(move |pair| (rule, of, pair)))
        .filter(|(rule, _, (one, _))| matches_tags(*one, &rule.select))
        .filter_map(|(_, of, (one, two))| {
            let (first, second) = (one.measure(of)?, two.measure(of)?);
            let differs = (first - second).abs() > f64::EPSILON && seen.insert(one.trial());
            differs.then(|| ChangedTrial {
                trial: one.trial().to_owned(),
                measure: of.clone(),
                first,
                second,
            })
        })
        .collect();
    let size = |change: &ChangedTrial| (change.second - change.first).abs();
    changed.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.trial.cmp(&b.trial)));
    changed
}

/// The rules and measures of single trials that a metric rests on.
fn behind<'t>(
    task: &'t Task,
    rule: &'t MetricRule,
    protocol: Protocol,
) -> Vec<(&'t MetricRule, &'t MeasureName)> {
    match &rule.statistic {
        Statistic::Proportion { of }
        | Statistic::Mean { of, .. }
        | Statistic::MeanOfItems { of }
        | Statistic::SumOfItems { of } => vec![(rule, of)],
        Statistic::MeanOf { metrics } => {
            let part = |name: &MetricName| task.metrics(protocol).find(|part| part.name == *name);
            let parts = metrics.iter().filter_map(part);
            parts.flat_map(|part| behind(task, part, protocol)).collect()
        }
        _ => Vec::new(),
    }
}

/// Corrects the p values of everything that is compared together, and says what the numbers carry at `alpha`.
pub fn settle<'c>(tasks: impl Iterator<Item = &'c mut TaskComparison>, alpha: f64) {
    let (mut primary, mut others): (Vec<&mut Difference>, Vec<&mut Difference>) =
        tasks.flat_map(|task| task.metrics.values_mut()).partition(|found| found.primary);
    correct(&mut primary, holm);
    correct(&mut others, benjamini_hochberg);
    for found in primary.into_iter().chain(others) {
        found.verdict = verdict(found, alpha);
    }
}

fn correct(found: &mut [&mut Difference], correction: fn(&[f64]) -> Vec<f64>) {
    let p_values: Vec<f64> = found.iter().filter_map(|one| one.p).collect();
    let tested = found.iter_mut().filter(|one| one.p.is_some());
    for (one, corrected) in tested.zip(correction(&p_values)) {
        one.p_corrected = Some(corrected);
    }
}

fn verdict(found: &Difference, alpha: f64) -> Verdict {
    let Some(p) = found.p_corrected else { return Verdict::Untested };
    let gain = match found.direction {
        Direction::Higher => found.difference,
        Direction::Lower => -found.difference,
        Direction::NearZero => found.first.abs() - found.second.abs(),
        Direction::None => return Verdict::Untested,
    };
    // What is missing could undo it.
    let undone =
        found.missing > 0 && found.at_worst.is_none_or(|(low, high)| low <= 0.0 && high >= 0.0);
    match (p < alpha && !undone, gain > 0.0) {
        (false, _) => Verdict::NotSeparated,
        (true, true) => Verdict::Better,
        (true, false) => Verdict::Worse,
    }
}
