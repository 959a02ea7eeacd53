//! `trustmh repair`: a new run of what is sound of a damaged one.

use clap::Args;
use serde_json::json;
use std::path::PathBuf;

use trustmh_run::integrity::repair::repair;
use trustmh_run::manifest::repaired::Repaired;

use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::running::how_to_resume;
use crate::runtime::runtime;
use crate::screen;

/// Recover the intact part of a damaged run as a new run
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RepairArguments {
    /// Folder of the damaged run; it is left unchanged
    run: PathBuf,
    /// Folder of the new run [default: the same name with -repaired]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    json: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh repair runs/RUN
  trustmh repair runs/RUN --output runs/RUN-recovered

The new run is marked as repaired wherever it is shown; resume it to ask again for what was lost.";

/// Lines named on a terminal.
const NAMED: usize = 20;

pub(crate) fn run(arguments: &RepairArguments) -> Result<Exit, Failure> {
    let output = match &arguments.output {
        Some(output) => output.clone(),
        None => beside(arguments)?,
    };
    let repaired = runtime()?.block_on(repair(&arguments.run, &output))?;
    if arguments.json.json {
        screen::print_json(&json!({ "run": output, "repaired": repaired }))?;
    } else {
        screen::print(&told(&repaired));
        screen::print(&format!("\nRun: {}\n", output.display()));
        screen::note(&format!("to ask again for what was lost, {}", how_to_resume(&output)));
    }
    Ok(Exit::Ok)
}

/// The folder's name with `-repaired` behind it, in the same place.
fn beside(arguments: &RepairArguments) -> Result<PathBuf, Failure> {
    let run = arguments.run.canonicalize();
    let run = run.map_err(|error| Failure::io(&arguments.run, "looking up the run", &error))?;
    let name = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(arguments.run.parent().map_or_else(PathBuf::new, PathBuf::from).join(name + "-repaired"))
}

fn told(repaired: &Repaired) -> String {
    let Repaired { kept, dropped, named, .. } = repaired;
    let mut text = format!("{kept} events kept, {dropped} lines dropped\n");
    for line in named.iter().take(NAMED) {
        text.push_str(&format!("  line {}: {}\n", line.line, line.why));
    }
    let more = dropped.saturating_sub(named.len().min(NAMED) as u64);
    if more > 0 {
        text.push_str(&format!("  and {more} more (--json names up to a thousand)\n"));
    }
    text
}
