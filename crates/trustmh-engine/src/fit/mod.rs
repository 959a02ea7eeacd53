//! Whether the parts of a task file fit together: what the scorer yields, what the items are, what templates and
//! rubrics take and give. What does not fit is an error when the benchmark is put together; nothing of it may end in a
//! number.

mod items;
mod judged;
mod metrics;
mod misfit;
mod protocol;
mod reach;
mod templates;

pub use items::{TaskItems, check_facets, check_items, nothing_selected};
pub use misfit::{Misfit, near};

use crate::benchmark::Benchmark;
use crate::error::EngineError;
use crate::rules::TaskRules;
use crate::score::Fits;
use crate::task::Task;
use trustmh_core::protocol::Protocol;

/// Checks all tasks of a benchmark, without items.
///
/// # Errors
/// [`EngineError::Misfits`] with all that does not fit.
pub(crate) fn check(benchmark: &Benchmark) -> Result<(), EngineError> {
    EngineError::of_misfits(benchmark.tasks().flat_map(|task| of_task(benchmark, task)).collect())
}

fn of_task(benchmark: &Benchmark, task: &Task) -> Vec<Misfit> {
    if let Fits::Only(only) = task.file.scorer.scorer().items
        && only != task.file.items
    {
        let kind = only.slug();
        let message = format!(
            "`{}` does not fit: the scorer measures items of kind `{kind}`",
            task.file.items.slug()
        );
        return vec![Misfit::new(task, "items", message)];
    }
    let mut found = Vec::new();
    for protocol in Protocol::ALL {
        let rules = TaskRules::new(benchmark, task, protocol, 0);
        protocol::check(&rules, &mut found);
        templates::check(&rules, &mut found);
        judged::check(&rules, &mut found);
        metrics::check(&rules, &mut found);
    }
    // What both protocols share is said once.
    let mut said = Vec::new();
    found.retain(|misfit| {
        let new = !said.contains(misfit);
        said.extend(new.then(|| misfit.clone()));
        new
    });
    found
}
