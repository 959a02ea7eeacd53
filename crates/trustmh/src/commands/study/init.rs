//! The commented study file.

use clap::Args;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use trustmh_run::study::template;

use crate::failure::{Exit, Failure};
use crate::screen;

/// Write a commented study file that works offline at once
#[derive(Debug, Args)]
pub(crate) struct InitStudyArguments {
    /// File to write; one that is there is not overwritten
    #[arg(value_name = "FILE", default_value = "study.toml")]
    file: PathBuf,
}

pub(crate) fn run(arguments: &InitStudyArguments) -> Result<Exit, Failure> {
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
    screen::note(&format!("run it: trustmh study run {}", file.display()));
    Ok(Exit::Ok)
}
