//! How long conversations go without a failure, in words and rows.

use trustmh_core::curve::{CurvePoint, MedianTurn, SurvivalCurve};
use trustmh_core::scorecard::MetricEstimate;

use crate::number::{decimal, interval};

/// Heads of the columns of [`row`].
pub(crate) const HEADS: [&str; 7] =
    ["turn", "followed", "failed", "ended", "clear", "95 % interval", "band of all turns"];

/// A metric that is a point of a curve, in a line.
pub(crate) fn sentence(metric: &MetricEstimate, curve: &SurvivalCurve) -> String {
    format!(
        "failed by turn {}: {} {}; {}",
        curve.turn,
        decimal(metric.value),
        interval(metric.low, metric.high),
        median(curve)
    )
}

fn median(curve: &SurvivalCurve) -> String {
    let MedianTurn { turn, .. } = curve.median;
    match turn {
        Some(turn) => format!("median turn {turn} {}", ends(curve)),
        None => format!("fewer than half failed by turn {}", last(curve)),
    }
}

/// The interval of the median turn.
pub(crate) fn ends(curve: &SurvivalCurve) -> String {
    let of = |end: Option<u32>| {
        end.map_or_else(|| format!("after {}", last(curve)), |turn| turn.to_string())
    };
    format!("[{}, {}]", of(curve.median.low), of(curve.median.high))
}

fn last(curve: &SurvivalCurve) -> u32 {
    curve.points.last().map_or(0, |point| point.turn)
}

/// A point as cells.
pub(crate) fn row(point: &CurvePoint) -> [String; 7] {
    let CurvePoint { turn, at_risk, failed, censored, survival, low, high, band_low, band_high } =
        *point;
    [
        turn.to_string(),
        at_risk.to_string(),
        failed.to_string(),
        censored.to_string(),
        decimal(survival),
        interval(low, high),
        interval(band_low, band_high),
    ]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use trustmh_core::curve::RestrictedMean;

    /// Twelve conversations, of which at each of two turns three fail.
    pub(crate) fn curve() -> SurvivalCurve {
        let point = |turn: u32, at_risk: u64, failed: u64, survival: f64| CurvePoint {
            turn,
            at_risk,
            failed,
            censored: 0,
            survival,
            low: Some(survival - 0.2),
            high: Some((survival + 0.2).min(1.0)),
            band_low: Some(survival - 0.3),
            band_high: Some((survival + 0.3).min(1.0)),
        };
        SurvivalCurve {
            turn: 3,
            n: 12,
            clusters: 12,
            median: MedianTurn { turn: Some(3), low: Some(2), high: None },
            restricted_mean: RestrictedMean { turns: 2.75, low: Some(2.5), high: None, to: 3 },
            points: vec![point(1, 12, 0, 1.0), point(2, 12, 3, 0.75), point(3, 9, 3, 0.5)],
        }
    }

    #[test]
    fn the_median_may_lie_beyond_the_last_turn() {
        let mut curve = curve();
        assert_eq!(median(&curve), "median turn 3 [2, after 3]");
        curve.median = MedianTurn::default();
        assert_eq!(median(&curve), "fewer than half failed by turn 3");
    }
}
