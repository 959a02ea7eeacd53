//! A run's overview: its scorecard.

use maud::{Markup, html};
use std::sync::PoisonError;

use trustmh_core::scorecard::Scorecard;
use trustmh_report::facts::Companions;
use trustmh_report::html::body;
use trustmh_run::derived::facts::facts;

use super::tabs::{Tab, tabs};
use super::{Refresh, Site, Width, rate};
use crate::error::ViewError;
use crate::glance::{Glance, State};
use crate::runs::Opened;

/// The scorecard, with ways to the trials, and the progress of a run that is being written.
pub(crate) fn card(site: &Site<'_>, run: &str) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let card = opened.index.lock().unwrap_or_else(PoisonError::into_inner).scorecard()?;
    let facts = facts(&opened.manifest, &opened.trials);
    let glance = site.viewer.runs.glance(&site.viewer.benchmark, &opened.folder)?;
    let page = html! {
        (tabs(site, &opened, Some(Tab::Overview)))
        (progress(&opened, &glance))
        (body(&card, &facts, &Companions::default()))
        (ways(site, &opened, &card))
    };
    let refresh = match glance.state {
        State::Running => Refresh::Seconds(10),
        State::Incomplete | State::Repaired | State::Complete => Refresh::Never,
    };
    Ok(site.page_that(refresh, Width::Text, &card.subject_shown(), &page))
}

/// How far a run is that has not ended.
fn progress(opened: &Opened, glance: &Glance) -> Markup {
    let planned = glance.planned;
    let head = match glance.state {
        State::Running => "Running",
        State::Incomplete | State::Repaired if glance.ended < planned => "Not finished",
        State::Incomplete | State::Repaired | State::Complete => return html! {},
    };
    let share = glance.ended * 100 / planned.max(1);
    html! {
        section aria-labelledby="progress" {
            h2 #progress { (head) }
            p role="status" {
                meter min="0" max="100" value=(share) aria-label="Progress" { (share) " %" }
                " " (glance.ended) " of " (planned) " trials have " (glance.counts())
                @if let Some(quiet) = glance.quiet_for { "; the journal was last written " (quiet) " s ago" }
                "."
            }
            @match glance.state {
                State::Running => p.small { "This page looks again every 10 seconds; the scorecard below is read anew every half minute." },
                State::Incomplete | State::Repaired | State::Complete => p { "Go on with " code { "trustmh resume " (opened.folder.display()) } },
            }
        }
    }
}

/// From the tasks to their trials.
fn ways(site: &Site<'_>, opened: &Opened, card: &Scorecard) -> Markup {
    html! {
        nav aria-label="Tasks" {
            h2 { "Read the replies" }
            ul { @for id in card.tasks.keys() {
                @let task = id.to_string();
                @let rated = rate::is_rated(site, opened, id);
                li {
                    code { (task) } " "
                    a href=(site.of_run(&opened.name, "/trials", &[("task", &task)])) aria-label={ "Trials of " (task) } { "trials" }
                    @if rated {
                        " " a href=(site.of_run(&opened.name, "/agreement", &[("task", &task)])) aria-label={ "People and judge: " (task) } { "people and judge" }
                    }
                    @if rated {
                        " " a href=(site.of_run(&opened.name, "/rate", &[("task", &task)])) aria-label={ "Rate replies of " (task) } { "rate replies" }
                    }
                }
            } }
        }
    }
}
