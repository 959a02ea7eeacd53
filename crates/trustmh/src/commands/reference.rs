//! `trustmh reference`: all commands on one page, made from the help that they print.

use clap::{Args, Command};
use std::fmt::Write;

use crate::command_line;
use crate::failure::{Exit, Failure};
use crate::heading;
use crate::screen;

/// Print the reference of all commands as a Markdown page (docs/commands.md)
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReferenceArguments {}

const EXAMPLES: &str = r"Examples:
  trustmh reference > commands.md";

const WIDTH: usize = 100;

const HEAD: &str = "# Commands

Made by `trustmh reference`; do not edit. The same text is printed by `trustmh COMMAND --help` and is in
the man pages (`trustmh man --dir DIR`).
";

pub(crate) fn run(_: &ReferenceArguments) -> Result<Exit, Failure> {
    let mut page = HEAD.to_owned();
    let mut program = command_line::full().term_width(WIDTH);
    program.build();
    write_index(&program, &mut page);
    write_all(&program, "trustmh", &mut page);
    screen::print(&page);
    Ok(Exit::Ok)
}

/// The commands right below one, help and hidden ones left out.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
}

/// A table of the commands, each a link to what follows.
fn write_index(program: &Command, page: &mut String) {
    page.push_str("\n| command | what it does |\n|---|---|\n");
    for command in shown(program) {
        let link = heading::link(command.get_name(), &format!("trustmh {}", command.get_name()));
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| {link} | {about} |");
    }
}

/// The command and all below it, `path` being how it is called.
fn write_all(command: &Command, path: &str, page: &mut String) {
    let help = command.clone().term_width(WIDTH).render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ = write!(page, "\n## {path}\n\n```text\n{}\n```\n", help.join("\n"));
    for sub in shown(command) {
        write_all(sub, &format!("{path} {}", sub.get_name()), page);
    }
}
