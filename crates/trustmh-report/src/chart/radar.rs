//! Pillar scores as a radar: an overview at a glance, never to be read for differences.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::PillarScore;

use super::fixed;

/// Width and height of its box.
pub(crate) const SIZE: (f64, f64) = (WIDTH, HEIGHT);

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 330.0;
const RADIUS: f64 = 110.0;
const RINGS: [f64; 4] = [25.0, 50.0, 75.0, 100.0];

type Point = (f64, f64);

/// Where `value` of 0 to 100 stands on the axis with this number, the first axis upwards.
fn point(axis: usize, value: f64) -> Point {
    let turn = std::f64::consts::TAU * axis as f64 / Pillar::ALL.len() as f64;
    let far = RADIUS * value.clamp(0.0, 100.0) / 100.0;
    (WIDTH / 2.0 + far * turn.sin(), HEIGHT / 2.0 - far * turn.cos())
}

/// The radar of all eight pillars; those without a score have an axis and no dot, and no line goes past them.
pub(crate) fn radar(scores: &BTreeMap<Pillar, PillarScore>) -> Markup {
    let of = |axis: usize| {
        Pillar::ALL.get(axis % Pillar::ALL.len()).and_then(|pillar| scores.get(pillar))
    };
    let axes = 0..Pillar::ALL.len();
    let sides: Vec<(Point, Point)> = axes
        .clone()
        .filter_map(|axis| {
            let (one, two) = (of(axis)?, of(axis + 1)?);
            Some((point(axis, one.value), point(axis + 1, two.value)))
        })
        .collect();
    html! {
        svg.radar role="img" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT) {
            title { "Pillar scores" }
            desc { (said(scores)) }
            @for ring in RINGS {
                circle.ring cx=(fixed(WIDTH / 2.0)) cy=(fixed(HEIGHT / 2.0)) r=(fixed(RADIUS * ring / 100.0)) {}
            }
            @for (axis, pillar) in Pillar::ALL.into_iter().enumerate() {
                @let end = point(axis, 100.0);
                line.axis x1=(fixed(WIDTH / 2.0)) y1=(fixed(HEIGHT / 2.0)) x2=(fixed(end.0)) y2=(fixed(end.1)) {}
                (label(axis, pillar))
            }
            @for (from, to) in sides {
                line.side x1=(fixed(from.0)) y1=(fixed(from.1)) x2=(fixed(to.0)) y2=(fixed(to.1)) {}
            }
            @for axis in axes {
                @if let Some(score) = of(axis) {
                    @if let Some((low, high)) = score.low.zip(score.high) {
                        @let (from, to) = (point(axis, low), point(axis, high));
                        line.interval x1=(fixed(from.0)) y1=(fixed(from.1)) x2=(fixed(to.0)) y2=(fixed(to.1)) {}
                    }
                    @let dot = point(axis, score.value);
                    circle.value cx=(fixed(dot.0)) cy=(fixed(dot.1)) r="4.5" {}
                }
            }
        }
    }
}

fn label(axis: usize, pillar: Pillar) -> Markup {
    let (x, y) = point(axis, 100.0);
    let (right, down) = (x - WIDTH / 2.0, y - HEIGHT / 2.0);
    let anchor = match right {
        right if right > 1.0 => "start",
        right if right < -1.0 => "end",
        _ => "middle",
    };
    let (x, y) =
        (x + right.signum() * if right.abs() > 1.0 { 8.0 } else { 0.0 }, y + 4.0 + down / 9.0);
    html! { text text-anchor=(anchor) x=(fixed(x)) y=(fixed(y)) { (pillar.short_title()) } }
}

fn said(scores: &BTreeMap<Pillar, PillarScore>) -> String {
    let parts: Vec<String> = Pillar::ALL
        .into_iter()
        .map(|pillar| match scores.get(&pillar) {
            Some(score) => format!("{} {:.1}", pillar.title(), score.value),
            None => format!("{} without a score", pillar.title()),
        })
        .collect();
    format!("{} of 100; the table beside it has the intervals", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dots_stay_inside_the_outer_ring(axis in 0_usize..8, value in -50.0_f64..200.0) {
            let (x, y) = point(axis, value);
            let far = ((x - WIDTH / 2.0).powi(2) + (y - HEIGHT / 2.0).powi(2)).sqrt();
            prop_assert!(far <= RADIUS + 1e-9);
        }
    }

    #[test]
    fn no_line_goes_past_a_pillar_without_a_score() {
        let score = PillarScore {
            value: 50.0,
            low: None,
            high: None,
            method: None,
            tasks: 1,
            missing: Vec::new(),
        };
        let of = |pillars: &[Pillar]| {
            let scores = pillars.iter().map(|pillar| (*pillar, score.clone())).collect();
            radar(&scores).into_string()
        };
        let sides = |svg: &str| svg.matches("class=\"side\"").count();
        assert_eq!(sides(&of(&Pillar::ALL)), 8);
        assert_eq!(sides(&of(&[Pillar::Reliability, Pillar::Crisis, Pillar::Fairness])), 1);
        assert!(of(&[Pillar::Ethics]).contains("Safety without a score"));
    }
}
