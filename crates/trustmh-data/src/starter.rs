//! The project's own items, embedded: for trying the program, never clinical evidence.

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::id::DatasetId;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};

use crate::Dataset;
use crate::error::{DataError, Place};
use crate::items;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../benchmark/starter");

const ITEMS: &str = ".jsonl";
const CARD: &str = ".card.toml";

/// What a starter set says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The set's name, the beginning of its files' names.
    pub id: String,
    /// The set's title.
    pub title: String,
    /// Grows with every change of the items.
    pub version: u32,
    /// Under which licence the items may be used.
    pub licence: String,
    /// BCP 47 language tags of the items.
    pub language: Vec<String>,
    /// How many items there are.
    pub records: u64,
    /// Who wrote them.
    pub written_by: String,
    /// What the items are.
    pub description: String,
    /// Where keys and ratings come from.
    pub gold: String,
    /// What the items cannot show.
    pub limits: Vec<String>,
    /// Which hard matters the items touch on.
    pub sensitive: String,
}

/// The names of all starter sets, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = FOLDER
        .files()
        .filter_map(|file| file.path().file_name()?.to_str()?.strip_suffix(ITEMS))
        .collect();
    names.sort_unstable();
    names
}

/// Reads the starter set `name`, for example `ethics-reasoning`; its dataset id is the name.
///
/// # Errors
/// [`DataError::UnknownStarter`] for any other name; anything else is a fault of the embedded files.
pub fn read(name: &str) -> Result<Dataset, DataError> {
    let card = card(name)?;
    let file = format!("{name}{ITEMS}");
    let text = text(name, &file)?;
    let items = items::read_jsonl(text, &file)?;
    if items.len() as u64 != card.records {
        return Err(DataError::Count {
            file,
            what: "items",
            found: items.len(),
            expected: usize::try_from(card.records).unwrap_or(usize::MAX),
            because: "as its card says".to_owned(),
        });
    }
    let source = ItemSource {
        dataset: DatasetId::new(name),
        origin: ItemOrigin::Starter,
        records: card.records,
        warnings: Vec::new(),
        files: BTreeMap::from([(file, Digest::of(text.as_bytes()).to_string())]),
    };
    Ok(Dataset { items, source })
}

/// Reads the card of the starter set `name`.
///
/// # Errors
/// As [`read`].
pub fn card(name: &str) -> Result<Card, DataError> {
    let file = format!("{name}{CARD}");
    toml::from_str(text(name, &file)?)
        .map_err(|error| DataError::malformed(Place::file(&file), error))
}

fn text(name: &str, file: &str) -> Result<&'static str, DataError> {
    let found = FOLDER.get_file(file).ok_or_else(|| DataError::UnknownStarter {
        name: name.to_owned(),
        known: names().join(", "),
    })?;
    found
        .contents_utf8()
        .ok_or_else(|| DataError::malformed(Place::file(file), "the file is not valid UTF-8"))
}
