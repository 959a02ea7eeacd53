//! LLMs-Mental-Health-Crisis: messages with labels of people and of models (206, and 2,046 of a model alone).

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use trustmh_core::id::{ItemId, SchemeName};
use trustmh_core::item::{ARM, Arm};
use trustmh_core::item::{Item, ItemContent, Labelled, ReleasedLabel};

use super::folder::Folder;
use super::{Decoding, PublishedSet, is_blank};
use crate::codebook::scheme;
use crate::error::{DataError, Place};

/// Messages of people in crisis or not: 206 labelled by four people, 2,046 by a model.
pub(crate) const SET: PublishedSet =
    PublishedSet { id: "llms-mental-health-crisis", cards: &["crisis"], read };

/// The inputs, the labels as the release merged them, and those of four people.
const FILES: [&str; 6] = [
    "sampled_dataset_n_200_merged_n50-noSeed_156-s42.json",
    "human-labeled-sampled_dataset_n206_s42-merged_labels.json",
    "H1_labeled_n206_s42.json",
    "H2_labeled_n206_s42.json",
    "H3_labeled_n206_s42.json",
    "H4_labelled_n206_s42.json",
];

/// The larger set, labelled by a model alone; asked as an arm of its own where the file is there.
const MODEL_LABELLED: &str =
    "gpt-4o-mini-labeled-sampled_dataset_n_2046_nPerD168_seed0-merged-labels.json";

/// Whose labels are the larger set's, and one of the five votes of the release's merge.
pub(crate) const LABELLER: &str = "gpt-4o-mini";

/// A message with a label, as all files of the set have it.
#[derive(Debug, Deserialize)]
struct Row {
    inputs: Vec<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    dataset_id: Option<String>,
}

impl Row {
    /// The message.
    fn text(&self) -> String {
        self.inputs.join("\n")
    }

    /// The label, by the table of spellings; none where the file has none.
    fn label(&self, place: &Place) -> Result<Option<&'static str>, DataError> {
        spelled(self.label.as_deref(), place)
    }
}

/// A label by the table of spellings; none for an empty one.
pub(crate) fn spelled(
    label: Option<&str>,
    place: &Place,
) -> Result<Option<&'static str>, DataError> {
    match label.map(str::trim) {
        None | Some("") => Ok(None),
        Some(label) => scheme("crisis").spelled(label).map(Some).ok_or_else(|| {
            let known = scheme("crisis").names().collect::<Vec<_>>().join(", ");
            DataError::value(place.clone(), "label", label, format!("one of {known}"))
        }),
    }
}

/// All messages of the set in a folder, those without an agreed label included.
pub(crate) fn every_item(dir: &Path) -> Result<Vec<Item>, DataError> {
    let mut folder = Folder::open(dir, SET)?;
    let mut items = human_labelled(&mut folder)?;
    items.extend(model_labelled(&mut folder)?);
    Ok(items)
}

fn read(folder: &mut Folder, decoding: Decoding) -> Result<Vec<Item>, DataError> {
    let [inputs, ..] = FILES;
    let mut items = asked(folder, inputs, human_labelled)?;
    items.extend(asked(folder, MODEL_LABELLED, model_labelled)?);
    let all = items.len();
    items.retain(|item| match (&item.content, decoding) {
        (ItemContent::Labelled(labelled), Decoding::AsReleased) => match &labelled.released {
            ReleasedLabel::Same => labelled.label.is_some(),
            ReleasedLabel::Missing => false,
            ReleasedLabel::Other(_) => true,
        },
        (ItemContent::Labelled(labelled), Decoding::Repaired) => labelled.label.is_some(),
        _ => true,
    });
    let unlabelled = all - items.len();
    folder.warnings.push(format!(
        "{unlabelled} messages are left out: those who labelled them did not agree on one label"
    ));
    if decoding == Decoding::AsReleased {
        folder.warnings.push(format!(
            "the release's labels count {LABELLER} as a fifth voter beside four people: models like it are scored partly against themselves"
        ));
    }
    folder.labelled_by = vec![LABELLER.to_owned()];
    Ok(items)
}

/// The messages of an arm without those that say nothing.
fn asked(
    folder: &mut Folder,
    file: &str,
    read: impl FnOnce(&mut Folder) -> Result<Vec<Item>, DataError>,
) -> Result<Vec<Item>, DataError> {
    let mut items = read(folder)?;
    let all = items.len();
    items.retain(|item| match &item.content {
        ItemContent::Labelled(labelled) => !is_blank(&labelled.text),
        _ => true,
    });
    folder.without_text(file, "messages", all - items.len());
    Ok(items)
}

/// The 206, each with the label most people gave, and the release's.
fn human_labelled(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [inputs, merged, people @ ..] = FILES;
    let (inputs, merged) = (rows(folder, inputs)?, labels(folder, merged)?);
    let mut votes = Vec::new();
    for file in people {
        votes.push(labels(folder, file)?);
    }
    let mut items = Vec::with_capacity(inputs.len());
    for (index, row) in inputs.iter().enumerate() {
        let of = |file: &[(String, Option<&'static str>)]| {
            file.get(index).filter(|(text, _)| *text == row.text()).map(|(_, label)| *label)
        };
        let missing = || {
            let [file, ..] = FILES;
            let message =
                format!("message {} stands elsewhere in another file of the set", index + 1);
            DataError::malformed(Place::file(file), message)
        };
        let mut given = Vec::new();
        for person in &votes {
            given.extend(of(person).ok_or_else(missing)?);
        }
        let label = most_voted(&given);
        let released = match of(&merged).ok_or_else(missing)? {
            None => ReleasedLabel::Missing,
            same if same == label => ReleasedLabel::Same,
            Some(other) => ReleasedLabel::Other(other.to_owned()),
        };
        items.push(item(&format!("crisis-{:03}", index + 1), Arm::Main, row, label, released));
    }
    warn_of_repeats(&items, folder);
    Ok(items)
}

fn model_labelled(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    if !folder.has(MODEL_LABELLED) {
        folder.warnings.push(format!(
            "{MODEL_LABELLED} is not there: the model-labelled arm of 2,046 messages is not asked"
        ));
        return Ok(Vec::new());
    }
    let mut items = Vec::new();
    for (index, row) in rows(folder, MODEL_LABELLED)?.iter().enumerate() {
        let label = row.label(&Place::file(MODEL_LABELLED))?;
        let id = format!("crisis-2046-{:04}", index + 1);
        items.push(item(&id, Arm::ModelLabelled, row, label, ReleasedLabel::Same));
    }
    folder.warnings.push(format!(
        "{} messages are labelled by {LABELLER} alone (arm model-labelled): agreement with a model, not with people",
        items.len()
    ));
    Ok(items)
}

/// The label with more votes than any other.
fn most_voted(votes: &[&'static str]) -> Option<&'static str> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for vote in votes {
        *counts.entry(vote).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    let mut first = counts.into_iter().filter(|(_, count)| *count == most).map(|(label, _)| label);
    let label = first.next()?;
    first.next().is_none().then_some(label)
}

fn item(id: &str, arm: Arm<'_>, row: &Row, label: Option<&str>, released: ReleasedLabel) -> Item {
    let mut tags = BTreeMap::from([(ARM.to_owned(), arm.name().to_owned())]);
    tags.extend(row.dataset_id.iter().map(|source| ("source".to_owned(), source.clone())));
    Item {
        id: ItemId::new(id),
        language: "en".to_owned(),
        tags,
        content: ItemContent::Labelled(Labelled {
            scheme: SchemeName::new("crisis"),
            earlier: Vec::new(),
            text: row.text(),
            label: label.map(str::to_owned),
            released,
        }),
    }
}

fn warn_of_repeats(items: &[Item], folder: &mut Folder) {
    let texts: BTreeSet<&str> = items
        .iter()
        .filter_map(|item| match &item.content {
            ItemContent::Labelled(labelled) => Some(labelled.text.as_str()),
            _ => None,
        })
        .collect();
    let repeats = items.len() - texts.len();
    if repeats > 0 {
        folder.warnings.push(format!("{repeats} messages repeat the words of another one"));
    }
}

fn rows(folder: &mut Folder, file: &str) -> Result<Vec<Row>, DataError> {
    let text = folder.text(file)?;
    serde_json::from_str(&text).map_err(|error| DataError::json(file, &error))
}

fn labels(
    folder: &mut Folder,
    file: &str,
) -> Result<Vec<(String, Option<&'static str>)>, DataError> {
    let place = Place::file(file);
    rows(folder, file)?.iter().map(|row| Ok((row.text(), row.label(&place)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::most_voted;

    #[test]
    fn a_label_needs_more_votes_than_any_other() {
        assert_eq!(most_voted(&["a", "a", "b", "c"]), Some("a"));
        assert_eq!(most_voted(&["a", "a", "b", "b"]), None);
        assert_eq!(most_voted(&["a", "b", "c", "d"]), None);
        assert_eq!(most_voted(&[]), None);
    }
}
