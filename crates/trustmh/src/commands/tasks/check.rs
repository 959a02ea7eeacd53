//! `trustmh tasks check`: whether task files, prompts, rubrics and starter items fit.

use clap::Args;
use serde_json::json;

use trustmh_core::protocol::Protocol;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::expand::{self, ContextBudget};

use super::baselines;
use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::{benchmark, starter_sets};
use crate::failure::{Exit, Failure};
use crate::screen;

/// Check all task files, prompts, rubrics and starter items
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

/// Loading has already checked every file; here the starter items are read and every prompt is
/// filled in.
fn check(benchmark: &Benchmark, starter: &Shelf, output: &JsonOutput) -> Result<Exit, Failure> {
    let mut checked = Vec::new();
    for task in benchmark.tasks() {
        let mut items = starter.read(&task.file.dataset.starter)?.items;
        items.retain(|item| task.file.dataset.fits(item));
        let mut trials = [0, 0];
        for (count, protocol) in trials.iter_mut().zip([Protocol::Reference, Protocol::Corrected]) {
            let mut asked = items.clone();
            for also in task.also(protocol, Some(&task.file.dataset.starter)) {
                asked.extend(starter.read(also)?.items);
            }
            for item in &asked {
                let budget = ContextBudget::Unbounded;
                *count += expand::trials(benchmark, task, protocol, item, 0, budget)?.len();
            }
        }
        let [reference, corrected] = trials;
        checked.push(json!({
            "task": task.file.id,
            "file": task.path,
            "items": items.len(),
            "trials": { "reference": reference, "corrected": corrected },
        }));
        if !output.json {
            screen::print(&format!(
                "ok  {}: {} starter items, {reference} reference and {corrected} corrected trials\n",
                task.path,
                items.len()
            ));
        }
    }
    if output.json {
        screen::print_json(&checked)?;
    }
    Ok(Exit::Ok)
}
