//! `trustmh repair`: a new run of what is sound of a damaged one.

use serde_json::json;
use std::path::PathBuf;

use trustmh_run::integrity::repair::repair;
use trustmh_run::manifest::repaired::Repaired;

use super::ended::go_on;
use super::runtime;
use crate::arguments::RepairArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

/// So many lines are named on a terminal.
const NAMED: usize = 20;

pub(super) fn run(arguments: &RepairArguments) -> Result<Exit, Failure> {
    let output = match &arguments.output {
        Some(output) => output.clone(),
        None => beside(arguments)?,
    };
    let repaired = runtime()?.block_on(repair(&arguments.run, &output))?;
    if arguments.json {
        let object = json!({ "run": output, "repaired": repaired });
        screen::print(&format!("{object:#}\n"));
    } else {
        screen::print(&told(&repaired));
        screen::print(&format!("\nRun: {}\n", output.display()));
        screen::note(&format!("what was lost is asked for again: {}", go_on(&output)));
    }
    Ok(Exit::Ok)
}

/// The folder's name with `-repaired` behind it, in the same place.
fn beside(arguments: &RepairArguments) -> Result<PathBuf, Failure> {
    let run = arguments.run.canonicalize();
    let run = run.map_err(|error| Failure::io(&arguments.run, "looking for the run", &error))?;
    let name = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(arguments.run.parent().map_or_else(PathBuf::new, PathBuf::from).join(name + "-repaired"))
}

fn told(repaired: &Repaired) -> String {
    let Repaired { kept, dropped, named, .. } = repaired;
    let mut text = format!("{kept} events kept, {dropped} lines left out\n");
    for line in named.iter().take(NAMED) {
        text.push_str(&format!("  line {}: {}\n", line.line, line.why));
    }
    let more = dropped.saturating_sub(named.len().min(NAMED) as u64);
    if more > 0 {
        text.push_str(&format!("  and {more} more (--json names up to a thousand)\n"));
    }
    text
}
