//! A metric that a judge scored, put right by the scores that people gave to some of the same replies.

mod error;
mod labels;
mod target;

pub use error::Calibrating;
pub use target::Wanted;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use trustmh_core::id::{MeasureName, MetricName, TaskId};
use trustmh_core::metric::{Estimate, Interval};
use trustmh_core::scores::{Score, within_task};
use trustmh_data::ratings::PeoplesScores;
use trustmh_engine::benchmark::Benchmark;
use trustmh_stats::mean::mean;
use trustmh_stats::prediction_powered::{self, Judged, mean_by_items};
use trustmh_stats::sample::Sample;

use crate::derived::annotations::Annotation;
use crate::derived::score::ScoredRun;
use labels::{Labels, Says};
use target::Target;

/// What people rated.
#[derive(Debug, Clone, PartialEq)]
pub enum People {
    /// The viewer's `annotations.jsonl`.
    Annotations(Vec<Annotation>),
    /// A table, or a file of labels.
    Table(PeoplesScores),
}

/// How the replies that people rated were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drawn {
    /// At random.
    Random,
    /// By somebody: such ratings put nothing right.
    Chosen,
    /// Nobody said.
    NotSaid,
}

/// Whether what people rated is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Labelled {
    /// Too few items for an interval.
    TooFew,
    /// Few: the interval is rough.
    Few,
    /// Enough.
    Enough,
}

/// The judge's mean as it is, and as people's scores put it right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibrated {
    /// The task.
    pub task: TaskId,
    /// The metric; none where only a measure was named on which no share or mean of the task rests.
    pub metric: Option<MetricName>,
    /// The measure of each trial.
    pub measure: MeasureName,
    /// The metric as the judge has it.
    pub raw: Estimate,
    /// The metric as people would have it: `n` are the judged trials, `clusters` the items that people scored a reply of.
    pub corrected: Estimate,
    /// Replies that both scored.
    pub labelled: u64,
    /// The items they are of.
    pub labelled_items: u64,
    /// Whether they are enough.
    pub labels: Labelled,
    /// How they were chosen.
    pub drawn: Drawn,
    /// The judge's mean of the replies that people scored.
    pub judge_of_labelled: Estimate,
    /// The judge's mean of the others.
    pub judge_of_rest: Option<Estimate>,
    /// Whether the two differ more than a random part of the replies would make them.
    pub unlike: bool,
    /// The field that the ratings are said to be of; none where the file names none.
    pub field: Option<String>,
    /// Ratings about no reply of the task.
    pub unmatched: u64,
    /// Ratings of replies that the metric does not count, for example of another arm, or that have no verdict.
    pub not_counted: u64,
    /// Trials that the metric should count and that have no verdict; both means leave them out.
    pub missing: u64,
    /// Replies that share their rating with a repeat, since the file names no trials.
    pub shared: u64,
}

/// The measure that `wanted` rests on: what ratings must be of.
///
/// # Errors
/// [`Calibrating::NoMetric`], [`Calibrating::Engine`].
pub fn measure_of(
    benchmark: &Benchmark,
    run: &ScoredRun,
    task: &TaskId,
    wanted: Wanted<'_>,
) -> Result<MeasureName, Calibrating> {
    Ok(Target::of(benchmark.task(task)?, run.scorecard.protocol, wanted)?.measure)
}

/// One trial that the metric counts.
struct Counted<'r> {
    item: &'r str,
    judge: f64,
    people: Option<f64>,
}

/// Puts the metric or measure right by `people`, over the same trials and in the same way as the metric: with its selection of trials,
/// all repeats, and item by item where it is a mean of items.
///
/// # Errors
/// [`Calibrating`].
pub fn calibrate(
    benchmark: &Benchmark,
    run: &ScoredRun,
    task: &TaskId,
    wanted: Wanted<'_>,
    people: &People,
    drawn: Drawn,
) -> Result<Calibrated, Calibrating> {
    let scores = run.scores.get(task).ok_or_else(|| Calibrating::NoTask { task: task.clone() })?;
    let target = Target::of(benchmark.task(task)?, run.scorecard.protocol, wanted)?;
    let labels = Labels::of(benchmark, people, &target)?;
    let by_trial: BTreeMap<&str, Score<'_>> =
        scores.iter().map(|score| (score.trial(), score)).collect();
    let walk = run.walk(benchmark, task)?;
    let (mut counted, mut keys) = (Vec::new(), BTreeMap::<String, u64>::new());
    let mut elsewhere = BTreeSet::new();
    for recorded in run.trials.of_task(task)? {
        let recorded = recorded?;
        let Some(score) = by_trial.get(within_task(recorded.id().as_str())) else { continue };
        // What people's ratings make of a measure takes the words that they rated.
        let found = match recorded.whole() {
            Some(recorded) => labels.find(benchmark, &walk, &recorded, &target.measure)?,
            None => None,
        };
        let Some(judge) = score.measure(&target.measure).filter(|_| target.counts(*score)) else {
            elsewhere.extend(found.map(|(key, _)| key));
            continue;
        };
        let (key, people) = found.unzip();
        let people = people.flatten();
        if let Some(key) = key {
            *keys.entry(key).or_default() += u64::from(people.is_some());
        }
        counted.push(Counted { item: score.cluster(), judge, people });
    }
    if counted.is_empty() {
        let measure = target.measure.clone();
        return Err(Calibrating::NoMeasure { task: task.clone(), measure });
    }
    let labelled = counted.iter().filter(|trial| trial.people.is_some()).count() as u64;
    if labelled == 0 {
        return Err(nothing(&labels, &target, task, !keys.is_empty()));
    }
    let not_counted = elsewhere.iter().filter(|key| !keys.contains_key(*key)).count();
    let corrected = corrected(&counted, &target, drawn)?;
    let [of_labelled, of_rest] = [true, false].map(|side| {
        let part = counted.iter().filter(move |trial| trial.people.is_some() == side);
        judges_mean(part)
    });
    let of_task = run.scorecard.tasks.get(task);
    let raw = of_task.and_then(|found| target.recorded(found));
    let whole = || judges_mean(counted.iter());
    let judge_of_labelled = of_labelled.unwrap_or(corrected);
    Ok(Calibrated {
        task: task.clone(),
        metric: target.metric(),
        measure: target.measure.clone(),
        raw: raw.or_else(whole).unwrap_or(corrected),
        corrected,
        labelled,
        labelled_items: corrected.clusters,
        labels: match prediction_powered::Labels::of(corrected.clusters) {
            prediction_powered::Labels::TooFew => Labelled::TooFew,
            prediction_powered::Labels::Few => Labelled::Few,
            prediction_powered::Labels::Enough => Labelled::Enough,
        },
        drawn,
        judge_of_labelled,
        judge_of_rest: of_rest,
        unlike: of_rest.is_some_and(|rest| are_unlike(&judge_of_labelled, &rest)),
        field: match &labels.says {
            Says::Nothing => None,
            Says::Field(field) => Some((*field).to_owned()),
            Says::Fields(fields) => Some(fields.iter().copied().collect::<Vec<_>>().join(", ")),
        },
        unmatched: labels.count().saturating_sub(keys.len() + not_counted) as u64,
        not_counted: not_counted as u64,
        missing: of_task.and_then(|found| target.missing(found)).unwrap_or_default(),
        shared: keys.values().filter(|trials| **trials > 1).sum(),
    })
}

/// Why no rating could be used: other fields, or other replies.
fn nothing(labels: &Labels<'_>, target: &Target<'_>, task: &TaskId, found: bool) -> Calibrating {
    match (&labels.says, found) {
        (Says::Fields(fields), true) => {
            target.other_field(&fields.iter().copied().collect::<Vec<_>>().join("`, `"))
        }
        (Says::Field(field), true) => target.other_field(field),
        (Says::Nothing, true) => target.other_field("words, no numbers"),
        (Says::Nothing | Says::Field(_) | Says::Fields(_), false) => Calibrating::NothingInCommon {
            rated: labels.count(),
            what: target.in_words(),
            task: task.clone(),
        },
    }
}

fn corrected(
    counted: &[Counted<'_>],
    target: &Target<'_>,
    drawn: Drawn,
) -> Result<Estimate, Calibrating> {
    let items = by_item(counted);
    let trials: Vec<Judged<'_>> = if target.by_items() {
        items.iter().map(|(item, found)| found.mean(item)).collect()
    } else {
        let trials = counted.iter();
        trials.map(|one| Judged { item: one.item, judge: one.judge, people: one.people }).collect()
    };
    let n = counted.len() as u64;
    // There are trials, and some that people scored.
    let found = mean_by_items(&trials).map_err(|_| Calibrating::NoMeasure {
        task: target.task.clone(),
        measure: target.measure.clone(),
    })?;
    let interval = found.interval.filter(|_| drawn != Drawn::Chosen);
    // The difference may carry both past what the metric can be.
    let (low, high) = target.range();
    let interval = interval.map(|ends| Interval {
        low: ends.low.max(low).min(high),
        high: ends.high.max(low).min(high),
        ..ends
    });
    let interval = interval.filter(|ends| ends.high - ends.low > 1e-9);
    Ok(Estimate { value: found.value.max(low).min(high), n, interval, ..found })
}

#[derive(Default)]
struct Item {
    judge: Vec<f64>,
    differences: Vec<f64>,
}

impl Item {
    fn mean<'i>(&self, item: &'i str) -> Judged<'i> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let judge = mean(&self.judge);
        let people = (!self.differences.is_empty()).then(|| judge + mean(&self.differences));
        Judged { item, judge, people }
    }
}

fn by_item<'r>(counted: &[Counted<'r>]) -> BTreeMap<&'r str, Item> {
    let mut items: BTreeMap<&str, Item> = BTreeMap::new();
    for trial in counted {
        let item = items.entry(trial.item).or_default();
        item.judge.push(trial.judge);
        item.differences.extend(trial.people.map(|people| people - trial.judge));
    }
    items
}

fn judges_mean<'c, 'r: 'c>(trials: impl Iterator<Item = &'c Counted<'r>>) -> Option<Estimate> {
    let (values, items): (Vec<f64>, Vec<&str>) =
        trials.map(|trial| (trial.judge, trial.item)).unzip();
    Some(mean(&Sample::clustered(values, &items).ok()?))
}

/// Whether the judge's means of two parts differ by more than their intervals together allow.
fn are_unlike(one: &Estimate, other: &Estimate) -> bool {
    match (one.interval, other.interval) {
        (Some(a), Some(b)) => {
            let half = ((a.high - a.low) / 2.0).hypot((b.high - b.low) / 2.0);
            (one.value - other.value).abs() > half
        }
        _ => false,
    }
}
