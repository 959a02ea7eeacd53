//! What became of a trial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::call::Unanswered;

/// What became of a trial. There is no sentinel score: a trial that could not be scored says why.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Outcome {
    /// The reply was read and measured.
    Scored,
    /// The subject declined where the task needed an answer.
    Refused,
    /// The reply, or the judge's verdict on it, could not be read.
    Unparsed,
    /// The model answered the call and said nothing; silence is no behaviour.
    Unanswered(Unanswered),
    /// No reply came back.
    Failed,
    /// Whoever played the client left the role, or could not be reached: it says nothing of the subject.
    BrokenClient,
}

impl Outcome {
    /// The word for it.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// How many trials had each outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct OutcomeCounts {
    /// Trials with [`Outcome::Scored`].
    pub scored: u64,
    /// Trials with [`Outcome::Refused`].
    pub refused: u64,
    /// Trials with [`Outcome::Unparsed`].
    pub unparsed: u64,
    /// Trials with [`Outcome::Unanswered`].
    #[serde(default)]
    pub unanswered: u64,
    /// Those of them that were cut: the token limit came before the answer.
    #[serde(default)]
    pub cut: u64,
    /// Trials with [`Outcome::Failed`].
    pub failed: u64,
    /// Trials with [`Outcome::BrokenClient`].
    #[serde(default, skip_serializing_if = "is_none")]
    pub broken_client: u64,
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl OutcomeCounts {
    /// Counts one more trial.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Scored => self.scored += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::Unparsed => self.unparsed += 1,
            Outcome::Unanswered(reason) => {
                self.unanswered += 1;
                self.cut += u64::from(reason == Unanswered::Cut);
            }
            Outcome::Failed => self.failed += 1,
            Outcome::BrokenClient => self.broken_client += 1,
        }
    }

    /// Counts all of another count besides.
    pub fn add_all(&mut self, other: &Self) {
        let Self { scored, refused, unparsed, unanswered, cut, failed, broken_client } = *other;
        self.scored += scored;
        self.refused += refused;
        self.unparsed += unparsed;
        self.unanswered += unanswered;
        self.cut += cut;
        self.failed += failed;
        self.broken_client += broken_client;
    }

    /// All trials counted.
    pub const fn total(&self) -> u64 {
        self.scored
            + self.refused
            + self.unparsed
            + self.unanswered
            + self.failed
            + self.broken_client
    }
}
