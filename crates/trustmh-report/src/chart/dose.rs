//! A metric over the levels of a perturbation, each family of slips a line.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::metric::Estimate;

use super::fixed;
use crate::findings::sentence::short;
use crate::number::{decimal, estimate_interval};

/// Width and height of the box.
pub(crate) const SIZE: (f64, f64) = (WIDTH, HEIGHT);

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 96.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;

/// Levels from the clean text on, as the facet `level` has them.
pub(crate) const LEVELS: [(&str, &str); 4] =
    [("none", "clean"), ("low", "low"), ("medium", "medium"), ("high", "high")];

/// Dashes that tell families apart without colour.
const DASHES: [&str; 4] = ["", "7 3", "2 3", "9 3 2 3"];

type ByLevel = BTreeMap<String, Estimate>;

/// The curves: of all slips together with intervals, and of each family. None unless there are two levels or more.
pub(crate) fn dose(
    what: &str,
    all: &ByLevel,
    families: &BTreeMap<String, ByLevel>,
    scale: (f64, f64),
) -> Option<Markup> {
    let levels: Vec<(&str, &str)> =
        LEVELS.iter().filter(|(level, _)| all.contains_key(*level)).copied().collect();
    if levels.len() < 2 {
        return None;
    }
    let x = |place: usize| LEFT + (WIDTH - LEFT - RIGHT) * place as f64 / (levels.len() - 1) as f64;
    let y = |value: f64| height_of(value, scale);
    let clean = all.get("none");
    let points = |of: &ByLevel| -> Vec<(f64, f64)> {
        let value = |level: &str| of.get(level).or(clean.filter(|_| level == "none"));
        let found = levels.iter().enumerate();
        found.filter_map(|(place, (level, _))| Some((x(place), y(value(level)?.value)))).collect()
    };
    let told: Vec<String> = levels
        .iter()
        .filter_map(|(level, name)| {
            let found = all.get(*level)?;
            Some(format!("{name} {} {}", decimal(found.value), estimate_interval(found)))
        })
        .collect();
    let families: Vec<(&String, Vec<(f64, f64)>)> = families
        .iter()
        .filter(|(name, _)| name.as_str() != "none")
        .map(|(name, of)| (name, points(of)))
        .collect();
    let labels = apart(families.iter().map(|(_, line)| line.last().map_or(TOP, |(_, y)| *y)));
    Some(html! {
        svg.dose role="img" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) {
            title { (what) " by level of slips" }
            desc { (told.join("; ")) }
            @for end in [scale.0, scale.1] {
                text text-anchor="end" x=(fixed(LEFT - 8.0)) y=(fixed(y(end) + 4.0)) { (short(end)) }
            }
            line.axis x1=(LEFT) y1=(TOP) x2=(LEFT) y2=(HEIGHT - BOTTOM) {}
            line.axis x1=(LEFT) y1=(HEIGHT - BOTTOM) x2=(WIDTH - RIGHT) y2=(HEIGHT - BOTTOM) {}
            @for ((place, (name, line)), label) in families.iter().enumerate().zip(labels) {
                polyline class={ "family f" (place % DASHES.len()) } points=(corners(line))
                    stroke-dasharray=(DASHES.get(place % DASHES.len()).copied().unwrap_or_default()) {}
                text x=(fixed(WIDTH - RIGHT + 8.0)) y=(fixed(label + 4.0)) { (name) }
            }
            polyline.side points=(corners(&points(all))) {}
            @for (place, (level, name)) in levels.iter().enumerate() {
                @if let Some(found) = all.get(*level) {
                    @if let Some(interval) = found.interval {
                        line.interval x1=(fixed(x(place))) y1=(fixed(y(interval.low))) x2=(fixed(x(place))) y2=(fixed(y(interval.high))) {}
                    }
                    circle.value cx=(fixed(x(place))) cy=(fixed(y(found.value))) r="4.5" {}
                }
                text text-anchor="middle" x=(fixed(x(place))) y=(fixed(HEIGHT - 7.0)) { (name) }
            }
        }
    })
}

fn corners(line: &[(f64, f64)]) -> String {
    let corners: Vec<String> =
        line.iter().map(|(x, y)| format!("{},{}", fixed(*x), fixed(*y))).collect();
    corners.join(" ")
}

fn height_of(value: f64, (low, high): (f64, f64)) -> f64 {
    let span = high - low;
    let share = if span > 0.0 { ((value - low) / span).clamp(0.0, 1.0) } else { 0.5 };
    HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
}

/// Heights of labels, moved down until none covers the one above.
fn apart(heights: impl Iterator<Item = f64>) -> Vec<f64> {
    const LINE: f64 = 14.0;
    let mut order: Vec<(usize, f64)> = heights.enumerate().collect();
    order.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let mut least = TOP;
    let mut placed: Vec<(usize, f64)> = Vec::new();
    for (place, height) in order {
        let height = height.max(least);
        least = height + LINE;
        placed.push((place, height));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, height)| height).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(names: &[(&str, f64)]) -> ByLevel {
        let of = |value: f64| Estimate { value, interval: None, n: 4, clusters: 4 };
        names.iter().map(|(name, value)| ((*name).to_owned(), of(*value))).collect()
    }

    #[test]
    fn higher_values_stand_higher_and_one_level_makes_no_curve() {
        assert!(height_of(0.9, (0.0, 1.0)) < height_of(0.1, (0.0, 1.0)));
        assert!((height_of(2.0, (0.0, 1.0)) - TOP).abs() < 1e-9);
        let none = BTreeMap::new();
        assert!(
            dose("accuracy", &levels(&[("none", 0.5), ("unheard-of", 0.1)]), &none, (0.0, 1.0))
                .is_none()
        );
    }

    #[test]
    fn families_begin_at_the_clean_text_and_their_names_do_not_cover_each_other() {
        let all = levels(&[("high", 0.5), ("low", 0.7), ("none", 0.8)]);
        let word = levels(&[("high", 0.5), ("low", 0.6)]);
        let families =
            BTreeMap::from([("word".to_owned(), word.clone()), ("character".to_owned(), word)]);
        let svg = dose("Accuracy", &all, &families, (0.0, 1.0)).unwrap().into_string();
        assert_eq!(svg.matches("class=\"family").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 3);
        // Clean, low, high, in this order, each once.
        assert!(svg.find(">clean<").unwrap() < svg.find(">low<").unwrap());
        assert_eq!(apart([30.0, 30.0, 80.0].into_iter()), [30.0, 44.0, 80.0]);
    }
}
