//! `trustmh tasks check`: whether task files, templates and items fit together, and nothing is left to be written.

use serde_json::{Value, json};

use trustmh_core::item::Item;
use trustmh_core::protocol::Protocol;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::{Benchmark, TaskOrigin};
use trustmh_engine::error::EngineError;
use trustmh_engine::expand::{self, ContextBudget};
use trustmh_engine::fit::{self, Misfit, TaskItems};
use trustmh_engine::rules::TaskRules;
use trustmh_engine::task::Task;

use super::tasks_new;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Loading has already checked every file; here the items are read, every prompt is filled in, and what the task file
/// says of the items is held against them.
pub(super) fn run(benchmark: &Benchmark, shelf: &Shelf, as_json: bool) -> Result<Exit, Failure> {
    let (mut checked, mut misfits) = (Vec::new(), Vec::new());
    for task in benchmark.tasks() {
        let items = items(task, shelf)?;
        let of_task = match benchmark.origin(&task.file.id) {
            // Those are checked by a test, on the project's own items.
            Some(TaskOrigin::BuiltIn) => Vec::new(),
            Some(TaskOrigin::Own | TaskOrigin::Changed) | None => {
                of_own_task(benchmark, shelf, task, &items)?
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
        if of_task.is_empty() && !as_json {
            screen::print(&format!(
                "ok  {}: {} starter items, {reference} reference and {corrected} corrected trials\n",
                task.path,
                items.own.len()
            ));
        }
        misfits.extend(of_task);
    }
    EngineError::of_misfits(misfits)?;
    if as_json {
        screen::print_json(&format!("{:#}\n", Value::from(checked)));
    }
    Ok(Exit::Ok)
}

fn of_own_task(
    benchmark: &Benchmark,
    shelf: &Shelf,
    task: &Task,
    items: &TaskItems,
) -> Result<Vec<Misfit>, Failure> {
    let mut misfits = fit::check_items(benchmark, task, items)?;
    misfits.extend(tasks_new::unwritten(
        task,
        &shelf.card(&task.file.dataset.starter)?,
        &items.own,
    ));
    Ok(misfits)
}

/// The starter items of a task, and those that each protocol asks too.
pub(super) fn items(task: &Task, shelf: &Shelf) -> Result<TaskItems, Failure> {
    let starter = &task.file.dataset.starter;
    let mut own = shelf.read(starter)?.items;
    own.retain(|item| task.file.dataset.fits(item));
    let mut items = TaskItems { own, ..TaskItems::default() };
    for protocol in Protocol::ALL {
        let mut also: Vec<Item> = Vec::new();
        for set in task.also(protocol, Some(starter)) {
            also.extend(shelf.read(set)?.items);
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
