//! `trustmh tasks list`: all tasks by suite and pillar.

use clap::Args;
use serde_json::{Value, json};

use trustmh_core::suite::by_suite;
use trustmh_engine::benchmark::Benchmark;
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
    let columns = Columns::of(&benchmark, screen::terminal_width());
    let mut text = String::new();
    for (suite, tasks) in by_suite(benchmark.tasks().map(|task| (&task.suite, task))) {
        if suite.is_trustmh_bench() {
            tasks
                .chunk_by(same_pillar)
                .for_each(|of_pillar| columns.list(&mut text, pillar(of_pillar), of_pillar));
        } else {
            let by_name = if suite.is_asked_by_name() {
                format!(" (--tasks {suite})")
            } else {
                String::new()
            };
            columns.list(&mut text, format!("\n{}{by_name}", suite.heading()), &tasks);
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

/// How wide the columns of the list are, the same in all its parts.
struct Columns {
    id: usize,
    title: usize,
    /// Where there is no room for it, the data set is left out.
    data: Option<usize>,
}

/// Before a task, and between columns.
const GAP: usize = 2;

/// A title of which less can be shown gets the room of the data set.
const LEAST_TITLE: usize = 30;

impl Columns {
    /// Columns that fit `width`; as wide as what they hold where there is no width to fit.
    fn of(benchmark: &Benchmark, width: Option<usize>) -> Self {
        let widest = |text: &dyn Fn(&Task) -> usize| benchmark.tasks().map(text).max();
        let id = widest(&|task| task.file.id.to_string().chars().count()).unwrap_or_default();
        let whole = widest(&|task| task.file.title.chars().count()).unwrap_or_default();
        let data = widest(&|task| data_of(task).chars().count()).unwrap_or_default();
        let Some(width) = width else { return Self { id, title: whole, data: Some(data) } };
        let beside = width.saturating_sub(GAP + id + GAP + 1);
        match beside.checked_sub(data + GAP).filter(|room| *room >= LEAST_TITLE) {
            Some(room) => Self { id, title: whole.min(room), data: Some(data) },
            None => Self { id, title: whole.min(beside), data: None },
        }
    }

    /// A heading and a line for each task.
    fn list(&self, text: &mut String, heading: String, tasks: &[&Task]) {
        text.push_str(&format!("{heading}\n"));
        let (id_width, title_width) = (self.id, self.title);
        for task in tasks {
            let (id, title) = (task.file.id.to_string(), cut(&task.file.title, self.title));
            let line = match self.data {
                Some(_) => format!("  {id:<id_width$}  {title:<title_width$}  {}", data_of(task)),
                None => format!("  {id:<id_width$}  {title}"),
            };
            text.push_str(&format!("{}\n", line.trim_end()));
        }
    }
}

fn data_of(task: &Task) -> &str {
    task.file.dataset.published.as_ref().map_or("own items", |id| id.as_str())
}

/// The text, or as much of it as there is room for.
fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_the_width_and_what_does_not_is_cut() {
        let benchmark = Benchmark::embedded().unwrap();
        let tasks: Vec<&Task> = benchmark.tasks().collect();
        for width in [60, 80, 100, 200] {
            let mut text = String::new();
            Columns::of(&benchmark, Some(width)).list(&mut text, "All".to_owned(), &tasks);
            for line in text.lines() {
                assert!(line.chars().count() < width, "{width}: {line}");
            }
        }
        let whole = Columns::of(&benchmark, None);
        assert!(tasks.iter().all(|task| cut(&task.file.title, whole.title) == task.file.title));
        assert_eq!(cut("Severity of risk", 9), "Severity…");
    }
}
