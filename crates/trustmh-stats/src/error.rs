//! Data that cannot carry an estimate.

/// Why an estimate cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// There are no observations.
    #[error("there are no observations")]
    Empty,
    /// An observation is not a finite number.
    #[error("observation {index} is {value}, not a finite number")]
    NonFinite {
        /// Its place, from 0.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// Two lists that belong together differ in length.
    #[error("{left} observations stand beside {right}")]
    LengthMismatch {
        /// Length of the first list.
        left: usize,
        /// Length of the second list.
        right: usize,
    },
    /// All observations of one side are equal, so no correlation is defined.
    #[error("all {what} values are equal, so no correlation is defined")]
    Constant {
        /// Which side.
        what: &'static str,
    },
    /// Two pairs lie on a line whatever they are.
    #[error("too few pairs ({n}) for a correlation")]
    TooFew {
        /// Pairs given.
        n: usize,
    },
    /// An observation outside the range of its estimator.
    #[error("observation {index} is {value}; a proportion takes only 0 and 1")]
    NotBinary {
        /// Its place, from 0.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// More successes than observations.
    #[error("{successes} successes in {n} observations")]
    TooManySuccesses {
        /// Successes given.
        successes: u64,
        /// Observations given.
        n: u64,
    },
}
