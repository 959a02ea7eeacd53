//! Runs beside each other, pair by pair, on the trials they share. Of runs that ask their trials unequally often,
//! the rounds count that both have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use trustmh_core::comparison::{ComparedRun, Comparison, SideBySide, TaskComparison};
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::repeats::Repeats;
use trustmh_core::scores::Scores;
use trustmh_core::trial::round_of;
use trustmh_core::unlike::Unlike;
use trustmh_core::validity::Validity;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::Basis;
use trustmh_engine::estimate::compare::{settle, task_comparison, without_comparison};
use trustmh_engine::estimate::unpaired::{Side, unpaired_comparison};

use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::several::comparability;

/// The chance of a false finding that is accepted, after correction, where nobody names another.
pub const ALPHA: f64 = 0.05;

/// What becomes of tasks in which two runs are not alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlikeTasks {
    /// What differs is said, and nothing else.
    Refused,
    /// Each run's own values are shown too, without a difference, a test or a verdict.
    ShownAside,
}

/// Every pair of `runs`, each run with all after it. P values are corrected over all pairs and tasks together. Tasks in which two
/// runs differ by something that forbids it are not compared.
///
/// # Errors
/// [`RunError::Engine`] for a task the benchmark no longer has.
pub fn compare(
    benchmark: &Benchmark,
    runs: &[ScoredRun],
    alpha: f64,
    unlike: UnlikeTasks,
) -> Result<Vec<Comparison>, RunError> {
    let mut comparisons = Vec::new();
    for (index, first) in runs.iter().enumerate() {
        for second in runs.iter().skip(index + 1) {
            comparisons.push(pair(benchmark, first, second, alpha, unlike)?);
        }
    }
    settle(comparisons.iter_mut().flat_map(|pair| pair.tasks.values_mut()), alpha);
    Ok(comparisons)
}

/// One run beside another, as [`compare`] has a pair of two runs.
///
/// # Errors
/// As [`compare`].
pub fn beside(
    benchmark: &Benchmark,
    first: &ScoredRun,
    second: &ScoredRun,
    alpha: f64,
    unlike: UnlikeTasks,
) -> Result<Comparison, RunError> {
    let mut comparison = pair(benchmark, first, second, alpha, unlike)?;
    settle(comparison.tasks.values_mut(), alpha);
    Ok(comparison)
}

pub(crate) fn basis(run: &ScoredRun, task: &TaskId) -> Option<Basis> {
    let planned = run.manifest.tasks.get(task)?;
    Some(Basis {
        protocol: run.scorecard.protocol,
        seed: run.manifest.seed,
        planned: planned.trials,
        source: planned.source.clone(),
        caveats: Vec::new(),
        by: Vec::new(),
        unread: 0,
    })
}

fn pair(
    benchmark: &Benchmark,
    first: &ScoredRun,
    second: &ScoredRun,
    alpha: f64,
    unlike: UnlikeTasks,
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
        let Some(mut basis) = basis(first, id) else { continue };
        let rounds = first.manifest.repeats.min(second.manifest.repeats);
        basis.planned =
            basis.planned / u64::from(first.manifest.repeats.get()) * u64::from(rounds.get());
        let scores = in_rounds(scores, first, rounds);
        let others = in_rounds(others, second, rounds);
        let (scores, others) = (scores.as_ref(), others.as_ref());
        // Where the two are scored by different files of the task, they are not compared.
        let task = first.benchmark(benchmark).task(id)?;
        let differs = comparability::differences(first, second, id);
        let mut compared = if differs.iter().any(Unlike::forbids) {
            TaskComparison {
                not_compared: refused(first, second, id, &differs),
                side_by_side: match unlike {
                    UnlikeTasks::Refused => BTreeMap::new(),
                    UnlikeTasks::ShownAside => side_by_side(first, second, id),
                },
                ..without_comparison(task, scores, others)
            }
        } else if of_transcripts(first) && of_transcripts(second) {
            let results = (first.scorecard.tasks.get(id), second.scorecard.tasks.get(id));
            let (Some(one), Some(two)) = results else { continue };
            let [one, two] =
                [(scores, one), (others, two)].map(|(scores, result)| Side { scores, result });
            unpaired_comparison(task, one, two, &basis)
        } else {
            task_comparison(task, scores, others, &basis)
        };
        for (name, found) in &mut compared.metrics {
            found.validity = weakest([first, second], id, name);
        }
        compared.differs = differs;
        comparison.tasks.insert(id.clone(), compared);
    }
    comparison.differs = in_words(&comparison.tasks);
    Ok(comparison)
}

/// Whether a run is of conversations that took place: another run is of other ones, so that nothing pairs.
fn of_transcripts(run: &ScoredRun) -> bool {
    run.manifest.origin.observed().is_some()
}

/// The scores of the rounds that both runs asked.
fn in_rounds<'s>(scores: &'s Scores, run: &ScoredRun, rounds: Repeats) -> Cow<'s, Scores> {
    if run.manifest.repeats == rounds {
        Cow::Borrowed(scores)
    } else {
        Cow::Owned(scores.only(|score| round_of(score.trial()).1 < rounds.get()))
    }
}

/// What forbids to compare tasks, each difference with the tasks it holds for.
fn in_words(tasks: &BTreeMap<TaskId, TaskComparison>) -> Vec<String> {
    let mut differs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, task) in tasks {
        for unlike in task.forbidding() {
            differs.entry(unlike.to_string()).or_default().push(id.to_string());
        }
    }
    differs
        .into_iter()
        .map(|(what, of)| match of.len() {
            all if all == tasks.len() && all > 1 => format!("all tasks: {what}"),
            _ => format!("{}: {what}", of.join(", ")),
        })
        .collect()
}

/// Why nothing of the task is compared, by every metric that either run has.
fn refused(
    first: &ScoredRun,
    second: &ScoredRun,
    id: &TaskId,
    differs: &[Unlike],
) -> BTreeMap<MetricName, String> {
    let forbidding: Vec<String> =
        differs.iter().filter(|unlike| unlike.forbids()).map(Unlike::to_string).collect();
    let why = format!("the runs are not alike: {}", forbidding.join("; "));
    let results = [first, second].into_iter().filter_map(|run| run.scorecard.tasks.get(id));
    let names = results.flat_map(|result| result.metrics.keys().chain(result.not_scored.keys()));
    names.map(|name| (name.clone(), why.clone())).collect()
}

/// The metrics that both runs have, each run's by all of its own trials.
fn side_by_side(
    first: &ScoredRun,
    second: &ScoredRun,
    id: &TaskId,
) -> BTreeMap<MetricName, SideBySide> {
    let of = |run: &'_ ScoredRun| run.scorecard.tasks.get(id).map(|result| result.metrics.clone());
    let (Some(ones), Some(mut others)) = (of(first), of(second)) else { return BTreeMap::new() };
    let both = ones.into_iter().filter_map(|(name, one)| {
        let other = others.remove(&name)?;
        let found = SideBySide {
            first: one.estimate(),
            second: other.estimate(),
            title: one.title,
            primary: one.primary,
        };
        Some((name, found))
    });
    both.collect()
}

/// What stands behind a metric of several runs: of those whose metric a judge has a part in, the one of which least is known.
pub(crate) fn weakest<'r>(
    runs: impl IntoIterator<Item = &'r ScoredRun>,
    id: &TaskId,
    name: &MetricName,
) -> Option<Validity> {
    let metrics = runs.into_iter().filter_map(|run| run.scorecard.tasks.get(id)?.metrics.get(name));
    metrics.filter_map(|metric| metric.validity.clone()).reduce(Validity::weaker)
}

/// How a comparison names a run.
pub fn named(run: &ScoredRun) -> ComparedRun {
    ComparedRun {
        run: run.scorecard.run.clone(),
        subject: run.scorecard.subject.clone(),
        name: run.scorecard.name.clone(),
        judge: run.scorecard.judge.title().to_owned(),
        protocol: run.scorecard.protocol,
        seed: run.manifest.seed,
    }
}
