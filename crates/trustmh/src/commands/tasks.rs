//! `trustmh tasks`: list, show.

use serde_json::{Value, json};

use trustmh_core::metric::Anchors;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::schema;
use trustmh_engine::task::{ProtocolRule, Task};

use super::{benchmark, shelf, tasks_baselines, tasks_check, tasks_items, tasks_new, tasks_page};
use crate::arguments::{TaskSource, TasksAction, TasksArguments};
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &TasksArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        TasksAction::List { json, tasks_from } => list(&benchmark(tasks_from)?, *json),
        TasksAction::Show { task, json, tasks_from } => {
            let id = task.parse().map_err(|error| Failure::usage(format!("{error}")))?;
            show(benchmark(tasks_from)?.task(&id)?, *json)
        }
        TasksAction::New { task, like, dir, tasks_from } => {
            let (benchmark, shelf) = (benchmark(tasks_from)?, shelf(tasks_from)?);
            tasks_new::run(&benchmark, &shelf, task, like, dir)
        }
        TasksAction::Check { baselines, metric, json, tasks_from } => {
            let (benchmark, shelf) = (benchmark(tasks_from)?, shelf(tasks_from)?);
            match baselines {
                Some(task) => {
                    let task = task.as_deref();
                    tasks_baselines::run(&benchmark, &shelf, task, metric.as_deref(), *json)
                }
                None => tasks_check::run(&benchmark, &shelf, *json),
            }
        }
        TasksAction::Docs => {
            let source = TaskSource::default();
            screen::print(&tasks_page::page(&benchmark(&source)?, &shelf(&source)?)?);
            Ok(Exit::Ok)
        }
        TasksAction::Items { table, kind, map, set, id, language, output, tasks_from } => {
            let mapping = tasks_items::mapping(kind, map, set, id.as_deref(), language)?;
            let shelf = shelf(tasks_from)?;
            tasks_items::run(table, &mapping, shelf.codebook(), output.as_deref())
        }
        TasksAction::Schema { items } => {
            let schema = match items {
                true => trustmh_core::item::schema().to_value(),
                false => schema::task_file(),
            };
            screen::print_json(&format!("{schema:#}\n"));
            Ok(Exit::Ok)
        }
    }
}

fn list(benchmark: &Benchmark, as_json: bool) -> Result<Exit, Failure> {
    if as_json {
        let tasks: Vec<Value> = benchmark.tasks().map(summary).collect();
        screen::print_json(&format!("{:#}\n", Value::from(tasks)));
        return Ok(Exit::Ok);
    }
    let mut text = String::new();
    let mut pillar = None;
    for task in benchmark.tasks() {
        if pillar.replace(task.file.id.pillar()) != Some(task.file.id.pillar()) {
            line(&mut text, task.file.id.pillar().title());
        }
        let data = task.file.dataset.published.as_ref().map_or("own items", |id| id.as_str());
        let id = task.file.id.to_string();
        line(&mut text, &format!("  {id:<22} {:<32} {data}", task.file.title));
    }
    screen::print(&text);
    Ok(Exit::Ok)
}

fn summary(task: &Task) -> Value {
    json!({
        "id": task.file.id,
        "version": task.file.version,
        "title": task.file.title,
        "published": task.file.dataset.published,
        "starter": task.file.dataset.starter,
        "metrics": task.file.metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(),
    })
}

fn show(task: &Task, as_json: bool) -> Result<Exit, Failure> {
    if as_json {
        let value = serde_json::to_value(&task.file)
            .map_err(|error| Failure::usage(format!("{}: {error}", task.path)))?;
        screen::print_json(&format!("{value:#}\n"));
        return Ok(Exit::Ok);
    }
    let file = &task.file;
    let mut text = String::new();
    line(&mut text, &format!("{} (version {}): {}", file.id, file.version, file.title));
    line(&mut text, &format!("\n{}", file.question.trim()));
    let published = file.dataset.published.as_ref().map_or("none", |id| id.as_str());
    line(&mut text, &format!("\nData: published {published}, starter {}", file.dataset.starter));
    for (name, rule) in
        [("Reference", &file.protocols.reference), ("Corrected", &file.protocols.corrected)]
    {
        line(&mut text, &format!("\n{name} protocol: {}", rule.summary.trim()));
        if let Some(known) = rule.known() {
            line(&mut text, &format!("  {known}"));
        }
        line(&mut text, &format!("  {}", settings(rule)));
    }
    line(&mut text, "\nMetrics:");
    for metric in &file.metrics {
        let direction = metric.direction.in_words();
        let primary = match metric.primary.as_slice() {
            [] => String::new(),
            [only] => format!(", primary under {only}"),
            _ => ", primary".to_owned(),
        };
        let (low, high) = metric.range;
        let worth = metric.anchors.map_or_else(String::new, |Anchors { best, worst }| {
            format!(", scored from {worst} to {best}")
        });
        let about = format!("{} ({direction}, {low} to {high}{worth}{primary})", metric.title);
        line(&mut text, &format!("  {:<26} {about}", metric.name.as_str()));
    }
    section(&mut text, "Caveats", &file.caveats);
    section(&mut text, "Sources", &file.sources);
    screen::print(&text);
    Ok(Exit::Ok)
}

fn settings(rule: &ProtocolRule) -> String {
    let rubrics: Vec<&str> = rule.all_rubrics().map(|id| id.as_str()).collect();
    let rubrics = if rubrics.is_empty() {
        "no judge".to_owned()
    } else {
        format!("rubric {}", rubrics.join(", "))
    };
    let reasks = match rule.reasks {
        0 => "asked once".to_owned(),
        more => format!("asked again at most {more} times"),
    };
    format!(
        "prompt {}, {reasks}, temperature {}, at most {} tokens, {rubrics}",
        rule.prompt, rule.temperature, rule.max_tokens
    )
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    line(text, &format!("\n{title}:"));
    for entry in lines {
        line(text, &format!("  - {entry}"));
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
