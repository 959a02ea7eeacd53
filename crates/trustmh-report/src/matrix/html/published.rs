//! The published models, by rank.

use maud::{Markup, html};
use std::fmt::Display;

use super::super::{Matrix, Published};
use crate::number::decimal;

/// Ranks of tasks and pillars, the models in columns.
pub(super) fn section(matrix: &Matrix, published: &Published) -> Markup {
    let asked: Vec<_> =
        matrix.groups.iter().flat_map(|group| &group.rows).map(|row| &row.task).collect();
    let tasks = || published.tasks.iter().filter(|(id, _)| asked.is_empty() || asked.contains(id));
    html! {
        section aria-labelledby="published" {
            h2 #published { "Published ranks of " (published.models.len()) " models" }
            p { "Ranks as published, 1 is best, without intervals: neighbours may not differ at all." }
            div.wide tabindex="0" role="region" aria-label="Table of published ranks" { table.stack.ranks role="table" {
                thead role="rowgroup" { tr role="row" {
                    th scope="col" role="columnheader" { "Task or pillar" }
                    @for model in &published.models { th scope="col" role="columnheader" { span { (model) } } }
                } }
                tbody role="rowgroup" {
                    @for (pillar, ranks) in &published.pillars {
                        tr.group role="row" {
                            th scope="row" role="rowheader" { (pillar.title()) }
                            @for (model, rank) in published.models.iter().zip(ranks) { (cell(model, rank.as_ref(), None)) }
                        }
                        @for (id, cells) in tasks().filter(|(id, _)| id.pillar() == *pillar) {
                            tr role="row" {
                                th scope="row" role="rowheader" { code { (id) } }
                                @for (model, found) in published.models.iter().zip(cells) {
                                    (cell(model, found.map(|found| found.rank).as_ref(), found.and_then(|found| found.value)))
                                }
                            }
                        }
                    }
                }
            } }
        }
    }
}

fn cell(model: &str, rank: Option<&impl Display>, value: Option<f64>) -> Markup {
    html! {
        td role="cell" data-run=(model) {
            @match rank { Some(rank) => (rank), None => "none" }
            @if let Some(value) = value { span.small { (decimal(value)) } }
        }
    }
}
