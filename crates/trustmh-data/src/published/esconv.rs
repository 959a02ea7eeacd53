//! ESConv and its kin: dialogues of emotional support in English (arXiv 2106.01144).

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{Dialogue, Item, ItemContent, Speaker, Turn};

use super::PublishedSet;
use super::folder::Folder;
use crate::error::{DataError, Place};

/// Dialogues of emotional support (ESConv, arXiv 2106.01144).
pub(super) const ESCONV: PublishedSet =
    PublishedSet { id: "esconv", cards: &["esconv"], read: |folder, _| read(folder) };

/// Dialogues that did not help (FailedESConv), published beside the others.
pub(super) const FAILED: PublishedSet = PublishedSet {
    id: "failed-esconv",
    cards: &["esconv"],
    read: |folder, _| read_file(folder, "FailedESConv.json", "failed"),
};

/// 11 dialogues of ESConv without any hint at the seeker's identity (TrustMH-Bench).
pub(super) const FAIR: PublishedSet = PublishedSet {
    id: "esconv-fair",
    cards: &["esconv-fair"],
    read: |folder, _| read_file(folder, "ESConv_fair.json", "fair"),
};

/// The whole set, and the part of it that may lie there instead.
const FILES: [&str; 2] = ["ESConv.json", "ESConv.first400.json"];

#[derive(Deserialize)]
struct Row {
    emotion_type: String,
    problem_type: String,
    situation: String,
    dialog: Vec<RowTurn>,
}

#[derive(Deserialize)]
struct RowTurn {
    speaker: String,
    content: String,
}

/// Reads the whole set if it is there, else its first 400 dialogues.
fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [whole, part] = FILES;
    match folder.text(whole) {
        Ok(text) => items(folder, whole, &text, "esconv"),
        Err(missing @ DataError::NoFile { .. }) => match folder.text(part) {
            Ok(text) => {
                folder.warnings.push(format!("{part}: 400 of the 1,300 published dialogues"));
                items(folder, part, &text, "esconv")
            }
            Err(_) => Err(missing),
        },
        Err(other) => Err(other),
    }
}

/// Reads a file of the same schema; ids begin with `prefix`.
fn read_file(folder: &mut Folder, file: &str, prefix: &str) -> Result<Vec<Item>, DataError> {
    let text = folder.text(file)?;
    items(folder, file, &text, prefix)
}

fn items(
    folder: &mut Folder,
    file: &str,
    text: &str,
    prefix: &str,
) -> Result<Vec<Item>, DataError> {
    let rows: Vec<Row> =
        serde_json::from_str(text).map_err(|error| DataError::json(file, &error))?;
    let (mut empty, mut silent) = (0, 0);
    let mut items = Vec::with_capacity(rows.len());
    for (number, row) in (1..).zip(rows) {
        let mut turns = Vec::with_capacity(row.dialog.len());
        for turn in row.dialog {
            // Line breaks and runs of blanks are traces of the chat window.
            let text = turn.content.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                empty += 1;
                continue;
            }
            turns.push(Turn { speaker: speaker(&turn.speaker, number, file)?, text });
        }
        if turns.iter().all(|turn| turn.speaker != Speaker::Seeker) {
            silent += 1;
            continue;
        }
        let tags = BTreeMap::from([
            ("emotion".to_owned(), row.emotion_type),
            ("problem".to_owned(), row.problem_type),
        ]);
        items.push(Item {
            id: ItemId::new(format!("{prefix}-{number:04}")),
            language: "en".to_owned(),
            tags,
            content: ItemContent::Dialogue(Dialogue {
                situation: row.situation.trim().to_owned(),
                turns,
            }),
        });
    }
    if empty > 0 {
        folder.warnings.push(format!("{file}: {empty} empty turns were dropped"));
    }
    if silent > 0 {
        folder.warnings.push(format!(
            "{file}: {silent} dialogues in which who seeks support says nothing are left out"
        ));
    }
    Ok(items)
}

/// The failed dialogues call the two speakers otherwise.
fn speaker(name: &str, number: usize, file: &str) -> Result<Speaker, DataError> {
    match name {
        "seeker" | "speaker" => Ok(Speaker::Seeker),
        "supporter" | "listener" => Ok(Speaker::Supporter),
        other => {
            let field = format!("speaker of dialogue {number}");
            Err(DataError::value(Place::file(file), &field, other, "seeker or supporter"))
        }
    }
}
