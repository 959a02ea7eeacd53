//! A run's scorecard.

use maud::html;
use std::sync::PoisonError;

use trustmh_report::facts::Companions;
use trustmh_report::html::body;
use trustmh_run::derived::facts::facts;

use super::runs::progress;
use super::{Refresh, Site, rate, watch};
use crate::error::ViewError;

/// A run that was written to so recently is taken to be running.
const LIVE: u64 = 60;

/// The scorecard, with ways to the trials, and the progress of a run that is being written.
pub(crate) fn card(site: &Site<'_>, run: &str) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let card = opened.index.lock().unwrap_or_else(PoisonError::into_inner).scorecard()?;
    let facts = facts(&opened.manifest, &opened.trials);
    let progress = progress(&opened.folder, opened.trials.len(), &opened.manifest);
    let live =
        progress.begun < progress.planned && progress.quiet_for.is_some_and(|quiet| quiet < LIVE);
    let share = progress.begun * 100 / progress.planned.max(1);
    let page = html! {
        nav aria-label="Run" {
            a href=(site.of_run(&opened.name, "/trials", &[])) { "Trials" }
            a href=(site.of_run(&opened.name, "/agreement", &[])) { "People and judge" }
            @if site.viewer.starting.is_some() { a href=(watch::address(site, &opened.name)) { "Watch" } }
        }
        @if progress.begun < progress.planned {
            section aria-labelledby="progress" {
                h2 #progress { @if live { "Running" } @else { "Not finished" } }
                p role="status" {
                    meter min="0" max="100" value=(share) { (share) " %" }
                    " " (progress.begun) " of " (progress.planned) " trials have begun"
                    @if let Some(quiet) = progress.quiet_for { "; the journal was last written " (quiet) " s ago" }
                    "."
                }
                @if live { p.small { "This page looks again every 10 seconds; the scorecard below is read anew every half minute." } }
                @else { p { "Go on with " code { "trustmh resume " (opened.folder.display()) } } }
            }
        }
        (body(&card, &facts, &Companions::default()))
        nav aria-label="Tasks" {
            h2 { "Read the replies" }
            ul { @for id in card.tasks.keys() {
                @let task = id.to_string();
                li {
                    code { (task) } " "
                    a href=(site.of_run(&opened.name, "/trials", &[("task", &task)])) { "trials" } " "
                    a href=(site.of_run(&opened.name, "/agreement", &[("task", &task)])) { "people and judge" }
                    @if rate::is_rated(site, &opened, id) {
                        " " a href=(site.of_run(&opened.name, "/rate", &[("task", &task)])) { "rate replies" }
                    }
                }
            } }
        }
    };
    let refresh = if live { Refresh::Seconds(10) } else { Refresh::Never };
    Ok(site.page_that(refresh, &card.subject_shown(), &page))
}
