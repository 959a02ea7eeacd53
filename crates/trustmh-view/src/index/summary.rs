//! What an index holds of its run besides the trials: figures for the list of runs, and the worst replies.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{PillarScore, Standing};
use trustmh_run::derived::facts::facts;
use trustmh_run::derived::score::ScoredRun;

/// What the list of runs shows of a scored run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// Whether the record is whole, and how many trials have ended.
    pub(crate) record: Standing,
    /// Pillar scores.
    pub(crate) pillars: BTreeMap<Pillar, PillarScore>,
    /// US dollars, where prices are known.
    pub(crate) dollars: Option<f64>,
    /// When work on it ended last, RFC 3339.
    pub(crate) ended: Option<String>,
}

impl Summary {
    pub(super) fn of(scored: &ScoredRun) -> Self {
        let facts = facts(&scored.manifest, &scored.trials);
        Self {
            record: scored.scorecard.record.clone(),
            pillars: scored.scorecard.pillars.clone(),
            dollars: facts.dollars,
            ended: facts.ended,
        }
    }
}

/// So many of the worst replies of each task are kept.
pub(super) const WORST: usize = 10;
/// So much of what was asked and replied is kept; the trial's own page has all of it.
const KEPT: usize = 3000;

/// The worst replies of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Worst {
    pub(crate) task: TaskId,
    /// The title of the metric that is made of the measure.
    pub(crate) measure: String,
    /// Trials that are no better than the last one here.
    pub(crate) as_bad: u64,
    pub(crate) replies: Vec<WorstReply>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorstReply {
    pub(crate) trial: String,
    pub(crate) value: f64,
    /// The beginning of what was asked last.
    pub(crate) asked: String,
    /// The beginning of the reply.
    pub(crate) reply: String,
}

impl Worst {
    pub(super) fn of((task, found): (TaskId, trustmh_run::derived::worst::Worst)) -> Self {
        let cut = |text: String| match text.char_indices().nth(KEPT) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        };
        let replies = found.trials.into_iter().map(|one| WorstReply {
            trial: one.trial,
            value: one.value,
            asked: cut(one.asked),
            reply: cut(one.reply),
        });
        Self { task, measure: found.measure, as_bad: found.as_bad, replies: replies.collect() }
    }
}
