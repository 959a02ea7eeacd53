//! The project's own items, embedded: for trying the program, never clinical evidence.

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trustmh_core::codebook::Codebook;
use trustmh_core::digest::Digest;
use trustmh_core::id::DatasetId;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};

use crate::Dataset;
use crate::codebook;
use crate::error::{DataError, Place};
use crate::items;
use crate::stock::{LineFile, Stock};

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

/// The starter sets at hand: the project's own, and those that somebody adds or puts in their place.
#[derive(Debug, Clone)]
pub struct Shelf {
    files: BTreeMap<String, Text>,
    codebook: Arc<Codebook>,
}

/// Where the text of a file is.
#[derive(Debug, Clone)]
enum Text {
    Embedded(&'static str),
    File(PathBuf),
}

impl Shelf {
    /// The project's own sets.
    pub fn embedded() -> Self {
        let files = FOLDER.files().filter_map(|file| {
            let name = file.path().file_name()?.to_str()?;
            Some((name.to_owned(), Text::Embedded(file.contents_utf8()?)))
        });
        Self { files: files.collect(), codebook: Arc::clone(codebook::built_in()) }
    }

    /// The same with the files in `starter`, `labels` and `scales` of a folder laid out like the benchmark, each of which may be
    /// missing, added or in the place of those that have their names.
    ///
    /// # Errors
    /// [`DataError::Unreadable`], and [`DataError::Malformed`] for a label scheme or a rating scale that is none.
    pub fn with_folder(folder: &Path) -> Result<Self, DataError> {
        let mut shelf = Self { codebook: codebook::with_folder(folder)?, ..Self::embedded() };
        let folder = &folder.join("starter");
        if !folder.is_dir() {
            return Ok(shelf);
        }
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| DataError::Unreadable { path, source }
        };
        for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(ITEMS) || name.ends_with(CARD) {
                shelf.files.insert(name, Text::File(path));
            }
        }
        Ok(shelf)
    }

    /// The label schemes and rating scales of the items.
    pub fn codebook(&self) -> &Codebook {
        &self.codebook
    }

    /// The same, to be held by whoever reads items later.
    pub fn shared_codebook(&self) -> &Arc<Codebook> {
        &self.codebook
    }

    /// The names of all sets, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.files.keys().filter_map(|file| file.strip_suffix(ITEMS)).collect()
    }

    /// Reads the set `name`, for example `ethics-reasoning`, into memory; its dataset id is the name.
    ///
    /// # Errors
    /// [`DataError::UnknownStarter`] for any other name, and whatever is wrong with its files.
    pub fn read(&self, name: &str) -> Result<Dataset, DataError> {
        let (stock, source) = self.open(name)?;
        Ok(Dataset { items: stock.into_items()?, source })
    }

    /// Checks the set `name` and says where its items are: those of a folder stay in their file.
    ///
    /// # Errors
    /// As [`Shelf::read`].
    pub fn open(&self, name: &str) -> Result<(Stock, ItemSource), DataError> {
        let card = self.card(name)?;
        let file = format!("{name}{ITEMS}");
        let (stock, digest, origin) = match self.text(name, &file)? {
            Text::Embedded(text) => {
                let stock = Stock::Held(items::read_jsonl(text, &file, &self.codebook)?);
                (stock, Digest::of(text.as_bytes()), ItemOrigin::Starter)
            }
            Text::File(path) => {
                let (lines, digest) = LineFile::open(path, &file, &self.codebook)?;
                let origin = origin(&file, &digest);
                (Stock::File(lines), digest, origin)
            }
        };
        if stock.len() as u64 != card.records {
            return Err(DataError::Count {
                file,
                what: "items",
                found: stock.len(),
                expected: usize::try_from(card.records).unwrap_or(usize::MAX),
                because: "as its card says".to_owned(),
            });
        }
        let source = ItemSource {
            dataset: DatasetId::new(name),
            origin,
            records: card.records,
            warnings: Vec::new(),
            files: BTreeMap::from([(file, digest.to_string())]),
            labelled_by: Vec::new(),
        };
        Ok((stock, source))
    }

    /// Reads the card of the set `name`.
    ///
    /// # Errors
    /// As [`Shelf::read`].
    pub fn card(&self, name: &str) -> Result<Card, DataError> {
        let file = format!("{name}{CARD}");
        let text = match self.text(name, &file)? {
            Text::Embedded(text) => Cow::Borrowed(*text),
            Text::File(path) => Cow::Owned(
                fs::read_to_string(path)
                    .map_err(|source| DataError::Unreadable { path: path.clone(), source })?,
            ),
        };
        toml::from_str(&text).map_err(|error| DataError::malformed(Place::file(&file), error))
    }

    fn text(&self, name: &str, file: &str) -> Result<&Text, DataError> {
        self.files.get(file).ok_or_else(|| DataError::UnknownStarter {
            name: name.to_owned(),
            known: self.names().join(", "),
        })
    }
}

/// Whose items a file of a folder has: a copy of the project's own stays the project's.
fn origin(file: &str, digest: &Digest) -> ItemOrigin {
    let built_in = FOLDER.get_file(file).map(|built_in| Digest::of(built_in.contents()));
    if built_in.as_ref() == Some(digest) { ItemOrigin::Starter } else { ItemOrigin::Own }
}

/// Whether a set of this name is built in.
pub fn is_built_in(name: &str) -> bool {
    FOLDER.get_file(format!("{name}{ITEMS}")).is_some()
}
