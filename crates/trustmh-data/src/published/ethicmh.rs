//! EthicMH: 125 dilemmas in a CSV file whose text was damaged on its way.

use std::collections::BTreeSet;

use trustmh_core::item::Item;

use super::folder::Folder;
use super::{Decoding, PublishedSet, is_blank};
use crate::dilemma::DilemmaTexts;
use crate::encoding::gb18030;
use crate::error::{DataError, Place};
use crate::mending::{Mended, mend};
use crate::table::{self, Row};

/// 125 ethical dilemmas (TrustMH-Bench, arXiv 2603.03047).
pub(super) const SET: PublishedSet = PublishedSet { id: "ethicmh", cards: &["ethicmh"], read };

const FILE: &str = "EthicMH.csv";

const COLUMNS: [&str; 7] = [
    "index",
    "subcategory",
    "scenario",
    "options",
    "reasoning_task",
    "expected_reasoning",
    "model_behavior",
];

/// The columns that a prompt is made of: scenario, options and task.
const PROMPT: std::ops::RangeInclusive<usize> = 2..=4;

/// Reads the items. [`Decoding::AsReleased`] takes valid UTF-8 as it is and anything else as
/// GB18030, as the release did; [`Decoding::Repaired`] undoes the damage.
fn read(folder: &mut Folder, decoding: Decoding) -> Result<Vec<Item>, DataError> {
    let bytes = folder.bytes(FILE)?;
    let valid = std::str::from_utf8(&bytes).is_ok();
    // Quotes, commas and line ends are the same bytes in GB18030 and in UTF-8 and never part of a
    // longer character, so the file can be cut into cells before it is decoded.
    let rows = table::read(FILE, &bytes, COLUMNS)?;
    let mut damage = Damage { valid, ..Damage::default() };
    let mut used = BTreeSet::new();
    let mut items = Vec::with_capacity(rows.len());
    let mut empty = 0;
    for row in &rows {
        let place = Place::line(FILE, row.line);
        let mended = damage.count(row);
        let [index, theme, scenario, options, task, key, watch_for] = match (decoding, valid) {
            (Decoding::Repaired, _) => mended.map(|cell| cell.text),
            (Decoding::AsReleased, true) => row.texts(),
            (Decoding::AsReleased, false) => row.cells.each_ref().map(|cell| gb18030(cell)),
        };
        let number = index.trim().parse::<u32>().ok().filter(|number| used.insert(*number));
        let number = number.ok_or_else(|| {
            DataError::value(place.clone(), "index", &index, "a whole number not used before")
        })?;
        if is_blank(&scenario) {
            empty += 1;
            continue;
        }
        let texts = DilemmaTexts { theme, scenario, options, task, key, watch_for };
        items.push(texts.item(number, &place)?);
    }
    folder.warnings.extend(damage.warnings(decoding, rows.len()));
    folder.without_text(FILE, "dilemmas", empty);
    Ok(items)
}

#[derive(Default)]
struct Damage {
    valid: bool,
    prompts: usize,
    restored: usize,
    inferred: usize,
    unexplained: usize,
}

impl Damage {
    fn count<const N: usize>(&mut self, row: &Row<N>) -> [Mended; N] {
        let mended = row.cells.each_ref().map(|cell| mend(cell));
        let in_prompt = mended.iter().enumerate().filter(|(column, _)| PROMPT.contains(column));
        if in_prompt.map(|(_, cell)| cell.places()).sum::<usize>() > 0 {
            self.prompts += 1;
        }
        for cell in &mended {
            self.restored += cell.restored;
            self.inferred += cell.inferred;
            self.unexplained += cell.unexplained;
        }
        mended
    }

    fn warnings(&self, decoding: Decoding, records: usize) -> Vec<String> {
        let Self { valid, prompts, restored, inferred, unexplained } = self;
        let mut warnings = Vec::new();
        let places = restored + inferred + unexplained;
        if places == 0 {
            return warnings;
        }
        if decoding == Decoding::AsReleased {
            let how = if *valid {
                "was taken as the UTF-8 it is"
            } else {
                "is not valid UTF-8 and was decoded as GB18030"
            };
            warnings.push(format!(
                "{FILE} {how}, as the release did: {places} signs are garbled, in the prompts of \
                 {prompts} of {records} items"
            ));
            return warnings;
        }
        warnings.push(format!(
            "{FILE} was damaged by decoding: {places} signs, in the prompts of {prompts} of {records} \
             items; {restored} were restored from their bytes and {inferred}, of which a byte is lost, \
             set by what stands before them"
        ));
        if *unexplained > 0 {
            warnings.push(format!(
                "{FILE}: {unexplained} broken places could not be mended and were replaced by U+FFFD"
            ));
        }
        warnings
    }
}
