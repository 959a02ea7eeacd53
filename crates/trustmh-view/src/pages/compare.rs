//! Two runs side by side, item by item.

use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::PoisonError;

use trustmh_core::id::TaskId;
use trustmh_core::unlike::Unlike;
use trustmh_report::number::decimal;
use trustmh_run::derived::terms::Terms;
use trustmh_run::journal::Recorded;

use super::trial::{find, last_reply, said};
use super::{Site, escaped, talk};
use crate::error::ViewError;
use crate::index::Filter;
use crate::runs::Opened;

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
    let mut unlike = unlike(site, &one, &two);
    unlike.retain(|id, _| asked.task.is_empty() || id.to_string() == asked.task);
    let (mut shared, mut aside): (Vec<Both>, Vec<Both>) = first
        .into_iter()
        .filter_map(|(name, value)| second.get(&name).map(|other| (name, value, *other)))
        .partition(|(name, _, _)| !is_of(name, &unlike));
    aside.sort_by(|one, two| one.0.cmp(&two.0));
    let apart = |(_, one, two): &Both| one.zip(*two).map_or(0.0, |(one, two)| (two - one).abs());
    shared.sort_by(|one, two| apart(two).total_cmp(&apart(one)).then_with(|| one.0.cmp(&two.0)));
    let differing = shared.iter().filter(|pair| apart(pair) > 0.0).count();
    let tasks: Vec<String> = one.manifest.tasks.keys().map(ToString::to_string).collect();
    let body = html! {
        main {
            h1 { "Two runs side by side" }
            ul {
                li { "first: " a href=(site.of_run(&one.name, "", &[])) { (one.name) } ", subject " code { (one.manifest.subject.shown()) } }
                li { "second: " a href=(site.of_run(&two.name, "", &[])) { (two.name) } ", subject " code { (two.manifest.subject.shown()) } }
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
            @if !shared.is_empty() { (listed(site, asked, &shared)) }
            @if !unlike.is_empty() { (not_compared(site, asked, &unlike, &aside)) }
        }
    };
    Ok(site.page("Two runs", &body))
}

/// A trial of both runs, and its score in each.
type Both = (String, Option<f64>, Option<f64>);

/// The tasks that the two runs may not be compared in, each with what forbids it.
fn unlike(site: &Site<'_>, one: &Opened, two: &Opened) -> BTreeMap<TaskId, Vec<Unlike>> {
    let terms = |opened: &Opened, id: &TaskId| {
        let benchmark = opened.benchmark(&site.viewer.benchmark);
        let manifest = &opened.manifest;
        Terms::of(benchmark, manifest, id, manifest.protocol, &manifest.judge.name)
    };
    let mut unlike = BTreeMap::new();
    for id in one.manifest.tasks.keys().filter(|id| two.manifest.tasks.contains_key(*id)) {
        let both = terms(one, id).zip(terms(two, id));
        let forbidding = both.map(|(one, two)| one.forbidding(&two)).unwrap_or_default();
        if !forbidding.is_empty() {
            unlike.insert(id.clone(), forbidding);
        }
    }
    unlike
}

fn is_of(trial: &str, tasks: &BTreeMap<TaskId, Vec<Unlike>>) -> bool {
    tasks
        .keys()
        .any(|id| trial.strip_prefix(&id.to_string()).is_some_and(|rest| rest.starts_with(':')))
}

fn listed(site: &Site<'_>, asked: &Asked, trials: &[Both]) -> Markup {
    html! {
        div.wide { table {
            thead { tr { th scope="col" { "Trial" } th scope="col" { "First" } th scope="col" { "Second" } } }
            tbody { @for (name, one, two) in trials.iter().take(LISTED) { tr {
                th scope="row" { a href=(format!("{}/compare/trial?a={}&b={}&name={}", site.base, escaped(&asked.a), escaped(&asked.b), escaped(name))) { (name) } }
                td.number { (one.map(decimal).unwrap_or_default()) }
                td.number { (two.map(decimal).unwrap_or_default()) }
            } } }
        } }
    }
}

/// Tasks in which the runs are not alike: what differs, and their trials in the order of their names, since scores that measure
/// different things have no order.
fn not_compared(
    site: &Site<'_>,
    asked: &Asked,
    unlike: &BTreeMap<TaskId, Vec<Unlike>>,
    trials: &[Both],
) -> Markup {
    html! {
        section aria-labelledby="unlike" {
            h2 #unlike { "Not compared" }
            p { "In these tasks the runs differ in more than their subjects, so a difference between scores tells nothing of the subjects." }
            ul { @for (id, differs) in unlike { li { code { (id) } ": "
                @for (place, one) in differs.iter().enumerate() { @if place > 0 { "; " } (one) }
            } } }
            @if !trials.is_empty() {
                p { (trials.len()) " trials in both, side by side"
                    @if trials.len() > LISTED { "; the first " (LISTED) " are listed" } "." }
                (listed(site, asked, trials))
            }
        }
    }
}

/// The reply, or all turns of a conversation.
fn replied(site: &Site<'_>, run: &Opened, recorded: &Recorded) -> Result<Markup, ViewError> {
    if talk::is_one(recorded) {
        let benchmark = run.benchmark(&site.viewer.benchmark);
        let walk = run.manifest.walk(benchmark, &recorded.trial.task)?;
        return Ok(talk::transcript(&walk, &recorded.trial, &recorded.exchanges));
    }
    let reply = last_reply(recorded).and_then(|one| one.text()).unwrap_or("(no reply)");
    Ok(said("reply", reply))
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
                        h2 { a href=(site.of_run(&run.name, "/trial", &[("name", &asked.name)])) { (run.manifest.subject.shown()) } }
                        @if !same_prompt {
                            @for message in &recorded.trial.messages { (said(message.role.name(), &message.content)) }
                        }
                        (replied(site, run, recorded)?)
                        p.small { "Judged by " (run.manifest.judge.name.title()) }
                    }
                }
            }
        }
    };
    Ok(site.page("Side by side", &body))
}
