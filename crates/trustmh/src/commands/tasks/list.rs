//! `trustmh tasks list`: all tasks by suite and pillar.

use clap::Args;
use serde_json::{Value, json};

use trustmh_core::suite::by_suite;
use trustmh_engine::task::Task;

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::screen;

/// List all tasks by suite and pillar
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
    for (suite, tasks) in by_suite(benchmark.tasks().map(|task| (&task.suite, task))) {
        if suite.is_trustmh_bench() {
            tasks
                .chunk_by(same_pillar)
                .for_each(|of_pillar| listed(&mut text, pillar(of_pillar), of_pillar));
        } else {
            let by_name = if suite.is_asked_by_name() {
                format!(" (--tasks {suite})")
            } else {
                String::new()
            };
            listed(&mut text, format!("\n{}{by_name}", suite.heading()), &tasks);
        }
    }
    screen::print(&text);
    Ok(Exit::Ok)
}

fn same_pillar(one: &&Task, other: &&Task) -> bool {
    one.file.id.pillar() == other.file.id.pillar()
}

fn pillar(tasks: &[&Task]) -> String {
    tasks.first().map_or_else(String::new, |task| task.file.id.pillar().title().to_owned())
}

/// A heading and a line for each task.
fn listed(text: &mut String, heading: String, tasks: &[&Task]) {
    text.push_str(&format!("{heading}\n"));
    for task in tasks {
        let data = task.file.dataset.published.as_ref().map_or("own items", |id| id.as_str());
        let id = task.file.id.to_string();
        text.push_str(&format!("  {id:<22} {:<32} {data}\n", task.file.title));
    }
}

fn summary(task: &Task) -> Value {
    json!({
        "id": task.file.id,
        "suite": task.suite,
        "version": task.file.version,
        "title": task.file.title,
        "published": task.file.dataset.published,
        "starter": task.file.dataset.starter,
        "metrics": task.file.metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(),
    })
}
