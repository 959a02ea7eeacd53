//! What a report tells of the run besides its results.

use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_core::protocol::Protocol;

/// Facts of a run, from its manifest and journal.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    /// The run's identifier.
    pub id: String,
    /// Version of the program that planned it.
    pub program: String,
    /// When work on it began first, RFC 3339.
    pub began: Option<String>,
    /// When work on it ended last, RFC 3339.
    pub ended: Option<String>,
    /// The protocol it was asked by, which may differ from the one it is scored by.
    pub asked_by: Protocol,
    /// Seed of everything drawn.
    pub seed: u64,
    /// The caps in words, if the run was capped.
    pub caps: Option<String>,
    /// Calls to the subject that ended.
    pub subject_calls: u64,
    /// Calls to the judge that ended.
    pub judge_calls: u64,
    /// Tries beyond the first.
    pub retries: u64,
    /// Calls that broke for good.
    pub broken: u64,
    /// Prompt tokens as providers counted them.
    pub prompt_tokens: u64,
    /// Reply tokens as providers counted them.
    pub reply_tokens: u64,
    /// US dollars by the table of prices; none where a model that was asked has no price.
    pub dollars: Option<f64>,
    /// Hash of the plan.
    pub plan_hash: String,
}

/// What stands beside the results in a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Companions {
    /// The published ranks.
    pub published: Option<PublishedRanks>,
    /// The worst replies of each task.
    pub worst: BTreeMap<TaskId, WorstReplies>,
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
