//! Two runs side by side, item by item.

use maud::html;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::PoisonError;

use trustmh_report::number::decimal;

use super::trial::{find, last_reply, said};
use super::{Site, escaped};
use crate::error::ViewError;
use crate::index::Filter;

/// So many pairs are listed.
const LISTED: usize = 200;

/// Which runs, and of which task.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    a: String,
    b: String,
    task: String,
}

/// Which trial of which runs.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Pair {
    a: String,
    b: String,
    name: String,
}

/// The trials that both runs have, those that differ most first.
pub(crate) fn compare(site: &Site<'_>, asked: &Asked) -> Result<String, ViewError> {
    if asked.a.is_empty() || asked.b.is_empty() {
        return Err(ViewError::Form("choose a first and a second run".to_owned()));
    }
    let (one, two) = (site.open(&asked.a)?, site.open(&asked.b)?);
    let filter = Filter { task: asked.task.clone(), ..Filter::default() };
    let first = one.index.lock().unwrap_or_else(PoisonError::into_inner).values(&filter)?;
    let second: BTreeMap<String, Option<f64>> = two
        .index
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .values(&filter)?
        .into_iter()
        .collect();
    let mut shared: Vec<(String, Option<f64>, Option<f64>)> = first
        .into_iter()
        .filter_map(|(name, value)| second.get(&name).map(|other| (name, value, *other)))
        .collect();
    let apart = |(_, one, two): &(String, Option<f64>, Option<f64>)| {
        one.zip(*two).map_or(0.0, |(one, two)| (two - one).abs())
    };
    shared.sort_by(|one, two| apart(two).total_cmp(&apart(one)).then_with(|| one.0.cmp(&two.0)));
    let differing = shared.iter().filter(|pair| apart(pair) > 0.0).count();
    let tasks: Vec<String> = one.manifest.tasks.keys().map(ToString::to_string).collect();
    let body = html! {
        main {
            h1 { "Two runs side by side" }
            ul {
                li { "first: " a href=(site.of_run(&one.name, "", &[])) { (one.name) } ", subject " code { (one.manifest.subject.id) } }
                li { "second: " a href=(site.of_run(&two.name, "", &[])) { (two.name) } ", subject " code { (two.manifest.subject.id) } }
            }
            p.warn { "Single trials tell no order. Intervals and corrected p values: " code { "trustmh compare" } }
            form.filter method="get" {
                input type="hidden" name="a" value=(asked.a); input type="hidden" name="b" value=(asked.b);
                label { "Task" select name="task" {
                    option value="" selected[asked.task.is_empty()] { "any" }
                    @for task in &tasks { option value=(task) selected[*task == asked.task] { (task) } }
                } }
                button type="submit" { "Show" }
            }
            p role="status" { (shared.len()) " trials in both, " (differing) " with different scores"
                @if shared.len() > LISTED { "; the first " (LISTED) " are listed" } "." }
            div.wide { table {
                thead { tr { th scope="col" { "Trial" } th scope="col" { "First" } th scope="col" { "Second" } } }
                tbody { @for (name, one, two) in shared.iter().take(LISTED) { tr {
                    th scope="row" { a href=(format!("{}/compare/trial?a={}&b={}&name={}", site.base, escaped(&asked.a), escaped(&asked.b), escaped(name))) { (name) } }
                    td.number { (one.map(decimal).unwrap_or_default()) }
                    td.number { (two.map(decimal).unwrap_or_default()) }
                } } }
            } }
        }
    };
    Ok(site.page("Two runs", &body))
}

/// One trial in both runs.
pub(crate) fn side_by_side(site: &Site<'_>, asked: &Pair) -> Result<String, ViewError> {
    let (one, two) = (site.open(&asked.a)?, site.open(&asked.b)?);
    let (first, second) = (find(&one, &asked.name)?, find(&two, &asked.name)?);
    let same_prompt = first.trial.messages == second.trial.messages;
    let body = html! {
        nav aria-label="Runs" { a href=(site.to("/compare", &[("a", &asked.a), ("b", &asked.b), ("task", &first.trial.task.to_string())])) { "All trials of both" } }
        main {
            h1 { code { (asked.name) } }
            @if same_prompt {
                @for message in &first.trial.messages { (said(message.role.name(), &message.content)) }
            } @else { p.warn { "The two runs were not asked the same words." } }
            div.beside {
                @for (run, recorded) in [(&one, &first), (&two, &second)] {
                    section {
                        h2 { a href=(site.of_run(&run.name, "/trial", &[("name", &asked.name)])) { (run.manifest.subject.id) } }
                        @if !same_prompt {
                            @for message in &recorded.trial.messages { (said(message.role.name(), &message.content)) }
                        }
                        (said("reply", last_reply(recorded).and_then(|one| one.text()).unwrap_or("(no reply)")))
                        p.small { "Judged by " (run.manifest.judge.name.title()) }
                    }
                }
            }
        }
    };
    Ok(site.page("Side by side", &body))
}
