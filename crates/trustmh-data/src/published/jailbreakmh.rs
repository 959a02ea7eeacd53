//! JailbreakMH: the intents of PsyHarm, each under eight attacks.

use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{AttackMethod, Intent, Item, ItemContent};

use super::folder::Folder;
use super::objective::{known_methods, known_objectives, method, objective};
use super::{PublishedSet, is_blank};
use crate::error::{DataError, Place};
use crate::table::{self, Row};

/// 70 intents (PsyHarm) under 8 attacks each (JailbreakMH, both TrustMH-Bench).
pub(super) const SET: PublishedSet =
    PublishedSet { id: "jailbreakmh", cards: &["jailbreakmh"], read: |folder, _| read(folder) };

const INTENTS: &str = "PsyHarm.csv";
const ATTACKS: &str = "JailbreakMH.csv";

const PER_INTENT: usize = AttackMethod::ALL.len();

/// None can be left out: each intent belongs to all of its prompts.
const NEEDED: &str = "a text, since no intent and no prompt of one can be left out";

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let text = folder.text(INTENTS)?;
    let rows =
        table::read(INTENTS, text.as_bytes(), ["ID", "Attack Objective", "Prompt (English)"])?;
    let mut intents = rows
        .iter()
        .enumerate()
        .map(|(index, row)| read_intent(index, row))
        .collect::<Result<Vec<_>, _>>()?;

    let text = folder.text(ATTACKS)?;
    let columns = ["ID", "Attack Objective (Brief)", "method", "Prompt (English)"];
    let rows = table::read(ATTACKS, text.as_bytes(), columns)?;
    if rows.len() != intents.len() * PER_INTENT {
        return Err(DataError::Count {
            file: ATTACKS.to_owned(),
            what: "prompts",
            found: rows.len(),
            expected: intents.len() * PER_INTENT,
            because: format!("{PER_INTENT} for each intent of {INTENTS}"),
        });
    }
    let mut oddities = Oddities::default();
    for row in &rows {
        read_attack(row, &mut intents, &mut oddities)?;
    }
    folder.warnings.extend(oddities.warnings());
    Ok(intents.into_iter().enumerate().map(|(index, intent)| item(index, intent)).collect())
}

fn read_intent(index: usize, row: &Row<3>) -> Result<Intent, DataError> {
    let [id, spelling, text] = row.texts();
    let place = Place::line(INTENTS, row.line);
    if id.trim().parse() != Ok(index + 1) {
        let expected = format!("{}, the number of the record", index + 1);
        return Err(DataError::value(place, "ID", &id, expected));
    }
    let Some(slug) = objective(&spelling) else {
        return Err(DataError::value(place, "Attack Objective", &spelling, known_objectives()));
    };
    if is_blank(&text) {
        return Err(DataError::value(place, "Prompt (English)", &text, NEEDED));
    }
    Ok(Intent { objective: slug.to_owned(), text, attacked: BTreeMap::new() })
}

fn read_attack(
    row: &Row<4>,
    intents: &mut [Intent],
    oddities: &mut Oddities,
) -> Result<(), DataError> {
    let [id, spelling, means, prompt] = row.texts();
    let place = || Place::line(ATTACKS, row.line);
    let number = id.trim().parse::<usize>().ok().filter(|number| *number > 0);
    let owner = number.and_then(|number| intents.get_mut((number - 1) / PER_INTENT));
    let (Some(number), Some(intent)) = (number, owner) else {
        let expected = "a whole number from 1 to the number of prompts";
        return Err(DataError::value(place(), "ID", &id, expected));
    };
    let Some(slug) = objective(&spelling) else {
        let field = "Attack Objective (Brief)";
        return Err(DataError::value(place(), field, &spelling, known_objectives()));
    };
    let Some(method) = method(&means) else {
        return Err(DataError::value(place(), "method", &means, known_methods()));
    };
    if is_blank(&prompt) {
        return Err(DataError::value(place(), "Prompt (English)", &prompt, NEEDED));
    }
    if slug != intent.objective {
        oddities.other_objective.push(number);
    }
    if !prompt.contains(&intent.text) {
        if unified(&prompt).contains(&unified(&intent.text)) {
            oddities.unified += 1;
        } else {
            oddities.without_intent.push(number);
        }
    }
    oddities.with_lines += usize::from(prompt.contains('\n'));
    if intent.attacked.insert(method, prompt).is_some() {
        let expected = "a method that its intent does not have yet";
        return Err(DataError::value(place(), "method", &means, expected));
    }
    Ok(())
}

fn item(index: usize, intent: Intent) -> Item {
    Item {
        id: ItemId::new(format!("psyharm-{:02}", index + 1)),
        language: "en".to_owned(),
        tags: BTreeMap::from([("objective".to_owned(), intent.objective.clone())]),
        content: ItemContent::Intent(intent),
    }
}

/// The text with straight quotes and single blanks.
fn unified(text: &str) -> String {
    let straight: String = text
        .chars()
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201C}' | '\u{201D}' => '"',
            other => other,
        })
        .collect();
    straight.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What rows were unlike their intent, by their number.
#[derive(Default)]
struct Oddities {
    with_lines: usize,
    unified: usize,
    without_intent: Vec<usize>,
    other_objective: Vec<usize>,
}

impl Oddities {
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.with_lines > 0 {
            let count = self.with_lines;
            warnings.push(format!("{ATTACKS}: {count} prompts hold line breaks, which were kept"));
        }
        if self.unified > 0 {
            warnings.push(format!(
                "{ATTACKS}: {} prompts hold their intent only after quotes and blanks are unified",
                self.unified
            ));
        }
        for (numbers, what) in [
            (&self.without_intent, "do not hold the text of their intent and were kept"),
            (&self.other_objective, "name another objective than their intent, whose was taken"),
        ] {
            if !numbers.is_empty() {
                let ids = numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
                warnings.push(format!("{ATTACKS}: {} prompts {what}: ID {ids}", numbers.len()));
            }
        }
        warnings
    }
}
