//! USMLE-Mental: questions of a licensing examination, picked by keywords of mental health.

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{Item, ItemContent, MultipleChoice, option_index, option_letter};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::error::{DataError, Place};

/// 727 examination questions (Psy-Eval).
pub(super) const SET: PublishedSet =
    PublishedSet { id: "usmle-mental", cards: &["usmle-mental"], read: |folder, _| read(folder) };

const FILES: [&str; 1] = ["USMLE-mental.jsonl"];

/// Words by which a question points to something that is not in the file.
const ABSENT: [&str; 8] = [
    "figure ",
    "shown below",
    "is shown.",
    "(image",
    "see image",
    "in the image",
    "in image",
    "following image",
];

#[derive(Deserialize)]
struct Row {
    question: String,
    answer: String,
    options: BTreeMap<String, String>,
    #[serde(rename = "meta_info1")]
    step: String,
    #[serde(rename = "meta_info2")]
    keywords: Vec<String>,
}

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [file] = FILES;
    let text = folder.text(file)?;
    let mut items = Vec::new();
    let (mut absent, mut empty) = (0, 0);
    let filled = (1_u64..).zip(text.lines()).filter(|(_, json)| !is_blank(json));
    for (number, (line, json)) in (1..).zip(filled) {
        let place = Place::line(file, line);
        let row: Row = serde_json::from_str(json)
            .map_err(|error| DataError::malformed(place.clone(), error))?;
        if is_blank(&row.question) {
            empty += 1;
            continue;
        }
        absent += usize::from(points_to_absent(&row.question));
        items.push(item(number, row, &place)?);
    }
    folder.without_text(file, "questions", empty);
    if absent > 0 {
        folder.warnings.push(format!(
            "{file}: {absent} questions seem to refer to a figure that is not in the file (tag figure = absent)"
        ));
    }
    Ok(items)
}

fn points_to_absent(question: &str) -> bool {
    let question = question.to_lowercase();
    ABSENT.iter().any(|words| question.contains(words))
}

fn item(number: usize, row: Row, place: &Place) -> Result<Item, DataError> {
    let options: Vec<String> = (0..row.options.len())
        .filter_map(|index| row.options.get(&option_letter(index)?.to_string()).cloned())
        .collect();
    let letters = || row.options.keys().cloned().collect::<Vec<_>>().join(",");
    if options.len() != row.options.len() || options.len() < 2 {
        return Err(DataError::value(place.clone(), "options", &letters(), "letters from A on"));
    }
    let mut key = row.answer.trim().chars();
    let key = match (key.next(), key.next()) {
        (Some(key), None) if option_index(key).is_some_and(|index| index < options.len()) => key,
        _ => {
            let expected = format!("one letter of {}", letters());
            return Err(DataError::value(place.clone(), "answer", &row.answer, expected));
        }
    };
    let mut tags = BTreeMap::from([("step".to_owned(), row.step)]);
    if let Some(keyword) = row.keywords.first() {
        tags.insert("keyword".to_owned(), keyword.clone());
    }
    if points_to_absent(&row.question) {
        tags.insert("figure".to_owned(), "absent".to_owned());
    }
    Ok(Item {
        id: ItemId::new(format!("usmle-{number:03}")),
        language: "en".to_owned(),
        tags,
        content: ItemContent::MultipleChoice(MultipleChoice {
            question: row.question,
            options,
            key,
            source: None,
        }),
    })
}
