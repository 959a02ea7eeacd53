//! The labels that belong to recorded messages of LLMs-Mental-Health-Crisis.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use trustmh_core::id::{ItemId, SchemeName};
use trustmh_core::item::{ARM, Arm};
use trustmh_core::item::{Item, ItemContent, Labelled, ReleasedLabel};

use super::{Beside, RecordedRun};
use crate::error::DataError;
use crate::published::crisis::{self, LABELLER};

/// The set's items by their text, where the set was found.
pub(super) struct Gold {
    by_text: Option<BTreeMap<String, VecDeque<Item>>>,
    unknown: usize,
}

impl Gold {
    /// Looks for the set in the data folder, then beside the recorded file.
    pub(super) fn find(beside: &Beside, file: &Path) -> Result<Self, DataError> {
        let folders = beside.data.as_deref().into_iter().chain(file.parent());
        for folder in folders {
            match crisis::every_item(folder) {
                Ok(items) => {
                    return Ok(Self { by_text: Some(by_text(items)), unknown: 0 });
                }
                Err(DataError::NoFile { .. } | DataError::NoFolder { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { by_text: None, unknown: 0 })
    }

    /// The item of a message, with the labels of the set, else with the record's own.
    pub(super) fn item(&mut self, number: usize, text: &str, own: Option<&str>) -> Item {
        let known = self.by_text.as_mut().and_then(|items| items.get_mut(text));
        // A message that stands there twice is two items; one asked again is the last of them.
        let known = known.and_then(|same| match same.len() {
            0 | 1 => same.front().cloned(),
            _ => same.pop_front(),
        });
        known.unwrap_or_else(|| {
            self.unknown += 1;
            Item {
                id: ItemId::new(format!("message-{number:04}")),
                language: "en".to_owned(),
                tags: BTreeMap::from([(ARM.to_owned(), Arm::Main.name().to_owned())]),
                content: ItemContent::Labelled(Labelled {
                    scheme: SchemeName::new("crisis"),
                    earlier: Vec::new(),
                    text: text.to_owned(),
                    label: own.map(str::to_owned),
                    released: ReleasedLabel::Same,
                }),
            }
        })
    }

    /// Tells the run where its labels are from.
    pub(super) fn tell(self, run: &mut RecordedRun) {
        run.source.labelled_by = vec![LABELLER.to_owned()];
        if self.by_text.is_none() {
            run.source.warnings.push(
                "the labels of people were not found: only labels inside the record count (give the data folder with --data)".to_owned(),
            );
        } else if self.unknown > 0 {
            run.source.warnings.push(format!(
                "{} messages are not in the published set and keep the record's own labels, if any",
                self.unknown
            ));
        }
    }
}

/// Items of the main arm come before those of the other arm with the same text.
fn by_text(items: Vec<Item>) -> BTreeMap<String, VecDeque<Item>> {
    let mut by_text: BTreeMap<String, VecDeque<Item>> = BTreeMap::new();
    for item in items {
        if let ItemContent::Labelled(labelled) = &item.content {
            by_text.entry(labelled.text.clone()).or_default().push_back(item);
        }
    }
    by_text
}
