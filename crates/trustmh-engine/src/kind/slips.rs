//! Slips in what a person writes, counted over all texts of an item.

use trustmh_core::perturbation::{Family, Level, Perturbation};

use crate::perturb::{Keep, Tables, distance, perturb};

/// Slips of one family at one level.
pub(crate) struct Slips<'b> {
    tables: &'b Tables,
    family: Family,
    level: Level,
    seed: u64,
    edits: u64,
    length: u64,
}

impl<'b> Slips<'b> {
    /// None made yet.
    pub(crate) fn new(tables: &'b Tables, family: Family, level: Level, seed: u64) -> Self {
        Self { tables, family, level, seed, edits: 0, length: 0 }
    }

    /// Makes them in one text.
    pub(super) fn make(&mut self, text: &mut String, keep: Keep) {
        let made = perturb(self.tables, text, self.family, self.level, keep, self.seed);
        let (edits, length) = distance(text, &made.text);
        self.edits += edits;
        self.length += length as u64;
        *text = made.text;
    }

    /// What was done, with the distance over all texts that were changed.
    pub(crate) fn made(self) -> Perturbation {
        let Self { family, level, edits, length, .. } = self;
        let distance = if length == 0 { 0.0 } else { edits as f64 / length as f64 };
        Perturbation { family, level, distance }
    }
}
