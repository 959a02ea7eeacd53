//! Trials by facets, score, words and marks.

mod asked;
mod panel;

use maud::{Markup, html};
use std::collections::BTreeMap;
use std::sync::PoisonError;

use trustmh_engine::estimate::at_bad_end_rule;
use trustmh_engine::task::MetricRule;
use trustmh_report::number::decimal;
use trustmh_run::derived::marks::{self, Flagged, Mark};
use trustmh_run::derived::rows::Words;

use super::tabs::{Tab, tabs};
use super::trial::outcome_words;
use super::{Site, Width, page_turns};
use crate::error::ViewError;
use crate::index::{Hit, Page};
use crate::runs::Opened;
pub(crate) use asked::Asked;
pub(super) use asked::page_number;

/// One page of the trials that were asked for.
pub(crate) fn trials(site: &Site<'_>, run: &str, asked: &Asked) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let marks = marks::read(&opened.folder)?;
    let filter = asked.filter(&marks)?;
    let (page, panel) = {
        let index = opened.index.lock().unwrap_or_else(PoisonError::into_inner);
        (index.page(&filter, asked.page()?)?, panel::of(site, &opened.name, asked, &index, &marks)?)
    };
    let body = html! {
        (tabs(site, &opened, Some(Tab::Trials)))
        main {
            h1 { "Trials" }
            div.faceted {
                div.found {
                    p.to-filters { a href="#filters" { "Filters" } }
                    (search(asked))
                    (chips(site, &opened.name, asked))
                    p role="status" { (page.total) @if page.total == 1 { " trial" } @else { " trials" } }
                    @if page.total == 0 {
                        p { "No trial fits. Take a filter off, or "
                            a href=(site.of_run(&opened.name, "/trials", &[])) { "show all trials" } "." }
                    } @else {
                        (table(site, &opened, asked, &page, &marks))
                        (turns(site, &opened.name, asked, &page))
                        (exports(site, &opened.name, asked, page.total))
                    }
                }
                nav.facets #filters aria-label="Filters" { (panel) }
            }
        }
    };
    Ok(site.page_of(Width::Wide, "Trials", &body))
}

/// What is typed; what is chosen by links comes along hidden.
fn search(asked: &Asked) -> Markup {
    html! {
        form.filter method="get" role="search" {
            @for (name, value) in asked.chosen() { input type="hidden" name=(name) value=(value); }
            label { "Words" input type="search" name="q" value=(asked.q); }
            label { "Score from" input name="from" inputmode="decimal" size="6" value=(asked.from); }
            label { "to" input name="to" inputmode="decimal" size="6" value=(asked.to); }
            label { "Order" select name="order" {
                @for (value, words) in [("", "by name"), ("lowest", "lowest score first"), ("highest", "highest score first")] {
                    option value=(value) selected[value == asked.order] { (words) }
                }
            } }
            button type="submit" { "Search" }
        }
    }
}

/// What is chosen, each to be taken off by a click.
fn chips(site: &Site<'_>, run: &str, asked: &Asked) -> Markup {
    let chosen = asked.chosen();
    html! {
        @if !chosen.is_empty() {
            ul.chips aria-label="Chosen filters" {
                @for (place, (name, value)) in chosen.iter().enumerate() {
                    li { a href=(site.of_run(run, "/trials", &asked.without(place))) {
                        (panel::in_words(name, value)) span aria-hidden="true" { " ×" } span.hidden { ", take off" }
                    } }
                }
            }
        }
    }
}

/// What a trial's score is, where its task has a measure of single trials.
pub(super) fn unit<'b>(
    site: &'b Site<'_>,
    opened: &'b Opened,
    task: &str,
) -> Option<&'b MetricRule> {
    let task = opened.benchmark(&site.viewer.benchmark).task(&task.parse().ok()?).ok()?;
    at_bad_end_rule(task, opened.manifest.protocol)
}

/// A unit as people read it: what is measured, on which scale, which way is better.
pub(super) fn unit_in_words(rule: &MetricRule) -> String {
    let (low, high) = rule.range;
    format!("{}, {low} to {high}, {}", rule.title, rule.direction.in_words())
}

fn table(
    site: &Site<'_>,
    opened: &Opened,
    asked: &Asked,
    page: &Page,
    marks: &BTreeMap<String, Mark>,
) -> Markup {
    let units: BTreeMap<&str, String> = page
        .hits
        .iter()
        .filter_map(|hit| Some((hit.task.as_str(), unit_in_words(unit(site, opened, &hit.task)?))))
        .collect();
    let of_one = (units.len() == 1).then(|| units.values().next()).flatten();
    html! {
        @if let Some(unit) = of_one { p.small { "Score: " (unit) "." } }
        @else if units.len() > 1 { p.small { "The scores of different tasks are of different units, named below each; an order by score mixes them. Choose a task to put one in order." } }
        table.rows.trials {
            thead { tr {
                th scope="col" { "Trial" } th scope="col" { "Outcome" } th scope="col" { "Score" }
                th scope="col" { "Reply begins" } th scope="col" { "Flags and marks" }
            } }
            tbody { @for hit in &page.hits {
                (row(site, opened, asked, hit, units.get(hit.task.as_str()).filter(|_| of_one.is_none()), marks.get(&hit.name)))
            } }
        }
    }
}

fn row(
    site: &Site<'_>,
    opened: &Opened,
    asked: &Asked,
    hit: &Hit,
    unit: Option<&String>,
    mark: Option<&Mark>,
) -> Markup {
    let link = site.of_run(&opened.name, "/trial", &asked.of_trial(&hit.name));
    html! {
        tr {
            th scope="row" { a href=(link) { (hit.name) } }
            td data-label="Outcome" { (outcome_words(&hit.outcome)) }
            td.number data-label="Score" {
                @match hit.value { Some(value) => (decimal(value)), None => span.small { "none" } }
                @if let Some(unit) = unit { br; span.small.unit { (unit) } }
            }
            td.reply data-label="Reply begins" { (hit.reply) }
            td data-label="Flags and marks" {
                (hit.flags)
                @if let Some(mark) = mark { div.mark {
                    @if mark.flagged == Flagged::Yes { span.tag { "⚑ flagged" } " " }
                    (mark.note)
                } }
            }
        }
    }
}

fn turns(site: &Site<'_>, run: &str, asked: &Asked, page: &Page) -> Markup {
    let (shown, last) = (page.number, page.last());
    let to = |page: u64| site.of_run(run, "/trials", &asked.at(&page.to_string()));
    page_turns(shown, last, to)
}

/// The filtered set as files.
fn exports(site: &Site<'_>, run: &str, asked: &Asked, total: u64) -> Markup {
    let link = |format: &'static str, words: Words| {
        let mut parameters = asked.at("");
        parameters.push(("format", format));
        if words == Words::Kept {
            parameters.push(("words", "kept"));
        }
        site.of_run(run, "/export", &parameters)
    };
    html! {
        details.exports {
            summary { "Export these " (total) @if total == 1 { " trial" } @else { " trials" } }
            p { "Names, outcomes, facets, flags and scores, without what was said: "
                a href=(link("jsonl", Words::LeftOut)) { "JSON lines" } ", " a href=(link("csv", Words::LeftOut)) { "CSV" } }
            p { "With prompts, replies and verdicts, which may be distressing and whose data may be under a licence: "
                a href=(link("jsonl", Words::Kept)) { "JSON lines with replies" } ", " a href=(link("csv", Words::Kept)) { "CSV with replies" } }
        }
    }
}
