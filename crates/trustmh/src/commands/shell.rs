//! `trustmh completions` and `trustmh man`.

use clap::CommandFactory;
use std::path::Path;

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "trustmh", &mut script);
    screen::print_data(&String::from_utf8_lossy(&script));
    Ok(Exit::Ok)
}

pub(super) fn man(folder: &Path) -> Result<Exit, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::io(folder, "creating", &error))?;
    clap_mangen::generate_to(Arguments::command(), folder)
        .map_err(|error| Failure::io(folder, "writing man pages", &error))?;
    screen::print(&format!("{}\n", folder.display()));
    Ok(Exit::Ok)
}
