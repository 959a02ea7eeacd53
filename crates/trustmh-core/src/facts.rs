//! What is told of a run besides its results.

use std::fmt;

use crate::id::TrialId;
use crate::protocol::Protocol;

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
    /// Seconds in which work was done on it, over all sessions that ended; none where none did.
    pub seconds: Option<u64>,
    /// The protocol it was asked by, which may differ from the one it is scored by.
    pub asked_by: Protocol,
    /// Seed of everything drawn.
    pub seed: u64,
    /// The caps in words, if the run was capped.
    pub caps: Option<String>,
    /// How the subject was asked beyond what tasks say: room to think, fields of the request.
    pub subject_asked: Option<String>,
    /// How the judge was asked beyond what rubrics say.
    pub judge_asked: Option<String>,
    /// How the model that played clients was asked beyond what it is told of its part.
    pub client_asked: Option<String>,
    /// What endpoints taught while they were asked, such as fields they do not take.
    pub learnt: Vec<String>,
    /// Calls to the subject that ended.
    pub subject_calls: u64,
    /// Calls to the judge that ended.
    pub judge_calls: u64,
    /// Messages of clients, a model's or the offline client's.
    pub client_calls: u64,
    /// Tries beyond the first.
    pub retries: u64,
    /// Calls that broke for good.
    pub broken: u64,
    /// Calls that were handed to more than one worker: they may have been sent, and paid for, more than once.
    pub handed_on: u64,
    /// Calls without a reply after all tries, dead letters among them.
    pub set_aside: Vec<SetAside>,
    /// Prompt tokens as providers counted them.
    pub prompt_tokens: u64,
    /// Reply tokens as providers counted them.
    pub reply_tokens: u64,
    /// Replies whose tokens nobody counted, of models outside this program: tokens and cost are at least what is told.
    pub uncounted: u64,
    /// US dollars by the table of prices; none where a model that was asked has no price.
    pub dollars: Option<f64>,
    /// Hash of the plan.
    pub plan_hash: String,
}

impl RunFacts {
    /// The cost, and whether it is all of it.
    pub fn cost(&self) -> Cost {
        match self.dollars {
            None => Cost::Unknown,
            // Nothing of it was counted.
            Some(dollars) if self.uncounted > 0 && dollars == 0.0 => Cost::Unknown,
            Some(dollars) if self.uncounted > 0 => Cost::AtLeast(dollars),
            Some(dollars) => Cost::Known(dollars),
        }
    }
}

/// What calls cost, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cost {
    /// A model has no price, or no tokens were counted.
    Unknown,
    /// So much and no more.
    Known(f64),
    /// So much, and what nobody counted.
    AtLeast(f64),
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("not known"),
            Self::Known(dollars) => write!(f, "{dollars:.2} US dollars"),
            Self::AtLeast(dollars) => write!(f, "at least {dollars:.2} US dollars"),
        }
    }
}

/// Calls that broke for the same reason; resuming the run makes them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// What went wrong.
    pub why: String,
    /// How many calls broke so.
    pub calls: u64,
    /// The first few trials they belong to.
    pub trials: Vec<TrialId>,
}
