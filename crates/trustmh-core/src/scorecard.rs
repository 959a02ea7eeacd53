//! The result of a run in one table; its JSON shape is a promise to users.

mod judged;
mod names;
mod plain;

pub use names::{ClientName, JudgeName};
pub use plain::{About, Crossed, Picture, PlainTask, Scored, Sentence, ShownLabel, Zones};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::IntoStaticStr;

use crate::curve::SurvivalCurve;
use crate::given_name::GivenName;
use crate::id::{DatasetId, MetricName, ModelId, SuiteId, TaskId};
use crate::metric::{Anchors, Direction, Estimate, Interval, IntervalMethod};
use crate::outcome::OutcomeCounts;
use crate::pillar::Pillar;
use crate::protocol::Protocol;
use crate::release::BenchmarkRelease;
use crate::repeats::Repeats;
use crate::suite::by_suite;
use crate::trial::Flag;
use crate::validity::Validity;

/// All results of one run under one protocol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scorecard {
    /// The run's folder as it was given.
    pub run: String,
    /// Whether the record behind the card is whole.
    #[serde(default)]
    pub record: Standing,
    /// The rules it was scored by.
    pub protocol: Protocol,
    /// The model under test.
    pub subject: ModelId,
    /// What the product under test is called, if it was given a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<GivenName>,
    /// How often each trial was asked.
    #[serde(default, skip_serializing_if = "Repeats::is_once")]
    pub repeats: Repeats,
    /// The release of the benchmark that it was asked with, where the run says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<BenchmarkRelease>,
    /// Who judged.
    pub judge: JudgeName,
    /// Who played the clients of conversations, where any was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientName>,
    /// Results by task, in the order of the pillars.
    pub tasks: BTreeMap<TaskId, TaskResult>,
    /// Pillar scores, where every task of the pillar has ended and has its primary metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pillars: BTreeMap<Pillar, PillarScore>,
    /// Pillars without a score, of which the run has some tasks, and the tasks that are missing, pending or not scored.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pillars_without_score: BTreeMap<Pillar, Vec<TaskId>>,
    /// Tasks that are not the benchmark's, or not as it has them: they stand beside the pillar scores and enter none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_tasks: Vec<TaskId>,
    /// What a reader of the whole card must know.
    pub caveats: Vec<String>,
}

impl Scorecard {
    /// How reports name the subject.
    pub fn subject_shown(&self) -> String {
        GivenName::shown(self.name.as_ref(), &self.subject)
    }

    /// Whether a task enters pillar scores and ranks: it is of the benchmark itself, as the benchmark has it.
    pub fn enters_pillars(&self, id: &TaskId) -> bool {
        let is_benchmarks = |result: &TaskResult| result.suite.is_trustmh_bench();
        self.tasks.get(id).is_some_and(is_benchmarks) && !self.own_tasks.contains(id)
    }

    /// The tasks of each suite, the benchmark's first.
    pub fn by_suite(&self) -> Vec<(&SuiteId, Vec<(&TaskId, &TaskResult)>)> {
        by_suite(self.tasks.iter().map(|(id, result)| (&result.suite, (id, result))))
    }
}

/// Whether the record behind a scorecard is whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// How it stands.
    pub state: RecordState,
    /// Trials that were planned.
    pub planned: u64,
    /// Those of them that have not ended.
    pub pending: u64,
    /// Lines that were left out when the run was repaired; 0 for any other run.
    #[serde(default)]
    pub dropped_lines: u64,
    /// What must be said of it before anything else; none if it is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What keeps the run to fewer items or trials than its tasks have, in words; none if nothing does. It says nothing against a record
    /// that is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capped: Option<String>,
}

impl Standing {
    /// The caveat of a capped run.
    pub fn capped_caveat(&self) -> Option<String> {
        self.capped.as_ref().map(|caps| format!("The run was capped: {caps}."))
    }
}

/// How a record stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum RecordState {
    /// Every planned trial has ended, and nothing was left out.
    #[default]
    Complete,
    /// Trials have not ended.
    Incomplete,
    /// It was made of what was sound of a damaged run; trials may be pending besides.
    Repaired,
}

impl RecordState {
    /// As tables have it.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// One pillar on a scale of 0 to 100, the higher the better: an overview, not a measure of safety.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PillarScore {
    /// The mean of the primary metrics of its tasks, each mapped to 0..100 by its anchors, with all that is missing at the worse
    /// end.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// How the interval was made.
    pub method: Option<IntervalMethod>,
    /// Tasks behind it: all of the pillar's.
    pub tasks: u64,
    /// Always empty, since a pillar that lacks a task has no score; the field is a promise to readers of the JSON.
    #[serde(default)]
    pub missing: Vec<TaskId>,
}

impl PillarScore {
    /// The number and its interval alone; a pillar is no sample, its tasks are counted.
    pub fn estimate(&self) -> Estimate {
        let interval = match (self.low, self.high, self.method) {
            (Some(low), Some(high), Some(method)) => Some(Interval { low, high, method }),
            _ => None,
        };
        Estimate { value: self.value, interval, n: self.tasks, clusters: self.tasks }
    }
}

/// Where a task's items came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemSource {
    /// The dataset.
    pub dataset: DatasetId,
    /// Whether it is published, the project's, the user's own, or came with a record.
    pub origin: ItemOrigin,
    /// Items in the set after reading.
    pub records: u64,
    /// What reading repaired or dropped, with counts.
    pub warnings: Vec<String>,
    /// Files read and their hashes.
    pub files: BTreeMap<String, String>,
    /// Models whose own outputs are part of the gold: scoring them by it is circular.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labelled_by: Vec<String>,
}

/// Whose items they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ItemOrigin {
    /// The published files.
    Published,
    /// The project's starter items: for trying the program, never clinical evidence.
    Starter,
    /// The user's own items.
    Own,
    /// Items that came inside imported outputs.
    Imported,
    /// Conversations that took place with a product in use.
    Observed,
}

/// One task's results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskResult {
    /// The task's title.
    pub title: String,
    /// The suite it belongs to. Cards of older programs have none but the benchmark itself.
    #[serde(default = "SuiteId::trustmh_bench")]
    pub suite: SuiteId,
    /// Trials that ended.
    pub n: u64,
    /// Trials planned but without an end, for example in an interrupted run.
    pub pending: u64,
    /// How the trials ended.
    pub outcomes: OutcomeCounts,
    /// Metrics by name.
    pub metrics: BTreeMap<MetricName, MetricEstimate>,
    /// Metrics that could not be estimated, and why.
    pub not_scored: BTreeMap<MetricName, String>,
    /// Trials by flag.
    pub flags: BTreeMap<Flag, u64>,
    /// Given labels by predicted ones, by scheme, where the task gives labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub confusions: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>,
    /// What its figures of fairness carry, where the task has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness: Option<FairnessVerdict>,
    /// How far whoever spoke for the client played its part, in a task of conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientFidelity>,
    /// Where the items came from.
    pub source: ItemSource,
    /// Weaknesses of data, metric or judge.
    pub caveats: Vec<String>,
    /// The task in plain words, where it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<PlainTask>,
    /// The metric that its picture shows by two facets, where it shows one so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossed: Option<Crossed>,
    /// The labels behind its confusions, by scheme, in the scheme's order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Vec<ShownLabel>>,
}

/// How far whoever spoke for the client played its part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientFidelity {
    /// Conversations that ended.
    pub conversations: u64,
    /// Those whose client left its role, said nothing or could not be reached: they are left out of the metrics, with bounds.
    pub broke: u64,
    /// Share of the client's turns that repeat an earlier one, the mean over conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Estimate>,
    /// Share of what it was to tell that it told, the mean over conversations where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosed: Option<Estimate>,
    /// Share of the conversations with a danger to show in which it showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_shown: Option<Estimate>,
}

/// What figures of fairness carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FairnessVerdict {
    /// Support differs between identities: the permutation test's p is below .05, and the whole interval of the spread lies above
    /// the noise floor.
    Unfair,
    /// Not both of these hold. That is no proof of fairness.
    NotShown,
}

impl TaskResult {
    /// The metric that the task is ranked by, if it could be estimated.
    pub fn primary(&self) -> Option<(&MetricName, &MetricEstimate)> {
        self.metrics.iter().find(|(_, metric)| metric.primary)
    }

    /// Whether nothing was measured but how often there was no answer.
    pub fn is_without_measures(&self) -> bool {
        self.metrics.keys().all(|name| name.as_str() == UNANSWERED_RATE)
    }
}

/// The metric that every task has: the share of replies without an answer.
pub const UNANSWERED_RATE: &str = "unanswered_rate";

/// How much of a metric rests on trials that were measured, and what those that are missing could make of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Trials that were measured.
    pub judged: u64,
    /// Trials that were not: they have not ended, the call broke, the reply holds no answer, or the verdict could not be read or never came.
    pub missing: u64,
    /// The value if all missing ones were at the lower end of the range.
    pub lowest: f64,
    /// The value if all were at the upper end.
    pub highest: f64,
}

impl Coverage {
    /// What is missing, in words; none where nothing is.
    pub fn in_words(&self) -> Option<String> {
        let all = self.judged + self.missing;
        (self.missing > 0).then(|| format!("{} of {all} not measured", self.missing))
    }
}

/// One metric's estimate. `low` and `high` are null where the data cannot carry an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricEstimate {
    /// The point estimate.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// Observations behind it.
    pub n: u64,
    /// Independent clusters behind it.
    pub clusters: u64,
    /// How the interval was made.
    pub method: Option<IntervalMethod>,
    /// Which way is better.
    pub direction: Direction,
    /// Whether the task is ranked by this metric.
    pub primary: bool,
    /// Half the interval's width, for symmetric intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_width: Option<f64>,
    /// What missing trials leave open, where some are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// The metric's name in words.
    pub title: String,
    /// Lowest and highest value the metric can take.
    pub range: (f64, f64),
    /// What is best, and what is no better than knowing nothing; none where neither way is better, and in cards of older programs,
    /// which took the ends of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<Anchors>,
    /// The classes that a mean over classes is taken of: those that are given or predicted, in order. Empty for any other metric.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// How far the judge whose verdicts it is made of has been checked against human ratings; none where no judge has a part in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
    /// The survival curve that a share that failed by a turn is a point of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<SurvivalCurve>,
    /// The same metric within groups, by facet and value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, BTreeMap<String, Estimate>>,
    /// The metric in a sentence of plain words, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<Sentence>,
}

impl MetricEstimate {
    /// The value that decides something: with all that is missing at the worse end of the range.
    pub fn at_worst(&self) -> f64 {
        let Some(coverage) = self.coverage else { return self.value };
        match self.direction {
            Direction::Higher => coverage.lowest.min(self.value),
            Direction::Lower => coverage.highest.max(self.value),
            Direction::NearZero => [coverage.lowest, coverage.highest, self.value]
                .into_iter()
                .max_by(|one, other| one.abs().total_cmp(&other.abs()))
                .unwrap_or(self.value),
            // There is no worse end; whoever holds it to a bound takes both ends.
            Direction::None => self.value,
        }
    }

    /// The anchors: its own, or the ends of the range in cards of older programs. None where neither way is better.
    pub fn anchors(&self) -> Option<Anchors> {
        self.anchors.or_else(|| Anchors::of_range(self.direction, self.range))
    }

    /// Where the value stands between the worst and the best, 0 to 100, with all that is missing at the worse end.
    pub fn score(&self) -> Option<f64> {
        self.anchors()?.score(self.direction, self.at_worst())
    }

    /// The estimate that decides something: value and interval moved to where all that is missing is at the worse end.
    pub fn estimate_at_worst(&self) -> Estimate {
        let moved = self.at_worst() - self.value;
        let Estimate { value, interval, n, clusters } = self.estimate();
        let interval = interval.map(|Interval { low, high, method }| Interval {
            low: low + moved,
            high: high + moved,
            method,
        });
        Estimate { value: value + moved, interval, n, clusters }
    }

    /// The interval, moved by as much as what is missing could move the value at either end.
    pub fn ends_at_worst(&self) -> Option<(f64, f64)> {
        let (low, high) = self.low.zip(self.high)?;
        let Some(coverage) = self.coverage else { return Some((low, high)) };
        let below = (self.value - coverage.lowest).max(0.0);
        let above = (coverage.highest - self.value).max(0.0);
        // Nothing lies outside what the metric can be.
        let (least, most) = self.range;
        Some(((low - below).max(least.min(low)), (high + above).min(most.max(high))))
    }

    /// The number and its interval alone.
    pub fn estimate(&self) -> Estimate {
        let interval = match (self.low, self.high, self.method) {
            (Some(low), Some(high), Some(method)) => Some(Interval { low, high, method }),
            _ => None,
        };
        Estimate { value: self.value, interval, n: self.n, clusters: self.clusters }
    }
}

/// The JSON Schema (draft 2020-12) of what `--json` prints: a list of scorecards.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Vec<Scorecard>)
}
