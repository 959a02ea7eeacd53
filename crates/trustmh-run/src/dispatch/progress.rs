//! What is told of the work on a run while it goes on, and how it ends.

use trustmh_core::call::Usage;
use trustmh_core::id::TaskId;

use super::spending::Limit;

/// What a watcher of the run is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// A torn line was cut off, or calls were found that need not be made again.
    Resumed {
        /// Calls already paid for.
        paid: usize,
        /// The torn line, if there was one.
        warning: Option<String>,
    },
    /// A call was made and recorded.
    Called {
        /// Tokens, where the provider counted them.
        usage: Option<Usage>,
        /// US dollars, where the price is known.
        cost: f64,
        /// Tries beyond the first.
        retries: u32,
        /// Why it broke for good, where it did.
        broken: Option<String>,
        /// Whether it was handed to more than one worker.
        handed_on: bool,
    },
    /// A trial has all it needs.
    TrialEnded {
        /// Its task.
        task: TaskId,
        /// Whether it took calls.
        work: Work,
    },
    /// An endpoint taught something that holds for the calls after.
    Learnt(String),
    /// Many of a task's replies are cut; told once of each task.
    Cut(String),
}

/// Whether a trial took calls that were made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// It did.
    Made,
    /// All its calls were found recorded.
    Recorded,
}

/// How the work on a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All trials have ended.
    Complete,
    /// A stop was asked for; some trials are pending.
    Stopped,
    /// No more calls may be made, since this limit is reached; some trials are pending.
    BudgetSpent(Limit),
}
