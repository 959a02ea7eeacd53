//! Runs beside each other, pair by pair, on the trials they share.

use std::collections::BTreeMap;

use trustmh_bench::benchmark::Benchmark;
use trustmh_bench::estimate::Basis;
use trustmh_bench::estimate::compare::{settle, task_comparison};
use trustmh_core::comparison::{ComparedRun, Comparison};
use trustmh_core::id::TaskId;

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

pub(crate) fn basis(run: &ScoredRun, task: &TaskId) -> Option<Basis> {
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
    let mut differs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, scores) in &first.scores {
        let Some(others) = second.scores.get(id) else { continue };
        let Some(basis) = basis(first, id) else { continue };
        let task = benchmark.task(id)?;
        for what in comparability::differences(first, second, id) {
            differs.entry(what).or_default().push(id.to_string());
        }
        comparison.tasks.insert(id.clone(), task_comparison(task, scores, others, &basis));
    }
    let compared = comparison.tasks.len();
    comparison.differs = differs
        .into_iter()
        .map(|(what, tasks)| match tasks.len() {
            all if all == compared && all > 1 => format!("all tasks: {what}"),
            _ => format!("{}: {what}", tasks.join(", ")),
        })
        .collect();
    Ok(comparison)
}

/// How a comparison names a run.
pub fn named(run: &ScoredRun) -> ComparedRun {
    ComparedRun {
        run: run.scorecard.run.clone(),
        subject: run.scorecard.subject.clone(),
        judge: run.scorecard.judge.title().to_owned(),
        protocol: run.scorecard.protocol,
        seed: run.manifest.seed,
    }
}
