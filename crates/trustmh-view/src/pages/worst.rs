//! The worst replies of a run, task by task.

use maud::{Markup, html};
use std::sync::PoisonError;

use trustmh_report::number::decimal;

use super::tabs::{Tab, tabs};
use super::{Site, Width};
use crate::error::ViewError;
use crate::index::Worst;

/// The worst replies of each task that has any, the worst first.
pub(crate) fn worst(site: &Site<'_>, run: &str) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let tasks = opened.index.lock().unwrap_or_else(PoisonError::into_inner).worst()?;
    let body = html! {
        (tabs(site, &opened, Some(Tab::Worst)))
        main {
            h1 { "Worst replies" }
            @if tasks.is_empty() {
                p { "No reply of this run is worse than the best that its tasks can measure of single trials." }
            } @else {
                p.small { "Of each task the replies at the bad end of the measure that its trials are put in order by. They were chosen for being bad: "
                    "they tell nothing of how often such replies come. The overview does." }
                nav aria-label="Tasks" { @for found in &tasks { a href={ "#" (anchor(found)) } { (found.task) } " " } }
            }
            @for found in &tasks { (of_task(site, &opened.name, found)) }
        }
    };
    Ok(site.page_of(Width::Wide, "Worst replies", &body))
}

fn anchor(found: &Worst) -> String {
    found.task.to_string().replace('/', "-")
}

fn of_task(site: &Site<'_>, run: &str, found: &Worst) -> Markup {
    let task = found.task.to_string();
    html! {
        section aria-labelledby=(anchor(found)) {
            h2 id=(anchor(found)) { (task) }
            p.small { "At the bad end of: " (found.measure) ". " (found.as_bad) " trials are no better than the last one shown. "
                a href=(site.of_run(run, "/trials", &[("task", &task)])) aria-label={ "All trials of " (task) } { "All trials" } }
            @for reply in &found.replies {
                article.pair {
                    h3 { a href=(site.of_run(run, "/trial", &[("name", &reply.trial), ("task", &task)])) { (reply.trial) }
                        " " span.tag { (found.measure) ": " (decimal(reply.value)) } }
                    div.beside {
                        div.said { h4 { "Asked, at the end" } div.text dir="auto" { (reply.asked) } }
                        div.said.reply { h4 { "Replied" } div.text dir="auto" { (reply.reply) } }
                    }
                }
            }
        }
    }
}
