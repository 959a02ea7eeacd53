//! How a run was set up.

use maud::{Markup, html};

use trustmh_run::derived::facts::facts;
use trustmh_run::derived::setup::{data_in_words, setup as sections};

use super::tabs::{Tab, tabs};
use super::{Site, Width};
use crate::error::ViewError;
use crate::runs::Opened;

/// The manifest in words.
pub(crate) fn setup(site: &Site<'_>, run: &str) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let body = html! {
        (tabs(site, &opened, Some(Tab::Setup)))
        main {
            h1 { "Set-up" }
            p.small { "From " code { "run.json" } " in the run's folder, which has all of it. Keys are never recorded." }
            @for section in sections(&opened.manifest) {
                section { h2 { (section.title) } (rows(&section.rows)) }
            }
            (work(&opened))
            (tasks(&opened))
        }
    };
    Ok(site.page_of(Width::Wide, "Set-up", &body))
}

fn rows(rows: &[(&'static str, String)]) -> Markup {
    html! { dl.facts { @for (name, value) in rows { dt { (name) } dd { (value) } } } }
}

/// What was done.
fn work(opened: &Opened) -> Markup {
    let facts = facts(&opened.manifest, &opened.trials);
    let cost = facts.cost();
    let or_none = |time: Option<String>| time.unwrap_or_else(|| "not recorded".to_owned());
    let found = [
        ("Began", or_none(facts.began)),
        ("Ended", or_none(facts.ended)),
        ("Calls to the subject", facts.subject_calls.to_string()),
        ("Calls to the judge", facts.judge_calls.to_string()),
        ("Messages of clients", facts.client_calls.to_string()),
        ("Tries beyond the first", facts.retries.to_string()),
        ("Calls that broke", facts.broken.to_string()),
        ("Tokens of prompts", facts.prompt_tokens.to_string()),
        ("Tokens of replies", facts.reply_tokens.to_string()),
        ("Replies without a count of tokens", facts.uncounted.to_string()),
        ("Cost", cost.to_string()),
        (
            "Learnt while asking",
            if facts.learnt.is_empty() { "nothing".to_owned() } else { facts.learnt.join("; ") },
        ),
    ];
    html! { section { h2 { "Work" } (rows(&found)) } }
}

fn tasks(opened: &Opened) -> Markup {
    html! {
        section {
            h2 { "Tasks and data" }
            table.rows {
                thead { tr { th scope="col" { "Task" } th scope="col" { "Version" } th scope="col" { "Trials" } th scope="col" { "Data" } th scope="col" { "Hashes" } } }
                tbody { @for (id, planned) in &opened.manifest.tasks { tr {
                    th scope="row" { (id) }
                    td data-label="Version" { (planned.version) }
                    td.number data-label="Trials" { (planned.trials) }
                    td data-label="Data" { (data_in_words(planned))
                        @for warning in &planned.source.warnings { br; span.small { (warning) } } }
                    td data-label="Hashes" { details { summary { "task, prompts, data" }
                        dl.facts {
                            dt { "task file" } dd { code { (planned.digest) } }
                            dt { "prompts" } dd { code { (planned.prompts) } }
                            @for rubric in &planned.rubrics { dt { "rubric" } dd { code { (rubric) } } }
                            @for (file, hash) in &planned.source.files { dt { (file) } dd { code { (hash) } } }
                        }
                    } }
                } } }
            }
        }
    }
}
