//! A value on its line, with interval, ends and chance; drawn in percent of the width that there is.

use maud::{Markup, html};

use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::MetricEstimate;

use super::fixed;
use crate::findings::sentence::short;
use crate::number::{decimal, estimate_interval};
use crate::scale::Scale;
use crate::tone::Tone;

/// The line runs from here to as far from the right edge, in percent; the ends' values stand in the margins.
const MARGIN: f64 = 8.0;
/// Units from top to bottom, and the line's own height.
pub(crate) const HEIGHT: f64 = 22.0;
const MIDDLE: f64 = 11.0;

/// What is drawn; places are from 0, left, to 1, right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    at: f64,
    span: Option<(f64, f64)>,
    ends: (f64, f64),
    chance: Option<f64>,
    /// Up to where a value worries, and from where on it reassures.
    zones: Option<(f64, f64)>,
    beside: Option<f64>,
    tone: Tone,
    said: String,
}

impl Line {
    /// A metric, turned so that right is good, where one way is; and where the run that it stands beside has its value.
    pub(crate) fn of(metric: &MetricEstimate, beside: Option<f64>) -> Self {
        let estimate = metric.estimate();
        let plain = Self::plain(&estimate, metric.range);
        let Some(scale) = Scale::of(metric) else { return plain };
        let zones = metric.zones().map(|zones| {
            (scale.place_of_score(zones.worrying), scale.place_of_score(zones.reassuring))
        });
        let other =
            beside.map_or_else(String::new, |value| format!("; beside it {}", decimal(value)));
        let said = format!(
            "{}, 95 % interval {}; the line runs from {} (worst) to {} (best){}{other}",
            decimal(metric.value),
            estimate_interval(&estimate),
            decimal(scale.worst),
            decimal(scale.best),
            scale
                .chance
                .map_or_else(String::new, |chance| format!(", chance at {}", decimal(chance))),
        );
        Self {
            at: scale.place(metric.value),
            span: metric.low.zip(metric.high).map(|(low, high)| scale.span(low, high)),
            ends: (scale.worst, scale.best),
            chance: scale.chance.map(|chance| scale.place(chance)),
            zones,
            beside: beside.map(|value| scale.place(value)),
            tone: Tone::of(metric),
            said,
        }
    }

    /// A value on the line of its metric: within a group, say.
    pub(crate) fn within(metric: &MetricEstimate, estimate: &Estimate) -> Self {
        let Some(scale) = Scale::of(metric) else { return Self::plain(estimate, metric.range) };
        let plain = Self::plain(estimate, (scale.worst, scale.best));
        Self {
            at: scale.place(estimate.value),
            span: estimate.interval.map(|found| scale.span(found.low, found.high)),
            ends: (scale.worst, scale.best),
            chance: scale.chance.map(|chance| scale.place(chance)),
            ..plain
        }
    }

    /// A value on a line from the lower to the upper end of what it can be.
    pub(crate) fn plain(estimate: &Estimate, (low, high): (f64, f64)) -> Self {
        let span = high - low;
        let place =
            |value: f64| if span == 0.0 { 0.5 } else { ((value - low) / span).clamp(0.0, 1.0) };
        Self {
            at: place(estimate.value),
            span: estimate.interval.map(|found| (place(found.low), place(found.high))),
            ends: (low, high),
            chance: None,
            zones: None,
            beside: None,
            tone: Tone::Unknown,
            said: format!(
                "{}, 95 % interval {}; the line runs from {} to {}",
                decimal(estimate.value),
                estimate_interval(estimate),
                decimal(low),
                decimal(high)
            ),
        }
    }

    /// With a band around a place, in which noise alone would put it.
    pub(crate) fn with_band(self, band: (f64, f64), metric: &MetricEstimate) -> Self {
        let zones = Scale::of(metric).map(|scale| scale.span(band.0, band.1));
        Self { zones, tone: Tone::Unknown, ..self }
    }
}

fn x(place: f64) -> f64 {
    MARGIN + place.clamp(0.0, 1.0) * (100.0 - 2.0 * MARGIN)
}

fn percent(place: f64) -> String {
    format!("{}%", fixed(x(place)))
}

fn wide(from: f64, to: f64) -> String {
    format!("{}%", fixed((x(to) - x(from)).max(0.0)))
}

/// How the zones of a line are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shading {
    /// Worry on the left, reassurance on the right.
    Zones,
    /// A band of noise.
    Band,
}

/// The line as a picture; `what` is what it shows.
pub(crate) fn track(what: &str, line: &Line) -> Markup {
    drawn(what, line, Shading::Zones)
}

/// The same with the zones taken as a band.
pub(crate) fn banded(what: &str, line: &Line) -> Markup {
    drawn(what, line, Shading::Band)
}

fn drawn(what: &str, line: &Line, shading: Shading) -> Markup {
    let (top, bottom) = (fixed(MIDDLE - 4.0), fixed(MIDDLE + 4.0));
    html! {
        svg.track role="img" width="100%" height=(HEIGHT) {
            title { (what) }
            desc { (line.said) }
            @if let Some((left, right)) = line.zones {
                @match shading {
                    Shading::Zones => {
                        rect.worry x=(percent(0.0)) y="1" width=(wide(0.0, left)) height="20" {}
                        rect.calm x=(percent(right)) y="1" width=(wide(right, 1.0)) height="20" {}
                    }
                    Shading::Band => rect.noise x=(percent(left)) y="1" width=(wide(left, right)) height="20" {}
                }
            }
            line.axis x1=(percent(0.0)) y1=(MIDDLE) x2=(percent(1.0)) y2=(MIDDLE) {}
            line.axis x1=(percent(1.0)) y1=(top) x2=(percent(1.0)) y2=(bottom) {}
            @if let Some(chance) = line.chance {
                line.chance x1=(percent(chance)) y1="2" x2=(percent(chance)) y2="20" {}
            }
            text.end x=(format!("{}%", fixed(MARGIN - 1.5))) y="14.5" text-anchor="end" { (end(line.ends.0)) }
            text.end x=(format!("{}%", fixed(100.0 - MARGIN + 1.5))) y="14.5" { (end(line.ends.1)) }
            @if let Some((from, to)) = line.span {
                line class={ "interval " (line.tone.word()) } x1=(percent(from)) y1=(MIDDLE) x2=(percent(to)) y2=(MIDDLE) {}
            }
            @if let Some(other) = line.beside {
                circle.beside cx=(percent(other)) cy=(MIDDLE) r="4.5" {}
            }
            (shape(line))
        }
    }
}

/// The value: a square where it worries, a diamond where all is open, a dot where it reassures.
fn shape(line: &Line) -> Markup {
    html! {
        svg x=(percent(line.at)) y=(MIDDLE) overflow="visible" {
            @match line.tone {
                Tone::Worrying => rect.worrying x="-5" y="-5" width="10" height="10" {},
                Tone::Unclear => polygon.unclear points="-6.5,0 0,-6.5 6.5,0 0,6.5" {},
                Tone::Reassuring => circle.reassuring r="5.5" {},
                Tone::Unknown => circle.unknown r="5" {},
            }
        }
    }
}

/// The value of an end, as short as it is exact.
fn end(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}").replace('-', "−") } else { short(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::tests::share;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_drawn_outside_the_line(value: f64, low in -100.0_f64..100.0, span in 0.0_f64..100.0) {
            let estimate = Estimate { value, interval: None, n: 1, clusters: 1 };
            let line = Line::plain(&estimate, (low, low + span));
            prop_assert!(line.at.is_nan() == value.is_nan());
            prop_assert!(value.is_nan() || (MARGIN..=100.0 - MARGIN).contains(&x(line.at)));
        }
    }

    #[test]
    fn a_tone_is_told_by_shape_and_the_other_run_is_hollow() {
        let of = |metric: &MetricEstimate, beside| {
            track("Missed", &Line::of(metric, beside)).into_string()
        };
        assert!(of(&share(0.5, 0.3, 0.7, 20), None).contains("<rect class=\"worrying\""));
        assert!(of(&share(0.2, 0.07, 0.45, 15), None).contains("<polygon class=\"unclear\""));
        let calm = of(&share(0.0, 0.0, 0.19, 16), Some(0.4));
        assert!(
            calm.contains("<circle class=\"reassuring\"")
                && calm.contains("<circle class=\"beside\"")
        );
        // Less is better: the best end stands right.
        assert!(calm.contains("from 1.000 (worst) to 0.000 (best)"), "{calm}");
    }
}
