//! What is said of a run's tasks and items by whose they are, and by which file a task is scored.

use std::collections::BTreeMap;

use trustmh_core::id::TaskId;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};
use trustmh_data::starter;
use trustmh_engine::benchmark::{Benchmark, TaskOrigin};

use crate::error::RunError;
use crate::manifest::{Manifest, PlannedTask};

/// Where the items came from. Older runs took every set that is not published for the project's own.
pub(crate) fn source(planned: &PlannedTask) -> ItemSource {
    let mut source = planned.source.clone();
    if source.origin == ItemOrigin::Starter && !starter::is_built_in(source.dataset.as_str()) {
        source.origin = ItemOrigin::Own;
    }
    source
}

/// What is said of tasks that are scored by another file than the one that the run was made with.
pub(crate) fn changed(
    benchmark: &Benchmark,
    manifest: &Manifest,
) -> Result<Option<String>, RunError> {
    let mut named = Vec::new();
    for (id, planned) in &manifest.tasks {
        let task = benchmark.task(id)?;
        if task.digest != planned.digest && !manifest.origin.is_imported() {
            let (then, now) = (planned.version, task.file.version);
            named.push(if then == now {
                format!("{id} (version {now}, changed)")
            } else {
                format!("{id} (version {then} then, {now} now)")
            });
        }
    }
    Ok((!named.is_empty()).then(|| {
        format!(
            "Scored by task files that are not those the run was made with: {}. Numbers may differ from those reported then.",
            named.join(", ")
        )
    }))
}

/// What is said of tasks that stand beside the pillar scores.
pub(crate) fn beside(tasks: &BTreeMap<TaskId, TaskOrigin>) -> Vec<String> {
    let named = |wanted: TaskOrigin| -> Option<String> {
        let ids = tasks.iter().filter(|(_, origin)| **origin == wanted);
        let ids: Vec<String> = ids.map(|(id, _)| id.to_string()).collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    };
    let own = named(TaskOrigin::Own)
        .map(|ids| format!("Not of the benchmark, and in no pillar score: {ids}."));
    let changed = named(TaskOrigin::Changed).map(|ids| {
        format!(
            "Of the benchmark, but by a task file of the user's, and in no pillar score: {ids}."
        )
    });
    own.into_iter().chain(changed).collect()
}
