//! Several judges of the same replies; the JSON shape is a promise to users.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::id::{MetricName, ModelId, TaskId};
use crate::metric::{Direction, Estimate};
use crate::validity::Validity;

/// What several judges make of one subject's replies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// The subject.
    pub subject: ModelId,
    /// The judges, in the order of all lists below.
    pub judges: Vec<String>,
    /// How far each judge has been checked against human ratings, rubric by rubric.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validity: Vec<Vec<Validity>>,
    /// Judged metrics by task.
    pub tasks: BTreeMap<TaskId, BTreeMap<MetricName, PanelMetric>>,
    /// What a reader must know.
    pub warnings: Vec<String>,
}

/// One metric by several judges, on trials that all of them judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PanelMetric {
    /// The metric's name in words.
    pub title: String,
    /// Which way is better.
    pub direction: Direction,
    /// Whether the task is ranked by this metric.
    pub primary: bool,
    /// Each judge's estimate.
    pub by_judge: Vec<Estimate>,
    /// The mean over judges, trial by trial; only of shares and means, as are the fields below.
    pub mean: Option<Estimate>,
    /// Of shares: what most judges say of each trial.
    pub majority: Option<Majority>,
    /// Krippendorff's alpha of the judges: nominal of shares, interval of scores.
    pub alpha: Option<Estimate>,
}

/// A share by the majority of judges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Majority {
    /// The share among trials that have a majority.
    pub estimate: Estimate,
    /// Trials on which the judges are evenly split.
    pub ties: u64,
}
