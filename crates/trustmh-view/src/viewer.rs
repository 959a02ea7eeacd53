//! What a viewer has to show, and what people may do there.

use std::sync::Arc;

use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::validity::JudgeCards;

use crate::runs::Runs;
use crate::starting::Starting;

/// Whether people may rate replies here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ratings {
    /// They may; ratings are written beside the run.
    Taken,
    /// Nothing is written.
    ReadOnly,
}

/// Which replies people are asked to rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// All of a task, in an order of each person's own.
    All,
    /// The same for everybody, in an order of each person's own.
    Of {
        /// So many of each task.
        count: usize,
        /// Which ones; without it the run's own seed says.
        seed: Option<u64>,
    },
}

/// What is shown.
pub struct Viewer {
    /// The tasks, for scoring and for rubrics.
    pub benchmark: Benchmark,
    /// What is known of judges, for comparisons.
    pub cards: JudgeCards,
    /// The runs.
    pub runs: Runs,
    /// Whether people may rate.
    pub ratings: Ratings,
    /// Which replies they rate.
    pub sample: Sample,
    /// Runs that may be started from pages; none where they may not.
    pub starting: Option<Arc<Starting>>,
}
