//! Where values stand on a line that is turned so that right is good.

use trustmh_core::metric::Direction;
use trustmh_core::scorecard::MetricEstimate;

/// A line from the worst that a metric can be, left, to the best that is asked for, right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The value at the left end.
    pub worst: f64,
    /// The value at the right end.
    pub best: f64,
    /// The value of a subject that knows nothing, where it is not the left end.
    pub chance: Option<f64>,
    direction: Direction,
}

impl Scale {
    /// The line of a metric; none where neither way is better.
    pub fn of(metric: &MetricEstimate) -> Option<Self> {
        let anchors = metric.anchors()?;
        let (low, high) = metric.range;
        let worst = match metric.direction {
            Direction::Higher => low,
            Direction::Lower => high,
            Direction::NearZero => low.abs().max(high.abs()),
            Direction::None => return None,
        };
        let best = match metric.direction {
            Direction::NearZero => anchors.best.abs(),
            _ => anchors.best,
        };
        let chance = Some(anchors.worst).filter(|chance| (chance - worst).abs() > f64::EPSILON);
        ((worst - best).abs() > f64::EPSILON).then_some(Self {
            worst,
            best,
            chance,
            direction: metric.direction,
        })
    }

    /// Where `value` stands, 0 at the left end and 1 at the right; what lies beyond an end is drawn there.
    pub fn place(&self, value: f64) -> f64 {
        let value = if self.direction == Direction::NearZero { value.abs() } else { value };
        ((value - self.worst) / (self.best - self.worst)).clamp(0.0, 1.0)
    }

    /// Where an interval begins and ends, from left to right.
    pub fn span(&self, low: f64, high: f64) -> (f64, f64) {
        let (one, two) = (self.place(low), self.place(high));
        match self.direction {
            // The best that it holds is 0.
            Direction::NearZero if low <= 0.0 && high >= 0.0 => (one.min(two), 1.0),
            _ => (one.min(two), one.max(two)),
        }
    }

    /// Where a point of the scale from 0 (chance) to 100 (best) stands.
    pub fn place_of_score(&self, score: f64) -> f64 {
        let from = self.place(self.chance.unwrap_or(self.worst));
        from + (1.0 - from) * (score / 100.0).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::tests::share;
    use trustmh_core::metric::Anchors;

    #[test]
    fn right_is_good_whichever_way_a_metric_runs() {
        let missed = Scale::of(&share(0.2, 0.1, 0.4, 10)).unwrap();
        assert!((missed.place(0.2) - 0.8).abs() < 1e-12 && missed.chance.is_none());
        let (from, to) = missed.span(0.1, 0.4);
        assert!((from - 0.6).abs() < 1e-12 && (to - 0.9).abs() < 1e-12);
        let anchors = Some(Anchors { best: 1.0, worst: 0.25 });
        let accuracy =
            MetricEstimate { direction: Direction::Higher, anchors, ..share(0.4, 0.3, 0.5, 10) };
        let accuracy = Scale::of(&accuracy).unwrap();
        assert_eq!(accuracy.chance, Some(0.25));
        assert!((accuracy.place_of_score(0.0) - 0.25).abs() < 1e-12);
        assert!((accuracy.place_of_score(100.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_ideal_is_the_right_end_though_a_metric_may_go_beyond_it() {
        let anchors = Some(Anchors { best: 0.0, worst: 1.0 });
        let drop = MetricEstimate { range: (-1.0, 1.0), anchors, ..share(0.2, -0.1, 0.5, 10) };
        let drop = Scale::of(&drop).unwrap();
        assert_eq!((drop.place(-0.4), drop.place(0.0), drop.place(1.0)), (1.0, 1.0, 0.0));
        let bias = MetricEstimate {
            direction: Direction::NearZero,
            range: (-3.0, 3.0),
            ..share(0.0, 0.0, 0.0, 9)
        };
        let bias = Scale::of(&bias).unwrap();
        assert_eq!(
            (bias.place(-3.0), bias.place(0.0), bias.span(-1.5, 0.5)),
            (0.0, 1.0, (0.5, 1.0))
        );
    }
}
