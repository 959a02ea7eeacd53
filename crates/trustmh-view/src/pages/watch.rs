//! A run while it goes on: how far it is, what it shows so far, and how to stop it or go on with it.

mod figures;

use maud::{Markup, html};
use std::sync::Arc;

use trustmh_core::inert::inert;
use trustmh_core::scorecard::{ItemOrigin, RecordState};
use trustmh_run::manifest::Manifest;

use super::Site;
use super::new_run::{budget, refused, sentence};
use crate::error::ViewError;
use crate::starting::{Freshness, Interim, Limits, Now, Offers, Phase, Refusal, Starting, Typed};

/// A run and what is known of it at this moment.
struct Watched<'s> {
    site: &'s Site<'s>,
    starting: Option<&'s Arc<Starting>>,
    run: &'s str,
    manifest: Manifest,
    /// Of a run that was started here.
    now: Option<Now>,
    limits: Limits,
    interim: Result<Arc<Interim>, String>,
}

/// Where a run is watched.
pub(crate) fn address(site: &Site<'_>, run: &str) -> String {
    site.of_run(run, "/watch", &[])
}

/// The whole page; `refusal` says why it does not go on.
pub(crate) fn page(
    site: &Site<'_>,
    run: &str,
    refusal: Option<&Refusal>,
) -> Result<String, ViewError> {
    let watched = Watched::of(site, run)?;
    let live = watched.is_live();
    let events = live.then(|| site.of_run(run, "/events", &[]));
    let body = html! {
        script src=(site.to("/watch.js", &[])) defer {}
        nav aria-label="Run" { a href=(site.of_run(run, "", &[])) { "Report" } }
        main.watch data-events=[events] {
            h1 { (watched.manifest.subject.shown()) }
            p.lead { code { (run) } ", judge " (watched.manifest.judge.name.title()) }
            @if let Some(refusal) = refusal { (refused(refusal)) }
            div #figures { (watched.figures()) }
            div #actions { (watched.actions()) }
            @if live { noscript { p.small { "Load this page again to see how far the run is." } } }
        }
    };
    Ok(site.page(watched.manifest.subject.shown().as_str(), &body))
}

/// The parts of the page that change, as they are now: figures and actions.
pub(crate) fn parts(site: &Site<'_>, run: &str) -> Result<[String; 2], ViewError> {
    let watched = Watched::of(site, run)?;
    Ok([watched.figures(), watched.actions()].map(|part| inert(&part.into_string())))
}

impl<'s> Watched<'s> {
    fn of(site: &'s Site<'s>, run: &'s str) -> Result<Self, ViewError> {
        let folder = site.viewer.runs.folders().remove(run);
        let folder = folder.ok_or_else(|| ViewError::Missing(format!("run {run}")))?;
        let manifest = Manifest::read(&folder)?;
        let starting = site.viewer.starting.as_ref();
        let job = starting.and_then(|starting| starting.job(&folder));
        let now = job.as_ref().map(|job| job.now());
        let limits = job.map_or_else(Limits::default, |job| job.limits.clone());
        let live = now.as_ref().is_some_and(|now| now.phase.is_live());
        let freshness = if live { Freshness::Bounded } else { Freshness::Exact };
        let benchmark = &site.viewer.benchmark;
        let interim = match starting {
            Some(starting) => starting.interims.of(benchmark, &folder, freshness),
            None => {
                Err(ViewError::Form("runs are watched with: trustmh view --allow-runs".to_owned()))
            }
        };
        // A run that has only begun has no journal yet: that is no fault of the page.
        let interim = match interim {
            Err(error) if starting.is_none() => return Err(error),
            other => other.map_err(|error| error.to_string()),
        };
        Ok(Self { site, starting, run, manifest, now, limits, interim })
    }

    fn is_live(&self) -> bool {
        self.now.as_ref().is_some_and(|now| now.phase.is_live())
    }

    /// Whether every trial has ended.
    fn is_whole(&self) -> bool {
        self.interim.as_ref().is_ok_and(|interim| interim.ended >= interim.planned)
    }

    fn figures(&self) -> Markup {
        let numbers = self.now.as_ref().and_then(|now| now.told.numbers.as_ref());
        let planned = self.manifest.tasks.values().map(|task| task.trials).sum();
        let interim = self.interim.as_deref().ok();
        let counted = interim.map_or(0, |interim| interim.ended);
        let ended = counted.max(numbers.map_or(0, |numbers| numbers.trials)).min(planned);
        let reasons = interim.map(|interim| interim.failures.as_slice()).unwrap_or_default();
        html! {
            p.state role="status" { (self.state(ended, planned)) }
            (figures::bar("Trials", ended, planned))
            (figures::pace(numbers, &self.limits, self.is_live()))
            @match &self.interim {
                Ok(interim) => (figures::pillars(interim, numbers, self.is_live())),
                Err(_) if self.is_live() => p.small { "Nothing has been recorded yet." },
                Err(why) => p.warn { (sentence(why)) },
            }
            @if !reasons.is_empty() {
                h2 { "Calls that failed" }
                ul { @for (why, calls) in reasons { li { (calls) " × " (why) } } }
            }
            @if let Some(lines) = self.said() {
                h2 { "What the run said last" }
                ul.lines { @for line in lines { li { (line) } } }
            }
        }
    }

    /// The last lines of the run, but for the one that says what it is and begins with its folder.
    fn said(&self) -> Option<Vec<&String>> {
        let told = &self.now.as_ref()?.told;
        let own = told.folder.as_ref().map(|folder| format!("{}:", folder.display()));
        let is_own = |line: &str| own.as_ref().is_some_and(|own| line.starts_with(own));
        let told: Vec<&String> = told.lines.iter().filter(|line| !is_own(line)).collect();
        (!told.is_empty()).then_some(told)
    }

    fn state(&self, ended: u64, planned: u64) -> Markup {
        let word = match self.now.as_ref().map(|now| now.phase) {
            Some(Phase::Starting) => "Being prepared",
            Some(Phase::Running) => "Running",
            Some(Phase::Draining) => "Stopping: no new calls, those in flight are finished",
            Some(Phase::Leaving) => "Stopping at once",
            Some(Phase::Ended(_)) | None if self.is_whole() => "Ended",
            Some(Phase::Ended(_)) | None => "INCOMPLETE",
        };
        html! { strong { (word) } ": " (ended) " of " (planned) " trials." }
    }

    fn actions(&self) -> Markup {
        match self.now.as_ref().map(|now| now.phase) {
            Some(Phase::Starting | Phase::Running) => {
                self.stop("Stop", "Calls in flight are finished; the run can be resumed.")
            }
            Some(Phase::Draining) => {
                self.stop("Stop now", "Calls in flight are dropped; the run can be resumed.")
            }
            Some(Phase::Leaving) => html! {},
            Some(Phase::Ended(code)) => self.over(code),
            None => self.over(Some(0)),
        }
    }

    fn stop(&self, word: &str, meaning: &str) -> Markup {
        html! {
            form method="post" action=(self.site.of_run(self.run, "/stop", &[])) {
                p { button type="submit" { (word) } " " span.small { (meaning) } }
            }
        }
    }

    fn over(&self, code: Option<i32>) -> Markup {
        let report = self.site.of_run(self.run, "", &[]);
        let repaired =
            self.interim.as_ref().is_ok_and(|interim| interim.state == RecordState::Repaired);
        html! {
            @if self.is_whole() {
                p.done { a href=(report) { "Read the report" } }
            } @else {
                p { a href=(report) { "The report so far" } }
                @match code {
                    Some(130) => p { "It was stopped. What is recorded stays." },
                    Some(0 | 4) => {},
                    Some(code) => p.warn { "It ended with exit code " (code) "." },
                    None => p.warn { "A signal ended it." },
                }
                @if !self.manifest.origin.is_imported() && !repaired { (self.resume()) }
            }
        }
    }

    /// How to go on, under which limits: a run does not know those it was started with.
    fn resume(&self) -> Markup {
        let Some(starting) = self.starting else { return html! {} };
        let Limits { cost, calls, per_minute } = &self.limits;
        let number =
            |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), value));
        let fields = [
            number("max-cost", cost.map(|cost| cost.to_string())),
            number("max-calls", calls.map(|calls| calls.to_string())),
            number("rpm", per_minute.map(|rate| rate.to_string())),
        ];
        let typed = Typed::of(fields.into_iter().flatten().collect());
        html! {
            form.resume method="post" action=(self.site.of_run(self.run, "/resume", &[])) {
                fieldset {
                    legend { "Go on with the run" }
                    p.small { "Calls that are recorded are not made again. Limits count from here on." }
                    div.numbers { (budget(&typed)) }
                    (self.data(&starting.program.offers()))
                    p { button type="submit" { "Resume" } }
                }
            }
        }
    }

    /// A run on published data is told where they are.
    fn data(&self, offers: &Offers) -> Markup {
        let mut origins = self.manifest.tasks.values().map(|task| task.source.origin);
        let published = origins.any(|origin| origin == ItemOrigin::Published);
        html! {
            @if published {
                label.field { span { "Data folder" }
                    select name="data" { @for folder in &offers.data {
                        @let path = folder.path.to_string_lossy();
                        option value=(path) { (path) }
                    } }
                }
            }
        }
    }
}
