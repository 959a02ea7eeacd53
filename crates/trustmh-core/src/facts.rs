//! What is told of a run besides its results.

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
    /// US dollars by the table of prices; none where a model that was asked has no price.
    pub dollars: Option<f64>,
    /// Hash of the plan.
    pub plan_hash: String,
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
