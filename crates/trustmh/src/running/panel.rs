//! A panel: several judges of the same replies, one run each.

use serde_json::json;
use std::path::{Path, PathBuf};

use trustmh_core::protocol::Protocol;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::comparison::Shown;
use trustmh_run::several::panel::panel;

use super::finished::Output;
use super::prepared::PreparedRun;
use crate::arguments::CallArguments;
use crate::failure::{Exit, Failure};
use crate::run_folder::score_all;
use crate::screen;

/// Executes the runs one after the other, then shows what their judges say.
pub(crate) fn execute(
    benchmark: &Benchmark,
    runs: Vec<PreparedRun>,
    calls: &CallArguments,
    output: Output,
) -> Result<Exit, Failure> {
    let folders: Vec<PathBuf> = runs.iter().map(|run| run.folder.clone()).collect();
    let mut exit = Exit::Ok;
    for (place, run) in runs.into_iter().enumerate() {
        // Replies are asked for once: every judge after the first finds them in the first one's run.
        let replies = folders.iter().take(usize::from(place > 0));
        let reuse: Vec<PathBuf> = calls.limits.reuse.iter().chain(replies).cloned().collect();
        match run.execute(benchmark, calls, &reuse)?.report(Output::Nothing)? {
            Exit::Ok => {}
            stopped @ (Exit::Interrupted | Exit::Incomplete) => {
                say_what_is_left(&folders, place);
                return Ok(stopped);
            }
            other => exit = other,
        }
    }
    show(benchmark, &folders, None, Shown::Primary, output)?;
    Ok(exit)
}

/// Prints what the judges of the runs in `folders` say.
pub(crate) fn show(
    benchmark: &Benchmark,
    folders: &[PathBuf],
    by: Option<Protocol>,
    shown: Shown,
    output: Output,
) -> Result<(), Failure> {
    let runs = score_all(benchmark, folders, by)?;
    let found = panel(benchmark, &runs.iter().collect::<Vec<_>>())?;
    let paths: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    match output {
        Output::Summary | Output::AllMetrics => {
            screen::print(&trustmh_report::panel::panel(&found, shown, screen::width()));
            screen::print("\n");
            for (judge, path) in found.judges.iter().zip(&paths) {
                screen::print(&format!("Run by {judge}: {path}\n"));
            }
        }
        Output::Json => screen::print_json(&json!({ "runs": paths, "panel": found }))?,
        Output::Nothing => {}
    }
    Ok(())
}

/// What is left to do after the run at this place did not end.
fn say_what_is_left(folders: &[PathBuf], stopped: usize) {
    let Some(first) = folders.first() else { return };
    let shown = |folder: &Path| folder.display().to_string();
    for folder in folders.iter().skip(stopped + 1) {
        screen::note(&format!(
            "then, for the next judge: trustmh resume {} --reuse {}",
            shown(folder),
            shown(first)
        ));
    }
    let all: Vec<String> = folders.iter().map(|folder| shown(folder)).collect();
    screen::note(&format!("and the panel at the end: trustmh panel {}", all.join(" ")));
}
