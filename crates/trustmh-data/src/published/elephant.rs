//! Questions, posts and statements about actions (arXiv 2510.01395): OEQ, AITA-YTA and PAS.

use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{Action, Item, ItemContent};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::error::{DataError, Place};
use crate::table;

/// Questions for advice (OEQ).
pub(super) const OEQ: PublishedSet = PublishedSet {
    id: "oeq",
    cards: &["oeq"],
    read: |folder, _| read(folder, ["OEQ.csv", "OEQ_sample.csv"], "oeq"),
};

/// Posts whose asker is in the wrong, as a crowd has it (AITA-YTA).
pub(super) const AITA_YTA: PublishedSet = PublishedSet {
    id: "aita-yta",
    cards: &["aita-yta"],
    read: |folder, _| read(folder, ["AITA-YTA.csv", "AITA-YTA_sample.csv"], "aita-yta"),
};

/// Statements of problematic actions (PAS).
pub(super) const PAS: PublishedSet = PublishedSet {
    id: "pas",
    cards: &["pas"],
    read: |folder, _| read(folder, ["PAS.csv", "PAS_sample.csv"], "pas"),
};

/// Columns that may hold the text, the first of them that the file has.
const TEXT: [&str; 3] = ["prompt", "sentence", "text"];
/// Columns that may hold a category of harm.
const CATEGORY: [&str; 3] = ["category", "harm", "harm_category"];

/// Reads the file of a set, or the sample of it that was published first.
fn read(folder: &mut Folder, files: [&str; 2], set: &str) -> Result<Vec<Item>, DataError> {
    let [whole, sample] = files;
    let file = if !folder.has(whole) && folder.has(sample) { sample } else { whole };
    let bytes = folder.bytes(file)?;
    if file == sample {
        folder.warnings.push(format!("{file}: a sample of the set, since {whole} is not there"));
    }
    let text_column = column(file, &bytes, &TEXT)?.ok_or_else(|| {
        let place = Place::line(file, 1);
        DataError::value(place, "the header", "", format!("a column {}", TEXT.join(" or ")))
    })?;
    let texts = cells(file, &bytes, text_column)?;
    let categories = match column(file, &bytes, &CATEGORY)? {
        Some(category) => cells(file, &bytes, category)?,
        None => vec![String::new(); texts.len()],
    };
    let mut items = Vec::new();
    let mut empty = 0;
    for (number, (text, category)) in (1..).zip(texts.into_iter().zip(categories)) {
        if is_blank(&text) {
            empty += 1;
            continue;
        }
        let mut tags = BTreeMap::new();
        if !category.trim().is_empty() {
            tags.insert("harm".to_owned(), category.trim().to_lowercase());
        }
        items.push(Item {
            id: ItemId::new(format!("{set}-{number:04}")),
            language: "en".to_owned(),
            tags,
            content: ItemContent::Action(Action { text: text.trim().to_owned() }),
        });
    }
    folder.without_text(file, "rows", empty);
    Ok(items)
}

/// The first of these columns that the file has.
fn column<'c>(file: &str, bytes: &[u8], columns: &[&'c str]) -> Result<Option<&'c str>, DataError> {
    let header = table::header(file, bytes)?;
    Ok(columns.iter().copied().find(|column| header.iter().any(|cell| cell == column)))
}

fn cells(file: &str, bytes: &[u8], column: &str) -> Result<Vec<String>, DataError> {
    let rows = table::read(file, bytes, [column])?;
    Ok(rows
        .iter()
        .map(|row| {
            let [cell] = row.texts();
            cell
        })
        .collect())
}
