//! `trustmh tasks version`: which release of the benchmark this is.

use clap::Args;
use serde_json::json;

use trustmh_core::release::ReleaseState;
use trustmh_engine::benchmark::{Benchmark, TaskOrigin};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Print the benchmark's release and the hash of its files
#[derive(Debug, Args)]
pub(crate) struct VersionArguments {
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

pub(crate) fn run(arguments: &VersionArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let (released, release) = (Benchmark::released()?, benchmark.release()?);
    let tasks = |wanted: TaskOrigin| {
        let ids = benchmark.tasks().map(|task| &task.file.id);
        ids.filter(|id| benchmark.origin(id) == Some(wanted)).map(ToString::to_string).collect()
    };
    let (changed, own): (Vec<String>, Vec<String>) =
        (tasks(TaskOrigin::Changed), tasks(TaskOrigin::Own));
    if arguments.output.json {
        let versions = benchmark.tasks().map(|task| (task.file.id.to_string(), task.file.version));
        screen::print_json(&json!({
            "version": release.version,
            "date": released.date,
            "digest": release.digest,
            "state": release.state,
            "changed_tasks": changed,
            "own_tasks": own,
            "task_versions": versions.collect::<std::collections::BTreeMap<_, _>>(),
            "program": env!("CARGO_PKG_VERSION"),
        }))?;
        return Ok(Exit::Ok);
    }
    let mut text = format!(
        "TrustMH benchmark {} of {}\nhash of its files: {}\n",
        release.in_words(),
        released.date,
        release.digest
    );
    if release.state == ReleaseState::OwnFiles {
        for (what, tasks) in [("changed tasks", changed), ("own tasks", own)] {
            if !tasks.is_empty() {
                text.push_str(&format!("{what}: {}\n", tasks.join(", ")));
            }
        }
    }
    screen::print(&text);
    Ok(Exit::Ok)
}
