//! What trials can be chosen by, with counts: each says how many trials a click would show.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_run::derived::marks::Mark;

use super::Asked;
use super::asked::marked;
use crate::error::ViewError;
use crate::index::{Facet, FacetValue, Filter, Index};
use crate::pages::Site;
use crate::pages::trial::outcome_words;

/// So many values of a facet stand open.
const OPEN: usize = 8;

/// The panel for the trials that were asked for.
pub(super) fn of(
    site: &Site<'_>,
    run: &str,
    asked: &Asked,
    index: &Index,
    marks: &BTreeMap<String, Mark>,
) -> Result<Markup, ViewError> {
    let facets = index.facets(&asked.filter(marks)?)?;
    let total = index.count(&asked.filter(marks)?)?;
    let (mut groups, mut rare): (Vec<Group>, Vec<Group>) = (Vec::new(), Vec::new());
    if !marks.is_empty() {
        let mut choices = Vec::new();
        for mark in ["flagged", "noted"] {
            let filter = Filter { names: marked(mark, marks), ..asked.filter(marks)? };
            let trials = index.count(&filter)?;
            let chosen = asked.mark == mark;
            let mut other = asked.clone();
            other.mark = if chosen { String::new() } else { mark.to_owned() };
            let to = site.of_run(run, "/trials", &other.of_list());
            choices.push(Choice { words: mark.to_owned(), trials, chosen, to });
        }
        groups.push(("Marks".to_owned(), choices));
    }
    for Facet { key, values } in facets {
        let of_most = values.iter().map(|value| value.trials).sum::<u64>() * 2 >= total;
        let is_chosen = values.iter().any(|value| value.chosen);
        let choices = values.iter().map(|value| choice(site, run, asked, &key, value)).collect();
        let group = (title(&key), choices);
        if of_most || is_chosen { groups.push(group) } else { rare.push(group) }
    }
    Ok(html! {
        @for (title, choices) in &groups { (group(title, choices)) }
        @if !rare.is_empty() {
            details {
                summary { (rare.len()) " more, of fewer trials" }
                @for (title, choices) in &rare { (group(title, choices)) }
            }
        }
    })
}

/// A facet's title and its values.
type Group = (String, Vec<Choice>);

/// A value that can be chosen, or taken off.
struct Choice {
    words: String,
    trials: u64,
    chosen: bool,
    to: String,
}

fn choice(site: &Site<'_>, run: &str, asked: &Asked, key: &str, value: &FacetValue) -> Choice {
    let mut other = asked.clone();
    let own = if value.chosen { String::new() } else { value.value.clone() };
    match key {
        "task" => other.task = own,
        "outcome" => other.outcome = own,
        _ => {
            let begin = format!("{key}=");
            other.facets.retain(|facet| !facet.starts_with(&begin));
            if !value.chosen {
                other.facets.push(format!("{begin}{}", value.value));
            }
        }
    }
    Choice {
        words: value_in_words(key, &value.value),
        trials: value.trials,
        chosen: value.chosen,
        to: site.of_run(run, "/trials", &other.of_list()),
    }
}

fn group(title: &str, choices: &[Choice]) -> Markup {
    let (open, folded) = choices.split_at(OPEN.min(choices.len()));
    let is_open = folded.iter().any(|choice| choice.chosen);
    html! {
        section {
            h2 { (title) }
            ul { @for choice in open { (shown(choice)) } }
            @if !folded.is_empty() {
                details open[is_open] { summary { (folded.len()) " more" } ul { @for choice in folded { (shown(choice)) } } }
            }
        }
    }
}

fn shown(choice: &Choice) -> Markup {
    html! {
        li { a href=(choice.to) aria-current=[choice.chosen.then_some("true")] {
            span.value { (choice.words) } " " span.count { (choice.trials) }
            @if choice.chosen { span.hidden { ", chosen; take off" } }
        } }
    }
}

/// A facet as people read it.
fn title(key: &str) -> String {
    match key {
        "task" => "Task".to_owned(),
        "outcome" => "Outcome".to_owned(),
        "language" => "Language".to_owned(),
        "variant" => "Variant".to_owned(),
        "flag" => "Flags".to_owned(),
        "verdict missing" => "Verdict missing".to_owned(),
        _ => match key.split_once(':') {
            Some(("verdict", of)) => format!("Verdict by {of}"),
            Some((_, of)) => of.replace(['-', '_'], " "),
            None => key.to_owned(),
        },
    }
}

fn value_in_words(key: &str, value: &str) -> String {
    if key == "outcome" { outcome_words(value).to_owned() } else { value.to_owned() }
}

/// A chosen parameter of an address as people read it.
pub(super) fn in_words(name: &str, value: &str) -> String {
    match name {
        "f" => match value.split_once('=') {
            Some((key, value)) => format!("{}: {}", title(key), value_in_words(key, value)),
            None => value.to_owned(),
        },
        "mark" => format!("Marks: {value}"),
        name => format!("{}: {}", title(name), value_in_words(name, value)),
    }
}
