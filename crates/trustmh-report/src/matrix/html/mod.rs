//! The matrix as one self-contained page: no network, no script.

mod changes;
mod published;
mod table;

use maud::{Markup, html};

use super::{Column, Matrix};
use crate::html::whole;

/// The page's own style sheet.
pub(crate) const STYLE: &str = include_str!("style.css");

/// What no number of any page says.
pub(crate) const NO_CLEARANCE: &str = "A better number does not mean that a model is safe for people in distress, can replace a professional, or is \
                                       cleared for clinical use.";

/// The whole page.
pub fn html(matrix: &Matrix) -> String {
    let body = html! {
        header { (head(matrix)) }
        main {
            @match opening(matrix) {
                Opening::Changes => { (changes(matrix)) (table(matrix)) }
                Opening::Table => { (table(matrix)) (changes(matrix)) }
            }
            (changes::plots(matrix))
            @if let Some(published) = &matrix.published { (published::section(matrix, published)) }
            (notes(matrix))
        }
    };
    whole(&matrix.title(), &[STYLE], &body)
}

/// What is looked for first.
enum Opening {
    /// What changed from one run to the other.
    Changes,
    /// The runs with their ranks.
    Table,
}

/// Who sets runs beside the published models looks for ranks, who compares two for what changed.
const fn opening(matrix: &Matrix) -> Opening {
    match matrix.published {
        Some(_) => Opening::Table,
        None => Opening::Changes,
    }
}

fn changes(matrix: &Matrix) -> Markup {
    html! { @if let Some(found) = &matrix.changes { (changes::section(matrix, found)) } }
}

fn table(matrix: &Matrix) -> Markup {
    html! { @if !matrix.groups.is_empty() { (table::section(matrix)) } }
}

fn head(matrix: &Matrix) -> Markup {
    html! {
        h1 { (matrix.title()) }
        @for missing in &matrix.missing {
            p.warn { strong { "Missing: " } (missing) }
        }
        @for column in &matrix.columns {
            @if let Some(note) = &column.record {
                p.warn { strong { "Read first: " } (sign(column)) " " (note) }
            }
        }
        @if !matrix.columns.is_empty() {
            div.wide tabindex="0" role="region" aria-label="Table of the runs" { table.stack.runs role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for head in ["Run", "Model", "Judge", "Protocol", "Folder"] {
                        th scope="col" role="columnheader" { (head) }
                    }
                } }
                tbody role="rowgroup" { @for column in &matrix.columns { (legend(column)) } }
            } }
        }
    }
}

fn legend(column: &Column) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" { (sign(column)) " " (column.name) }
            td role="cell" data-run="Model" { (column.model.as_ref().unwrap_or(&column.name)) }
            td role="cell" data-run="Judge" { (column.judge) }
            td role="cell" data-run="Protocol" { (column.protocol) }
            td role="cell" data-run="Folder" { code { (column.run) } }
        }
    }
}

/// By what a run is named where room is short.
fn sign(column: &Column) -> Markup {
    html! { span.sign { (column.sign) } }
}

fn notes(matrix: &Matrix) -> Markup {
    html! {
        section aria-labelledby="notes" {
            h2 #notes { "Notes" }
            ul.notes {
                @for note in &matrix.notes { li { (note) } }
                li { (NO_CLEARANCE) }
            }
        }
    }
}
