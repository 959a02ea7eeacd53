//! A curve in a number: its median, and the area under it.

use trustmh_core::curve::{CurvePoint, MedianTurn, RestrictedMean};

use super::Survival;
use super::influence::influences;
use crate::mean::mean;
use crate::sample::Sample;

/// The first turn after which no more than half are clear, and the first after which an end of the interval says so.
pub(super) fn median(points: &[CurvePoint]) -> MedianTurn {
    let first = |of: fn(&CurvePoint) -> Option<f64>| {
        let half = |point: &&CurvePoint| of(point).is_some_and(|share| share <= 0.5 + 1e-12);
        points.iter().find(half).map(|point| point.turn)
    };
    MedianTurn {
        turn: first(|point| Some(point.survival)),
        low: first(|point| point.low),
        high: first(|point| point.high),
    }
}

/// The mean of the turn of the first failure or the last turn, whichever comes first: 1 and the survival after each turn but the last. Its
/// interval is that of a mean whose observations are the pseudo-values of the area, those of one item together (Andersen, Hansen & Klein
/// 2004, doi 10.1007/s10985-004-4771-0).
pub(super) fn restricted_mean(survival: &Survival) -> RestrictedMean {
    let to = survival.last_turn();
    let steps = survival.steps.split_last().map_or(&[][..], |(_, before)| before);
    let turns = 1.0 + steps.iter().map(|step| step.survival).sum::<f64>();
    let n = survival.courses.len() as f64;
    let value = |course: &super::Course| {
        let influences = influences(*course, steps).into_iter().zip(steps);
        turns + n * influences.map(|(influence, step)| influence * step.survival).sum::<f64>()
    };
    let values = survival.courses.iter().map(value).collect();
    let sample = Sample::clustered(values, &survival.clusters).ok();
    let interval = sample.and_then(|sample| mean(&sample).interval);
    RestrictedMean {
        turns,
        low: interval.map(|ends| ends.low.max(1.0)),
        high: interval.map(|ends| ends.high.min(f64::from(to))),
        to,
    }
}
