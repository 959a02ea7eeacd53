//! `trustmh perturb`: slips in a text, for use on its own.

use clap::Args;
use serde_json::json;
use similar::{ChangeTag, TextDiff};
use std::path::Path;

use trustmh_core::inert::inert;
use trustmh_core::perturbation::{Family, Level};
use trustmh_engine::perturb::{Keep, Perturbed, perturb};

use crate::arguments::{JsonOutput, SEED, TaskSource, one_of};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Add typos and slips to a text: characters, words or sentences, at a chosen level
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct PerturbArguments {
    /// Text, or a file that holds one
    text: String,
    /// Kind of slips: single-character typos, word slips, slips of sentences and punctuation, or
    /// all three in turn
    #[arg(long, value_parser = one_of(Family::ALL, Family::slug), default_value = "character")]
    family: Family,
    /// Amount: nothing, a few slips, many, or heavy but still legible
    #[arg(long, value_parser = one_of(LEVELS, Level::slug), default_value = "medium")]
    level: Level,
    /// Seed; the same seed gives the same text on every machine
    #[arg(long, value_name = "N", default_value_t = SEED)]
    seed: u64,
    /// Keep the text's meaning: no negation is added or lost, nothing is cut off
    #[arg(long)]
    keep_label: bool,
    /// en or zh [default: guessed from the text]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Mark what was removed and added; the default on a terminal
    #[arg(long, conflicts_with = "json")]
    diff: bool,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const LEVELS: [Level; 4] = [Level::None, Level::Low, Level::Medium, Level::High];

const EXAMPLES: &str = r#"Examples:
  trustmh perturb "I have been feeling low for weeks" --family character --level medium
  trustmh perturb letter.txt --family word --level high --seed 7 --diff"#;

const NOTES: &str = r#"Examples:
  trustmh perturb "I have been feeling low for weeks" --family character --level medium
  trustmh perturb letter.txt --family word --level high --seed 7 --diff
  trustmh perturb post.txt --family stacked --level low --keep-label --json

A level is a band of realised distance, as a share of the text's length in grapheme clusters: low
0.03-0.08, medium 0.08-0.18, high 0.18-0.35. `stacked` applies all three families, each at the level."#;

pub(crate) fn run(arguments: &PerturbArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let text = text(&arguments.text)?;
    let language = arguments.language.clone().unwrap_or_else(|| language_of(&text).to_owned());
    let tables = benchmark.perturbations(&language)?;
    let keep = if arguments.keep_label { Keep::Label } else { Keep::Nothing };
    let made = perturb(tables, &text, arguments.family, arguments.level, keep, arguments.seed);
    if arguments.output.json {
        screen::print_json(&json!({
            "text": text,
            "perturbed": made.text,
            "family": arguments.family.slug(),
            "level": arguments.level.slug(),
            "language": tables.language,
            "seed": arguments.seed,
            "edits": made.edits,
            "distance": made.distance,
        }))?;
    } else if arguments.diff || screen::colour_on_stdout() {
        screen::print_painted(&diff(&text, &made));
    } else {
        // A pipe takes the text as it is; a terminal is shown what does nothing to it.
        let line = made.text.strip_suffix('\n').unwrap_or(&made.text).to_owned() + "\n";
        if screen::stdout_is_terminal() {
            screen::print(&line);
        } else {
            screen::print_data(&line);
        }
    }
    Ok(Exit::Ok)
}

/// The text itself, or what a file of this name holds.
fn text(given: &str) -> Result<String, Failure> {
    let path = Path::new(given);
    if given.len() < 1024 && path.is_file() {
        return std::fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error));
    }
    Ok(given.to_owned())
}

/// Chinese where Han signs are more than a few.
fn language_of(text: &str) -> &'static str {
    let han = text.chars().filter(|sign| ('\u{4e00}'..='\u{9fff}').contains(sign)).count();
    if han * 4 > text.chars().count() { "zh" } else { "en" }
}

/// What was lost and added, marked `[-lost-]` and `{+added+}`, in colour on a terminal.
fn diff(before: &str, made: &Perturbed) -> String {
    let colour = screen::colour_on_stdout();
    let marks = |tag: ChangeTag| match (tag, colour) {
        (ChangeTag::Equal, _) => ("", ""),
        (ChangeTag::Delete, true) => ("\u{1b}[31;9m", "\u{1b}[0m"),
        (ChangeTag::Insert, true) => ("\u{1b}[32;1m", "\u{1b}[0m"),
        (ChangeTag::Delete, false) => ("[-", "-]"),
        (ChangeTag::Insert, false) => ("{+", "+}"),
    };
    let changes = TextDiff::from_graphemes(before, made.text.as_str());
    let mut text = String::new();
    let mut last = ChangeTag::Equal;
    for change in changes.iter_all_changes() {
        if change.tag() != last {
            text.push_str(marks(last).1);
            text.push_str(marks(change.tag()).0);
            last = change.tag();
        }
        text.push_str(&inert(change.value()));
    }
    text.push_str(marks(last).1);
    format!(
        "{}\n\n{} edits, distance {:.4}\n",
        text.trim_end_matches('\n'),
        made.edits,
        made.distance
    )
}
