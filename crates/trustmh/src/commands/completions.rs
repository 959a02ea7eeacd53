//! `trustmh completions`: a completion script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::command_line::CommandLine;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArguments {
    /// Shell
    shell: Shell,
}

const EXAMPLES: &str = r"Examples:
  trustmh completions bash > ~/.local/share/bash-completion/completions/trustmh";

pub(crate) fn run(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    let mut program = CommandLine::command();
    clap_complete::generate(arguments.shell, &mut program, "trustmh", &mut script);
    screen::print_data(&String::from_utf8_lossy(&script));
    Ok(Exit::Ok)
}
