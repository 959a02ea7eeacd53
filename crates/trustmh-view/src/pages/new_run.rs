//! The page on which a run is put together, with what it would ask for beside it.

mod foretold;
mod parts;

use maud::{Markup, html};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) use foretold::{Foretold, Tested, faults, grouped, plan, tested};
pub(in crate::pages) use parts::budget;

use super::Site;
use crate::starting::{Fault, Offers, Refusal, Typed};

/// What the page shows besides the empty form.
#[derive(Default)]
pub(crate) struct NewRun {
    pub(crate) typed: Typed,
    pub(crate) faults: Vec<Fault>,
    /// Why the run did not begin.
    pub(crate) refusal: Option<Refusal>,
    pub(crate) tested: Option<Tested>,
    pub(crate) foretold: Option<Foretold>,
}

pub(crate) fn page(site: &Site<'_>, offers: &Offers, shown: &NewRun) -> String {
    let NewRun { typed, faults: found, refusal, tested: tried, foretold } = shown;
    let millis = typed.one("millis");
    let body = html! {
        script src=(site.to("/new-run.js", &[])) defer {}
        main.new-run {
            h1 { "New run" }
            p { "The run is a process of its own: it goes on if you close this page. When the viewer ends by Ctrl-C, the runs it started "
                "are asked to stop as well; what is recorded stays, and " code { "trustmh resume" } " goes on from there." }
            (under_way(site))
            @if let Some(refusal) = refusal { (refused(refusal)) }
            @if !found.is_empty() { (faults(found)) }
            form.start method="post" action=(site.to("/new", &[])) data-plan=(site.to("/new/plan", &[])) data-test=(site.to("/new/test", &[])) {
                div.asked {
                    (parts::model(typed, offers))
                    div #test aria-live="polite" { @if let Some(tried) = tried { (tested(tried)) } @else if let Ok(millis) = millis.parse::<u64>() {
                        input type="hidden" name="millis" value=(millis);
                    } }
                    (parts::tasks(site, typed))
                    (parts::data(typed, offers))
                    (parts::judge(typed))
                    (parts::limits(typed, offers))
                }
                aside.plan aria-labelledby="plan-title" {
                    h2 #plan-title { "Plan" }
                    div #plan aria-live="polite" {
                        @match foretold {
                            Some(foretold) => (plan(foretold, millis)),
                            None => p.small { "What the run would ask for is shown here. Nothing is sent before you start it." },
                        }
                    }
                    p.buttons {
                        button type="submit" name="do" value="plan" .quiet { "Show plan" } " "
                        button type="submit" name="do" value="start" { "Start the run" }
                    }
                }
            }
        }
    };
    site.page("New run", &body)
}

/// Ways to the runs that are under way.
fn under_way(site: &Site<'_>) -> Markup {
    let live = site.viewer.starting.as_ref().map(|starting| starting.live()).unwrap_or_default();
    let folders = if live.is_empty() { BTreeMap::new() } else { site.viewer.runs.folders() };
    let is_live = |folder: &PathBuf| folder.canonicalize().is_ok_and(|whole| live.contains(&whole));
    let names: Vec<&String> =
        folders.iter().filter(|(_, folder)| is_live(folder)).map(|(name, _)| name).collect();
    html! {
        @if !names.is_empty() {
            p { "Under way: " @for (place, name) in names.iter().enumerate() {
                @if place > 0 { ", " } a href=(super::watch::address(site, name)) { (name) }
            } "." }
        }
    }
}

/// What was refused, and what helps.
pub(super) fn refused(refusal: &Refusal) -> Markup {
    html! {
        p.warn role="alert" {
            (sentence(&refusal.message))
            @if let Some(hint) = &refusal.hint { " " (sentence(hint)) }
        }
    }
}

/// A line of the program as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>());
    let rest: String = letters.collect();
    let end = if text.trim_end().ends_with(['.', '!', '?', ')']) { "" } else { "." };
    format!("{}{rest}{end}", first.unwrap_or_default())
}
