//! `trustmh tasks show`: one task.

use clap::Args;

use trustmh_core::metric::Anchors;
use trustmh_engine::task::{ProtocolRule, Task};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::{screen, suggest};

/// Show a task: question, data, rules of both protocols, metrics, caveats
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Task, as pillar/task
    task: String,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

pub(crate) fn run(arguments: &ShowArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let task = suggest::task(&benchmark, &arguments.task)?;
    if arguments.output.json {
        screen::print_json(&serde_json::json!(task.file))?;
    } else {
        screen::print(&told(task));
    }
    Ok(Exit::Ok)
}

fn told(task: &Task) -> String {
    let file = &task.file;
    let mut text = String::new();
    line(&mut text, &format!("{} (version {}): {}", file.id, file.version, file.title));
    line(&mut text, &format!("\n{}", file.question.trim()));
    let published = file.dataset.published.as_ref().map_or("none", |id| id.as_str());
    if !task.suite.is_trustmh_bench() {
        line(&mut text, &format!("\n{}: in no pillar score.", task.suite.heading()));
    }
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
    text
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
        more => format!("asked again up to {more} times"),
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
