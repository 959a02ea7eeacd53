//! Two runs beside each other; the JSON shape is a promise to users.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::given_name::GivenName;
use crate::id::{MeasureName, MetricName, ModelId, SuiteId, TaskId};
use crate::metric::{Direction, Estimate, Interval, IntervalMethod};
use crate::pillar::Pillar;
use crate::protocol::Protocol;
use crate::suite::by_suite;
use crate::unlike::Unlike;
use crate::validity::Validity;

/// Two runs, item by item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The run that is compared with.
    pub first: ComparedRun,
    /// The run that is compared.
    pub second: ComparedRun,
    /// The chance of a false finding that is accepted, after correction.
    pub alpha: f64,
    /// What forbids to compare tasks of the two runs, in words: those of [`TaskComparison::differs`] that forbid it, each with its
    /// tasks. Empty where all tasks are compared.
    pub differs: Vec<String>,
    /// Task by task.
    pub tasks: BTreeMap<TaskId, TaskComparison>,
}

impl Comparison {
    /// The tasks of each suite, the benchmark's first.
    pub fn by_suite(&self) -> Vec<(&SuiteId, Vec<(&TaskId, &TaskComparison)>)> {
        by_suite(self.tasks.iter().map(|(id, task)| (&task.suite, (id, task))))
    }
}

/// Several runs in order: task by task, by pillar, and over all pillars.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Standings {
    /// By the metric that each task is ranked by.
    pub tasks: BTreeMap<TaskId, Standing>,
    /// By the sum of the ranks on a pillar's tasks (arXiv 2603.03047).
    pub pillars: BTreeMap<Pillar, SumStanding>,
    /// By the sum of the pillar ranks, which is ours: none is published. None where fewer than two pillars have ranks.
    pub overall: Option<SumStanding>,
}

impl Standings {
    /// The tasks of each suite, the benchmark's first.
    pub fn by_suite(&self) -> Vec<(&SuiteId, Vec<(&TaskId, &Standing)>)> {
        by_suite(self.tasks.iter().map(|(id, standing)| (&standing.suite, (id, standing))))
    }
}

/// Runs in the order of a sum of ranks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SumStanding {
    /// What is summed: ids of tasks, or names of pillars.
    pub of: Vec<String>,
    /// The ranks, in the order of the runs as given.
    pub ranks: Vec<RankRange>,
}

/// A rank, and those that the comparisons of all pairs leave open: behind those only that are found better, ahead of those only that are
/// found worse (doi 10.1093/restud/rdad006).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankRange {
    /// The rank as it is; equals share the best one.
    pub rank: u64,
    /// The best that is left open.
    pub best: u64,
    /// The worst that is left open.
    pub worst: u64,
}

/// What a task's order is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RankedBy {
    /// The values on the items that all runs share.
    SharedItems,
    /// Each run's own value, over its own trials.
    OwnIntervals,
}

/// All runs of a task in order, as far as there is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The suite the task belongs to. Sums of ranks are of the benchmark's own tasks alone.
    #[serde(default = "SuiteId::trustmh_bench")]
    pub suite: SuiteId,
    /// The metric the task is ranked by.
    pub metric: MetricName,
    /// What the order is by.
    pub by: RankedBy,
    /// Trials that all runs scored, where ranks are by these alone.
    pub shared: Option<u64>,
    /// Pairs of runs.
    pub pairs: u64,
    /// Pairs that are told apart after correction.
    pub separated: u64,
    /// The runs, the best value first.
    pub rows: Vec<StandingRow>,
    /// What stands behind the order where a judge has a part in the metric: of the ranked runs, the one of which least is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
    /// Runs of the task that have no place here, since they are not like those that have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A run that is not ranked with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The run.
    pub run: ComparedRun,
    /// What forbids it: first is what the ranked runs have in common, second is the run's own.
    pub differs: Vec<Unlike>,
}

/// One run's place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandingRow {
    /// The run.
    pub run: ComparedRun,
    /// Its value, on the trials that all runs share where ranks are by these.
    pub value: f64,
    /// Its rank by that value.
    #[serde(flatten)]
    pub rank: RankRange,
    /// The runs, by place in this list from 1, that it is told apart from.
    pub told_apart_from: Vec<u64>,
}

/// Which run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedRun {
    /// Its folder as it was given.
    pub run: String,
    /// Its subject.
    pub subject: ModelId,
    /// What the subject is called, if it was given a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<GivenName>,
    /// Who judged.
    pub judge: String,
    /// By which rules it is scored.
    pub protocol: Protocol,
    /// Its seed, by which the first run's items are resampled.
    pub seed: u64,
}

impl ComparedRun {
    /// How reports name the subject.
    pub fn subject_shown(&self) -> String {
        GivenName::shown(self.name.as_ref(), &self.subject)
    }

    /// Its given name alone, or its model where it has none: for where room is short.
    pub fn called(&self) -> String {
        self.name.as_ref().map_or_else(|| self.subject.to_string(), ToString::to_string)
    }
}

/// One task of both runs, on the trials they share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskComparison {
    /// The task's title.
    pub title: String,
    /// The suite it belongs to.
    #[serde(default = "SuiteId::trustmh_bench")]
    pub suite: SuiteId,
    /// Trials that both runs scored.
    pub shared: u64,
    /// Trials of the first run alone.
    pub only_first: u64,
    /// Trials of the second run alone.
    pub only_second: u64,
    /// Differences by metric.
    pub metrics: BTreeMap<MetricName, Difference>,
    /// Metrics that could not be compared, and why.
    pub not_compared: BTreeMap<MetricName, String>,
    /// Trials on which the primary measure changed, the greatest changes first.
    pub changed: Vec<ChangedTrial>,
    /// What is not alike about the task in the two runs besides their subjects. Where one of these forbids it, nothing is
    /// compared, and `metrics` and `changed` are empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<Unlike>,
    /// Each run's own estimates, where the task may not be compared and the values are asked for all the same: they carry no
    /// difference, no test and no verdict.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub side_by_side: BTreeMap<MetricName, SideBySide>,
}

impl TaskComparison {
    /// What forbids to compare the task.
    pub fn forbidding(&self) -> impl Iterator<Item = &Unlike> {
        self.differs.iter().filter(|unlike| unlike.forbids())
    }

    /// Whether nothing was compared because the runs share no trial. Samples that were drawn apart need none in common.
    pub fn is_empty(&self) -> bool {
        self.shared == 0 && self.metrics.is_empty()
    }

    /// Whether the numbers of the two runs may stand beside each other.
    pub fn is_alike(&self) -> bool {
        self.forbidding().next().is_none()
    }
}

/// A metric of two runs that may not be compared, each over its own trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideBySide {
    /// The metric's name in words.
    pub title: String,
    /// Whether the task is ranked by this metric.
    pub primary: bool,
    /// The first run's estimate.
    pub first: Estimate,
    /// The second run's.
    pub second: Estimate,
}

fn is_none_missing(missing: &u64) -> bool {
    *missing == 0
}

/// A metric of both runs, on shared trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The metric's name in words.
    pub title: String,
    /// Its value in the first run, on shared trials.
    pub first: f64,
    /// Its value in the second run, on the same.
    pub second: f64,
    /// Second less first.
    pub difference: f64,
    /// Trials of this kind that one of the runs lacks a measure of, because it has not ended, a call broke, a reply holds no answer or
    /// a verdict is missing.
    #[serde(default, skip_serializing_if = "is_none_missing")]
    pub missing: u64,
    /// Trials of this kind that both runs measured.
    #[serde(default)]
    pub measured: u64,
    /// The ends of the interval if what is missing lay at either end of the metric's range; null without an interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_worst: Option<(f64, f64)>,
    /// Lower end of the 95 % interval of the difference.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// How the interval was made.
    pub method: Option<IntervalMethod>,
    /// Pairs behind it.
    pub n: u64,
    /// Independent clusters behind it.
    pub clusters: u64,
    /// Which way is better.
    pub direction: Direction,
    /// Whether the task is ranked by this metric.
    pub primary: bool,
    /// The test that decides.
    pub test: TestName,
    /// Its two-sided p value.
    pub p: Option<f64>,
    /// The same, corrected: by Holm over all primary metrics compared together, by Benjamini and Hochberg over all
    /// others.
    pub p_corrected: Option<f64>,
    /// P values of other tests that apply, for the reader.
    pub other_tests: BTreeMap<TestName, f64>,
    /// Cohen's h of shares, Cohen's d of paired means.
    pub effect: Option<f64>,
    /// Why there is no test, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
    /// What stands behind both numbers where a judge has a part in the metric: of the two runs, the one of which less is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
    /// What the numbers carry.
    pub verdict: Verdict,
}

impl Difference {
    /// The difference and its interval alone.
    pub fn estimate(&self) -> Estimate {
        let interval = match (self.low, self.high, self.method) {
            (Some(low), Some(high), Some(method)) => Some(Interval { low, high, method }),
            _ => None,
        };
        Estimate { value: self.difference, interval, n: self.n, clusters: self.clusters }
    }
}

/// A test of two runs on the same items.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TestName {
    /// Paired t on items, clustered where an item was asked several times.
    PairedT,
    /// McNemar's exact test of shares.
    McNemar,
    /// McNemar's mid-p test of shares (doi 10.1186/1471-2288-13-91).
    #[serde(rename = "mc-nemar-mid-p")]
    McNemarMidP,
    /// Wilcoxon's signed rank test.
    Wilcoxon,
    /// The exact sign test on items, where all of them differ by the same and so show no spread.
    Sign,
    /// The same resamples of items for both runs: the test of older versions.
    PairedBootstrap,
    /// Which run a reply is of is exchanged item by item: the paired sign-flip permutation test of any statistic.
    SignFlip,
    /// Two samples that share no items: normal, by the interval of the difference.
    Independent,
}

impl TestName {
    /// The test's name as reports print it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PairedT => "paired t",
            Self::McNemar => "McNemar, exact",
            Self::McNemarMidP => "McNemar, mid-p",
            Self::Wilcoxon => "Wilcoxon signed rank",
            Self::Sign => "sign test",
            Self::PairedBootstrap => "paired bootstrap",
            Self::SignFlip => "sign-flip permutation",
            Self::Independent => "independent samples",
        }
    }
}

/// What a difference amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The second run is better, beyond what chance explains.
    Better,
    /// The second run is worse, beyond what chance explains.
    Worse,
    /// The numbers do not tell the two apart; that does not make them equal.
    NotSeparated,
    /// There is no test of this difference.
    Untested,
}

/// A trial on which two runs differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangedTrial {
    /// The trial's id within its task.
    pub trial: String,
    /// The measure.
    pub measure: MeasureName,
    /// Its value in the first run.
    pub first: f64,
    /// Its value in the second run.
    pub second: f64,
}
