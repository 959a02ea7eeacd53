//! Folders that `datasets` loads: tables of trials and items in Parquet, and a card.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use trustmh_core::id::{DatasetId, TaskId};
use trustmh_core::scorecard::{ItemOrigin, ItemSource};
use trustmh_data::published::PublishedSet;
use trustmh_data::sources::Card;
use trustmh_report::dataset_card::{CardTable, DatasetCard};

use crate::atomic_file::{Fault, write};
use crate::failure::{Exit, Failure};
use crate::screen;

/// A folder that is being filled.
pub(crate) struct DatasetFolder {
    path: PathBuf,
}

impl DatasetFolder {
    /// Makes the folder, and that of the tables.
    pub(crate) fn create(path: Option<&Path>) -> Result<Self, Failure> {
        let path = path.ok_or_else(|| {
            Failure::usage("a dataset is a folder").with_hint("name it: --output FOLDER")
        })?;
        let data = path.join("data");
        std::fs::create_dir_all(&data)
            .map_err(|error| Failure::io(&data, "creating the folder", &error))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Writes a table; `fill` says how many rows it has.
    pub(crate) fn table(
        &self,
        name: &'static str,
        row: &str,
        fill: impl FnOnce(&mut std::io::BufWriter<&mut std::fs::File>) -> Result<u64, Fault>,
    ) -> Result<CardTable, Failure> {
        let file = format!("data/{name}-00000-of-00001.parquet");
        let mut rows = 0;
        write(&self.path.join(&file), |out| {
            rows = fill(out)?;
            Ok(())
        })?;
        Ok(CardTable { name, file, rows, row: row.to_owned() })
    }

    /// Writes the card, after which the folder is whole.
    pub(crate) fn finish(self, card: &DatasetCard) -> Result<Exit, Failure> {
        let text = card.markdown();
        write(&self.path.join("README.md"), |out| Ok(out.write_all(text.as_bytes())?))?;
        screen::note(&format!("written: {}", self.path.display()));
        Ok(Exit::Ok)
    }
}

/// The sets of tasks with their licences, and on standard error those that may not simply be passed on.
pub(crate) fn licences<'s>(sources: impl Iterator<Item = &'s ItemSource>) -> Vec<(String, String)> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut bound: BTreeSet<&str> = BTreeSet::new();
    let sets: BTreeMap<&DatasetId, ItemOrigin> =
        sources.map(|source| (&source.dataset, source.origin)).collect();
    for (id, origin) in sets {
        let cards: Vec<&Card> =
            PublishedSet::with_id(id).into_iter().flat_map(PublishedSet::cards).collect();
        match origin {
            ItemOrigin::Published | ItemOrigin::Imported if !cards.is_empty() => {
                for card in cards {
                    if card.terms.must_be_accepted() || card.terms.are_met_by_hand() {
                        bound.insert(&card.id);
                    }
                    found.insert(card.title.clone(), card.licence.clone());
                }
            }
            ItemOrigin::Starter => {
                found.insert(format!("{id}, starter items of TrustMH"), "CC BY 4.0".to_owned());
            }
            ItemOrigin::Own => {
                found.insert(format!("{id}, own items"), "as whoever wrote them says".to_owned());
            }
            ItemOrigin::Observed => {
                found.insert(
                    "conversations that took place".to_owned(),
                    "no licence: they are people's own words".to_owned(),
                );
            }
            ItemOrigin::Published | ItemOrigin::Imported => {
                found.insert(id.to_string(), "not recorded here".to_owned());
            }
        }
    }
    if !bound.is_empty() {
        let names: Vec<&str> = bound.into_iter().collect();
        screen::note(&format!(
            "warning: the folder holds texts of {}, whose terms forbid or do not clearly allow to pass them on: do not publish it unless they do",
            names.join(", ")
        ));
    }
    found.into_iter().collect()
}

/// Tasks in a sentence.
pub(crate) fn named<'t>(tasks: impl Iterator<Item = &'t TaskId>) -> String {
    tasks.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
