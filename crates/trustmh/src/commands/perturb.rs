//! `trustmh perturb`: slips in a text, for use on its own.

use serde_json::json;
use similar::{ChangeTag, TextDiff};
use std::path::Path;

use trustmh_core::inert::inert;
use trustmh_engine::perturb::{Keep, Perturbed, perturb};

use super::benchmark;
use crate::arguments::{FamilyChoice, LevelChoice, PerturbArguments};
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &PerturbArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let text = text(&arguments.text)?;
    let language = arguments.language.clone().unwrap_or_else(|| language_of(&text).to_owned());
    let tables = benchmark.perturbations(&language)?;
    let keep = if arguments.keep_label { Keep::Label } else { Keep::Nothing };
    let made = perturb(
        tables,
        &text,
        arguments.family.into(),
        arguments.level.into(),
        keep,
        arguments.seed,
    );
    if arguments.json {
        let object = json!({
            "text": text,
            "perturbed": made.text,
            "family": trustmh_core::perturbation::Family::from(arguments.family).slug(),
            "level": trustmh_core::perturbation::Level::from(arguments.level).slug(),
            "language": tables.language,
            "seed": arguments.seed,
            "edits": made.edits,
            "distance": made.distance,
        });
        screen::print_json(&format!("{object:#}\n"));
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

impl From<FamilyChoice> for trustmh_core::perturbation::Family {
    fn from(choice: FamilyChoice) -> Self {
        match choice {
            FamilyChoice::Character => Self::Character,
            FamilyChoice::Word => Self::Word,
            FamilyChoice::Sentence => Self::Sentence,
            FamilyChoice::Stacked => Self::Stacked,
        }
    }
}

impl From<LevelChoice> for trustmh_core::perturbation::Level {
    fn from(choice: LevelChoice) -> Self {
        match choice {
            LevelChoice::None => Self::None,
            LevelChoice::Low => Self::Low,
            LevelChoice::Medium => Self::Medium,
            LevelChoice::High => Self::High,
        }
    }
}
