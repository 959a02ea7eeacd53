//! `trustmh tasks docs`: all tasks as a Markdown page, made from the task files alone.

use clap::Args;

use trustmh_core::metric::{Anchors, Direction};
use trustmh_core::protocol::Protocol;
use trustmh_core::suite::by_suite;
use trustmh_data::published::PublishedSet;
use trustmh_data::sources::Terms;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::{MetricRule, Task};

use super::measures;
use crate::arguments::TaskSource;
use crate::benchmark::{benchmark, starter_sets};
use crate::failure::{Exit, Failure};
use crate::heading;
use crate::screen;

/// Print all tasks as a Markdown page (docs/tasks.md)
#[derive(Debug, Args)]
pub(crate) struct DocsArguments {}

const HEAD: &str = "\
# The tasks

Made by `trustmh tasks docs` from the files in `benchmark/`; a test keeps it true. Primary metrics, by which a task is
ranked, are in bold. Starter items are the project's own: for trying the program, never clinical evidence.
";

const APART: &str = "\
These tasks stand apart: no pillar score and no sum of ranks takes them. `--tasks all` leaves them out, since they cost more; name
the suite or its tasks.";

pub(crate) fn run(_: &DocsArguments) -> Result<Exit, Failure> {
    let source = TaskSource::default();
    screen::print(&page(&benchmark(&source)?, &starter_sets(&source)?)?);
    Ok(Exit::Ok)
}

fn page(benchmark: &Benchmark, shelf: &Shelf) -> Result<String, Failure> {
    let mut page = HEAD.to_owned();
    page.push_str("\n| task | what it is | ranked by |\n|---|---|---|\n");
    for (_, tasks) in by_suite(benchmark.tasks().map(|task| (&task.suite, task))) {
        page.extend(tasks.into_iter().map(entry));
    }
    for (suite, tasks) in by_suite(benchmark.tasks().map(|task| (&task.suite, task))) {
        if !suite.is_trustmh_bench() {
            page.push_str(&format!("\n## {}\n\n{APART}\n", suite.heading()));
        }
        let mut pillar = None;
        for task in tasks {
            let of = task.file.id.pillar();
            if pillar.replace(of) != Some(of) && suite.is_trustmh_bench() {
                page.push_str(&format!("\n## {}\n", of.title()));
            }
            page.push_str(&section(task, shelf)?);
        }
    }
    page.push_str(&measures::section());
    Ok(page)
}

fn title(task: &Task) -> String {
    format!("{}: {}", task.file.id, task.file.title)
}

/// The task's row in the table of all: a link to its section, and what the corrected protocol ranks by.
fn entry(task: &Task) -> String {
    let link = heading::link(&task.file.id.to_string(), &title(task));
    let mut primary =
        task.file.metrics.iter().filter(|metric| metric.primary.contains(&Protocol::Corrected));
    let ranked_by = primary.next().map_or("", |metric| metric.name.as_str());
    format!("| {link} | {} | `{ranked_by}` |\n", task.file.title)
}

fn section(task: &Task, shelf: &Shelf) -> Result<String, Failure> {
    let file = &task.file;
    let mut text = format!("\n### {}\n\n{}\n\n", title(task), file.question.trim());
    text.push_str(&format!("Data: {}.\n\n", data(task, shelf)?));
    for protocol in [Protocol::Reference, Protocol::Corrected] {
        let rule = task.rule(protocol);
        let known = rule.known().map_or_else(String::new, |known| format!(" *{known}*"));
        text.push_str(&format!("- {protocol}: {}{known}\n", rule.summary.trim()));
    }
    text.push_str("\n| metric | what it is | better | range |\n|---|---|---|---|\n");
    for metric in &file.metrics {
        text.push_str(&row(metric));
    }
    text.push_str("\nCaveats:\n\n");
    for caveat in &file.caveats {
        text.push_str(&format!("- {caveat}\n"));
    }
    Ok(text)
}

fn data(task: &Task, shelf: &Shelf) -> Result<String, Failure> {
    let dataset = &task.file.dataset;
    let mut starter = shelf.read(&dataset.starter)?.items;
    starter.retain(|item| dataset.fits(item));
    let own = format!("{} starter items (`{}`)", starter.len(), dataset.starter);
    let mut text = match &dataset.published {
        Some(id) => {
            let access = match PublishedSet::with_id(id).map(PublishedSet::terms) {
                Some(Terms::Gated) => ", gated",
                Some(Terms::ByHand) => ", to be taken out of its archive by hand",
                Some(Terms::Open | Terms::NonCommercial | Terms::NotStated) | None => "",
            };
            format!("published set `{id}`{access}; {own}")
        }
        None => own,
    };
    for also in task.also(Protocol::Corrected, Some(&dataset.starter)) {
        let count = shelf.read(also)?.items.len();
        text.push_str(&format!("; under corrected also {count} items of `{also}`"));
    }
    Ok(text)
}

fn row(metric: &MetricRule) -> String {
    let better = match metric.direction {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::NearZero => "closer to 0",
        Direction::None => "describes",
    };
    let name = if metric.primary.is_empty() {
        format!("`{}`", metric.name)
    } else {
        format!("**`{}`**", metric.name)
    };
    let only = match metric.protocols.as_slice() {
        [one] => format!(" ({one} only)"),
        _ => String::new(),
    };
    let (low, high) = metric.range;
    let worth = metric.anchors.map_or_else(String::new, |Anchors { best, worst }| {
        format!(" (scored from {worst} to {best})")
    });
    format!("| {name} | {}{only} | {better} | {low} to {high}{worth} |\n", metric.title)
}
