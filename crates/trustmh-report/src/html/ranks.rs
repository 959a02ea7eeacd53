//! The published ranks as a heat map, which is a table.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::pillar::Pillar;

use super::anchor;
use crate::facts::PublishedRanks;

/// Published pillar ranks, and how this run stands to the published numbers.
pub(super) fn section(published: &PublishedRanks) -> Markup {
    let pillars: Vec<(Pillar, &Vec<usize>)> =
        published.pillars.iter().map(|(pillar, ranks)| (*pillar, ranks)).collect();
    html! {
        section aria-labelledby="published" {
            h2 #published { "The 12 published models" (anchor::sign("published", "The 12 published models")) }
            p { "Ranks as arXiv 2603.03047 prints them, 1 is best, darker is worse. They are ranks of sums of ranks and have no "
                "intervals: neighbours may well be no different. A run has a place among published numbers only where "
                "it asked the same prompts and was judged alike." }
            details {
                summary { "Published pillar ranks" }
                div.wide tabindex="0" role="group" aria-label="Published ranks" { table.heat {
                    thead { tr {
                        th scope="col" { "Model" }
                        @for (pillar, _) in &pillars { th scope="col" { (pillar.short_title()) } }
                    } }
                    tbody { @for (place, model) in published.models.iter().enumerate() { tr {
                        th scope="row" { (model) }
                        @for (_, ranks) in &pillars { (cell(ranks.get(place).copied(), published.models.len())) }
                    } } }
                } }
                ul.small { @for note in &published.notes { li { (note) } } }
            }
            details {
                summary { "This run among the published numbers" }
                div.wide tabindex="0" role="group" aria-label="Places" { table {
                    thead { tr { th scope="col" { "Place" } th scope="col" { "Tasks" } } }
                    tbody { @for (place, tasks) in by_place(published) {
                        tr { th scope="row" { (place) } td { code { (tasks.join(", ")) } } }
                    } }
                } }
            }
        }
    }
}

/// Most tasks share the reason why they have none.
fn by_place(published: &PublishedRanks) -> BTreeMap<&str, Vec<String>> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (task, place) in &published.places {
        places.entry(place).or_default().push(task.to_string());
    }
    places
}

fn cell(rank: Option<usize>, models: usize) -> Markup {
    let Some(rank) = rank else { return html! { td {} } };
    let share = (rank.saturating_sub(1)) as f64 / models.saturating_sub(1).max(1) as f64;
    html! { td class={ "number " (heat(share)) } { (rank) } }
}

/// The class of a shade between 0 and 1.
pub(super) fn heat(share: f64) -> &'static str {
    match share {
        share if share <= 0.02 => "heat0",
        share if share <= 0.2 => "heat1",
        share if share <= 0.4 => "heat2",
        share if share <= 0.6 => "heat3",
        share if share <= 0.8 => "heat4",
        _ => "heat5",
    }
}
