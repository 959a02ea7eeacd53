//! The pages of a run, as tabs.

use maud::{Markup, html};

use super::{Site, watch};
use crate::runs::Opened;

/// A page of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Trials,
    Worst,
    Calls,
    Setup,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Overview, Self::Trials, Self::Worst, Self::Calls, Self::Setup];

    const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Trials => "Trials",
            Self::Worst => "Worst",
            Self::Calls => "Calls",
            Self::Setup => "Set-up",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Trials => "/trials",
            Self::Worst => "/worst",
            Self::Calls => "/calls",
            Self::Setup => "/setup",
        }
    }
}

/// The subject's name and the tabs; `current` is where one is, none on pages below a tab.
pub(super) fn tabs(site: &Site<'_>, opened: &Opened, current: Option<Tab>) -> Markup {
    html! {
        nav.tabs aria-label="Run" {
            span.of { (opened.manifest.subject.shown()) " " span.small { (opened.name) } }
            @for tab in Tab::ALL {
                a href=(site.of_run(&opened.name, tab.path(), &[])) aria-current=[(current == Some(tab)).then_some("page")] { (tab.title()) }
            }
            a href=(site.of_run(&opened.name, "/agreement", &[])) { "People and judge" }
            @if site.viewer.starting.is_some() { a href=(watch::address(site, &opened.name)) { "Watch" } }
        }
    }
}
