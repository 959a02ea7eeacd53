//! EmoBench, emotional understanding: scenarios in English and Chinese (arXiv 2402.12071).

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{Emotion, Item, ItemContent};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::error::{DataError, Place};

/// 200 scenarios in English and the same in Chinese (EmoBench, arXiv 2402.12071).
pub(super) const SET: PublishedSet =
    PublishedSet { id: "emobench", cards: &["emobench"], read: |folder, _| read(folder) };

const FILES: [&str; 1] = ["EU.jsonl"];

#[derive(Deserialize)]
struct Row {
    qid: String,
    language: String,
    coarse_category: String,
    finegrained_category: String,
    scenario: String,
    subject: String,
    emotion_choices: Vec<String>,
    emotion_label: String,
    cause_choices: Vec<String>,
    cause_label: String,
}

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [file] = FILES;
    let text = folder.text(file)?;
    let mut items = Vec::new();
    let mut empty = 0;
    let mut first_causes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (line, json) in (1_u64..).zip(text.lines()).filter(|(_, json)| !is_blank(json)) {
        let place = Place::line(file, line);
        let row: Row = serde_json::from_str(json)
            .map_err(|error| DataError::malformed(place.clone(), error))?;
        if is_blank(&row.scenario) {
            empty += 1;
            continue;
        }
        let (first, all) = first_causes.entry(row.language.clone()).or_default();
        *first += usize::from(row.cause_choices.first() == Some(&row.cause_label));
        *all += 1;
        items.push(item(row, &place)?);
    }
    folder.without_text(file, "scenarios", empty);
    for (language, (first, all)) in first_causes {
        if first * 2 > all {
            folder.warnings.push(format!(
                "{file}: the right cause is the first option in {first} of {all} items in `{language}`"
            ));
        }
    }
    Ok(items)
}

fn item(row: Row, place: &Place) -> Result<Item, DataError> {
    for (field, label, choices) in [
        ("emotion_label", &row.emotion_label, &row.emotion_choices),
        ("cause_label", &row.cause_label, &row.cause_choices),
    ] {
        if !choices.contains(label) {
            return Err(DataError::value(place.clone(), field, label, "one of its choices"));
        }
    }
    let tags = [
        ("category", row.coarse_category),
        ("fine_category", row.finegrained_category),
        ("language", row.language.clone()),
        ("pair", row.qid.clone()),
    ];
    Ok(Item {
        id: ItemId::new(format!("emobench-{}-{}", row.qid, row.language)),
        language: row.language,
        tags: tags.map(|(facet, value)| (facet.to_owned(), value)).into(),
        content: ItemContent::Emotion(Emotion {
            scenario: row.scenario,
            subject: row.subject,
            emotions: row.emotion_choices,
            emotion: row.emotion_label,
            causes: row.cause_choices,
            cause: row.cause_label,
        }),
    })
}
