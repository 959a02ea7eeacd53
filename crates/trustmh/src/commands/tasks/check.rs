//! `trustmh tasks check`: whether task files, templates and items fit together, and nothing is left to be written.

use clap::Args;
use serde_json::json;

use trustmh_core::item::Item;
use trustmh_core::protocol::Protocol;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::{Benchmark, TaskOrigin};
use trustmh_engine::error::EngineError;
use trustmh_engine::expand::{self, ContextBudget};
use trustmh_engine::fit::{self, Misfit, TaskItems};
use trustmh_engine::rules::TaskRules;
use trustmh_engine::task::Task;

use super::{baselines, new};
use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::{benchmark, starter_sets};
use crate::failure::{Exit, Failure};
use crate::screen;

/// Check that all task files, prompts, rubrics and starter items fit together
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Show how scripted subjects score on this task, or on all; exit code 1 if one of them reaches
    /// the top tenth of the scale
    #[arg(long, value_name = "TASK", num_args = 0..=1)]
    baselines: Option<Option<String>>,
    /// Metric to show instead of the primary ones
    #[arg(long, value_name = "NAME", requires = "baselines")]
    metric: Option<String>,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

pub(crate) fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let CheckArguments { baselines, metric, output, tasks_from } = arguments;
    let (benchmark, starter) = (benchmark(tasks_from)?, starter_sets(tasks_from)?);
    match baselines {
        Some(task) => {
            let (task, metric) = (task.as_deref(), metric.as_deref());
            baselines::run(&benchmark, &starter, task, metric, output)
        }
        None => check(&benchmark, &starter, output),
    }
}

/// Loading has already checked every file; here the items are read, every prompt is filled in, and what the task file
/// says of the items is held against them.
fn check(benchmark: &Benchmark, starter: &Shelf, output: &JsonOutput) -> Result<Exit, Failure> {
    let (mut checked, mut misfits) = (Vec::new(), Vec::new());
    for task in benchmark.tasks() {
        let items = items(task, starter)?;
        let of_task = match benchmark.origin(&task.file.id) {
            // Those are checked by a test, on the project's own items.
            Some(TaskOrigin::BuiltIn) => Vec::new(),
            Some(TaskOrigin::Own | TaskOrigin::Changed) | None => {
                of_own_task(benchmark, starter, task, &items)?
            }
        };
        let [reference, corrected] = trials(benchmark, task, &items)?;
        if of_task.is_empty() {
            checked.push(json!({
                "task": task.file.id,
                "file": task.path,
                "items": items.own.len(),
                "trials": { "reference": reference, "corrected": corrected },
            }));
        }
        if of_task.is_empty() && !output.json {
            screen::print(&format!(
                "ok  {}: {} starter items, {reference} reference and {corrected} corrected trials\n",
                task.path,
                items.own.len()
            ));
        }
        misfits.extend(of_task);
    }
    EngineError::of_misfits(misfits)?;
    if output.json {
        screen::print_json(&checked)?;
    }
    Ok(Exit::Ok)
}

fn of_own_task(
    benchmark: &Benchmark,
    starter: &Shelf,
    task: &Task,
    items: &TaskItems,
) -> Result<Vec<Misfit>, Failure> {
    let mut misfits = fit::check_items(benchmark, task, items)?;
    misfits.extend(new::unwritten(task, &starter.card(&task.file.dataset.starter)?, &items.own));
    Ok(misfits)
}

/// The starter items of a task, and those that each protocol asks too.
pub(super) fn items(task: &Task, starter: &Shelf) -> Result<TaskItems, Failure> {
    let set = &task.file.dataset.starter;
    let mut own = starter.read(set)?.items;
    own.retain(|item| task.file.dataset.fits(item));
    let mut items = TaskItems { own, ..TaskItems::default() };
    for protocol in Protocol::ALL {
        let mut also: Vec<Item> = Vec::new();
        for other in task.also(protocol, Some(set)) {
            also.extend(starter.read(other)?.items);
        }
        items.also.insert(protocol, also);
    }
    Ok(items)
}

/// How many trials the items make under each protocol.
fn trials(benchmark: &Benchmark, task: &Task, items: &TaskItems) -> Result<[usize; 2], Failure> {
    let mut trials = [0, 0];
    for (count, protocol) in trials.iter_mut().zip(Protocol::ALL) {
        let rules = TaskRules::new(benchmark, task, protocol, 0);
        let also = items.also.get(&protocol).into_iter().flatten();
        for item in items.own.iter().chain(also) {
            *count += expand::trials(&rules, item, ContextBudget::Unbounded)?.len();
        }
    }
    Ok(trials)
}
