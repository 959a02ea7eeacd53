//! Values of several runs on one scale, each in a lane of its own with its interval; two are joined, so that the way from one to the
//! other is seen. The scale is turned so that right is good.

use maud::{Markup, html};

use trustmh_core::metric::{Direction, Estimate};

use super::fixed;
use crate::matrix::Scale;
use crate::number::{decimal, estimate_interval};

/// As wide as a plot is.
pub(crate) const WIDTH: f64 = 380.0;
const LEFT: f64 = 26.0;
const RIGHT: f64 = 14.0;
const LANE: f64 = 18.0;
const ENDS: f64 = 20.0;

/// A run's value in a lane.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lane {
    /// The run's sign.
    pub(crate) sign: String,
    /// Its value.
    pub(crate) estimate: Estimate,
}

/// Where a value stands between the worse end, 0, and the better one, 1. Where neither way is better, between the lower and the
/// upper.
pub(crate) fn turned(value: f64, scale: &Scale) -> f64 {
    let (low, high) = scale.range;
    let span = high - low;
    let share = match scale.direction {
        Direction::Higher | Direction::None => (value - low) / span,
        Direction::Lower => (high - value) / span,
        Direction::NearZero => 1.0 - value.abs() / low.abs().max(high.abs()),
    };
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 }
}

/// Where an interval lies on the turned scale; one that holds 0 reaches the better end of a metric that is to be near 0.
pub(crate) fn turned_interval(estimate: &Estimate, scale: &Scale) -> Option<(f64, f64)> {
    let interval = estimate.interval?;
    let (one, other) = (turned(interval.low, scale), turned(interval.high, scale));
    let holds_zero = interval.low < 0.0 && interval.high > 0.0;
    let best = match scale.direction {
        Direction::NearZero if holds_zero => 1.0,
        Direction::Higher | Direction::Lower | Direction::NearZero | Direction::None => {
            one.max(other)
        }
    };
    Some((one.min(other), best))
}

/// The values at the left and the right end, and what each end is.
pub(crate) fn ends(scale: &Scale) -> [String; 2] {
    let (low, high) = scale.range;
    let named = |value: f64, word: &str| format!("{} {word}", decimal(value));
    match scale.direction {
        Direction::Higher => [named(low, "worse"), named(high, "better")],
        Direction::Lower => [named(high, "worse"), named(low, "better")],
        Direction::NearZero => {
            [format!("±{} worse", decimal(low.abs().max(high.abs()))), named(0.0, "better")]
        }
        Direction::None => [named(low, "lowest"), named(high, "highest")],
    }
}

/// Where a subject that knows nothing stands, if that is not the worse end.
pub(crate) fn knows_nothing(scale: &Scale) -> Option<f64> {
    inside(turned(scale.anchors?.worst, scale))
}

/// Where a subject that does all that is asked stands, if that is not the better end.
pub(crate) fn does_all(scale: &Scale) -> Option<f64> {
    inside(turned(scale.anchors?.best, scale))
}

fn inside(at: f64) -> Option<f64> {
    (at > 0.01 && at < 0.99).then_some(at)
}

/// How high a plot of so many lanes is.
pub(crate) fn height(lanes: usize) -> f64 {
    lanes as f64 * LANE + ENDS
}

/// The plot of one metric; none without a lane.
pub(crate) fn dumbbell(what: &str, lanes: &[Lane], scale: &Scale) -> Option<Markup> {
    let place = |share: f64| LEFT + share * (WIDTH - LEFT - RIGHT);
    let middle = |lane: usize| LANE * (lane as f64 + 0.5);
    let floor = LANE * lanes.len() as f64;
    let at: Vec<f64> = lanes.iter().map(|lane| place(turned(lane.estimate.value, scale))).collect();
    if lanes.is_empty() {
        return None;
    }
    let [worse, better] = ends(scale);
    Some(html! {
        svg.dumbbell role="img" viewBox=(format!("0 0 {WIDTH} {}", height(lanes.len()))) width=(WIDTH) height=(height(lanes.len())) {
            title { (what) }
            desc { (said(lanes, scale)) }
            line.axis x1=(LEFT) y1=(fixed(floor)) x2=(WIDTH - RIGHT) y2=(fixed(floor)) {}
            @for x in [LEFT, WIDTH - RIGHT] {
                line.axis x1=(x) y1=(fixed(floor - 3.0)) x2=(x) y2=(fixed(floor + 3.0)) {}
            }
            @if let Some(share) = knows_nothing(scale) {
                line.nothing x1=(fixed(place(share))) y1="0" x2=(fixed(place(share))) y2=(fixed(floor)) {}
            }
            @if let Some(share) = does_all(scale) {
                line.ideal x1=(fixed(place(share))) y1="0" x2=(fixed(place(share))) y2=(fixed(floor)) {}
            }
            @if let [one, two] = at.as_slice() {
                line.way x1=(fixed(*one)) y1=(fixed(middle(0))) x2=(fixed(*two)) y2=(fixed(middle(1))) {}
            }
            @for (number, (lane, x)) in lanes.iter().zip(&at).enumerate() {
                text.sign text-anchor="middle" x="10" y=(fixed(middle(number) + 4.0)) { (lane.sign) }
                @if let Some((from, to)) = turned_interval(&lane.estimate, scale) {
                    line.interval x1=(fixed(place(from))) y1=(fixed(middle(number))) x2=(fixed(place(to))) y2=(fixed(middle(number))) {}
                }
                @if number == 0 && at.len() == 2 {
                    circle.before cx=(fixed(*x)) cy=(fixed(middle(number))) r="4.5" {}
                } @else {
                    circle.value cx=(fixed(*x)) cy=(fixed(middle(number))) r="4.5" {}
                }
            }
            text.end x=(LEFT) y=(fixed(floor + 16.0)) { (worse) }
            text.end text-anchor="end" x=(WIDTH - RIGHT) y=(fixed(floor + 16.0)) { (better) }
        }
    })
}

fn said(lanes: &[Lane], scale: &Scale) -> String {
    let values: Vec<String> = lanes
        .iter()
        .map(|Lane { sign, estimate }| {
            format!("{sign} {} {}", decimal(estimate.value), estimate_interval(estimate))
        })
        .collect();
    let [worse, better] = ends(scale);
    format!("{}; left is {worse}, right is {better}", values.join("; "))
}

/// A value and its interval as small as a word; a text says the same beside it.
pub(crate) fn tiny(estimate: &Estimate, scale: &Scale) -> Markup {
    const SMALL: f64 = 96.0;
    let place = |share: f64| 4.0 + share * (SMALL - 8.0);
    html! {
        svg.tiny aria-hidden="true" viewBox=(format!("0 0 {SMALL} 12")) width=(SMALL) height="12" {
            line.axis x1="4" y1="6" x2=(SMALL - 4.0) y2="6" {}
            @if let Some((from, to)) = turned_interval(estimate, scale) {
                line.interval x1=(fixed(place(from))) y1="6" x2=(fixed(place(to))) y2="6" {}
            }
            circle.value cx=(fixed(place(turned(estimate.value, scale)))) cy="6" r="3.5" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trustmh_core::metric::{Anchors, Interval, IntervalMethod};

    fn scale(direction: Direction, range: (f64, f64)) -> Scale {
        Scale { direction, range, anchors: Anchors::of_range(direction, range) }
    }

    fn between(low: f64, high: f64) -> Estimate {
        let interval = Some(Interval { low, high, method: IntervalMethod::T });
        Estimate { value: (low + high) / 2.0, interval, n: 9, clusters: 9 }
    }

    #[test]
    fn right_is_good_whichever_way_is_better() {
        let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(close(turned(0.9, &scale(Direction::Higher, (0.0, 1.0))), 0.9));
        assert!(close(turned(0.9, &scale(Direction::Lower, (0.0, 1.0))), 0.1));
        let near_zero = scale(Direction::NearZero, (-200.0, 100.0));
        assert!(close(turned(-100.0, &near_zero), turned(100.0, &near_zero)));
        assert_eq!(turned_interval(&between(-20.0, 50.0), &near_zero), Some((0.75, 1.0)));
        assert_eq!(ends(&scale(Direction::Lower, (0.0, 1.0))), ["1.000 worse", "0.000 better"]);
        assert_eq!(ends(&near_zero), ["±200.0 worse", "0.000 better"]);
    }

    #[test]
    fn two_are_joined_and_what_knows_nothing_is_marked() {
        let lane = |sign: &str| Lane { sign: sign.to_owned(), estimate: between(0.2, 0.4) };
        let choices = Scale {
            anchors: Some(Anchors { best: 1.0, worst: 0.25 }),
            ..scale(Direction::Higher, (0.0, 1.0))
        };
        let drawn = |lanes: &[Lane]| dumbbell("accuracy", lanes, &choices).unwrap().into_string();
        let two = drawn(&[lane("A"), lane("B")]);
        assert!(two.contains("class=\"way\"") && two.contains("class=\"nothing\""), "{two}");
        assert_eq!(two.matches("class=\"interval\"").count(), 2);
        assert!(!drawn(&[lane("A"), lane("B"), lane("C")]).contains("class=\"way\""));
        assert!(dumbbell("accuracy", &[], &choices).is_none());
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside(value: f64, low in -100.0_f64..100.0, span in 0.0_f64..100.0) {
            for direction in [Direction::Higher, Direction::Lower, Direction::NearZero, Direction::None] {
                let share = turned(value, &scale(direction, (low, low + span)));
                prop_assert!((0.0..=1.0).contains(&share));
            }
        }
    }
}
