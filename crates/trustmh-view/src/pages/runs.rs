//! The list of runs: a table to sort, to filter, and to tick runs in that are to be compared.

mod bars;
mod columns;

use maud::{Markup, html};
use serde::Deserialize;
use std::path::PathBuf;

use super::{Site, Width};
use crate::error::ViewError;
use crate::glance::{Glance, State};
use bars::bars;
use columns::{Column, Sense, Sorted};

/// How the list is wanted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    state: String,
    sort: String,
    sense: String,
}

/// A run of the list.
pub(super) struct Row {
    pub(super) name: String,
    /// What is known of it, or why nothing is.
    pub(super) glance: Result<Glance, String>,
}

/// A list, and the runs that are still to be scored for it.
pub(crate) struct Listed {
    pub(crate) page: String,
    pub(crate) unscored: Vec<PathBuf>,
}

/// All runs that were asked for, the newest first unless another order is.
pub(crate) fn list(site: &Site<'_>, asked: &Asked) -> Result<Listed, ViewError> {
    let (runs, benchmark) = (&site.viewer.runs, &site.viewer.benchmark);
    let folders = runs.folders();
    let unscored = runs.score_small(benchmark, folders.values().cloned());
    let all: Vec<Row> = folders
        .into_iter()
        .map(|(name, folder)| {
            let glance = runs.glance(benchmark, &folder).map_err(|error| error.to_string());
            Row { name, glance }
        })
        .collect();
    let total = all.len();
    let sorted = Sorted::of(&asked.sort, &asked.sense);
    let mut rows: Vec<Row> = all.into_iter().filter(|row| is_wanted(row, asked)).collect();
    sorted.sort(&mut rows);
    let body = html! {
        main {
            h1 { "Runs" }
            @if total == 0 {
                p { "There is no run yet. Make one: " code { "trustmh run --subject scripted/random" } }
            } @else {
                (filter(asked, sorted))
                p role="status" {
                    (rows.len()) " of " (total) @if total == 1 { " run" } @else { " runs" }
                    @if !unscored.is_empty() {
                        "; " (unscored.len()) " are being scored for this list, "
                        a href=(here(site, asked, &[])) { "look again" }
                    }
                }
                @if rows.is_empty() { p { "No run fits. " a href=(site.to("/", &[])) { "Show all runs" } } }
                @else { (table(site, asked, sorted, &rows)) }
            }
        }
    };
    Ok(Listed { page: site.page_of(Width::Wide, "Runs", &body), unscored })
}

fn is_wanted(row: &Row, asked: &Asked) -> bool {
    let words = asked.q.to_lowercase();
    let text = match &row.glance {
        Ok(glance) => format!(
            "{} {} {}",
            row.name,
            glance.manifest.subject.shown(),
            glance.manifest.judge.name.title()
        ),
        Err(_) => row.name.clone(),
    };
    let text = text.to_lowercase();
    let state = row.glance.as_ref().ok().map(|glance| glance.state.slug());
    words.split_whitespace().all(|word| text.contains(word))
        && (asked.state.is_empty() || state == Some(asked.state.as_str()))
}

/// The address of the list as it was asked for, but for `other`.
fn here(site: &Site<'_>, asked: &Asked, other: &[(&'static str, &str)]) -> String {
    let own = [
        ("q", asked.q.as_str()),
        ("state", &asked.state),
        ("sort", &asked.sort),
        ("sense", &asked.sense),
    ];
    let kept =
        own.into_iter().filter(|(name, _)| !other.iter().any(|(changed, _)| changed == name));
    let all: Vec<(&str, &str)> =
        kept.chain(other.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
    site.to("/", &all)
}

fn filter(asked: &Asked, sorted: Sorted) -> Markup {
    html! {
        form.filter method="get" role="search" {
            label { "Words in name, subject or judge" input type="search" name="q" value=(asked.q); }
            label { "State" select name="state" {
                option value="" selected[asked.state.is_empty()] { "any" }
                @for state in State::ALL { option value=(state.slug()) selected[asked.state == state.slug()] { (word(state)) } }
            } }
            label { "Sort by" select name="sort" {
                @for column in Column::sortable() { option value=(column.slug()) selected[sorted.is_by(column)] { (column.title()) } }
            } }
            button type="submit" { "Filter" }
        }
    }
}

fn table(site: &Site<'_>, asked: &Asked, sorted: Sorted, rows: &[Row]) -> Markup {
    html! {
        form method="get" action=(site.to("/compare", &[])) {
            table.rows.runs {
                thead { tr {
                    th scope="col" { span.hidden { "Tick to compare" } }
                    @for column in Column::ALL { (head(site, asked, sorted, column)) }
                } }
                tbody { @for row in rows { (of_run(site, row)) } }
            }
            @if rows.len() > 1 {
                p.bar { button type="submit" { "Compare ticked runs" } " " span.small { "Tick two or more; the first in this list is compared with the others." } }
            }
        }
    }
}

fn head(site: &Site<'_>, asked: &Asked, sorted: Sorted, column: Column) -> Markup {
    let link = |column: Column, words: &str, title: Option<&str>| {
        let next = sorted.next(column);
        let to = here(site, asked, &[("sort", column.slug()), ("sense", next.slug())]);
        let mark = match sorted.sense_of(column) {
            Some(Sense::Up) => " ▲",
            Some(Sense::Down) => " ▼",
            None => "",
        };
        html! { a href=(to) title=[title] { (words) span aria-hidden="true" { (mark) } } }
    };
    let sense = sorted.sense_of(column).map(Sense::aria);
    match column {
        Column::Pillars => html! {
            th.pillars scope="col" {
                "Pillar scores, 0 to 100"
                span.heads { @for (pillar, short) in bars::SHORT {
                    (link(Column::Pillar(pillar), short, Some(&format!("Sort by {}", pillar.title()))))
                } }
            }
        },
        other => html! { th scope="col" aria-sort=[sense] { (link(other, other.title(), None)) } },
    }
}

/// The word for a state, with a shape of its own.
fn word(state: State) -> &'static str {
    match state {
        State::Running => "▶ running",
        State::Incomplete => "◐ INCOMPLETE",
        State::Repaired => "✚ REPAIRED",
        State::Complete => "● complete",
    }
}

fn of_run(site: &Site<'_>, row: &Row) -> Markup {
    let name = &row.name;
    html! {
        tr {
            td.tick { label { input type="checkbox" name="run" value=(name); span.hidden { "Compare " (name) } } }
            @match &row.glance {
                Err(why) => {
                    td data-label="State" { span.state.broken { "✖ unreadable" } }
                    th scope="row" { a href=(site.of_run(name, "", &[])) { (name) } }
                    td colspan="5" { (why) }
                }
                Ok(glance) => (of_glance(site, name, glance)),
            }
        }
    }
}

fn of_glance(site: &Site<'_>, name: &str, glance: &Glance) -> Markup {
    let manifest = &glance.manifest;
    html! {
        td data-label="State" { span class={ "state " (glance.state.slug()) } { (word(glance.state)) } }
        th scope="row" {
            a href=(site.of_run(name, "", &[])) { (manifest.subject.shown()) }
            br; span.small {
                (name) br; "judge: " (manifest.judge.name.title()) ", " (manifest.protocol)
                @if manifest.origin.is_imported() { ", imported" }
                @if manifest.origin.observed().is_some() { ", transcripts" }
                @if let Some(asked) = manifest.subject.asked.in_words() { ", " (asked) }
                @if let Some(repeats) = manifest.repeats.in_words() { ", " (repeats) }
            }
        }
        td data-label="Planned" { (date(manifest)) }
        td data-label="Pillar scores" { (bars(glance)) }
        td.number data-label="Cost" { (cost(glance)) }
        td data-label="Trials" {
            meter min="0" max=(glance.planned.max(1)) value=(glance.ended) aria-label={ "Trials " (glance.counts()) } {}
            " " (glance.ended) " of " (glance.planned) " " (glance.counts())
        }
    }
}

/// Day and minute; times are those of UTC.
fn date(manifest: &trustmh_run::manifest::Manifest) -> Markup {
    let at = manifest.created.to_string();
    let (day, time) = at.split_once('T').unwrap_or((&at, ""));
    html! { time datetime=(at) { (day) " " (time.get(..5).unwrap_or_default()) } }
}

fn cost(glance: &Glance) -> Markup {
    match &glance.summary {
        None => html! { span.small { "not known yet" } },
        Some(summary) => match summary.dollars {
            Some(dollars) if dollars > 0.0 && dollars < 0.01 => html! { "< 0.01 $" },
            Some(dollars) => html! { (format!("{dollars:.2} $")) },
            None => html! { span.small { "no price known" } },
        },
    }
}
