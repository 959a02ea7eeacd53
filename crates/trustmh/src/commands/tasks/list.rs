//! `trustmh tasks list`: all tasks by pillar.

use clap::Args;
use serde_json::{Value, json};

use trustmh_engine::task::Task;

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::screen;

/// List all tasks by pillar
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    if arguments.output.json {
        let tasks: Vec<Value> = benchmark.tasks().map(summary).collect();
        screen::print_json(&tasks)?;
        return Ok(Exit::Ok);
    }
    let mut text = String::new();
    let mut pillar = None;
    for task in benchmark.tasks() {
        let of = task.file.id.pillar();
        if pillar.replace(of) != Some(of) {
            text.push_str(&format!("{}\n", of.title()));
        }
        let data = task.file.dataset.published.as_ref().map_or("own items", |id| id.as_str());
        let id = task.file.id.to_string();
        text.push_str(&format!("  {id:<22} {:<32} {data}\n", task.file.title));
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
