//! More than two runs in order, task by task.

use maud::{Markup, html};

use trustmh_core::comparison::{RankRange, Standing};
use trustmh_report::number::decimal;

use super::letter;
use crate::compared::Compared;

/// A table of tasks and runs: each run's value, its rank, and the ranks that the data leave open.
pub(super) fn standings(compared: &Compared) -> Markup {
    let standings = &compared.standings;
    html! {
        @if !standings.tasks.is_empty() {
            section aria-labelledby="order" {
                h2 #order { "All in order" }
                p.small { "Values on the trials that all ranked runs share. In brackets the ranks that the data leave open; bold where a run is told apart from another." }
                table.rows {
                    thead { tr { th scope="col" { "Task and metric" } @for place in 0..compared.runs.len() { th scope="col" { (letter(place)) } } } }
                    tbody {
                        @for (id, standing) in &standings.tasks { tr {
                            th scope="row" { (id) br; span.small { (standing.metric) } }
                            @for (place, run) in compared.runs.iter().enumerate() {
                                td data-label=(letter(place)) { (cell(standing, &run.card.run)) }
                            }
                        } }
                        @if let Some(overall) = &standings.overall { tr {
                            th scope="row" { "By the sum of pillar ranks" }
                            @for (place, rank) in overall.ranks.iter().enumerate() { td.number data-label=(letter(place)) { (ranked(*rank)) } }
                        } }
                    }
                }
            }
        }
    }
}

fn cell(standing: &Standing, run: &str) -> Markup {
    if let Some(row) = standing.rows.iter().find(|row| row.run.run == run) {
        let words = format!("{} {}", decimal(row.value), ranked(row.rank));
        return if row.told_apart_from.is_empty() {
            html! { (words) }
        } else {
            html! { strong { (words) } }
        };
    }
    let left = standing.left_out.iter().find(|left| left.run.run == run);
    html! {
        @if let Some(left) = left {
            details { summary { span.hatched { "not comparable" } }
                ul.small { @for why in &left.differs { li { (why) } } } }
        } @else { "–" }
    }
}

fn ranked(RankRange { rank, best, worst }: RankRange) -> String {
    if best == worst { format!("rank {rank}") } else { format!("rank {rank} ({best} to {worst})") }
}
