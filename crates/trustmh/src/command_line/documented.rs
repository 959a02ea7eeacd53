//! Every command line that the documentation or the help shows is one that the program takes.

use clap::{CommandFactory, Parser};
use std::path::{Path, PathBuf};

use super::{CommandLine, full};

/// The command lines in `text`, joined where a backslash parts them, with words of prose after
/// them, pipes and redirections cut off.
fn command_lines(text: &str) -> Vec<String> {
    let mut pieces = text.split("\\\n");
    let first = pieces.next().unwrap_or_default().to_owned();
    let joined = pieces.fold(first, |text, piece| text + piece.trim_start());
    let lines = joined.lines().map(|line| {
        let line = line.trim_start().trim_start_matches("- run: ").trim_start_matches("- ");
        // Assignments such as REFUSES=$(ls ...) and `a || b` stand around some.
        line.split(" || ").next().unwrap_or(line)
    });
    let commands = lines.filter(|line| line.starts_with("trustmh "));
    commands
        .map(|line| {
            let ends = ["    ", " > ", " >> ", " | ", " # ", " && ", " &"];
            let end = ends.iter().filter_map(|end| line.find(end)).min().unwrap_or(line.len());
            line[..end].to_owned()
        })
        // The map of crates names one that is called like the program.
        .filter(|line| line.contains(' '))
        .collect()
}

/// Code blocks alone: fenced, or indented by four blanks after an empty line or the begin of a
/// list.
fn code(page: &str) -> String {
    let mut fenced = false;
    let mut code = String::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

fn refusals(place: &str, text: &str) -> (usize, Vec<String>) {
    let lines = command_lines(text);
    let refused = lines.iter().filter_map(|line| {
        let Some(words) = shlex::split(line) else {
            return Some(format!("{place}: {line}: its quotes do not close"));
        };
        let refused = CommandLine::try_parse_from(words).err()?;
        // Help and version are asked for, not refused.
        let why = refused.to_string();
        let why = why.lines().next().unwrap_or_default();
        refused.use_stderr().then(|| format!("{place}: {line}: {why}"))
    });
    let refused = refused.collect();
    (lines.len(), refused)
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    // The reference is the help, whose examples have a test of their own.
    pages.retain(|path| !path.ends_with("commands.md"));
    pages.extend([root.join("README.md"), root.join("CONTRIBUTING.md")]);
    pages
}

#[test]
fn every_command_line_in_the_documentation_is_taken() {
    let mut seen = 0;
    let mut refused = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let (lines, wrong) = refusals(&page.display().to_string(), &code(&text));
        seen += lines;
        refused.extend(wrong);
    }
    assert!(seen > 60, "only {seen} command lines were found");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_example_in_the_help_is_taken() {
    fn look(command: &clap::Command, seen: &mut usize, refused: &mut Vec<String>) {
        let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let (lines, wrong) = refusals(command.get_name(), &shown);
        *seen += lines;
        refused.extend(wrong);
        command.get_subcommands().for_each(|sub| look(sub, seen, refused));
    }
    let (mut seen, mut refused) = (0, Vec::new());
    look(&full(), &mut seen, &mut refused);
    assert!(seen > 50, "only {seen} examples were found");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn a_line_that_the_program_does_not_take_is_found() {
    let (seen, refused) =
        refusals("here", "trustmh run --subjekt x\n  trustmh tasks list    all of them\n");
    assert_eq!((seen, refused.len()), (2, 1), "{refused:?}");
}

/// The rows of a help, at the width of a terminal of 100 columns.
fn rows(command: &clap::Command) -> usize {
    command.clone().term_width(100).render_help().to_string().lines().count()
}

#[test]
fn short_help_fits_one_screen_and_full_help_three() {
    fn look(command: &clap::Command, path: &str, most: usize, over: &mut Vec<String>) {
        let rows = rows(command);
        if rows > most {
            over.push(format!("{path}: {rows} rows"));
        }
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            look(sub, &format!("{path} {}", sub.get_name()), most, over);
        }
    }
    let mut over = Vec::new();
    let (mut short, mut full) = (CommandLine::command(), full());
    short.build();
    full.build();
    look(&short, "trustmh -h", 50, &mut over);
    look(&full, "trustmh --help", 150, &mut over);
    assert!(over.is_empty(), "{}", over.join("\n"));
}
