//! The commented system.toml.

use clap::Args;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use trustmh_evidence::system::template;

use crate::failure::{Exit, Failure};
use crate::screen;

/// Write a commented file for what only the operator knows
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// File to write; one that is there is not overwritten
    #[arg(value_name = "FILE", default_value = "system.toml")]
    file: PathBuf,
}

pub(crate) fn run(arguments: &InitArguments) -> Result<Exit, Failure> {
    let file = &arguments.file;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let written = options.open(file).and_then(|mut out| out.write_all(template().as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!("{}: is there already", file.display()))
            .with_hint("name another file; an existing one is never overwritten"),
        _ => Failure::io(file, "writing", &error),
    })?;
    screen::print(&format!("{}\n", file.display()));
    Ok(Exit::Ok)
}
