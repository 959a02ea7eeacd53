//! `trustmh data verify`: whether files are the published ones.

use clap::Args;
use serde_json::json;
use std::path::Path;

use trustmh_data::sources::{Card, FileState, Sources, verify};

use super::{DataPlace, card_of};
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Check that present files are the published ones; exit code 1 if not
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// Sets [default: all with at least one file present]
    sets: Vec<String>,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    place: DataPlace,
}

pub(crate) fn run(arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let sources = Sources::built_in();
    let folder = arguments.place.folder(sources)?;
    let cards: Vec<&Card> = if arguments.sets.is_empty() {
        let present = |card: &&Card| is_present(card, &folder);
        let cards = sources.sets.iter();
        cards
            .filter_map(|card| present(&card).map(|is| is.then_some(card)).transpose())
            .collect::<Result<_, _>>()?
    } else {
        arguments.sets.iter().map(|set| card_of(sources, set)).collect::<Result<_, _>>()?
    };
    check(&cards, &folder, arguments)
}

fn is_present(card: &Card, folder: &Path) -> Result<bool, Failure> {
    Ok(verify(card, folder)?.iter().any(|(_, state)| *state != FileState::Missing))
}

fn check(cards: &[&Card], folder: &Path, arguments: &VerifyArguments) -> Result<Exit, Failure> {
    let (mut exit, mut objects, mut text) = (Exit::Ok, Vec::new(), String::new());
    for card in cards {
        let states = verify(card, folder)?;
        for (path, state) in &states {
            let word = match state {
                FileState::Published => "published".to_owned(),
                FileState::Unknown => "present; no checksum is known".to_owned(),
                FileState::Table => {
                    "a table stands for it, whose bytes cannot be compared".to_owned()
                }
                FileState::Missing => "missing".to_owned(),
                FileState::Changed { why } => format!("NOT the published file: {why}"),
            };
            if matches!(state, FileState::Changed { .. } | FileState::Missing) {
                exit = Exit::CheckFailed;
            }
            text.push_str(&format!("{:<20} {path}: {word}\n", card.id));
        }
        let files = states.iter().map(|(path, state)| json!({ "file": path, "is": state }));
        objects.push(json!({ "set": card.id, "files": files.collect::<Vec<_>>() }));
    }
    if arguments.output.json {
        screen::print_json(&objects)?;
    } else if text.is_empty() {
        screen::print(&format!("{} contains no set\n", folder.display()));
    } else {
        screen::print(&text);
    }
    Ok(exit)
}
