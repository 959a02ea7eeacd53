//! From measures to estimates: every metric of a task file, with its interval.

mod bad_end;
mod bounds;
mod classes;
pub mod compare;
mod corpus;
mod coverage;
mod differences;
mod floor;
mod followed;
mod lacking;
mod mean_of;
mod paired;
mod pairs;
pub mod panel;
mod parity;
pub mod pillar;
mod played;
mod rated;
mod rows;
mod shared;
pub mod standing;
mod together;
mod turn_share;
pub mod unpaired;

pub use bad_end::{BadEnd, TowardsBad, at_bad_end, at_bad_end_measure, at_bad_end_rule};

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::curve::SurvivalCurve;
use trustmh_core::id::{MeasureName, MetricName};
use trustmh_core::metric::{Estimate, Interval, IntervalMethod};
use trustmh_core::outcome::{Outcome, OutcomeCounts};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{Crossed, ItemSource, MetricEstimate, TaskResult};
use trustmh_core::scores::{Score, Scores};
use trustmh_core::trial::{Flag, MissingVerdict};
use trustmh_stats::correlation::{pearson_estimate, spearman_estimate};
use trustmh_stats::error::StatsError;
use trustmh_stats::mean::{bounded, mean, mean_as_released};
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::Sample;

use coverage::{coverage, coverage_of_mean};
use mean_of::{Parts, Valued};

use crate::task::{Floor, MeanInterval, MetricRule, Statistic, Task};

/// What a task's result rests on besides its scores.
#[derive(Debug, Clone)]
pub struct Basis {
    /// The rules of scoring.
    pub protocol: Protocol,
    /// Seed of the bootstrap.
    pub seed: u64,
    /// Trials planned.
    pub planned: u64,
    /// Where the items came from.
    pub source: ItemSource,
    /// What a reader must know.
    pub caveats: Vec<String>,
    /// Facets within which every metric is estimated too, beside those that the task names.
    pub by: Vec<String>,
    /// What was there and could not be read, as trials: of these not even the item is known.
    pub unread: u64,
}

impl Basis {
    /// Trials that have not ended.
    fn pending(&self, scores: &Scores) -> u64 {
        self.planned.saturating_sub(scores.len() as u64) + self.unread
    }
}

/// Estimates every metric of `task` from `scores`. A metric that cannot be estimated says why.
pub fn task_result(task: &Task, scores: &Scores, basis: Basis) -> TaskResult {
    let mut outcomes = OutcomeCounts::default();
    let mut flags: BTreeMap<Flag, u64> = BTreeMap::new();
    for score in scores.iter() {
        outcomes.add(score.outcome());
        for flag in score.flags() {
            *flags.entry(flag).or_default() += 1;
        }
    }
    let mut found = Found::default();
    for rule in task.metrics(basis.protocol) {
        found.add(task, rule, scores, &basis);
    }
    let crossed = crossed(task, scores, &basis);
    let mut caveats = basis.caveats;
    caveats.extend(unanswered_caveat(&outcomes));
    caveats.extend(coverage_caveats(scores));
    caveats.extend(few_items(task, basis.protocol, &found.metrics));
    caveats.extend(parity::caveats(task, basis.protocol, &found.metrics));
    caveats.extend(bounds_caveat(task, basis.protocol, &found.metrics));
    let fairness = parity::verdict(task, basis.protocol, &found.metrics);
    let confusions = corpus::confusions(scores);
    TaskResult {
        title: task.file.title.clone(),
        suite: task.suite.clone(),
        n: outcomes.total(),
        pending: basis.planned.saturating_sub(outcomes.total()),
        outcomes,
        metrics: found.metrics,
        not_scored: found.not_scored,
        flags,
        labels: task.shown_labels(confusions.keys()),
        confusions,
        plain: task.plain.as_ref().map(|words| words.task.clone()),
        crossed,
        fairness,
        client: played::fidelity(task, scores, &outcomes),
        source: basis.source,
        caveats,
    }
}

#[derive(Default)]
struct Found {
    metrics: BTreeMap<MetricName, MetricEstimate>,
    not_scored: BTreeMap<MetricName, String>,
    parts: Parts,
}

impl Found {
    fn add(&mut self, task: &Task, rule: &MetricRule, scores: &Scores, basis: &Basis) {
        let selected: Vec<Score<'_>> =
            scores.iter().filter(|score| matches_tags(*score, &rule.select)).collect();
        match self.estimate(rule, &selected, basis) {
            Ok(estimate) => {
                let groups = groups(rule, &selected, basis);
                let mut metric = metric(rule, estimate, groups, basis);
                metric.sentence = task.sentence(&rule.name);
                metric.classes = classes::averaged(rule, &selected);
                metric.curve = curve(rule, &selected, basis.seed);
                metric.coverage = match &rule.statistic {
                    Statistic::MeanOf { metrics } => coverage_of_mean(metrics, &self.metrics),
                    _ => coverage(task, rule, &selected, basis.pending(scores), metric.value),
                };
                self.metrics.insert(rule.name.clone(), metric);
            }
            Err(reason) => drop(self.not_scored.insert(rule.name.clone(), reason)),
        }
    }

    fn estimate(
        &mut self,
        rule: &MetricRule,
        scores: &[Score<'_>],
        basis: &Basis,
    ) -> Result<Estimate, String> {
        let (estimate, by_item) = match &rule.statistic {
            Statistic::MeanOf { metrics } => mean_of::mean_of(metrics, &self.parts)?,
            _ => (statistic(rule, scores, basis)?, mean_of::by_item(rule, scores)),
        };
        self.parts.insert(rule.name.clone(), Valued { estimate, by_item });
        Ok(estimate)
    }
}

/// The curve that a share that failed by a turn is a point of; none of any other statistic.
fn curve(rule: &MetricRule, scores: &[Score<'_>], seed: u64) -> Option<SurvivalCurve> {
    match &rule.statistic {
        Statistic::FailedBy { of, turn } => followed::curve(scores, of, *turn, seed),
        _ => None,
    }
}

fn matches_tags(score: Score<'_>, select: &BTreeMap<String, String>) -> bool {
    select.iter().all(|(facet, value)| score.tag(facet) == Some(value))
}

fn metric(
    rule: &MetricRule,
    estimate: Estimate,
    groups: BTreeMap<String, BTreeMap<String, Estimate>>,
    basis: &Basis,
) -> MetricEstimate {
    let symmetric = [IntervalMethod::Normal, IntervalMethod::T, IntervalMethod::ClusteredT];
    let half_width = estimate
        .interval
        .filter(|interval| symmetric.contains(&interval.method))
        // One that is cut at the end of the range is not symmetric any more.
        .filter(|found| {
            (found.high + found.low - 2.0 * estimate.value).abs()
                <= Interval::DUST * found.high.abs().max(1.0) * 4.0
        })
        .map(|interval| (interval.high - interval.low) / 2.0);
    MetricEstimate {
        value: estimate.value,
        low: estimate.interval.map(|interval| interval.low),
        high: estimate.interval.map(|interval| interval.high),
        n: estimate.n,
        clusters: estimate.clusters,
        method: estimate.interval.map(|interval| interval.method),
        direction: rule.direction,
        primary: rule.primary.contains(&basis.protocol),
        half_width,
        coverage: None,
        title: rule.title.clone(),
        range: rule.range,
        anchors: rule.anchors(),
        classes: Vec::new(),
        validity: None,
        curve: None,
        groups,
        sentence: None,
    }
}

fn groups(
    rule: &MetricRule,
    scores: &[Score<'_>],
    basis: &Basis,
) -> BTreeMap<String, BTreeMap<String, Estimate>> {
    let mut groups = BTreeMap::new();
    if matches!(rule.statistic, Statistic::MeanOf { .. }) {
        return groups;
    }
    let further = basis.by.iter().filter(|facet| !rule.groups.contains(facet));
    for facet in rule.groups.iter().chain(further) {
        let values: BTreeSet<&str> = scores.iter().filter_map(|score| score.tag(facet)).collect();
        let of_facet: BTreeMap<String, Estimate> = values
            .into_iter()
            .filter_map(|value| {
                let members: Vec<Score<'_>> = scores
                    .iter()
                    .copied()
                    .filter(|score| score.tag(facet) == Some(value))
                    .collect();
                let estimate = statistic(rule, &members, basis).ok()?;
                Some((value.to_owned(), estimate))
            })
            .collect();
        if !of_facet.is_empty() {
            groups.insert(facet.clone(), of_facet);
        }
    }
    groups
}

/// The metric of the task's picture within the pairs of values of two facets, where its picture shows one so.
fn crossed(task: &Task, scores: &Scores, basis: &Basis) -> Option<Crossed> {
    let (name, facets) = task.plain.as_ref()?.task.picture.as_ref()?.crossed()?;
    let rule = task.metrics(basis.protocol).find(|rule| rule.name == *name)?;
    let mut members: BTreeMap<[&str; 2], Vec<Score<'_>>> = BTreeMap::new();
    for score in scores.iter().filter(|score| matches_tags(*score, &rule.select)) {
        let [Some(row), Some(column)] = facets.map(|facet| score.tag(facet)) else { continue };
        members.entry([row, column]).or_default().push(score);
    }
    let mut cells: BTreeMap<String, BTreeMap<String, Estimate>> = BTreeMap::new();
    for ([row, column], scores) in members {
        if let Ok(estimate) = statistic(rule, &scores, basis) {
            cells.entry(row.to_owned()).or_default().insert(column.to_owned(), estimate);
        }
    }
    let facets = facets.map(str::to_owned);
    (!cells.is_empty()).then(|| Crossed { metric: name.clone(), facets, cells })
}

fn statistic(rule: &MetricRule, scores: &[Score<'_>], basis: &Basis) -> Result<Estimate, String> {
    match &rule.statistic {
        Statistic::Proportion { of } => {
            let sample = sample(scores, of)?;
            proportion(&sample).map_err(|error| error.to_string())
        }
        Statistic::Mean { of, reference_interval } => {
            let sample = sample(scores, of)?;
            Ok(match (basis.protocol, reference_interval) {
                (Protocol::Reference, MeanInterval::Normal) => mean_as_released(&sample),
                (protocol, _) => mean_on(rule.range, protocol, &sample),
            })
        }
        Statistic::Pearson { x, y } => {
            pairs::correlation(scores, x, y, basis.seed, pearson_estimate)
        }
        Statistic::Spearman { x, y } => {
            pairs::correlation(scores, x, y, basis.seed, spearman_estimate)
        }
        Statistic::QuadraticKappa { x, y } => pairs::quadratic_kappa(scores, x, y, basis.seed),
        Statistic::AlarmF1 => corpus::alarm_f1(scores, basis.seed),
        Statistic::SdWithinItems { of } => corpus::sd_within_items(scores, of, |sample| {
            mean_on(rule.range, basis.protocol, sample)
        }),
        Statistic::SdOfItems { of } => corpus::sd_of_items(scores, of, basis.seed),
        Statistic::MeanOfItems { of } => {
            corpus::mean_of_items(scores, of, |sample| mean_on(rule.range, basis.protocol, sample))
        }
        Statistic::SumOfItems { of } => {
            corpus::sum_of_items(scores, of, rule.range, |range, sample| {
                mean_on(range, basis.protocol, sample)
            })
        }
        Statistic::F1 { averaging } => corpus::f1(scores, *averaging, basis.seed),
        Statistic::Bleu { order } => corpus::corpus_bleu(scores, *order, basis.seed),
        Statistic::Distinct { order } => corpus::variety(scores, *order),
        Statistic::Parity { of, part, attribute, floor } => {
            parity::parity(scores, of, (*part, attribute.as_deref()), *floor, basis.seed)
        }
        Statistic::DropRate { of, floor, reference_floor, family, level } => {
            let released = reference_floor.filter(|_| basis.protocol == Protocol::Reference);
            let floor = released.map_or(*floor, Floor::Score);
            paired::drop_rate(scores, of, floor, (*family, *level), basis.seed)
        }
        Statistic::Flips { of, from } => paired::flips(scores, of, *from),
        Statistic::Contrast { of, arm, against } => {
            paired::contrast(scores, of, [arm, against], basis.seed)
        }
        Statistic::Maximum { of } => paired::maximum(scores, of),
        Statistic::FailedBy { of, turn } => followed::estimate(scores, of, *turn),
        Statistic::TurnShare { of, among } => turn_share::estimate(scores, of, among),
        Statistic::DimensionScore { dimension } => rated::estimate(scores, dimension.as_deref()),
        Statistic::MeanOf { .. } => Err("is not estimated within groups".to_owned()),
    }
}

/// A mean of values within the range of its metric. The reference protocol has no bounds where values pile up at an end.
fn mean_on(range: (f64, f64), protocol: Protocol, sample: &Sample) -> Estimate {
    match protocol {
        Protocol::Reference => mean(sample),
        Protocol::Corrected => bounded(sample, range),
    }
}

fn sample(scores: &[Score<'_>], of: &MeasureName) -> Result<Sample, String> {
    let (mut values, mut clusters) =
        (Vec::with_capacity(scores.len()), Vec::with_capacity(scores.len()));
    for score in scores {
        if let Some(value) = score.measure(of) {
            values.push(value);
            clusters.push(score.cluster());
        }
    }
    Sample::clustered(values, &clusters).map_err(|error| match error {
        StatsError::Empty => nothing_measured(scores),
        other => other.to_string(),
    })
}

/// A missing verdict explains only replies that could be read: where none could, that is the reason.
fn nothing_measured(scores: &[Score<'_>]) -> String {
    if scores.is_empty() {
        return "no trial of this kind in the run".to_owned();
    }
    let mut outcomes = OutcomeCounts::default();
    scores.iter().for_each(|score| outcomes.add(score.outcome()));
    if outcomes.scored == 0 {
        let parts = [
            (outcomes.failed, "failed"),
            (outcomes.refused, "refused"),
            (outcomes.unparsed, "unparsed"),
            (outcomes.unanswered, "unanswered"),
            (outcomes.broken_client, "whose client broke its role"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        return format!("no reply could be read as an answer: {}", parts.join(", "));
    }
    match most_common_gap(scores) {
        Some(missing) => missing.reason().to_owned(),
        None => "no trial could be measured".to_owned(),
    }
}

fn most_common_gap(scores: &[Score<'_>]) -> Option<MissingVerdict> {
    let mut counts: BTreeMap<MissingVerdict, usize> = BTreeMap::new();
    let read = scores.iter().filter(|score| score.outcome() == Outcome::Scored);
    for missing in read.filter_map(|score| score.verdict_missing()) {
        *counts.entry(missing).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(missing, _)| missing)
}

/// Below so many items intervals are rough (docs/statistics.md has simulations).
const FEW_ITEMS: u64 = 10;

fn few_items(
    task: &Task,
    protocol: Protocol,
    metrics: &BTreeMap<MetricName, MetricEstimate>,
) -> Option<String> {
    let primary = task.metrics(protocol).find(|rule| rule.primary.contains(&protocol))?;
    let found = metrics.get(&primary.name)?;
    (found.clusters < FEW_ITEMS && found.low.is_some()).then(|| {
        format!(
            "{} rests on {} items only: intervals of so few are rough (docs/statistics.md).",
            primary.name, found.clusters
        )
    })
}

/// What is missing, and what it could make of the task's primary metric.
fn bounds_caveat(
    task: &Task,
    protocol: Protocol,
    metrics: &BTreeMap<MetricName, MetricEstimate>,
) -> Option<String> {
    let primary = task.metrics(protocol).find(|rule| rule.primary.contains(&protocol))?;
    let coverage = metrics.get(&primary.name)?.coverage?;
    Some(format!(
        "{} rests on {} of {} trials; with the missing ones at either end it would be {:.3} or {:.3}.",
        primary.name,
        coverage.judged,
        coverage.judged + coverage.missing,
        coverage.lowest,
        coverage.highest
    ))
}

/// Silence is no behaviour: how often there was nothing to read.
fn unanswered_caveat(outcomes: &OutcomeCounts) -> Option<String> {
    let OutcomeCounts { unanswered, cut, .. } = *outcomes;
    (unanswered > 0).then(|| {
        format!(
            "{unanswered} of {} replies hold no answer ({} empty, {cut} cut at the token limit or in thought): wrong where an answer is due, missing where a judge would read it.",
            outcomes.total(),
            unanswered - cut
        )
    })
}

/// Judged metrics rest on the verdicts there are; readers must know how many are not.
fn coverage_caveats(scores: &Scores) -> Vec<String> {
    let wanted = [
        MissingVerdict::Declined,
        MissingVerdict::Unparsed,
        MissingVerdict::Unanswered,
        MissingVerdict::Failed,
        MissingVerdict::NothingToJudge,
    ];
    wanted
        .into_iter()
        .filter_map(|kind| {
            let missing =
                scores.iter().filter(|score| score.verdict_missing() == Some(kind)).count();
            (missing > 0).then(|| {
                format!("{missing} of {} trials have no verdict: {}.", scores.len(), kind.reason())
            })
        })
        .collect()
}
