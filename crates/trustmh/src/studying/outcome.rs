//! What became of a study: what is missing, said first, and how the program ends.

use trustmh_core::scorecard::RecordState;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::dispatch::Limit;

use crate::failure::{Exit, Failure};
use crate::running::shortfalls;

/// What became of a run that was worked on.
#[derive(Debug)]
pub(crate) enum Tried {
    /// All its trials have ended.
    Complete,
    /// The user stopped it.
    Stopped,
    /// A limit on the whole study is reached: this one.
    BudgetSpent(Limit),
    /// It cannot go on.
    Failed(Failure),
    /// It was not begun.
    NotBegun,
}

impl Tried {
    /// How the program ends by this alone.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Complete => Exit::Ok,
            Self::Stopped => Exit::Interrupted,
            Self::BudgetSpent(_) | Self::NotBegun => Exit::Incomplete,
            Self::Failed(failure) => failure.exit,
        }
    }
}

/// What the record of a run lacks, in words, and how the program ends by that alone.
pub(super) fn lacks(scored: &ScoredRun) -> (Exit, Vec<String>) {
    let record = &scored.scorecard.record;
    let (exit, mut words) = match record.pending {
        0 => shortfalls(scored),
        // What is still to be asked says nothing against what was.
        pending => {
            (Exit::Incomplete, vec![format!("{pending} of {} trials are pending", record.planned)])
        }
    };
    let exit = match (exit, record.state) {
        (Exit::Ok, RecordState::Incomplete | RecordState::Repaired) => Exit::Incomplete,
        (exit, _) => exit,
    };
    if exit == Exit::Ok {
        words.clear();
    }
    for word in &mut words {
        *word = word.replace("`trustmh resume`", "`trustmh study resume`");
    }
    for (message, aside) in &scored.set_aside {
        let calls = if aside.calls == 1 { "call" } else { "calls" };
        words.push(format!("{} {calls} failed: {message}", aside.calls));
    }
    words.extend(scored.trials.warning.clone());
    words.extend(scored.changed.clone());
    (exit, words)
}

/// The graver of two ends.
pub(crate) const fn graver(one: Exit, other: Exit) -> Exit {
    if rank(other) > rank(one) { other } else { one }
}

const fn rank(exit: Exit) -> u8 {
    match exit {
        Exit::Ok => 0,
        Exit::CheckFailed => 1,
        Exit::Incomplete => 2,
        Exit::Unreachable => 3,
        Exit::Usage => 4,
        Exit::NotSound => 5,
        Exit::Interrupted => 6,
    }
}
