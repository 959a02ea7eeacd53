//! What changed between two runs, and the plots of all tasks.

use maud::{Markup, html};

use super::super::{Cell, Change, Changes, Matrix, NotCompared, Row};
use trustmh_core::comparison::Verdict;

use crate::chart::{does_all, dumbbell, knows_nothing};
use crate::number::{count, decimal, estimate_interval, signed};

/// More runs than this make plots that nobody reads.
const MOST_LANES: usize = 8;

/// The list of what changed, regressions first.
pub(super) fn section(matrix: &Matrix, changes: &Changes) -> Markup {
    html! {
        section aria-labelledby="changes" {
            h2 #changes { "What changed" }
            p { (changes.in_words()) }
            p.small { (READ) }
            (list("Found worse", &changes.worse, matrix))
            (list("Found better", &changes.better, matrix))
            (list("Not told apart", &changes.open, matrix))
            @if !changes.not_compared.is_empty() {
                h3 { "Not compared" }
                ul.notes { @for not in &changes.not_compared { (not_compared(not)) } }
            }
        }
    }
}

/// How p values and intervals are read together.
const READ: &str = "p values are corrected for all that is tested here, and they decide; each interval is that of its difference alone, so that \
                    one can exclude 0 beside a p above 0.05.";

fn list(title: &str, changes: &[Change], matrix: &Matrix) -> Markup {
    let names = matrix.columns.iter().map(|column| column.sign.as_str()).collect::<Vec<_>>();
    let [first, second] = [0, 1].map(|at| names.get(at).copied().unwrap_or_default());
    html! {
        @if !changes.is_empty() {
            h3 { (title) }
            div.wide tabindex="0" role="region" aria-label=(format!("Table: {title}")) { table.stack role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for head in ["Task and metric", first, second, "Change, 95 % interval", "Points of 100", "p, corrected", "n", "B is"] {
                        th scope="col" role="columnheader" { (head) }
                    }
                } }
                tbody role="rowgroup" { @for change in changes {
                    tr role="row" {
                        th scope="row" role="rowheader" {
                            (change.title) br;
                            span.small { code { (change.task) } ", " (change.metric_title) }
                        }
                        td role="cell" data-run=(first) { (decimal(change.first)) }
                        td role="cell" data-run=(second) { (decimal(change.second)) }
                        td role="cell" data-run="Change" {
                            span.number { (signed(change.difference.value)) }
                            span.small { (estimate_interval(&change.difference)) }
                        }
                        td role="cell" data-run="Points of 100" { (change.points_in_words()) }
                        td role="cell" data-run="p, corrected" { (change.p.map_or_else(|| "none".to_owned(), crate::comparison::chance)) }
                        td role="cell" data-run="n" {
                            (count(change.difference.n, change.difference.clusters))
                            @if change.missing > 0 { span.small { (change.missing) " missing" } }
                        }
                        td role="cell" data-run="B is" { span class=(class(change)) { (change.said) } }
                    }
                } }
            } }
        }
    }
}

fn class(change: &Change) -> &'static str {
    match change.verdict {
        Verdict::Worse => "worse",
        Verdict::Better => "better",
        Verdict::NotSeparated | Verdict::Untested => "open",
    }
}

fn not_compared(not: &NotCompared) -> Markup {
    html! { li { (not.title) " (" code { (not.task) } "): " (not.why) } }
}

/// A plot a task, each run in its lane.
pub(super) fn plots(matrix: &Matrix) -> Markup {
    let rows: Vec<&Row> =
        matrix.groups.iter().flat_map(|group| &group.rows).filter(|row| row.primary).collect();
    let fits = (2..=MOST_LANES).contains(&matrix.columns.len());
    html! {
        @if fits && !rows.is_empty() {
            section aria-labelledby="plots" {
                h2 #plots { "Each task on its scale" }
                p { "Right is good on every scale; the ends are named below it. Bars are 95 % intervals."
                    @if rows.iter().any(|row| matrix.lanes(row).len() == 2) {
                        " Where two runs are drawn, the hollow dot is the first."
                    }
                    @if rows.iter().any(|row| row.scale.as_ref().and_then(knows_nothing).is_some()) {
                        " The dashed line is where a subject stands that knows nothing."
                    }
                    @if rows.iter().any(|row| row.scale.as_ref().and_then(does_all).is_some()) {
                        " The solid line is where one stands that does all that is asked."
                    }
                }
                ul.plots { @for row in rows { (plot(matrix, row)) } }
            }
        }
    }
}

fn plot(matrix: &Matrix, row: &Row) -> Markup {
    let lanes = matrix.lanes(row);
    let what = format!("{}, {}", row.title, row.metric_title);
    let unlike = row.cells.iter().any(|cell| match cell {
        Cell::Withheld(_) => true,
        Cell::Number(number) => !number.unlike.is_empty(),
        Cell::NotAsked | Cell::NotScored(_) => false,
    });
    html! {
        li {
            div { (row.title) br; span.small { code { (row.task) } ", " (row.metric_title) } }
            @if let Some(drawn) = row.scale.as_ref().and_then(|scale| dumbbell(&what, &lanes, scale)) {
                div { (drawn) }
            } @else {
                div.none { span { "nothing to draw" } }
            }
            div.small {
                @for line in apart(matrix, row) { (line) br; }
                @if unlike { "Not comparable runs are left out." }
            }
        }
    }
}

/// Who is found better than whom.
fn apart(matrix: &Matrix, row: &Row) -> Vec<String> {
    let mut lines = Vec::new();
    for (column, cell) in matrix.columns.iter().zip(&row.cells) {
        if let Cell::Number(number) = cell
            && !number.better_than.is_empty()
        {
            lines.push(format!(
                "{} is better than {}",
                column.sign,
                matrix.signs(&number.better_than)
            ));
        }
    }
    if lines.is_empty() && matrix.lanes(row).len() > 1 {
        lines.push("not told apart".to_owned());
    }
    lines
}
