//! Small SVG drawings; each has a title and a description, and a table stands beside it.

mod curve;
mod dumbbell;
mod radar;
mod steps;

pub(crate) use curve::{SIZE as CURVE, curve};
pub(crate) use dumbbell::{
    Lane, WIDTH as DUMBBELL_WIDTH, does_all, dumbbell, height as dumbbell_height, knows_nothing,
    tiny, turned,
};
pub(crate) use radar::{SIZE as RADAR, radar};
pub(crate) use steps::steps;

use maud::{Markup, html};

use trustmh_core::metric::Estimate;
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::scorecard::MetricEstimate;

use crate::number::{decimal, estimate_interval};

/// Width and height of a dot's box.
pub(crate) const DOT: (f64, f64) = (WIDTH, 22.0);

const WIDTH: f64 = 220.0;
const MARGIN: f64 = 6.0;

/// Where `value` stands on a line of [`WIDTH`] that spans `range`; values outside are drawn at the edge.
fn place(value: f64, range: (f64, f64)) -> f64 {
    let (low, high) = range;
    let span = high - low;
    let share = if span > 0.0 { ((value - low) / span).clamp(0.0, 1.0) } else { 0.5 };
    MARGIN + share * (WIDTH - 2.0 * MARGIN)
}

/// A dot on the metric's range, with its interval.
pub(crate) fn dot_and_interval(metric: &MetricEstimate) -> Markup {
    dot(&metric.title, &metric.estimate(), metric.range)
}

/// A dot on a scale, with its interval.
pub(crate) fn dot(what: &str, estimate: &Estimate, scale: (f64, f64)) -> Markup {
    let at = place(estimate.value, scale);
    let ends = estimate.interval.map(|found| (place(found.low, scale), place(found.high, scale)));
    let said = format!(
        "{what}: {}, 95 % interval {}, on a scale from {} to {}",
        decimal(estimate.value),
        estimate_interval(estimate),
        decimal(scale.0),
        decimal(scale.1)
    );
    html! {
        svg.dot role="img" viewBox=(format!("0 0 {WIDTH} 22")) width=(WIDTH) height="22" {
            title { (what) }
            desc { (said) }
            line.axis x1=(MARGIN) y1="11" x2=(WIDTH - MARGIN) y2="11" {}
            line.axis x1=(MARGIN) y1="7" x2=(MARGIN) y2="15" {}
            line.axis x1=(WIDTH - MARGIN) y1="7" x2=(WIDTH - MARGIN) y2="15" {}
            @if let Some((from, to)) = ends {
                line.interval x1=(fixed(from)) y1="11" x2=(fixed(to)) y2="11" {}
            }
            circle.value cx=(fixed(at)) cy="11" r="4.5" {}
        }
    }
}

/// The class of conversations whose client broke its role.
const CLIENT_BROKE: &str = "client-broke";

/// How trials ended, as one bar.
pub(crate) fn outcome_bar(outcomes: &OutcomeCounts, pending: u64) -> Markup {
    let parts = [
        ("scored", outcomes.scored),
        ("refused", outcomes.refused),
        ("unparsed", outcomes.unparsed),
        ("unanswered", outcomes.unanswered),
        ("failed", outcomes.failed),
        (CLIENT_BROKE, outcomes.broken_client),
        ("pending", pending),
    ];
    let total: u64 = parts.iter().map(|(_, count)| count).sum();
    let mut left = 0.0;
    let mut bars = Vec::new();
    for (class, count) in parts {
        let width = if total == 0 { 0.0 } else { WIDTH * count as f64 / total as f64 };
        bars.push((class, left, width));
        left += width;
    }
    // Only conversations have clients.
    let has_clients = outcomes.broken_client > 0;
    let told = parts.iter().filter(|(word, _)| *word != CLIENT_BROKE || has_clients);
    let said: Vec<String> = told.map(|(word, count)| format!("{count} {word}")).collect();
    html! {
        svg.outcomes role="img" viewBox=(format!("0 0 {WIDTH} 14")) width=(WIDTH) height="14" {
            title { "How trials ended" }
            desc { (said.join(", ")) }
            @for (class, left, width) in bars {
                rect class=(class) x=(fixed(left)) y="2" width=(fixed(width)) height="10" {}
            }
        }
    }
}

fn fixed(value: f64) -> String {
    format!("{value:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_drawn_outside_the_box(value: f64, low in -100.0_f64..100.0, span in 0.0_f64..100.0) {
            let x = place(value, (low, low + span));
            prop_assert!(x.is_nan() == value.is_nan());
            prop_assert!(value.is_nan() || (MARGIN..=WIDTH - MARGIN).contains(&x));
        }
    }
}
