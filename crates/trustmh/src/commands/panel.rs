//! `trustmh panel`: several judges of the same replies.

use serde_json::json;
use std::path::{Path, PathBuf};

use trustmh_core::protocol::Protocol;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::comparison::Shown;
use trustmh_run::several::panel::panel;

use super::ended::{Output, output};
use super::{benchmark, protocol, scored};
use crate::arguments::PanelArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &PanelArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let by = arguments.protocol.map(protocol);
    let shown = if arguments.all { Shown::All } else { Shown::Primary };
    tell(&benchmark, &arguments.runs, by, shown, output(arguments.json))?;
    Ok(Exit::Ok)
}

/// Prints what the judges of the runs in `folders` say.
pub(super) fn tell(
    benchmark: &Benchmark,
    folders: &[PathBuf],
    by: Option<Protocol>,
    shown: Shown,
    output: Output,
) -> Result<(), Failure> {
    let runs = scored(benchmark, folders, by)?;
    let found = panel(benchmark, &runs)?;
    let paths: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    match output {
        Output::Table => {
            screen::print(&trustmh_report::panel::panel(&found, shown, screen::width()));
            screen::print("\n");
            for (judge, path) in found.judges.iter().zip(&paths) {
                screen::print(&format!("Run by {judge}: {path}\n"));
            }
        }
        Output::Json => {
            let object = json!({ "runs": paths, "panel": found });
            let text = serde_json::to_string_pretty(&object).map_err(|error| {
                Failure::usage(format!("the panel cannot be written as JSON: {error}"))
            })?;
            screen::print_json(&(text + "\n"));
        }
        Output::Nothing => {}
    }
    Ok(())
}

/// What is left to do after the run in `at` did not end.
pub(super) fn tell_waiting(folders: &[PathBuf], at: &Path) {
    let waiting: Vec<&PathBuf> =
        folders.iter().skip_while(|folder| *folder != at).skip(1).collect();
    let Some(first) = folders.first() else { return };
    for folder in &waiting {
        screen::note(&format!(
            "then, for the next judge: trustmh resume {} --reuse {}",
            folder.display(),
            first.display()
        ));
    }
    let all: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    screen::note(&format!("and the panel at the end: trustmh panel {}", all.join(" ")));
}
