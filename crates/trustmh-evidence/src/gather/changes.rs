//! What changed since an earlier run.

use trustmh_core::comparison::Comparison;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::several::compare::{UnlikeTasks, beside};

use super::day;
use crate::error::EvidenceError;
use crate::pack::{Change, Changes, RunChanges};

/// The chance of a false finding that is accepted after correction.
const ALPHA: f64 = 0.05;

/// Each run beside the earlier one, on the trials they share. P values are corrected within each pair of runs.
pub(super) fn changes(
    benchmark: &Benchmark,
    baseline: &ScoredRun,
    runs: Vec<&ScoredRun>,
) -> Result<Changes, EvidenceError> {
    let mut found = Vec::new();
    for run in runs {
        let comparison = beside(benchmark, baseline, run, ALPHA, UnlikeTasks::Refused)?;
        found.push(of_run(run.manifest.id.to_string(), comparison));
    }
    Ok(Changes {
        baseline: baseline.manifest.id.to_string(),
        subject: baseline.scorecard.subject_shown(),
        date: day(baseline),
        alpha: ALPHA,
        runs: found,
    })
}

fn of_run(run: String, comparison: Comparison) -> RunChanges {
    let mut changes = Vec::new();
    for (task, compared) in comparison.tasks {
        for (metric, found) in compared.metrics {
            changes.push(Change {
                task: task.clone(),
                metric,
                title: found.title,
                primary: found.primary,
                first: found.first,
                second: found.second,
                difference: found.difference,
                low: found.low,
                high: found.high,
                n: found.n,
                clusters: found.clusters,
                direction: found.direction,
                test: found.test,
                p_corrected: found.p_corrected,
                missing: found.missing,
                untested: found.untested,
                validity: found.validity,
                verdict: found.verdict,
            });
        }
    }
    RunChanges { run, differs: comparison.differs, changes }
}
