//! The page on which a run is put together, with what it would ask for beside it.

mod foretold;
mod parts;

use maud::{Markup, html};

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
