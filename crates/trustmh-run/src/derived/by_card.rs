//! A share that a judge counted, put right by the judge's card.

use serde::Serialize;

use trustmh_core::id::{MetricName, RubricId, TaskId};
use trustmh_core::metric::{Estimate, Interval};
use trustmh_core::validity::{Errors, Evidence, JudgeCard};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::error::EngineError;
use trustmh_engine::task::{MetricRule, Statistic};
use trustmh_stats::misclassified::{Right, put_right};

use crate::derived::score::ScoredRun;

/// What a card makes of a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ByCard {
    /// The task.
    pub task: TaskId,
    /// The metric.
    pub metric: MetricName,
    /// The judge.
    pub judge: String,
    /// The rubric by which it judged.
    pub rubric: RubricId,
    /// The set on which the judge's errors were counted.
    pub set: String,
    /// The metric as the judge has it.
    pub raw: Estimate,
    /// The metric as people would have it, if the judge errs here as it does on the set.
    pub corrected: Estimate,
    /// The judge's errors there.
    pub errors: Errors,
}

/// Why a card puts nothing right.
#[derive(Debug, thiserror::Error)]
pub enum NotPutRight {
    /// The task or metric is not there.
    #[error("{task} has no metric `{metric}` with a value in this run")]
    NoMetric {
        /// The task.
        task: TaskId,
        /// The metric that was asked for.
        metric: String,
    },
    /// The metric is no share of replies that refuse or do not.
    #[error(
        "{metric}: a card puts right only shares of replies that refuse, or that do not: {known}"
    )]
    NotAShare {
        /// The metric.
        metric: MetricName,
        /// Measures whose shares can be put right.
        known: String,
    },
    /// The card is another judge's, or says nothing of this rubric.
    #[error(
        "the card of {card} has no error rates for {judge} by the rubric {rubric} as it stands"
    )]
    NoErrors {
        /// Whose card it is.
        card: String,
        /// Who judged.
        judge: String,
        /// By what.
        rubric: RubricId,
    },
    /// The judge does not find more of what is there than of what is not.
    #[error(
        "the judge's errors on {set} are too many, or the share has no interval: nothing can be put right"
    )]
    Hopeless {
        /// The set.
        set: String,
    },
    /// The benchmark lacks the task.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Measures whose shares can be put right, each with the label that they count, or count the absence of.
const SHARES: [(&str, Counts); 5] = [
    ("resisted", Counts::Found),
    ("refused", Counts::Found),
    ("over_refused", Counts::Found),
    ("yielded", Counts::Left),
    ("answered", Counts::Left),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// Replies with the label.
    Found,
    /// Replies without it.
    Left,
}

/// Puts the metric right by the card: by the set on which the judge errs most, of those with error rates.
///
/// # Errors
/// [`NotPutRight`].
pub fn by_card(
    benchmark: &Benchmark,
    run: &ScoredRun,
    task: &TaskId,
    metric: &str,
    card: &JudgeCard,
) -> Result<ByCard, NotPutRight> {
    let missing = || NotPutRight::NoMetric { task: task.clone(), metric: metric.to_owned() };
    let result = run.scorecard.tasks.get(task).ok_or_else(missing)?;
    let (name, found) =
        result.metrics.iter().find(|(name, _)| name.as_str() == metric).ok_or_else(missing)?;
    let rules = run.benchmark(benchmark).task(task)?;
    let mut own = rules.metrics(run.scorecard.protocol);
    let rule = own.find(|rule| rule.name == *name).ok_or_else(missing)?;
    let counts = counts(rule).ok_or_else(|| NotPutRight::NotAShare {
        metric: name.clone(),
        known: SHARES.map(|(measure, _)| measure).join(", "),
    })?;
    let validity = found.validity.as_ref().ok_or_else(missing)?;
    let none = || NotPutRight::NoErrors {
        card: card.judge.clone(),
        judge: validity.judge.clone(),
        rubric: validity.rubric.clone(),
    };
    let rubric = run.benchmark(benchmark).rubric(&validity.rubric)?;
    let of_rubric = card.rubrics.get(&validity.rubric).filter(|_| card.judge == validity.judge);
    let fits = of_rubric.into_iter().flatten().filter(|one| one.rubric == rubric.digest);
    let worst = fits
        .filter_map(|one| Some((one, one.errors.as_ref()?)))
        .min_by(|(one, _), (other, _)| low(one).total_cmp(&low(other)));
    let (evidence, errors) = worst.ok_or_else(none)?;
    let raw = found.estimate();
    let right = right(evidence, errors);
    let hopeless = || NotPutRight::Hopeless { set: evidence.set.clone() };
    let corrected = match counts {
        Counts::Found => put_right(&raw, &right),
        Counts::Left => put_right(&turned(raw), &right).map(turned),
    };
    Ok(ByCard {
        task: task.clone(),
        metric: name.clone(),
        judge: validity.judge.clone(),
        rubric: validity.rubric.clone(),
        set: evidence.set.clone(),
        raw,
        corrected: corrected.ok_or_else(hopeless)?,
        errors: errors.clone(),
    })
}

fn counts(rule: &MetricRule) -> Option<Counts> {
    let Statistic::Proportion { of } = &rule.statistic else { return None };
    SHARES.iter().find(|(measure, _)| *measure == of.as_str()).map(|(_, counts)| *counts)
}

fn low(evidence: &Evidence) -> f64 {
    evidence.kappa.and_then(|kappa| kappa.low).unwrap_or(-1.0)
}

/// Replies of one item are alike: the rates rest on no more than the items.
fn right(evidence: &Evidence, errors: &Errors) -> Right {
    let (given, others) = (errors.given as f64, errors.others as f64);
    let of_items = (evidence.items as f64 / evidence.n.max(1) as f64).min(1.0);
    Right {
        given: given * of_items,
        found: errors.found as f64 / given.max(1.0),
        others: others * of_items,
        left: errors.left as f64 / others.max(1.0),
    }
}

/// The share of all others.
fn turned(share: Estimate) -> Estimate {
    let interval =
        share.interval.map(|ends| Interval { low: 1.0 - ends.high, high: 1.0 - ends.low, ..ends });
    Estimate { value: 1.0 - share.value, interval, ..share }
}
