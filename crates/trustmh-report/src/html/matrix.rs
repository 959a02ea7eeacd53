//! Tables whose cells are shaded: true labels by given ones, and a metric by two facets.

use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::scorecard::{Crossed, MetricEstimate, ShownLabel};

use crate::findings::sentence::{percent, short};
use crate::scale::Scale;

/// What was given, by true label.
type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// Rows are true labels, columns given ones; right is on the diagonal. Of a scheme with labels that call for action, a last column counts
/// how many of each were missed.
pub(super) fn confusion(table: &Counts, labels: &[ShownLabel]) -> Markup {
    let rows: Vec<&str> = in_order(labels, table.keys().map(String::as_str));
    let given: BTreeSet<&str> =
        table.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
    let columns = in_order(labels, rows.iter().copied().chain(given));
    let has_alarms = labels.iter().any(|label| label.alarm);
    html! {
        div.wide tabindex="0" role="group" aria-label="True labels by given ones" { table.matrix {
            thead { tr {
                th scope="col" { "True label" }
                @for column in &columns { th.turn scope="col" { span { (plain(column)) } } }
                @if has_alarms { th.turn.missed scope="col" { span { "missed" } } }
            } }
            tbody { @for row in rows {
                @let counts = table.get(row);
                @let all: u64 = counts.map_or(0, |counts| counts.values().sum());
                tr {
                    th scope="row" { (plain(row)) " " span.small { (all) } }
                    @for column in &columns {
                        @let count = counts.and_then(|counts| counts.get(*column)).copied().unwrap_or(0);
                        (cell(count, all, row == *column))
                    }
                    @if has_alarms { (missed(row, counts, labels, all)) }
                }
            } }
        } }
    }
}

/// The labels of the scheme in its order that are among `there`, then those it does not have, such as replies that could not be read.
fn in_order<'l>(labels: &'l [ShownLabel], there: impl Iterator<Item = &'l str>) -> Vec<&'l str> {
    let there: BTreeSet<&str> = there.collect();
    let known: Vec<&str> = labels.iter().map(|label| label.name.as_str()).collect();
    let of_scheme = known.iter().copied().filter(|name| there.contains(name));
    let others = there.iter().copied().filter(|name| !known.contains(name));
    of_scheme.chain(others).collect()
}

fn plain(label: &str) -> String {
    label.replace('_', " ")
}

fn cell(count: u64, all: u64, right: bool) -> Markup {
    let shade = shade(count as f64 / all.max(1) as f64);
    let class = match (count, right) {
        (0, true) => "number diagonal".to_owned(),
        (0, false) => "number none".to_owned(),
        (_, true) => format!("number diagonal good{shade}"),
        (_, false) => format!("number bad{shade}"),
    };
    html! { td class=(class) { @if count > 0 || right { (count) } @else { "·" } } }
}

/// Of a label that calls for action, how many were given one that does not, or could not be read.
fn missed(
    row: &str,
    counts: Option<&BTreeMap<String, u64>>,
    labels: &[ShownLabel],
    all: u64,
) -> Markup {
    let alarm = |name: &str| labels.iter().any(|label| label.name == name && label.alarm);
    if !alarm(row) {
        return html! { td.number.none { "–" } };
    }
    let given = counts.into_iter().flatten();
    let missed: u64 = given.filter(|(name, _)| !alarm(name)).map(|(_, count)| count).sum();
    let class = if missed > 0 { "number missed bad4" } else { "number missed" };
    html! { td class=(class) { (missed) " of " (all) } }
}

/// A shade from 1 to 4.
fn shade(share: f64) -> u8 {
    match share {
        share if share <= 0.25 => 1,
        share if share <= 0.5 => 2,
        share if share <= 0.75 => 3,
        _ => 4,
    }
}

/// A metric by two facets; darker green is better, darker red worse, and each cell has its number.
pub(super) fn heat(crossed: &Crossed, metric: &MetricEstimate) -> Markup {
    let columns: BTreeSet<&String> = crossed.cells.values().flat_map(BTreeMap::keys).collect();
    let scale = Scale::of(metric);
    let shown = |value: f64| if metric.range == (0.0, 1.0) { percent(value) } else { short(value) };
    let [rows, across] = &crossed.facets;
    html! {
        div.wide tabindex="0" role="group" aria-label={ (metric.title) ", by " (rows) " and " (across) } { table.matrix {
            thead { tr {
                th scope="col" { (rows) " by " (across) }
                @for column in &columns { th.turn scope="col" { span { (plain(column)) } } }
            } }
            tbody { @for (row, cells) in &crossed.cells { tr {
                th scope="row" { (plain(row)) }
                @for column in &columns {
                    @match cells.get(*column) {
                        None => td.number.none { "·" },
                        Some(found) => td class={ "number " (place(scale, found.value)) } title={ "n " (found.n) } {
                            (shown(found.value))
                        },
                    }
                }
            } } }
        } }
    }
}

fn place(scale: Option<Scale>, value: f64) -> &'static str {
    let Some(scale) = scale else { return "" };
    match scale.place(value) {
        place if place < 0.25 => "bad4",
        place if place < 0.5 => "bad3",
        place if place < 0.75 => "bad1",
        place if place < 0.9 => "good1",
        place if place < 0.999 => "good2",
        _ => "good4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crisis_that_is_taken_for_none_or_cannot_be_read_is_missed() {
        let label = |name: &str, alarm: bool| ShownLabel { name: name.to_owned(), alarm };
        let labels = [label("self-harm", true), label("violent", true), label("no_crisis", false)];
        let row = |cells: &[(&str, u64)]| {
            cells.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
        };
        let table: Counts = BTreeMap::from([
            ("no_crisis".to_owned(), row(&[("no_crisis", 4), ("self-harm", 1)])),
            (
                "self-harm".to_owned(),
                row(&[("no_crisis", 2), ("(unread)", 1), ("violent", 1), ("self-harm", 3)]),
            ),
        ]);
        let page = confusion(&table, &labels).into_string();
        assert!(page.contains("3 of 7"), "{page}");
        // In the scheme's order, and what is no label last.
        let place = |what: &str| page.find(what).unwrap();
        assert!(
            place("<span>self-harm") < place("<span>violent")
                && place("<span>no crisis") < place("<span>(unread)")
        );
        assert!(page.contains("diagonal good2") && page.contains("diagonal good4"), "{page}");
    }
}
