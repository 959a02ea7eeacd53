//! The command line. `-h` shows the options that are used most, `--help` shows all of them.

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod documented;
mod mistyped;

use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;

use crate::commands::Command;

/// Measure how far a language model can be trusted with someone's mental health
#[derive(Debug, Parser)]
#[command(name = "trustmh", version, max_term_width = 100)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  trustmh run --subject scripted/random          all tasks on starter items, without a network
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --data ~/trustmh-data";

const NOTES: &str = "\
Examples:
  trustmh run --subject scripted/random          all tasks on starter items, without a network
  trustmh run --subject local/smollm2-135m --profile quick
  trustmh run --subject openai/gpt-5.1 --judge openai/gpt-4.1 --data ~/trustmh-data
  trustmh compare runs/BEFORE runs/AFTER

Exit codes:
  0    success
  1    a check failed
  2    wrong usage, configuration or input
  3    subject or judge unreachable, or credentials refused
  4    the run is incomplete or was repaired
  5    a record is not as it was written
  130  interrupted

The benchmark is TrustMH-Bench (arXiv 2603.03047) with corrections; its scores are not clinical
evidence.";

/// Reads what was typed; help, version and wrong usage end the process here.
pub(crate) fn parse() -> CommandLine {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let mut command = if asks_for_all(&typed) { full() } else { CommandLine::command() };
    let read = command.try_get_matches_from_mut(&typed);
    let read = read.and_then(|matches| CommandLine::from_arg_matches(&matches));
    read.unwrap_or_else(|error| mistyped::explained(error, &command, &typed).exit())
}

/// Whether the full help is wanted: `--help`, or `trustmh help COMMAND`.
fn asks_for_all(typed: &[OsString]) -> bool {
    let words = typed.iter().skip(1);
    words.clone().take(1).any(|word| word == "help")
        || words.take_while(|word| *word != "--").any(|word| word == "--help")
}

/// The command line with all options and notes in its help. Clap would print every option of a long
/// help on lines of its own with a blank line after it; here the full help is a short help that
/// hides nothing, so that the sixty options of `run` fit three screens.
pub(crate) fn full() -> clap::Command {
    fn whole(command: clap::Command) -> clap::Command {
        let notes = command.get_after_long_help().cloned();
        let command = match notes {
            Some(notes) => command.after_help(notes).after_long_help(Resettable::Reset),
            None => command,
        };
        command.mut_args(|option| option.hide_short_help(false)).mut_subcommands(whole)
    }
    whole(CommandLine::command())
}
