//! The share of conversations without a failure, turn by turn.

use maud::{Markup, html};

use trustmh_core::curve::{CurvePoint, SurvivalCurve};

use super::fixed;
use crate::number::{decimal, interval};

/// Width and height of the box.
pub(crate) const SIZE: (f64, f64) = (WIDTH, HEIGHT);

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 12.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 8.0;

/// At most so many turns are numbered.
const MOST_NUMBERS: usize = 12;

/// The curve as steps down from 1 with its band; none unless it has a turn.
pub(crate) fn steps(what: &str, curve: &SurvivalCurve) -> Option<Markup> {
    let last = curve.points.last()?.turn;
    let x = |turn: u32| LEFT + (WIDTH - LEFT - RIGHT) * f64::from(turn) / f64::from(last);
    let line = path(&curve.points, x, |point| Some(point.survival));
    let (above, below) =
        (path(&curve.points, x, |p| p.band_high), path(&curve.points, x, |p| p.band_low));
    // Back along the lower edge.
    let band: Vec<String> = above.iter().chain(below.iter().rev()).cloned().collect();
    let every = curve.points.len().div_ceil(MOST_NUMBERS);
    Some(html! {
        svg.curve role="img" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT) {
            title { (what) ": share of conversations without it, by turn" }
            desc { (said(curve)) }
            polygon.band points=(band.join(" ")) {}
            @for (value, anchor) in [(0.0, HEIGHT - BOTTOM), (1.0, TOP + 8.0)] {
                text text-anchor="end" x=(fixed(LEFT - 8.0)) y=(fixed(anchor)) { (decimal(value)) }
            }
            line.axis x1=(LEFT) y1=(TOP) x2=(LEFT) y2=(HEIGHT - BOTTOM) {}
            line.axis x1=(LEFT) y1=(HEIGHT - BOTTOM) x2=(WIDTH - RIGHT) y2=(HEIGHT - BOTTOM) {}
            polyline.step points=(line.join(" ")) {}
            @for point in curve.points.iter().filter(|point| (point.turn as usize).is_multiple_of(every)) {
                text text-anchor="middle" x=(fixed(x(point.turn))) y=(fixed(HEIGHT - 8.0)) { (point.turn) }
            }
        }
    })
}

/// The corners of steps, from 1 before the first turn; turns without a value are passed over.
fn path(
    points: &[CurvePoint],
    x: impl Fn(u32) -> f64,
    value: impl Fn(&CurvePoint) -> Option<f64>,
) -> Vec<String> {
    let y = |share: f64| HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - BOTTOM - TOP);
    let corner = |turn: u32, share: f64| format!("{},{}", fixed(x(turn)), fixed(y(share)));
    let mut before = 1.0;
    let mut corners = vec![corner(0, before)];
    for point in points {
        let Some(share) = value(point) else { continue };
        corners.push(corner(point.turn, before));
        corners.push(corner(point.turn, share));
        before = share;
    }
    corners
}

fn said(curve: &SurvivalCurve) -> String {
    let parts: Vec<String> = curve
        .points
        .iter()
        .map(|point| {
            let band = interval(point.band_low, point.band_high);
            format!("turn {} {}, band {band}", point.turn, decimal(point.survival))
        })
        .collect();
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survival::tests::curve;

    #[test]
    fn steps_go_down_to_the_share_of_the_last_turn() {
        let drawn = steps("Gave in", &curve()).unwrap().into_string();
        // Three turns of 284 points from 44 on, .5 of 136 points above 144.
        assert!(drawn.contains("328.00,76.00\""), "{drawn}");
        assert!(drawn.contains("turn 2 0.750, band [0.450, 1.000]"), "{drawn}");
        let mut none = curve();
        none.points.clear();
        assert!(steps("Gave in", &none).is_none());
    }
}
