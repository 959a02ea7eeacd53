//! A study with several judges on one page: how its runs stand, where their comparisons are, and what the judges agree on.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::panel::Panel;

use crate::comparison::Shown;
use crate::html::whole;
use crate::matrix::Brief;
use crate::matrix::html::{NO_CLEARANCE, STYLE};
use crate::panel::panel;

/// Columns of a panel on the page.
const PANEL_WIDTH: u16 = 100;

/// What of a study stands on its page.
#[derive(Debug, Clone)]
pub struct Overview<'s> {
    /// What the study is called.
    pub name: &'s str,
    /// What it is to find out, where somebody said so.
    pub description: Option<&'s str>,
    /// What is missing, a sentence a run: said first.
    pub missing: &'s [String],
    /// Its runs, in its own order.
    pub runs: Vec<OverviewRun>,
    /// The comparisons, by judge.
    pub comparisons: &'s [OverviewComparison],
    /// What several judges say of the same replies, by subject.
    pub panels: &'s BTreeMap<String, Panel>,
}

/// The subjects side by side, as one judge sees them.
#[derive(Debug, Clone)]
pub struct OverviewComparison {
    /// The judge's name.
    pub judge: String,
    /// The comparison's page, by the address from this one.
    pub page: String,
    /// The page of the same runs beside the published models.
    pub leaderboard: String,
    /// What it found; none of a single run.
    pub found: Option<Brief>,
}

/// A run of a study.
#[derive(Debug, Clone)]
pub struct OverviewRun {
    /// The subject's name.
    pub subject: String,
    /// The judge's name.
    pub judge: String,
    /// Its report, by the address from this page, where there is one.
    pub report: Option<String>,
    /// Trials that were planned.
    pub planned: u64,
    /// Those of them that have not ended.
    pub pending: u64,
    /// What it lacks.
    pub lacks: Vec<String>,
}

fn brief(found: &Brief) -> Markup {
    html! {
        ". " (found.headline()) "."
        ul {
            @for run in &found.runs {
                li {
                    (run.standing())
                    @if let Some(behind) = &run.furthest { "; " (behind.in_words()) }
                }
            }
        }
    }
}

/// The page: no network, no script.
pub fn html(overview: &Overview<'_>) -> String {
    let title = format!("TrustMH study: {}", overview.name);
    let body = html! {
        header {
            h1 { (title) }
            @if let Some(description) = overview.description { p.lead { (description) } }
            @for missing in overview.missing { p.warn { strong { "Missing: " } (missing) } }
        }
        main {
            section aria-labelledby="comparisons" {
                h2 #comparisons { "Comparisons" }
                p { "Numbers of different judges are not comparable, so each judge has a comparison of its own."
                    @if !overview.panels.is_empty() { " What they make of the same replies stands below." } }
                ul.notes {
                    @for one in overview.comparisons {
                        li {
                            a href=(one.page) { "All subjects, judged by " (one.judge) }
                            ", and " a href=(one.leaderboard) { "beside the published models" }
                            @if let Some(found) = &one.found { (brief(found)) }
                        }
                    }
                }
            }
            (runs(&overview.runs))
            (panels(overview.panels))
            section aria-labelledby="notes" {
                h2 #notes { "Notes" }
                ul.notes { li { (NO_CLEARANCE) } }
            }
        }
    };
    whole(&title, &[STYLE, PANELS], &body)
}

/// What the page has beside the style sheet of comparisons.
const PANELS: &str = "pre{overflow-x:auto;font:.82rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--panel);padding:.8rem}\
                      details{margin:.6rem 0}summary{cursor:pointer;font-weight:600}";

fn runs(runs: &[OverviewRun]) -> Markup {
    html! {
        section aria-labelledby="runs" {
            h2 #runs { "Runs" }
            div.wide tabindex="0" role="region" aria-label="Table of the runs" { table.stack role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for head in ["Subject", "Judge", "Trials ended", "State", "Report"] {
                        th scope="col" role="columnheader" { (head) }
                    }
                } }
                tbody role="rowgroup" { @for run in runs {
                    tr role="row" {
                        th scope="row" role="rowheader" { (run.subject) }
                        td role="cell" data-run="Judge" { (run.judge) }
                        td role="cell" data-run="Trials ended" { (run.planned.saturating_sub(run.pending)) " of " (run.planned) }
                        td role="cell" data-run="State" {
                            @if run.lacks.is_empty() { "complete" } @else { span.worse { (run.lacks.join("; ")) } }
                        }
                        td role="cell" data-run="Report" {
                            @match &run.report { Some(page) => a href=(page) { "report" }, None => "none" }
                        }
                    }
                } }
            } }
        }
    }
}

fn panels(panels: &BTreeMap<String, Panel>) -> Markup {
    html! {
        @if !panels.is_empty() {
            section aria-labelledby="panels" {
                h2 #panels { "What the judges agree on" }
                p { "Each judge was shown the same replies. Krippendorff's alpha is 1 where they always agree and 0 where they agree as \
                    by chance." }
                @for (subject, found) in panels {
                    details open[panels.len() == 1] {
                        summary { (subject) }
                        pre tabindex="0" { (panel(found, Shown::Primary, PANEL_WIDTH)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::BriefRun;

    #[test]
    fn names_do_nothing_on_the_page_and_what_is_missing_stands_first() {
        let hostile = "<script>alert(1)</script>\u{202e}";
        let overview = Overview {
            name: hostile,
            description: Some(hostile),
            missing: &[format!("{hostile} by offline: 3 of 5 trials are pending")],
            runs: vec![OverviewRun {
                subject: hostile.to_owned(),
                judge: "offline".to_owned(),
                report: None,
                planned: 5,
                pending: 3,
                lacks: vec!["3 of 5 trials are pending".to_owned()],
            }],
            comparisons: &[OverviewComparison {
                judge: "offline".to_owned(),
                page: "comparison-by-offline.html".to_owned(),
                leaderboard: "leaderboard-by-offline.html".to_owned(),
                found: Some(Brief {
                    compared: 3,
                    apart: 1,
                    unvalidated: 2,
                    not_compared: 0,
                    runs: vec![BriefRun {
                        name: "<i>Coach</i>".to_owned(),
                        rank: None,
                        better: 1,
                        worse: 0,
                        furthest: None,
                    }],
                }),
            }],
            panels: &BTreeMap::new(),
        };
        let page = html(&overview);
        assert!(!page.contains("<script") && !page.contains('\u{202e}'), "{page}");
        assert!(page.find("Missing: ").unwrap() < page.find("Comparisons").unwrap());
        assert!(page.contains("2 of 5") && page.contains("href=\"comparison-by-offline.html\""));
        assert!(
            page.contains("told apart in 1 of 3 tasks; the judge is not validated in 2 of 3"),
            "{page}"
        );
        assert!(page.contains("&lt;i&gt;Coach"), "{page}");
    }
}
