//! A panel: runs of the same replies, each judged by another judge.

use std::collections::BTreeMap;

use trustmh_core::call::Purpose;
use trustmh_core::id::{MetricName, RubricId, TaskId};
use trustmh_core::panel::{Panel, PanelMetric};
use trustmh_core::scorecard::{JudgeName, MetricEstimate, Scorecard, TaskResult};
use trustmh_core::scores::Scores;
use trustmh_core::unlike::Aspect;
use trustmh_core::validity::Validity;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::Basis;
use trustmh_engine::estimate::panel::panel_metrics;

use crate::derived::family::same_family;
use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::journal::{Recorded, TrialRecord};
use crate::several::comparability;

/// What the judges of `runs` make of the subject's replies. Replies that are not the same in all runs are counted in the
/// warnings.
///
/// # Errors
/// [`RunError::Panel`] for fewer than two runs, or runs of different subjects; [`RunError`] if a journal can no longer be
/// read.
pub fn panel(benchmark: &Benchmark, runs: &[&ScoredRun]) -> Result<Panel, RunError> {
    let wrong = |message: &str| RunError::Panel { message: message.to_owned() };
    let [first, others @ ..] = runs else { return Err(wrong("it needs two runs or more")) };
    if others.is_empty() {
        return Err(wrong("it needs two runs or more"));
    }
    let subject = &first.scorecard.subject;
    if others.iter().any(|run| run.scorecard.subject != *subject) {
        return Err(wrong(
            "the runs have different subjects; `trustmh compare` sets those beside each other",
        ));
    }
    let mut warnings = Vec::new();
    for run in runs {
        if let JudgeName::Model(judge) = &run.scorecard.judge {
            warnings.extend(same_family(subject, judge));
        }
    }
    for run in others {
        warnings.extend(unlike(first, run)?);
    }
    let mut tasks = BTreeMap::new();
    for (id, planned) in &first.manifest.tasks {
        let tables: Vec<&Scores> = runs.iter().filter_map(|run| run.scores.get(id)).collect();
        let task = first.benchmark(benchmark).task(id)?;
        if tables.len() < runs.len() {
            continue;
        }
        let basis = Basis {
            protocol: first.scorecard.protocol,
            seed: first.manifest.seed,
            planned: planned.trials,
            source: planned.source.clone(),
            caveats: Vec::new(),
            by: Vec::new(),
            unread: 0,
        };
        let mut metrics = panel_metrics(task, &tables, &basis);
        for (name, metric) in beside_each_other(runs, id) {
            metrics.entry(name).or_insert(metric);
        }
        if !metrics.is_empty() {
            tasks.insert(id.clone(), metrics);
        }
    }
    let judges = runs.iter().map(|run| run.scorecard.judge.title().to_owned()).collect();
    let validity = runs.iter().map(|run| cards(&run.scorecard)).collect();
    Ok(Panel { subject: subject.clone(), judges, validity, tasks, warnings })
}

/// What is known of the judge of a run, once for each rubric.
fn cards(card: &Scorecard) -> Vec<Validity> {
    let metrics = card.tasks.values().flat_map(|result| result.metrics.values());
    let known = metrics.filter_map(|metric| metric.validity.clone());
    let by_rubric: BTreeMap<RubricId, Validity> =
        known.map(|validity| (validity.rubric.clone(), validity)).collect();
    by_rubric.into_values().collect()
}

/// Metrics that are no shares or means, such as drop rates, where the judges' figures differ: each judge's own.
fn beside_each_other(runs: &[&ScoredRun], id: &TaskId) -> BTreeMap<MetricName, PanelMetric> {
    let results: Vec<&TaskResult> =
        runs.iter().filter_map(|run| run.scorecard.tasks.get(id)).collect();
    let mut metrics = BTreeMap::new();
    let Some(first) = results.first() else { return metrics };
    for (name, found) in &first.metrics {
        let of_all: Vec<&MetricEstimate> =
            results.iter().filter_map(|result| result.metrics.get(name)).collect();
        let differ = of_all.iter().any(|other| (other.value - found.value).abs() > 0.0);
        if of_all.len() == runs.len() && differ {
            metrics.insert(
                name.clone(),
                PanelMetric {
                    title: found.title.clone(),
                    direction: found.direction,
                    primary: found.primary,
                    by_judge: of_all.into_iter().map(MetricEstimate::estimate).collect(),
                    mean: None,
                    majority: None,
                    alpha: None,
                },
            );
        }
    }
    metrics
}

/// What else than the judge differs, and how many replies do.
fn unlike(first: &ScoredRun, other: &ScoredRun) -> Result<Vec<String>, RunError> {
    let mut found: Vec<String> = Vec::new();
    for id in first.manifest.tasks.keys() {
        let differences = comparability::differences(first, other, id).into_iter();
        found.extend(
            differences
                .filter(|unlike| !is_of_judge(unlike.what))
                .map(|unlike| format!("{id}: {unlike}")),
        );
    }
    let (mut ours, mut theirs) = (first.trials.iter().peekable(), other.trials.iter().peekable());
    let (mut changed, mut forgotten) = (0_u64, 0_u64);
    while let (Some(one), Some(two)) = (ours.peek(), theirs.peek()) {
        let (Ok(one), Ok(two)) = (one, two) else { break };
        match one.id().cmp(two.id()) {
            std::cmp::Ordering::Less => drop(ours.next()),
            std::cmp::Ordering::Greater => drop(theirs.next()),
            std::cmp::Ordering::Equal => {
                match (one, two) {
                    (TrialRecord::Whole(one), TrialRecord::Whole(two)) => {
                        changed += u64::from(reply(one) != reply(two));
                    }
                    (TrialRecord::Forgotten(_), _) | (_, TrialRecord::Forgotten(_)) => {
                        forgotten += 1;
                    }
                }
                drop((ours.next(), theirs.next()));
            }
        }
    }
    if forgotten > 0 {
        found.push(format!(
            "{forgotten} replies were forgotten in {} or {}: nobody can tell whether the judges saw the same",
            first.scorecard.run, other.scorecard.run
        ));
    }
    if changed > 0 {
        found.push(format!(
            "{changed} replies differ between {} and {}: the judges did not see the same; judge again with --reuse",
            first.scorecard.run, other.scorecard.run
        ));
    }
    Ok(found)
}

/// Judges are what a panel sets beside each other.
const fn is_of_judge(what: Aspect) -> bool {
    match what {
        Aspect::Judge
        | Aspect::JudgeOptions
        | Aspect::JudgeQuestions
        | Aspect::ToxicityScorer
        | Aspect::UnreadVerdicts => true,
        Aspect::Protocol
        | Aspect::AskedBy
        | Aspect::Client
        | Aspect::ClientOptions
        | Aspect::TaskVersion
        | Aspect::TaskFile
        | Aspect::Prompts
        | Aspect::Rubrics
        | Aspect::Data
        | Aspect::Languages
        | Aspect::Caps
        | Aspect::Context
        | Aspect::Seed
        | Aspect::SubjectOptions
        | Aspect::SystemPrompt
        | Aspect::Temperature
        | Aspect::Repeats
        | Aspect::Transcripts
        | Aspect::Redaction => false,
    }
}

fn reply(recorded: &Recorded) -> Option<&str> {
    let subject = recorded
        .exchanges
        .iter()
        .rev()
        .find(|exchange| matches!(exchange.purpose, Purpose::Subject { .. }));
    subject.and_then(|exchange| exchange.text())
}
