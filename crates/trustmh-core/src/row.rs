//! A trial as a row of a table: what was asked, what came back, what was measured.

use std::collections::BTreeMap;

use crate::id::{MeasureName, RubricId, TaskId};
use crate::message::Message;
use crate::outcome::Outcome;
use crate::scorecard::RecordState;
use crate::trial::Flag;

/// One trial with its reply, its verdict and its measures.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRow {
    /// Whether the record of its run is whole.
    pub record: RecordState,
    /// The trial's identifier.
    pub trial: String,
    /// Its task.
    pub task: TaskId,
    /// Its item.
    pub item: String,
    /// How the item was turned into the trial.
    pub variant: String,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// Language of the item, as a BCP 47 tag.
    pub language: String,
    /// Its unit of resampling.
    pub cluster: String,
    /// What became of it; none for a trial that waits.
    pub outcome: Option<Outcome>,
    /// Why a wanted verdict is not there.
    pub verdict_missing: Option<&'static str>,
    /// What a reader must know besides.
    pub flags: Vec<Flag>,
    /// Facets.
    pub tags: BTreeMap<String, String>,
    /// Numbers measured.
    pub measures: BTreeMap<MeasureName, f64>,
    /// What the subject was asked; of a conversation all that was said, its own replies among it.
    pub messages: Vec<Message>,
    /// The letter, label or number that was read from the reply, letters as the subject saw them.
    pub answer: Option<String>,
    /// The right one.
    pub key: Option<String>,
    /// What the subject thought before its last reply.
    pub thought: Option<String>,
    /// The subject's last reply, without its thought.
    pub reply: Option<String>,
    /// What the judge answered, one answer a rubric.
    pub verdicts: Vec<String>,
    /// What could be read from these answers, by rubric and field.
    pub judged: BTreeMap<RubricId, BTreeMap<String, String>>,
}
