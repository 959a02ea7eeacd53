//! One trial in several runs.

use maud::{Markup, html};
use std::sync::Arc;

use trustmh_run::derived::score::score_of;
use trustmh_run::journal::Recorded;

use super::{Asked, letter};
use crate::error::ViewError;
use crate::pages::trial::{find, headline, last_reply, right, said, verdicts};
use crate::pages::{Site, Width, talk};
use crate::runs::Opened;

/// The trial of each run, with what was read, scored and judged.
pub(crate) fn side_by_side(site: &Site<'_>, asked: &Asked) -> Result<String, ViewError> {
    asked.enough()?;
    let mut found: Vec<(Arc<Opened>, Recorded)> = Vec::new();
    for run in &asked.runs {
        let opened = site.open(run)?;
        let recorded = find(&opened, &asked.name)?;
        found.push((opened, recorded));
    }
    let Some((_, first)) = found.first() else {
        return Err(ViewError::Form("no run was named".to_owned()));
    };
    let same_prompt = found.iter().all(|(_, other)| other.trial.messages == first.trial.messages);
    let mut sides = Vec::new();
    for (place, (opened, recorded)) in found.iter().enumerate() {
        sides.push(side(site, opened, recorded, place, same_prompt)?);
    }
    let body = html! {
        (ways(site, asked)?)
        main {
            h1 { code { (asked.name) } }
            @if same_prompt {
                h2 { "What was asked" }
                @for message in &first.trial.messages { (said(message.role.name(), &message.content)) }
            } @else { p.warn { "The runs were not asked the same words." } }
            div.beside { @for side in &sides { (side) } }
        }
    };
    Ok(site.page_of(Width::Wide, "Side by side", &body))
}

/// To the comparison, and to the trials of the task that changed a little more and a little less.
fn ways(site: &Site<'_>, asked: &Asked) -> Result<Markup, ViewError> {
    let compared = site.viewer.compared(&asked.runs)?;
    let task = asked.name.split(':').next().unwrap_or_default();
    let of_task = compared.pairs.first().and_then(|pair| {
        pair.tasks.iter().find(|(id, _)| id.to_string() == task).map(|(_, task)| task)
    });
    let changed: Vec<String> = of_task
        .map(|found| found.changed.iter().map(|one| format!("{task}:{}", one.trial)).collect())
        .unwrap_or_default();
    let here = changed.iter().position(|name| *name == asked.name);
    let before = here.and_then(|here| changed.get(here.checked_sub(1)?));
    let after = match here {
        Some(here) => changed.get(here + 1),
        None => changed.first(),
    };
    let to = |name: &str| asked.address(site, "/compare/trial", name);
    Ok(html! {
        nav.beside-trial aria-label="Trials" {
            a href=(asked.address(site, "/compare", "")) { "The comparison" }
            @if let Some(name) = before { a href=(to(name)) rel="prev" { "Previous" } }
            @if let Some(name) = after { a href=(to(name)) rel="next" { "Next" } }
            @if let Some(here) = here { span.small { "Change " (here + 1) " of " (changed.len()) " in " (task) ", the greatest first" } }
            @else if !changed.is_empty() { span.small { "This trial did not change; next is the greatest change in " (task) } }
            span.small { "Keys: " kbd { "j" } " next, " kbd { "k" } " previous" }
        }
    })
}

fn side(
    site: &Site<'_>,
    opened: &Opened,
    recorded: &Recorded,
    place: usize,
    same_prompt: bool,
) -> Result<Markup, ViewError> {
    let benchmark = opened.benchmark(&site.viewer.benchmark);
    let walk = opened.manifest.walk(benchmark, &recorded.trial.task)?;
    let reading = walk.reading(&recorded.trial, &recorded.exchanges);
    let name = recorded.trial.id.as_str();
    let score = score_of(benchmark, &opened.manifest, recorded)?;
    let is_judged = !walk.rules.rubrics(&recorded.trial)?.is_empty()
        || !walk.rules.turn_rubrics(&recorded.trial)?.is_empty();
    Ok(html! {
        section {
            h2 { (letter(place)) " " a href=(site.of_run(&opened.name, "/trial", &[("name", name)])) { (opened.manifest.subject.shown()) } }
            (headline(site, opened, recorded, &score)?)
            (right(&reading))
            @if !same_prompt {
                @for message in &recorded.trial.messages { (said(message.role.name(), &message.content)) }
            }
            @if talk::is_one(recorded) { (talk::transcript(&walk, &recorded.trial, &recorded.exchanges)) }
            @else { (said("reply", last_reply(recorded).and_then(|one| one.text()).unwrap_or("(no reply)"))) }
            @if is_judged {
                (verdicts(site, opened, recorded))
                p.small { "Judged by " (opened.manifest.judge.name.title()) "." }
            }
        }
    })
}
