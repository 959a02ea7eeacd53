//! What is redacted, and how often it was.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::AddAssign;
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

/// What is redacted. Where two kinds are found at one place, the first goes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumCount,
    VariantArray,
    IntoStaticStr,
    EnumString,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    /// A mail address.
    Mail,
    /// The address of a page.
    Link,
    /// The name of an account.
    Handle,
    /// A date of birth.
    Date,
    /// A postal address, or the part of one that leads to a door: street, building, postcode.
    Address,
    /// A telephone number, or one by which a person is known: of a card, an account, a passport, a case.
    Number,
    /// A name of a person.
    Name,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// Its name in files.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// What stands where it stood.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Mail => "[MAIL]",
            Self::Link => "[LINK]",
            Self::Handle => "[HANDLE]",
            Self::Date => "[DATE]",
            Self::Address => "[ADDRESS]",
            Self::Number => "[NUMBER]",
            Self::Name => "[NAME]",
        }
    }
}

/// How many placeholders were put in, by kind; kinds without any are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<Kind, u64>);

impl Counts {
    /// So many more of this kind; at least one.
    pub(super) fn add(&mut self, kind: Kind, count: u64) {
        *self.0.entry(kind).or_default() += count;
    }

    /// How many there are of this kind.
    pub fn of(&self, kind: Kind) -> u64 {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    /// How many there are of all kinds together.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Kinds with their counts, in order; none is 0.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        self.0.iter().map(|(kind, count)| (*kind, *count))
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        for (kind, count) in other.iter() {
            self.add(kind, count);
        }
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += &part;
            sum
        })
    }
}
