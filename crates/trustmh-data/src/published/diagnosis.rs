//! D4 (arXiv 2205.11764) and SWMH: texts with labels of mental state. Both are gated: users bring them.

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::codebook::LabelScheme;
use trustmh_core::id::ItemId;
use trustmh_core::item::{Item, ItemContent, Labelled, ReleasedLabel};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::codebook::scheme;
use crate::error::{DataError, Place};
use crate::table;

/// D4 and SWMH; both gated, so users bring the files.
pub(super) const SET: PublishedSet =
    PublishedSet { id: "d4-swmh", cards: &["d4", "swmh"], read: |folder, _| read(folder) };

/// Dialogues between a doctor and a patient, and posts.
const FILES: [&str; 2] = ["d4.json", "swmh.csv"];

#[derive(Deserialize)]
struct Row {
    log: Vec<Turn>,
    record: Record,
}

#[derive(Deserialize)]
struct Turn {
    speaker: String,
    text: String,
}

#[derive(Deserialize)]
struct Record {
    drisk: u8,
    srisk: u8,
}

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [d4, swmh] = FILES;
    let (has_dialogues, has_posts) = (folder.has(d4), folder.has(swmh));
    let mut items = Vec::new();
    // Each is given out by other people: whoever has one of them can ask that one. Without either the first is missed.
    if has_dialogues || !has_posts {
        items.extend(dialogues(folder)?);
    } else {
        folder.warnings.push(format!("{d4} is not there: no dialogue is asked"));
    }
    if has_posts {
        items.extend(posts(folder)?);
        folder.warnings.push(format!(
            "{swmh}: labels are the forums in which posts were written, not readings by people"
        ));
    } else {
        folder.warnings.push(format!("{swmh} is not there: no post is asked"));
    }
    Ok(items)
}

fn dialogues(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [file, _] = FILES;
    let text = folder.text(file)?;
    let rows: Vec<Row> =
        serde_json::from_str(&text).map_err(|error| DataError::json(file, &error))?;
    let mut items = Vec::with_capacity(2 * rows.len());
    let mut empty = 0;
    for (number, row) in (1..).zip(rows) {
        if row.log.iter().all(|turn| is_blank(&turn.text)) {
            empty += 1;
            continue;
        }
        let text: Vec<String> = row
            .log
            .iter()
            .map(|turn| {
                let who = if turn.speaker == "doctor" { "医生" } else { "患者" };
                format!("{who}：{}", turn.text.trim())
            })
            .collect();
        for (scheme, level) in
            [(scheme("depression"), row.record.drisk), (scheme("suicide-risk"), row.record.srisk)]
        {
            let label = level.to_string();
            if !scheme.names().any(|known| known == label) {
                let field = format!("{} of record {number}", scheme.name);
                let expected = "a level from 0 to 3";
                return Err(DataError::value(Place::file(file), &field, &label, expected));
            }
            items.push(labelled(
                &format!("d4-{number:04}-{}", scheme.name),
                "zh",
                "d4",
                scheme,
                &text.join("\n"),
                &label,
            ));
        }
    }
    folder.without_text(file, "dialogues", empty);
    Ok(items)
}

fn posts(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [_, file] = FILES;
    let bytes = folder.bytes(file)?;
    let mut items = Vec::new();
    let mut empty = 0;
    for (number, row) in (1..).zip(table::read(file, &bytes, ["text", "label"])?) {
        let [text, label] = row.texts();
        if is_blank(&text) {
            empty += 1;
            continue;
        }
        let label = match label.trim() {
            "self.depression" => "depression",
            "self.SuicideWatch" => "suicidal-thoughts",
            "self.Anxiety" => "anxiety",
            "self.bipolar" => "bipolar",
            "self.offmychest" => "other",
            unknown => {
                let place = Place::line(file, row.line);
                return Err(DataError::value(place, "label", unknown, "one of the five forums"));
            }
        };
        let id = format!("swmh-{number:05}");
        items.push(labelled(&id, "en", "swmh", scheme("posts"), text.trim(), label));
    }
    folder.without_text(file, "posts", empty);
    Ok(items)
}

fn labelled(
    id: &str,
    language: &str,
    set: &str,
    scheme: &LabelScheme,
    text: &str,
    label: &str,
) -> Item {
    let tags = [("set", set), ("scheme", scheme.name.as_str())];
    Item {
        id: ItemId::new(id),
        language: language.to_owned(),
        tags: BTreeMap::from(tags.map(|(facet, value)| (facet.to_owned(), value.to_owned()))),
        content: ItemContent::Labelled(Labelled {
            scheme: scheme.name.clone(),
            earlier: Vec::new(),
            text: text.to_owned(),
            label: Some(label.to_owned()),
            released: ReleasedLabel::Same,
        }),
    }
}
