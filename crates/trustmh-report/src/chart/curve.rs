//! A metric over the levels of a perturbation, with intervals.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::metric::Estimate;

use super::fixed;
use crate::number::{decimal, estimate_interval};

/// Width and height of its box.
pub(crate) const SIZE: (f64, f64) = (WIDTH, HEIGHT);

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 8.0;

/// Levels from the clean text on, as the facet `level` has them.
const LEVELS: [(&str, &str); 4] =
    [("none", "clean"), ("low", "low"), ("medium", "medium"), ("high", "high")];

/// The curve of a metric that is grouped by level; none unless it has two levels or more.
pub(crate) fn curve(
    what: &str,
    by_level: &BTreeMap<String, Estimate>,
    scale: (f64, f64),
) -> Option<Markup> {
    let found: Vec<(&str, &Estimate)> =
        LEVELS.iter().filter_map(|(level, name)| Some((*name, by_level.get(*level)?))).collect();
    if found.len() < 2 {
        return None;
    }
    let x = |place: usize| LEFT + (WIDTH - LEFT - 20.0) * (place as f64 + 0.5) / found.len() as f64;
    let y = |value: f64| height_of(value, scale);
    let said: Vec<String> = found
        .iter()
        .map(|(name, of)| format!("{name} {} {}", decimal(of.value), estimate_interval(of)))
        .collect();
    Some(html! {
        svg.curve role="img" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT) {
            title { (what) " by level of perturbation" }
            desc { (said.join("; ")) }
            @for (value, anchor) in [(scale.0, HEIGHT - BOTTOM), (scale.1, TOP + 8.0)] {
                text text-anchor="end" x=(fixed(LEFT - 8.0)) y=(fixed(anchor)) { (decimal(value)) }
            }
            line.axis x1=(LEFT) y1=(TOP) x2=(LEFT) y2=(HEIGHT - BOTTOM) {}
            line.axis x1=(LEFT) y1=(HEIGHT - BOTTOM) x2=(WIDTH - 10.0) y2=(HEIGHT - BOTTOM) {}
            @for (place, pair) in found.windows(2).enumerate() {
                @if let [(_, one), (_, two)] = pair {
                    line.side x1=(fixed(x(place))) y1=(fixed(y(one.value))) x2=(fixed(x(place + 1))) y2=(fixed(y(two.value))) {}
                }
            }
            @for (place, (name, of)) in found.iter().enumerate() {
                @if let Some(interval) = of.interval {
                    line.interval x1=(fixed(x(place))) y1=(fixed(y(interval.low))) x2=(fixed(x(place))) y2=(fixed(y(interval.high))) {}
                }
                circle.value cx=(fixed(x(place))) cy=(fixed(y(of.value))) r="4.5" {}
                text text-anchor="middle" x=(fixed(x(place))) y=(fixed(HEIGHT - 8.0)) { (name) }
            }
        }
    })
}

fn height_of(value: f64, (low, high): (f64, f64)) -> f64 {
    let span = high - low;
    let share = if span > 0.0 { ((value - low) / span).clamp(0.0, 1.0) } else { 0.5 };
    HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_values_stand_higher_and_one_level_makes_no_curve() {
        assert!(height_of(0.9, (0.0, 1.0)) < height_of(0.1, (0.0, 1.0)));
        assert!((height_of(2.0, (0.0, 1.0)) - TOP).abs() < 1e-9);
        assert!((height_of(-1.0, (0.0, 1.0)) - (HEIGHT - BOTTOM)).abs() < 1e-9);
        let estimate = Estimate { value: 0.5, interval: None, n: 4, clusters: 4 };
        let levels =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), estimate)).collect();
        assert!(curve("accuracy", &levels(&["none", "unheard-of"]), (0.0, 1.0)).is_none());
        let drawn =
            curve("accuracy", &levels(&["none", "high"]), (0.0, 1.0)).unwrap().into_string();
        assert_eq!(drawn.matches("<circle").count(), 2);
    }
}
