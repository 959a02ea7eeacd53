//! Published datasets, read from the files their publishers give out.

mod confaide;
mod cpsycoune;
pub(crate) mod crisis;
mod cssrs;
mod diagnosis;
mod elephant;
mod emobench;
mod esconv;
mod ethicmh;
mod folder;
mod jailbreakmh;
mod objective;
mod psychosis;
mod psyleak;
mod siri2;
mod stigma;
mod usmle;
mod vera_personas;

use std::fmt;
use std::path::Path;

use trustmh_core::id::DatasetId;
use trustmh_core::item::Item;

pub(crate) use confaide::{rating, split_line};

use crate::Dataset;
use crate::error::DataError;
use crate::sources::{Card, CardFile, Sources, Terms};
use folder::Folder;

/// All sets.
const SETS: &[PublishedSet] = &[
    ethicmh::SET,
    confaide::SET,
    psyleak::SET,
    jailbreakmh::SET,
    usmle::SET,
    emobench::SET,
    diagnosis::SET,
    esconv::ESCONV,
    esconv::FAILED,
    esconv::FAIR,
    cpsycoune::SET,
    crisis::SET,
    cssrs::SET,
    elephant::OEQ,
    elephant::AITA_YTA,
    elephant::PAS,
    psychosis::SET,
    vera_personas::SET,
    siri2::SET,
    stigma::SET,
];

/// A published dataset with a reader. Its files, folders, terms and licence are on its cards, in
/// `benchmark/sources.toml`.
#[derive(Clone, Copy)]
pub struct PublishedSet {
    id: &'static str,
    /// The cards that its files are on; more than one where its parts are given out by different
    /// people.
    cards: &'static [&'static str],
    read: Reader,
}

type Reader = fn(&mut Folder, Decoding) -> Result<Vec<Item>, DataError>;

/// How the text of a damaged or quirky file is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decoding {
    /// As the release of TrustMH-Bench took it, so that recorded prompts can be rebuilt.
    AsReleased,
    /// As its authors meant it.
    Repaired,
}

impl PublishedSet {
    /// All sets.
    pub fn all() -> impl Iterator<Item = Self> {
        SETS.iter().copied()
    }

    /// The set with this id, if there is a reader for it.
    pub fn with_id(id: &DatasetId) -> Option<Self> {
        Self::all().find(|set| set.id == id.as_str())
    }

    /// The set with a file on this card, if there is a reader for it.
    pub fn on_card(card: &Card) -> Option<Self> {
        Self::all().find(|set| set.cards.contains(&card.id.as_str()))
    }

    /// The id by which task files name the set.
    pub fn id(self) -> DatasetId {
        DatasetId::new(self.id)
    }

    /// Its cards.
    pub fn cards(self) -> impl Iterator<Item = &'static Card> {
        let cards = Sources::built_in().sets.iter();
        cards.filter(move |card| self.cards.contains(&card.id.as_str()))
    }

    /// What has to happen before the set is there: the strictest of its cards' terms.
    pub fn terms(self) -> Terms {
        self.cards().map(|card| card.terms).max().unwrap_or(Terms::Open)
    }

    /// The folders inside the data folder in which the files belong; the first of them that has a
    /// file is taken.
    pub fn folders(self) -> Vec<&'static str> {
        let mut folders = Vec::new();
        for folder in self.cards().flat_map(Card::folders) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders
    }

    /// Whether a table stands for a file of the set in the data folder `dir`: one in a layout of the Hugging Face hub.
    pub(crate) fn is_in_a_table(self, dir: &Path, file: &CardFile) -> bool {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        Folder::open(dir, self).is_ok_and(|folder| folder.has_table(name))
    }

    /// Reads the set from the data folder `dir`.
    ///
    /// # Errors
    /// [`DataError::NoFolder`] and [`DataError::NoFile`] for what is not there,
    /// [`DataError::Malformed`], [`DataError::Value`] and [`DataError::Count`] for files that are
    /// not the published ones.
    pub fn read(self, dir: &Path, decoding: Decoding) -> Result<Dataset, DataError> {
        let mut folder = Folder::open(dir, self)?;
        match (self.read)(&mut folder, decoding) {
            Ok(items) => Ok(folder.dataset(items)),
            Err(error) => Err(folder.told(error)),
        }
    }

    /// Names of datasets that hold nothing but this file: those of the set and of its card, where they have no other.
    fn datasets_of(self, name: &str) -> Vec<&'static str> {
        let named = |path: &str| path.rsplit_once('/').map_or(path, |(_, name)| name) == name;
        let only = |card: &&Card| matches!(card.files.as_slice(), [file] if named(&file.path));
        let cards = self.cards().filter(only);
        let ids = cards.map(|card| card.id.as_str());
        let own = if self.cards.len() == 1 { Some(self.id) } else { None };
        ids.flat_map(|card| [Some(card), own]).flatten().collect()
    }
}

/// Whether a text says nothing, so that nothing could be asked about it.
fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

impl PartialEq for PublishedSet {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for PublishedSet {}

impl fmt::Debug for PublishedSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublishedSet({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_set_has_an_id_of_its_own_and_its_cards() {
        let mut ids = BTreeSet::new();
        for set in PublishedSet::all() {
            assert!(ids.insert(set.id), "{set:?} is there twice");
            assert_eq!(set.cards().count(), set.cards.len(), "{set:?}: cards in sources.toml");
            assert_eq!(PublishedSet::with_id(&set.id()), Some(set));
            assert!(!set.folders().is_empty(), "{set:?}");
        }
        assert_eq!(PublishedSet::with_id(&DatasetId::new("usmle")), None);
    }

    #[test]
    fn cards_say_where_a_set_belongs_and_whether_users_bring_it() {
        let set = |id: &str| PublishedSet::with_id(&DatasetId::new(id)).unwrap();
        assert_eq!(set("oeq").folders(), ["elephant", "elephant-samples"]);
        assert_eq!(set("failed-esconv").folders(), ["esconv"]);
        assert_eq!((set("d4-swmh").terms(), set("pas").terms()), (Terms::Gated, Terms::ByHand));
        assert!(!set("esconv").terms().are_met_by_hand());
    }
}
