//! ConfAIde tiers 1, 2a and 2b: lines to rate, with mean ratings of people.

use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{Item, ItemContent, PrivacyRating, PrivacyTier, RatingSource};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::error::{DataError, Place};
use crate::items::scale;

/// 206 privacy ratings: tiers 1, 2a and 2b of ConfAIde (arXiv 2310.17884).
pub(super) const SET: PublishedSet =
    PublishedSet { id: "confaide", cards: &["confaide"], read: |folder, _| read(folder) };

const FILES: [&str; 5] =
    ["tier_1.txt", "tier_1_labels.txt", "tier_2a.txt", "tier_2_labels.txt", "tier_2b.txt"];

/// The two characters that part the instruction of a line from its statement.
const SEPARATOR: &str = "\\n";

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [statements_1, labels_1, statements_2a, labels_2, statements_2b] = FILES;
    let mut items = Vec::new();
    for (tier, statements, labels) in [
        (PrivacyTier::Information, statements_1, labels_1),
        (PrivacyTier::Flow, statements_2a, labels_2),
        (PrivacyTier::Story, statements_2b, labels_2),
    ] {
        items.extend(read_tier(folder, tier, statements, labels)?);
    }
    Ok(items)
}

fn read_tier(
    folder: &mut Folder,
    tier: PrivacyTier,
    statements: &str,
    labels: &str,
) -> Result<Vec<Item>, DataError> {
    let text = folder.text(statements)?;
    let label_text = folder.text(labels)?;
    let lines = filled_lines(&text, statements, &mut folder.warnings);
    let ratings = filled_lines(&label_text, labels, &mut Vec::new());
    if lines.len() != ratings.len() {
        return Err(DataError::Count {
            file: labels.to_owned(),
            what: "labels",
            found: ratings.len(),
            expected: lines.len(),
            because: format!("one for each line of {statements}"),
        });
    }
    let mut items = Vec::with_capacity(lines.len());
    for (index, ((line, content), (label_line, label))) in (0..).zip(lines.into_iter().zip(ratings))
    {
        let parts = split_line(content).filter(|(_, statement)| !is_blank(statement));
        let (instruction, statement) = parts.ok_or_else(|| {
            let expected = format!("an instruction and a statement parted by `{SEPARATOR}`");
            DataError::value(Place::line(statements, line), "the line", content, expected)
        })?;
        let value = parse_label(label, tier, Place::line(labels, label_line))?;
        items.push(rating(tier, index, Some(instruction), statement, value));
    }
    Ok(items)
}

/// The lines that hold something, with their numbers.
fn filled_lines<'t>(text: &'t str, file: &str, warnings: &mut Vec<String>) -> Vec<(u64, &'t str)> {
    let all: Vec<(u64, &str)> = (1..).zip(text.lines()).collect();
    let filled: Vec<_> = all.iter().copied().filter(|(_, line)| !line.trim().is_empty()).collect();
    let blank = all.len() - filled.len();
    if blank > 0 {
        warnings.push(format!("{file}: {blank} blank lines were dropped"));
    }
    filled
}

fn parse_label(text: &str, tier: PrivacyTier, place: Place) -> Result<f64, DataError> {
    let (low, high) = scale(tier);
    text.trim().parse::<f64>().ok().filter(|value| (low..=high).contains(value)).ok_or_else(|| {
        DataError::value(place, "the label", text, format!("a number from {low} to {high}"))
    })
}

/// Splits a published line at its first literal backslash-n, which is in neither half.
pub(crate) fn split_line(line: &str) -> Option<(&str, &str)> {
    line.split_once(SEPARATOR)
}

/// The item number `index` of a tier; flow and story of one index are a pair.
pub(crate) fn rating(
    tier: PrivacyTier,
    index: u32,
    instruction: Option<&str>,
    statement: &str,
    rating: f64,
) -> Item {
    let id = |tier: PrivacyTier| format!("confaide-{}-{index:02}", tier.label());
    let mut tags = BTreeMap::from([("tier".to_owned(), tier.label().to_owned())]);
    let partner = match tier {
        PrivacyTier::Information => None,
        PrivacyTier::Flow => Some(PrivacyTier::Story),
        PrivacyTier::Story => Some(PrivacyTier::Flow),
    };
    if let Some(partner) = partner {
        tags.insert("pair".to_owned(), id(partner));
    }
    Item {
        id: ItemId::new(id(tier)),
        language: "en".to_owned(),
        tags,
        content: ItemContent::PrivacyRating(PrivacyRating {
            tier,
            instruction: instruction.map(str::to_owned),
            statement: statement.to_owned(),
            rating,
            rating_source: RatingSource::Survey,
        }),
    }
}
