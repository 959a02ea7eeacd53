//! A row with a name, a number, its interval and a bar.

use trustmh_core::id::TaskId;
use trustmh_core::scorecard::{MetricEstimate, PillarScore, TaskResult};

use super::{columns, cut, does};
use crate::findings::sentence::{ends, short};
use crate::findings::unmeasured;
use crate::number::count;
use crate::scale::Scale;
use crate::tone::Tone;
use trustmh_core::inert::inert;

/// What a row shows.
pub(super) struct Bar {
    name: String,
    value: String,
    /// From 0 to 1, right is good: the value, and the ends of its interval.
    drawn: Option<(f64, Option<(f64, f64)>)>,
    said: String,
    /// None where it is drawn without a colour.
    pub(super) tone: Option<Tone>,
}

impl Bar {
    pub(super) fn of_pillar(name: String, score: &PillarScore) -> Self {
        let ends = score.low.zip(score.high);
        Self {
            name,
            value: format!("{:.0}", score.value),
            drawn: Some((score.value / 100.0, ends.map(|(low, high)| (low / 100.0, high / 100.0)))),
            said: match ends {
                Some((low, high)) => format!("{low:.0} to {high:.0} of 100"),
                None => "no interval".to_owned(),
            },
            tone: None,
        }
    }

    pub(super) fn without(name: String, why: String) -> Self {
        Self { name, value: "–".to_owned(), drawn: None, said: why, tone: None }
    }

    pub(super) fn of_task(id: &TaskId, result: &TaskResult) -> Self {
        let name = id.to_string();
        let Some((_, metric)) = result.primary() else {
            return Self::without(name, format!("not scored: {}", does(id, result)));
        };
        let drawn = Scale::of(metric).map(|scale| {
            (
                scale.place(metric.value),
                metric.low.zip(metric.high).map(|(low, high)| scale.span(low, high)),
            )
        });
        Self {
            name,
            value: short(metric.value),
            drawn,
            said: with_missing(
                metric,
                format!("{}, n {}", ends(metric), count(metric.n, metric.clusters)),
            ),
            tone: Some(Tone::of(metric)),
        }
    }
}

/// What is missing stands first.
fn with_missing(metric: &MetricEstimate, said: String) -> String {
    match unmeasured(metric) {
        Some(missing) => format!("{missing}; {said}"),
        None => said,
    }
}

/// A row before it is painted.
pub(super) struct Drawn {
    before: String,
    bar: String,
    after: String,
}

impl Drawn {
    pub(super) fn plain(&self) -> String {
        self.painted(str::to_owned)
    }

    pub(super) fn painted(&self, paint: impl Fn(&str) -> String) -> String {
        let Self { before, bar, after } = self;
        let bar = if bar.is_empty() { String::new() } else { paint(bar) + "  " };
        format!("{before}{bar}{after}").trim_end().to_owned()
    }
}

/// Columns of the name, of the number, and of what stands right of the bar.
const NAME: usize = 22;
const VALUE: usize = 6;
const SAID: usize = 20;
const WIDEST: usize = 60;

pub(super) fn bar(one: &Bar, width: usize) -> Drawn {
    let name = cut(&inert(&one.name), NAME - 1);
    let pad = " ".repeat(NAME.saturating_sub(columns(&name)));
    let before = format!("{name}{pad}{:>VALUE$}  ", one.value);
    let said = inert(&one.said);
    let Some((value, interval)) = one.drawn else {
        let after = cut(&said, width.saturating_sub(columns(&before)));
        return Drawn { before, bar: String::new(), after };
    };
    let room = width.saturating_sub(NAME + VALUE + 4 + SAID).clamp(8, WIDEST);
    let cell = |share: f64| ((share * (room - 1) as f64).round().max(0.0) as usize).min(room - 1);
    let mut cells = vec!['·'; room];
    if let Some((low, high)) = interval {
        for place in cells.iter_mut().take(cell(high) + 1).skip(cell(low)) {
            *place = '━';
        }
    }
    if let Some(place) = cells.get_mut(cell(value)) {
        *place = '●';
    }
    let after = cut(&said, width.saturating_sub(columns(&before) + room + 2));
    Drawn { before, bar: cells.into_iter().collect(), after }
}
