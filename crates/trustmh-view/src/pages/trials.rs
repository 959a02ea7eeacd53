//! Trials by task, outcome, score, tag and words.

use maud::{Markup, html};
use serde::Deserialize;
use std::sync::PoisonError;

use trustmh_report::number::decimal;

use super::Site;
use super::trial::outcome_words;
use crate::error::ViewError;
use crate::index::{Filter, Order, Page};

/// What the form asks for, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    task: String,
    outcome: String,
    tag: String,
    from: String,
    to: String,
    q: String,
    order: String,
    page: String,
}

impl Asked {
    fn filter(&self) -> Result<Filter, ViewError> {
        let number = |name: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| ViewError::Form(format!("{name}: `{text}` is no number"))),
        };
        Ok(Filter {
            task: self.task.clone(),
            outcome: self.outcome.clone(),
            tag: self.tag.clone(),
            from: number("score from", &self.from)?,
            to: number("score to", &self.to)?,
            words: self.q.clone(),
            order: match self.order.as_str() {
                "lowest" => Order::Lowest,
                "highest" => Order::Highest,
                _ => Order::Name,
            },
        })
    }

    /// The page, from 0; of numbers too great to be one, the last.
    fn page(&self) -> Result<u64, ViewError> {
        let text = self.page.trim();
        let is_number = text.chars().all(|c| c.is_ascii_digit());
        match text.parse() {
            Ok(page) => Ok(page),
            Err(_) if text.is_empty() => Ok(0),
            Err(_) if is_number => Ok(u64::MAX),
            Err(_) => Err(ViewError::Form(format!("page: `{text}` is no number"))),
        }
    }

    fn parameters<'a>(&'a self, page: &'a str) -> Vec<(&'static str, &'a str)> {
        [
            ("task", self.task.as_str()),
            ("outcome", &self.outcome),
            ("tag", &self.tag),
            ("from", &self.from),
            ("to", &self.to),
            ("q", &self.q),
            ("order", &self.order),
            ("page", page),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }
}

/// One page of the trials that were asked for.
pub(crate) fn trials(site: &Site<'_>, run: &str, asked: &Asked) -> Result<String, ViewError> {
    let opened = site.open(run)?;
    let (page, tags) = {
        let index = opened.index.lock().unwrap_or_else(PoisonError::into_inner);
        (index.page(&asked.filter()?, asked.page()?)?, index.tags(&asked.task)?)
    };
    let tasks: Vec<String> = opened.manifest.tasks.keys().map(ToString::to_string).collect();
    let body = html! {
        nav aria-label="Run" { a href=(site.of_run(&opened.name, "", &[])) { "Scorecard of " (opened.manifest.subject.shown()) } }
        main {
            h1 { "Trials" }
            form.filter method="get" role="search" {
                (choice("task", "Task", &asked.task, tasks.iter().map(|task| (task.clone(), task.clone()))))
                (choice("outcome", "Outcome", &asked.outcome,
                    ["scored", "refused", "unparsed", "unanswered", "failed", "broken-client", "pending"].map(|word| (word.to_owned(), outcome_words(word).to_owned())).into_iter()))
                (choice("tag", "Tag", &asked.tag, tags.iter().map(|(tag, n)| (tag.clone(), format!("{tag} ({n})")))))
                label { "Score from" input name="from" inputmode="decimal" size="6" value=(asked.from); }
                label { "to" input name="to" inputmode="decimal" size="6" value=(asked.to); }
                label { "Words" input type="search" name="q" value=(asked.q); }
                (choice("order", "Order", &asked.order,
                    [("lowest", "lowest score first"), ("highest", "highest score first")].map(|(v, w)| (v.to_owned(), w.to_owned())).into_iter()))
                button type="submit" { "Filter" }
            }
            p role="status" { (page.total) @if page.total == 1 { " trial" } @else { " trials" } }
            (table(site, &opened.name, &page))
            (turns(site, &opened.name, asked, &page))
        }
    };
    Ok(site.page("Trials", &body))
}

fn choice(
    name: &str,
    label: &str,
    chosen: &str,
    options: impl Iterator<Item = (String, String)>,
) -> Markup {
    html! {
        label { (label)
            select name=(name) {
                option value="" selected[chosen.is_empty()] { "any" }
                @for (value, words) in options { option value=(value) selected[value == chosen] { (words) } }
            }
        }
    }
}

fn table(site: &Site<'_>, run: &str, page: &Page) -> Markup {
    html! {
        div.wide { table.trials {
            thead { tr {
                th scope="col" { "Trial" } th scope="col" { "Outcome" } th scope="col" { "Score" }
                th scope="col" { "Reply begins" } th scope="col" { "Flags" }
            } }
            tbody { @for hit in &page.hits { tr {
                th scope="row" { a href=(site.of_run(run, "/trial", &[("name", &hit.name)])) { (hit.name) } }
                td { (outcome_words(&hit.outcome)) }
                td.number { @if let Some(value) = hit.value { (decimal(value)) } }
                td.reply { (hit.reply) }
                td { (hit.flags) }
            } } }
        } }
    }
}

fn turns(site: &Site<'_>, run: &str, asked: &Asked, page: &Page) -> Markup {
    let (shown, last) = (page.number, page.last());
    let to = |page: u64| site.of_run(run, "/trials", &asked.parameters(&page.to_string()));
    html! {
        @if last > 0 {
            nav aria-label="Pages" {
                @if shown > 0 { a href=(to(shown - 1)) rel="prev" { "Previous" } }
                span { "Page " (shown + 1) " of " (last + 1) }
                @if shown < last { a href=(to(shown + 1)) rel="next" { "Next" } }
            }
        }
    }
}
