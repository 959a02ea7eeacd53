//! `trustmh reference`: all commands on one page, made from the help that they print.

use clap::{Arg, ArgAction, Args, Command};
use serde_json::{Value, json};
use std::fmt::Write;

use crate::arguments::JsonOutput;
use crate::command_line;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Print the reference of all commands as a Markdown page (docs/commands.md)
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReferenceArguments {
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh reference > commands.md
  trustmh reference --json                       the options of all commands, for programs";

const WIDTH: usize = 100;

const HEAD: &str = "# Commands

Made by `trustmh reference`; do not edit. The same text is printed by `trustmh COMMAND --help` and is in
the man pages (`trustmh man --dir DIR`).
";

pub(crate) fn run(arguments: &ReferenceArguments) -> Result<Exit, Failure> {
    let mut program = command_line::full().term_width(WIDTH);
    program.build();
    if arguments.output.json {
        let mut commands = Vec::new();
        describe_all(&program, &mut Vec::new(), &mut commands);
        let version = env!("CARGO_PKG_VERSION");
        screen::print_json(&json!({ "version": version, "commands": commands }))?;
        return Ok(Exit::Ok);
    }
    let mut page = HEAD.to_owned();
    write_all(&program, "trustmh", &mut page);
    screen::print(&page);
    Ok(Exit::Ok)
}

/// The command and all below it, `path` being how it is called.
fn write_all(command: &Command, path: &str, page: &mut String) {
    let help = command.clone().term_width(WIDTH).render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ = write!(page, "\n## {path}\n\n```text\n{}\n```\n", help.join("\n"));
    let shown =
        command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help");
    for sub in shown {
        write_all(sub, &format!("{path} {}", sub.get_name()), page);
    }
}

/// The commands that do something, `command` or those below it, `path` being how it is called.
fn describe_all(command: &Command, path: &mut Vec<String>, commands: &mut Vec<Value>) {
    if !command.has_subcommands() {
        let about = command.get_about().map(ToString::to_string);
        let options = command.get_arguments().filter(|option| option.get_long().is_some());
        commands.push(json!({
            "command": path,
            "about": about,
            "options": options.map(option).collect::<Vec<_>>(),
            "arguments": command.get_positionals().map(argument).collect::<Vec<_>>(),
        }));
    }
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        path.push(sub.get_name().to_owned());
        describe_all(sub, path, commands);
        path.pop();
    }
}

fn option(option: &Arg) -> Value {
    let choices = option.get_possible_values();
    let choices: Vec<&str> = choices.iter().map(|choice| choice.get_name()).collect();
    let takes = match option.get_action() {
        ArgAction::Append => "values",
        action if action.takes_values() => "value",
        _ => "nothing",
    };
    json!({
        "name": option.get_long(),
        "takes": takes,
        "value": names(option),
        "choices": if takes == "nothing" { Vec::new() } else { choices },
        "help": option.get_help().map(ToString::to_string),
    })
}

fn argument(argument: &Arg) -> Value {
    let many = matches!(argument.get_action(), ArgAction::Append);
    let help = argument.get_help().map(ToString::to_string);
    json!({ "value": names(argument), "many": many, "help": help })
}

fn names(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ")
}
