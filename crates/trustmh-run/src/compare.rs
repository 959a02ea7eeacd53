//! Runs beside each other, pair by pair, on the trials they share.

use std::collections::BTreeMap;

use trustmh_bench::benchmark::Benchmark;
use trustmh_bench::estimate::Basis;
use trustmh_bench::estimate::compare::{settle, task_comparison};
use trustmh_bench::estimate::standing::{Ranges, ranges};
use trustmh_core::comparison::{ComparedRun, Comparison, Standing, StandingRow, Verdict};
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::scores::Scores;

use crate::comparability;
use crate::error::RunError;
use crate::score::ScoredRun;

/// Every pair of `runs`, each run with all after it. P values are corrected over all pairs and tasks together.
///
/// # Errors
/// [`RunError::Bench`] for a task the benchmark no longer has.
pub fn compare(
    benchmark: &Benchmark,
    runs: &[ScoredRun],
    alpha: f64,
) -> Result<Vec<Comparison>, RunError> {
    let mut comparisons = Vec::new();
    for (index, first) in runs.iter().enumerate() {
        for second in runs.iter().skip(index + 1) {
            comparisons.push(pair(benchmark, first, second, alpha)?);
        }
    }
    settle(comparisons.iter_mut().flat_map(|pair| pair.tasks.values_mut()), alpha);
    Ok(comparisons)
}

/// All runs of each task in order, with the ranks that resampling the items gives them, and which of them
/// `comparisons`, which hold every pair in the order of [`compare`], tell apart.
///
/// # Errors
/// [`RunError::Bench`] for a task the benchmark no longer has.
pub fn standings(
    benchmark: &Benchmark,
    runs: &[ScoredRun],
    comparisons: &[Comparison],
) -> Result<BTreeMap<TaskId, Standing>, RunError> {
    let mut standings = BTreeMap::new();
    let Some(first) = runs.first() else { return Ok(standings) };
    for id in first.scores.keys() {
        let tables: Vec<&Scores> = runs.iter().filter_map(|run| run.scores.get(id)).collect();
        let Some(basis) = basis(first, id).filter(|_| tables.len() == runs.len()) else { continue };
        let Some(found) = ranges(benchmark.task(id)?, &tables, &basis) else { continue };
        let told_apart: Vec<(usize, usize)> = pairs(runs.len())
            .zip(comparisons)
            .filter(|(_, pair)| is_told_apart(pair, id, &found.metric))
            .map(|(places, _)| places)
            .collect();
        standings.insert(id.clone(), standing(runs, found, &told_apart));
    }
    Ok(standings)
}

/// The places of every pair, in the order of [`compare`].
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |one| (one + 1..count).map(move |two| (one, two)))
}

fn is_told_apart(pair: &Comparison, task: &TaskId, metric: &MetricName) -> bool {
    let found = pair.tasks.get(task).and_then(|task| task.metrics.get(metric));
    found.is_some_and(|found| matches!(found.verdict, Verdict::Better | Verdict::Worse))
}

fn standing(runs: &[ScoredRun], found: Ranges, told_apart: &[(usize, usize)]) -> Standing {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    let rank = |place: &usize| found.subjects.get(*place).map_or(usize::MAX, |(_, r)| r.rank);
    order.sort_by_key(rank);
    let shown_at = |place: usize| order.iter().position(|other| *other == place);
    let apart = |place: usize| {
        let others = told_apart.iter().filter_map(|(one, two)| match place {
            place if place == *one => Some(*two),
            place if place == *two => Some(*one),
            _ => None,
        });
        let mut shown: Vec<u64> =
            others.filter_map(shown_at).map(|place| place as u64 + 1).collect();
        shown.sort_unstable();
        shown
    };
    let rows = order.iter().filter_map(|place| {
        let (value, range) = found.subjects.get(*place)?;
        Some(StandingRow {
            run: named(runs.get(*place)?),
            value: *value,
            rank: range.rank as u64,
            best: range.best as u64,
            worst: range.worst as u64,
            told_apart_from: apart(*place),
        })
    });
    Standing {
        metric: found.metric.clone(),
        shared: found.shared,
        pairs: pairs(runs.len()).count() as u64,
        separated: told_apart.len() as u64,
        rows: rows.collect(),
    }
}

fn basis(run: &ScoredRun, task: &TaskId) -> Option<Basis> {
    let planned = run.manifest.tasks.get(task)?;
    Some(Basis {
        protocol: run.scorecard.protocol,
        seed: run.manifest.seed,
        planned: planned.trials,
        source: planned.source.clone(),
        caveats: Vec::new(),
    })
}

fn pair(
    benchmark: &Benchmark,
    first: &ScoredRun,
    second: &ScoredRun,
    alpha: f64,
) -> Result<Comparison, RunError> {
    let mut comparison = Comparison {
        first: named(first),
        second: named(second),
        alpha,
        differs: Vec::new(),
        tasks: BTreeMap::new(),
    };
    for (id, scores) in &first.scores {
        let Some(others) = second.scores.get(id) else { continue };
        let Some(basis) = basis(first, id) else { continue };
        let task = benchmark.task(id)?;
        let differences = comparability::differences(first, second, id).into_iter();
        comparison.differs.extend(differences.map(|what| format!("{id}: {what}")));
        comparison.tasks.insert(id.clone(), task_comparison(task, scores, others, &basis));
    }
    Ok(comparison)
}

fn named(run: &ScoredRun) -> ComparedRun {
    ComparedRun {
        run: run.scorecard.run.clone(),
        subject: run.scorecard.subject.clone(),
        judge: run.scorecard.judge.title().to_owned(),
    }
}
