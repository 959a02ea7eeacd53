//! `trustmh man`: man pages.

use clap::Args;
use std::path::PathBuf;

use crate::command_line;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Write man pages, one per command
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ManArguments {
    /// Folder to write to; created if missing
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

const EXAMPLES: &str = r"Examples:
  trustmh man --dir ~/.local/share/man/man1";

pub(crate) fn run(arguments: &ManArguments) -> Result<Exit, Failure> {
    let folder = &arguments.dir;
    std::fs::create_dir_all(folder).map_err(|error| Failure::io(folder, "creating", &error))?;
    clap_mangen::generate_to(command_line::full(), folder)
        .map_err(|error| Failure::io(folder, "writing man pages", &error))?;
    screen::print(&format!("{}\n", folder.display()));
    Ok(Exit::Ok)
}
