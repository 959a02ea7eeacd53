//! How long conversations go without a failure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The survival curve of the first failure, turn by turn, by Kaplan and Meier (doi 10.2307/2281868).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SurvivalCurve {
    /// The turn that the metric is about.
    pub turn: u32,
    /// Conversations that were followed for a turn or more.
    pub n: u64,
    /// Items behind them.
    pub clusters: u64,
    /// The first turn by which half have failed or more.
    pub median: MedianTurn,
    /// Mean turn of the first failure; one that never comes, or comes later, counts as the last turn.
    pub restricted_mean: RestrictedMean,
    /// A point for each turn from the first to the last at which any conversation was followed.
    pub points: Vec<CurvePoint>,
}

impl SurvivalCurve {
    /// The point of a turn, counted from 1.
    pub fn at(&self, turn: u32) -> Option<&CurvePoint> {
        self.points.iter().find(|point| point.turn == turn)
    }
}

/// The first turn by which half have failed, with its 95 % interval: turns at which the interval of the survival holds one half
/// (Brookmeyer & Crowley 1982, doi 10.2307/2530286).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MedianTurn {
    /// The turn; none where fewer than half have failed by the last.
    pub turn: Option<u32>,
    /// Lower end; none where even that is not reached.
    pub low: Option<u32>,
    /// Upper end; none where it lies beyond the last turn.
    pub high: Option<u32>,
}

/// The area under the curve up to a turn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RestrictedMean {
    /// The mean.
    pub turns: f64,
    /// Lower end of its 95 % interval; none where so little data cannot carry one.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The last turn that counts.
    pub to: u32,
}

/// The curve at one turn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// The turn, from 1.
    pub turn: u32,
    /// Conversations without a failure before it that were followed to it.
    pub at_risk: u64,
    /// Those of them that failed at it.
    pub failed: u64,
    /// Those of them that were followed no further, without a failure.
    pub censored: u64,
    /// Share without a failure up to and with this turn.
    pub survival: f64,
    /// Lower end of its 95 % interval; none where so little data cannot carry one.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Lower end of the band that holds the whole curve at once with 95 %.
    pub band_low: Option<f64>,
    /// Upper end of the band.
    pub band_high: Option<f64>,
}
