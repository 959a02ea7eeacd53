//! The calls of a run: who was asked, what it took, how it ended.

use maud::{Markup, html};
use serde::Deserialize;

use trustmh_core::call::{CallEnd, Finish, Usage};
use trustmh_run::journal::{Asked as Whom, Call, CallLeft, EndLeft, Told, Trouble};

use super::tabs::{Tab, tabs};
use super::trial::purpose;
use super::trials::page_number;
use super::{Site, Width, page_turns};
use crate::error::ViewError;
use crate::runs::Opened;

/// Calls a page.
const PAGE: usize = 100;

/// Which calls are wanted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    who: String,
    outcome: String,
    page: String,
}

impl Asked {
    fn lets_through(&self, whom: Whom, trouble: Trouble) -> bool {
        let of_whom = self.who.is_empty() || self.who == whom.slug();
        let of_outcome = match (self.outcome.as_str(), trouble) {
            ("failed", Trouble::Broken) | ("retried", Trouble::Retried) => true,
            ("failed" | "retried", _) => false,
            (_, Trouble::Broken | Trouble::Retried | Trouble::None) => true,
        };
        of_whom && of_outcome
    }
}

/// One page of the calls that were asked for, in the order they ended.
pub(crate) fn calls(site: &Site<'_>, run: &str, asked: &Asked) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let calls = opened.calls()?;
    let wanted = |whom, trouble| asked.lets_through(whom, trouble);
    let total = calls.count(wanted);
    let last = total.saturating_sub(1) / PAGE;
    let shown = usize::try_from(page_number(&asked.page)?).unwrap_or(usize::MAX).min(last);
    let told = calls.page(wanted, shown * PAGE, PAGE)?;
    let of_all = |whom: Option<Whom>, only: Option<Trouble>| {
        calls.count(|asked, trouble| {
            whom.is_none_or(|whom| whom == asked) && only.is_none_or(|only| only == trouble)
        })
    };
    let body = html! {
        (tabs(site, &opened, Some(Tab::Calls)))
        main {
            h1 { "Calls" }
            form.filter method="get" role="search" {
                label { "Asked" select name="who" {
                    option value="" selected[asked.who.is_empty()] { "anybody (" (of_all(None, None)) ")" }
                    @for whom in Whom::ALL { option value=(whom.slug()) selected[asked.who == whom.slug()] { (whom.slug()) " (" (of_all(Some(whom), None)) ")" } }
                } }
                label { "Outcome" select name="outcome" {
                    option value="" selected[asked.outcome.is_empty()] { "any" }
                    @for (slug, trouble) in [("failed", Trouble::Broken), ("retried", Trouble::Retried)] {
                        option value=(slug) selected[asked.outcome == slug] { (slug) " (" (of_all(None, Some(trouble))) ")" }
                    }
                } }
                button type="submit" { "Filter" }
            }
            p role="status" { (total) @if total == 1 { " call" } @else { " calls" } }
            @if total == 0 { p { "No call fits. " @if opened.manifest.origin.is_imported() { "The replies of this run were recorded elsewhere." } } }
            @else { (table(site, &opened, &told)) }
            (turns(site, &opened, asked, shown, last))
        }
    };
    Ok(site.page_of(Width::Wide, "Calls", &body))
}

fn table(site: &Site<'_>, opened: &Opened, told: &[Told]) -> Markup {
    html! {
        table.rows {
            thead { tr {
                th scope="col" { "Call" } th scope="col" { "Trial" } th scope="col" { "Model" } th scope="col" { "Tokens in, out" }
                th scope="col" { "Retries" } th scope="col" { "Time" } th scope="col" { "Outcome" }
            } }
            tbody { @for one in told { @match one {
                Told::Whole(call) => (row(site, opened, &Line::of(call))),
                Told::Forgotten(call) => (row(site, opened, &Line::left(call))),
            } } }
        }
    }
}

/// A call as the table has it.
struct Line<'c> {
    what: String,
    trial: &'c str,
    model: &'c str,
    usage: Option<Usage>,
    tries: u32,
    millis: u64,
    at: Option<String>,
    outcome: String,
}

impl<'c> Line<'c> {
    fn of(call: &'c Call) -> Self {
        let (usage, outcome) = match &call.end {
            CallEnd::Replied(reply) => (reply.usage, finish(&reply.finish).to_owned()),
            CallEnd::Recorded { .. } => (None, "recorded elsewhere".to_owned()),
            CallEnd::Broken { message } => (None, format!("FAILED: {message}")),
        };
        Self {
            what: purpose(&call.purpose),
            trial: call.trial.as_str(),
            model: call.model.as_str(),
            usage,
            tries: call.tries,
            millis: call.millis,
            at: call.at.map(|at| at.to_string()),
            outcome,
        }
    }

    fn left(call: &'c CallLeft) -> Self {
        let (usage, outcome) = match &call.end {
            EndLeft::Replied { finish: how, usage, .. } => (*usage, finish(how).to_owned()),
            EndLeft::Recorded {} => (None, "recorded elsewhere".to_owned()),
            EndLeft::Broken {} => (None, "FAILED; why was forgotten".to_owned()),
        };
        Self {
            what: purpose(&call.purpose),
            trial: call.trial.as_str(),
            model: call.model.as_str(),
            usage,
            tries: call.tries,
            millis: call.millis,
            at: call.at.map(|at| at.to_string()),
            outcome,
        }
    }
}

fn finish(how: &Finish) -> &str {
    match how {
        Finish::Stop => "replied",
        Finish::Length => "replied, cut at the token limit",
        Finish::ContentFilter => "withheld by the provider",
        Finish::Other(word) => word,
    }
}

fn row(site: &Site<'_>, opened: &Opened, line: &Line<'_>) -> Markup {
    html! {
        tr {
            td data-label="Call" { (line.what) }
            th scope="row" { a href=(site.of_run(&opened.name, "/trial", &[("name", line.trial)])) { (line.trial) } }
            td data-label="Model" { (line.model) }
            td.number data-label="Tokens in, out" { @match line.usage {
                Some(usage) => { (usage.prompt_tokens) ", " (usage.reply_tokens) },
                None => "not counted",
            } }
            td.number data-label="Retries" { (line.tries.saturating_sub(1)) }
            td.number data-label="Time" { (line.millis) " ms" @if let Some(at) = &line.at { br; span.small { time datetime=(at) { (at.get(..19).unwrap_or(at).replace('T', " ")) } } } }
            td data-label="Outcome" { (line.outcome) }
        }
    }
}

fn turns(site: &Site<'_>, opened: &Opened, asked: &Asked, shown: usize, last: usize) -> Markup {
    let to = |page: u64| {
        let page = page.to_string();
        let all = [("who", asked.who.as_str()), ("outcome", &asked.outcome), ("page", &page)];
        let set: Vec<(&str, &str)> =
            all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        site.of_run(&opened.name, "/calls", &set)
    };
    page_turns(shown as u64, last as u64, to)
}
