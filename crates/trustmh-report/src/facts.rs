//! What a report tells besides the results.

pub use trustmh_core::facts::RunFacts;

use std::collections::BTreeMap;

use trustmh_core::comparison::Comparison;
use trustmh_core::id::TaskId;
use trustmh_core::metric::Estimate;
use trustmh_core::pillar::Pillar;

/// What stands beside the results in a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Companions {
    /// The published ranks.
    pub published: Option<PublishedRanks>,
    /// The worst replies of each task.
    pub worst: BTreeMap<TaskId, WorstReplies>,
    /// How the judge agrees with people who rated replies of this run.
    pub calibration: Vec<JudgeCalibration>,
    /// The run or the published model that it stands beside.
    pub beside: Option<Beside>,
}

/// What a run stands beside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beside {
    /// Its name.
    pub name: String,
    /// Its values by task, of the metric that the task is ranked by, where they may be compared.
    pub values: BTreeMap<TaskId, f64>,
    /// What forbids to compare, in words.
    pub not_comparable: Vec<String>,
    /// The comparison, where it is a run.
    pub comparison: Option<Comparison>,
}

/// A judge beside a person, on one field of a rubric.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeCalibration {
    /// The rubric and the field.
    pub field: String,
    /// The person.
    pub person: String,
    /// Share of replies on which both say the same.
    pub agreement: Option<Estimate>,
    /// Cohen's kappa, of scores with quadratic weights.
    pub kappa: Option<Estimate>,
    /// Mean of the judge's scores less the person's.
    pub bias: Option<Estimate>,
}

/// Published ranks, and how the run stands to them.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRanks {
    /// The models.
    pub models: Vec<String>,
    /// Ranks by pillar, in the order of the models; 1 is best.
    pub pillars: BTreeMap<Pillar, Vec<usize>>,
    /// What a reader of the ranks must know.
    pub notes: Vec<String>,
    /// Of each task of the run: its place by number, or why it has none.
    pub places: BTreeMap<TaskId, String>,
}

/// Replies at the bad end of a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstReplies {
    /// The measure, by the title of its metric.
    pub measure: String,
    /// Trials that are no better than the last one shown.
    pub as_bad: u64,
    /// The replies, the worst first.
    pub replies: Vec<WorstReply>,
}

/// One reply at the bad end.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstReply {
    /// Its trial.
    pub trial: String,
    /// The value of the measure.
    pub value: f64,
    /// The last words that the subject was asked, cut.
    pub asked: String,
    /// The reply, cut.
    pub reply: String,
}
