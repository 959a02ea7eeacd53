//! Tasks in rows, runs in columns.

use maud::{Markup, html};

use super::super::{
    Cell, Column, Group, Matrix, Number, Of, PillarCell, Place, Row, place_in_words, rank_in_words,
};
use super::sign;
use crate::chart::tiny;
use crate::number::{count, decimal, direction, estimate_interval, interval};
use crate::terminal::APART;

/// The whole matrix.
pub(super) fn section(matrix: &Matrix) -> Markup {
    html! {
        section aria-labelledby="matrix" {
            h2 #matrix { "All tasks" }
            div.wide tabindex="0" role="region" aria-label="Table of all tasks" { table.stack.grid role="table" {
                caption { (caption(matrix)) }
                colgroup { col.task; @for _ in &matrix.columns { col.run; } }
                thead role="rowgroup" { tr role="row" {
                    th scope="col" role="columnheader" { "Task and metric" }
                    @for column in &matrix.columns {
                        th scope="col" role="columnheader" { (sign(column)) " " (column.name) }
                    }
                } }
                tbody role="rowgroup" {
                    @if let Some(ranks) = &matrix.overall {
                        tr.group role="row" {
                            th scope="row" role="rowheader" { "Over all pillars" br; span.small { "by the sum of pillar ranks" } }
                            @for (column, rank) in matrix.columns.iter().zip(ranks) {
                                td role="cell" data-run=(named(column)) { (rank_in_words(rank)) }
                            }
                        }
                    }
                    @for group in &matrix.groups { (rows(matrix, group)) }
                }
            } }
        }
    }
}

fn caption(matrix: &Matrix) -> &'static str {
    match matrix.columns.len() {
        0 | 1 => {
            "Each cell: value, 95 % interval, n. In the small plots right is good; the notes at the end say how to read them."
        }
        _ => {
            "Each cell: value, 95 % interval, n. In the small plots right is good. Bold: found better than all others it may be compared \
             with. Hatched: not comparable. The notes at the end say how to read them."
        }
    }
}

/// As a cell names its run where rows become blocks.
fn named(column: &Column) -> String {
    format!("{} {}", column.sign, column.name)
}

fn rows(matrix: &Matrix, group: &Group) -> Markup {
    html! {
        tr.group role="row" {
            @match &group.of {
                Of::Pillar { pillar, standing } => {
                    th scope="row" role="rowheader" { (pillar.title()) }
                    @for (column, cell) in matrix.columns.iter().zip(standing) {
                        @if cell.score.is_none() && cell.rank.is_none() {
                            td.empty role="cell" {}
                        } @else {
                            td role="cell" data-run=(named(column)) { (pillar_cell(cell)) }
                        }
                    }
                }
                Of::Suite(suite) => {
                    th scope="rowgroup" role="rowheader" colspan=(matrix.columns.len() + 1) {
                        (suite.heading()) " " span.small { (APART) }
                    }
                }
            }
        }
        @for row in &group.rows { (row_of(matrix, row)) }
    }
}

fn pillar_cell(cell: &PillarCell) -> Markup {
    html! {
        @if let Some(score) = &cell.score {
            span.number { (format!("{:.1}", score.value)) } " "
            span.small { "of 100, " (interval(score.low, score.high)) }
        } @else {
            span.small { "no score" } " "
        }
        @if let Some(rank) = &cell.rank { span.small { (rank_in_words(rank)) } }
    }
}

fn row_of(matrix: &Matrix, row: &Row) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" {
                (row.title) br;
                span.small { code { (row.task) } ", " (row.metric_title)
                    @if let Some(scale) = &row.scale { ", " (direction(scale.direction)) }
                }
                @if let Some(validity) = &row.validity {
                    span.small { "; judge " (validity.level.word()) }
                }
            }
            @for (column, cell) in matrix.columns.iter().zip(&row.cells) { (cell_of(matrix, row, column, cell)) }
        }
    }
}

fn cell_of(matrix: &Matrix, row: &Row, column: &Column, cell: &Cell) -> Markup {
    let run = named(column);
    html! {
        @match cell {
            Cell::NotAsked => td role="cell" data-run=(run) { span.small { "not asked" } },
            Cell::NotScored(why) => td role="cell" data-run=(run) { span.small { "not scored: " (why) } },
            Cell::Withheld(differs) => td.unlike role="cell" data-run=(run) { span { (unlike(differs)) } },
            Cell::Number(number) => {
                td.ahead[number.place == Place::AheadOfAll].unlike[!number.unlike.is_empty()] role="cell" data-run=(run) {
                    span.number { (decimal(number.estimate.value))
                        @if let Some(scale) = &row.scale { (tiny(&number.estimate, scale)) }
                    }
                    span.small { (estimate_interval(&number.estimate)) ", n " (count(number.estimate.n, number.estimate.clusters)) }
                    @for line in said(matrix, number) { span.small { (line) } }
                }
            }
        }
    }
}

fn unlike(differs: &[String]) -> String {
    format!("not comparable: {}", differs.join(", "))
}

/// What is said of a number besides itself.
fn said(matrix: &Matrix, number: &Number) -> Vec<String> {
    let mut lines = Vec::new();
    if !number.unlike.is_empty() {
        lines.push(unlike(&number.unlike));
    }
    if number.pending > 0 {
        lines.push(format!("INCOMPLETE: {} trials pending", number.pending));
    }
    if number.missing > 0 {
        lines.push(format!("{} trials missing", number.missing));
    }
    if !number.better_than.is_empty() {
        lines.push(format!("better than {}", matrix.signs(&number.better_than)));
    }
    if !number.worse_than.is_empty() {
        lines.push(format!("worse than {}", matrix.signs(&number.worse_than)));
    }
    lines.extend(number.rank.as_ref().map(rank_in_words));
    lines.extend(number.among_published.map(place_in_words));
    lines
}
