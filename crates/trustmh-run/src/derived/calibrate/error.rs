//! Why a judge's mean cannot be put right.

use trustmh_core::id::{MeasureName, MetricName, TaskId};
use trustmh_engine::error::EngineError;

use crate::error::RunError;

/// Why a metric cannot be put right by these ratings.
#[derive(Debug, thiserror::Error)]
pub enum Calibrating {
    /// A task that the run did not ask.
    #[error("the run has no task {task}")]
    NoTask {
        /// The task.
        task: TaskId,
    },
    /// A metric that the task does not have.
    #[error("{task} has no metric `{name}` that people's ratings could put right; it has {known}")]
    NoMetric {
        /// The task.
        task: TaskId,
        /// What was asked for.
        name: String,
        /// Its shares and means.
        known: String,
    },
    /// A measure that no trial has.
    #[error("no trial of {task} that counts has the measure `{measure}`")]
    NoMeasure {
        /// The task.
        task: TaskId,
        /// The measure.
        measure: MeasureName,
    },
    /// Ratings of something else.
    #[error("the ratings are of `{field}`, but {what} rests on `{measure}`")]
    OtherField {
        /// What people rated.
        field: String,
        /// What was to be put right.
        what: String,
        /// The measure it rests on.
        measure: MeasureName,
    },
    /// A rating that the metric cannot take.
    #[error("a rating is {value}, but {what} goes from {low} to {high}")]
    OffScale {
        /// The rating.
        value: f64,
        /// What was to be put right.
        what: MetricName,
        /// The lowest it can be.
        low: f64,
        /// The highest.
        high: f64,
    },
    /// Ratings of other replies.
    #[error("none of the {rated} replies that people rated is one that {what} of {task} counts")]
    NothingInCommon {
        /// How many people rated.
        rated: usize,
        /// What was to be put right.
        what: String,
        /// The task.
        task: TaskId,
    },
    /// A run that can no longer be read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Rules that the benchmark no longer has.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
