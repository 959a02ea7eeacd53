//! What a viewer has to show, and what people may do there.

use trustmh_bench::benchmark::Benchmark;

use crate::runs::Runs;

/// Whether people may rate replies here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ratings {
    /// They may; ratings are written beside the run.
    Taken,
    /// Nothing is written.
    ReadOnly,
}

/// What is shown.
pub struct Viewer {
    /// The tasks, for scoring and for rubrics.
    pub benchmark: Benchmark,
    /// The runs.
    pub runs: Runs,
    /// Whether people may rate.
    pub ratings: Ratings,
}
