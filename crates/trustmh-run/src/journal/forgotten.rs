//! Lines whose words were forgotten: what is left of them, the scores that stand for the words, and the record of the forgetting.
//!
//! Such a line states the hash of the line that it stands for, and the chain goes on with that hash: what was written after it, seals and
//! all, holds as before. What is left of the lines themselves is held by the digest that the forgetting names.

mod exact;
mod left;

pub use exact::ScoreLeft;
pub use left::{CallLeft, ClientKind, EndLeft, TalkLeft, TrialLeft, TurnLeft};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::id::RubricId;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::JudgeName;

/// What is left of a line whose words were forgotten.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// The hash that the chain has of the line for which this one stands.
    pub line: Digest,
    /// In which forgetting it was forgotten, from 1.
    #[serde(rename = "in")]
    pub number: u32,
    /// What is left of its event.
    pub left: Left,
}

/// What is left of an event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// Of a trial.
    Trial(Box<TrialLeft>),
    /// Of a call.
    Call(Box<CallLeft>),
}

/// The score of a trial whose words were forgotten, taken before they were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scored {
    /// In which forgetting, from 1.
    #[serde(rename = "in")]
    pub number: u32,
    /// By whose rules it was scored.
    pub protocol: Protocol,
    /// By which judge.
    pub judge: JudgeName,
    /// What was measured.
    pub score: ScoreLeft,
    /// What the judge said, by rubric and field, in the words that the rubric allows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: BTreeMap<RubricId, BTreeMap<String, String>>,
}

/// Words were forgotten: all lines that say so of this number stand before this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgetting {
    /// When.
    pub at: Timestamp,
    /// The program's version.
    pub program: String,
    /// Which forgetting of the run this is, from 1.
    #[serde(rename = "in")]
    pub number: u32,
    /// Trials of before this time were forgotten; none if all were.
    pub cutoff: Option<Timestamp>,
    /// How many trials were.
    pub trials: u64,
    /// How many lines stand for others since then.
    pub lines: u64,
    /// The hash of these lines, one after the other, as they are since then.
    pub digest: Digest,
}

impl Forgetting {
    /// What was forgotten and when, as a part of a sentence.
    pub fn in_words(&self) -> String {
        let on = day(self.at);
        match self.cutoff {
            Some(cutoff) => format!("on {on}, those of before {}", day(cutoff)),
            None => format!("on {on}"),
        }
    }

    /// The day on which it was, by universal time.
    pub fn day(&self) -> String {
        day(self.at)
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The lines of one forgetting, as far as they were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    lines: u64,
    hashing: Hashing,
}

impl Tally {
    pub(super) fn add(&mut self, line: &[u8]) {
        self.lines += 1;
        self.hashing.add(line);
    }

    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    pub(super) fn digest(&self) -> Digest {
        self.hashing.end()
    }
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines && self.digest() == other.digest()
    }
}

impl Eq for Tally {}
