//! What is said of an option that a command does not have, and of a value that is no number.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use std::error::Error as _;
use std::ffi::OsString;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

use crate::suggest;

/// So many commands that have an option are named.
const NAMED: usize = 3;

/// The error with what helps in the place of what does not: clap would take the option for a value.
pub(super) fn explained(mut error: Error, all: &Command, typed: &[OsString]) -> Error {
    let tips = match error.kind() {
        ErrorKind::UnknownArgument => match option(&error) {
            Some(option) => {
                drop(error.remove(ContextKind::Suggested));
                of_option(&mut error, all, &meant(all, typed), &option)
            }
            None => return error,
        },
        ErrorKind::ValueValidation => of_number(&error).into_iter().map(str::to_owned).collect(),
        _ => return error,
    };
    if !tips.is_empty() {
        let tips = tips.into_iter().map(Into::into).collect();
        drop(error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips)));
    }
    error
}

/// The long option that was not known, without its value.
fn option(error: &Error) -> Option<String> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return None };
    let option = word.split('=').next()?;
    option.starts_with("--").then(|| option.to_owned())
}

/// The command that was typed, by the names that lead to it.
fn meant(all: &Command, typed: &[OsString]) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = all;
    for word in typed.iter().skip(1).filter_map(|word| word.to_str()) {
        match at.find_subcommand(word) {
            Some(found) => {
                path.push(found.get_name().to_owned());
                at = found;
            }
            None => break,
        }
    }
    path
}

/// Where the option lives; else the nearest of this command, which clap may have found; else that of others.
fn of_option(error: &mut Error, all: &Command, meant: &[String], option: &str) -> Vec<String> {
    let mut options = Vec::new();
    gather(all, &mut Vec::new(), &mut options);
    let of = |name: &str| -> Vec<&Vec<String>> {
        options.iter().filter(|(known, _)| known == name).map(|(_, command)| command).collect()
    };
    let words = |command: &[String]| {
        let own = options.iter().filter(|(_, of)| of == command);
        own.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
    };
    let homes = of(option);
    if !homes.is_empty() {
        drop(error.remove(ContextKind::SuggestedArg));
        // `--task` of one command may be `--tasks` of this one.
        let begins = |own: &&&str| own.starts_with(option) || option.starts_with(**own);
        if let Some(own) = words(meant).iter().find(begins) {
            return vec![format!("a similar option exists: '{own}'")];
        }
        let said = format!("'{option}' is an option of {}", named(&homes));
        let is_kept = meant == ["resume"] && homes.iter().any(|home| *home == &["run"]);
        let kept = "a resumed run keeps the models, tasks and rules that it was started with";
        return std::iter::once(said).chain(is_kept.then(|| kept.to_owned())).collect();
    }
    if error.get(ContextKind::SuggestedArg).is_some() {
        return Vec::new();
    }
    if let Some(near) = suggest::nearest(option, words(meant)) {
        return vec![format!("a similar option exists: '{near}'")];
    }
    let near = suggest::nearest(option, options.iter().map(|(name, _)| name.as_str()));
    near.map(|near| format!("'{near}' is an option of {}", named(&of(near)))).into_iter().collect()
}

/// All long options, each with the command that has it.
fn gather(command: &Command, path: &mut Vec<String>, found: &mut Vec<(String, Vec<String>)>) {
    let longs = command.get_arguments().filter_map(|argument| argument.get_long());
    found.extend(longs.map(|long| (format!("--{long}"), path.clone())));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        path.push(sub.get_name().to_owned());
        gather(sub, path, found);
        drop(path.pop());
    }
}

fn named(commands: &[&Vec<String>]) -> String {
    let names: Vec<String> = commands
        .iter()
        .take(NAMED)
        .map(|command| format!("`trustmh {}`", command.join(" ")))
        .collect();
    match commands.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// What a number should be, where one was wanted.
fn of_number(error: &Error) -> Option<&'static str> {
    let source = error.source()?;
    if let Some(error) = source.downcast_ref::<ParseIntError>() {
        return Some(match error.kind() {
            IntErrorKind::Zero => "give a whole number above 0",
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => {
                "no number of this size is taken"
            }
            _ => "give a whole number, such as 5",
        });
    }
    source.downcast_ref::<ParseFloatError>().map(|_| "give a number, such as 2.5")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::CommandLine;
    use clap::CommandFactory;

    fn said(line: &str) -> String {
        let typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let mut command = CommandLine::command();
        let error = command.try_get_matches_from_mut(typed.clone()).unwrap_err();
        explained(error, &command, &typed).to_string()
    }

    #[test]
    fn an_option_of_another_command_is_led_home() {
        let resume = said("trustmh resume runs/a --base-url x");
        assert!(resume.contains("'--base-url' is an option of `trustmh run`, `trustmh plan`"));
        assert!(resume.contains("a resumed run keeps"), "{resume}");
        let gate = said("trustmh gate --policy release --max-cost 5 runs/a");
        assert!(gate.contains("'--max-cost' is an option of `trustmh run`"), "{gate}");
        let data = said("trustmh report runs/a --accept-licence");
        assert!(data.contains("'--accept-licence' is an option of `trustmh data fetch`"), "{data}");
        for said in [resume, gate, data] {
            assert!(!said.contains("as a value"), "{said}");
        }
    }

    #[test]
    fn a_slip_is_answered_by_the_nearest_option() {
        let run = said("trustmh run --subject scripted/random --itmes 5");
        assert!(run.contains("'--items'") && !run.contains("as a value"), "{run}");
        let view = said("trustmh view --max-csot 1");
        assert!(view.contains("'--max-cost' is an option of `trustmh run`"), "{view}");
        let none = said("trustmh view --xyzzy");
        assert!(!none.contains("tip:"), "{none}");
    }

    #[test]
    fn a_value_that_is_no_number_is_told_what_is_wanted() {
        let run = |rest: &str| said(&format!("trustmh run --subject scripted/random {rest}"));
        assert!(run("--items zero").contains("tip: give a whole number, such as 5"));
        assert!(run("--items 0").contains("tip: give a whole number above 0"));
        assert!(run("--max-cost much").contains("tip: give a number, such as 2.5"));
        let large = run("--trials 99999999999999999999");
        assert!(large.contains("tip: no number of this size is taken"), "{large}");
    }
}
