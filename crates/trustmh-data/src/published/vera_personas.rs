//! Personas of VERA-MH, to be played by a client model or by the offline client.

use std::collections::BTreeSet;

use trustmh_core::id::ItemId;
use trustmh_core::item::{
    Begins, Client, ClientLine, Conversation, Item, ItemContent, Openness, Persona, Reaction,
    RiskLevel,
};

use super::PublishedSet;
use super::folder::Folder;
use crate::error::{DataError, Place};
use crate::items::used_twice;
use crate::slug::slug;
use crate::table::{self, Parting, Row};

/// 100 personas, one of them with a cell in the wrong column.
pub(super) const SET: PublishedSet = PublishedSet {
    id: "vera-mh-personas",
    cards: &["vera-mh-personas"],
    read: |folder, _| read(folder),
};

const FILE: &str = "personas.tsv";

/// Twenty messages, as in the published conversations.
const MOST_TURNS: u8 = 10;

const COLUMNS: [&str; 19] = [
    "Name",
    "Age",
    "Gender",
    "Current Suicide Risk Level",
    "Short Current Suicide Risk Level",
    "Current Suicidal Thoughts and Behaviors",
    "Remote History of Suicidal Thoughts and Behaviors",
    "Disclosure of Suicide Risk",
    "Primary Communication Style",
    "Reaction to Chatbot Responses",
    "Diagnoses and Symptoms",
    "Treatment Engagement / Access",
    "Mental Health Stigma",
    "Financial Stress",
    "Social Isolation",
    "Discrimination Exposure",
    "Background",
    "Recent Triggers and Stressors",
    "Final Seed Phrase",
];

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let bytes = folder.bytes(FILE)?;
    let mut items: Vec<Item> = Vec::new();
    let mut ids = BTreeSet::new();
    let (mut shifted, mut dropped) = (Vec::new(), Vec::new());
    for row in table::read_parted(FILE, &bytes, Parting::Tabs, COLUMNS)? {
        let place = Place::line(FILE, row.line);
        let cells = Cells::of(&row);
        if cells.name.is_empty() || cells.seed.is_empty() {
            dropped.push(row.line.to_string());
            continue;
        }
        // Where the long form of the level holds something else, the short one beside it decides.
        if level(&cells.level).is_none() {
            shifted.push(cells.name.clone());
        }
        let item = cells.item(&place)?;
        if !ids.insert(item.id.clone()) {
            return Err(used_twice(place, &item));
        }
        items.push(item);
    }
    if !shifted.is_empty() {
        folder.warnings.push(format!(
            "{FILE}: {} of {} personas have something else in the column of the risk level ({}): the short level beside it was taken",
            shifted.len(),
            items.len(),
            shifted.join(", ")
        ));
    }
    if !dropped.is_empty() {
        folder.warnings.push(format!(
            "{FILE}: {} rows without a name or a first message were left out (lines {})",
            dropped.len(),
            dropped.join(", ")
        ));
    }
    Ok(items)
}

struct Cells {
    name: String,
    age: String,
    gender: String,
    level: String,
    short_level: String,
    thoughts: String,
    history: String,
    disclosure: String,
    style: String,
    reaction: String,
    diagnoses: String,
    treatment: String,
    stigma: String,
    money: String,
    isolation: String,
    discrimination: String,
    background: String,
    triggers: String,
    seed: String,
}

impl Cells {
    fn of(row: &Row<19>) -> Self {
        let [
            name,
            age,
            gender,
            level,
            short_level,
            thoughts,
            history,
            disclosure,
            style,
            reaction,
            diagnoses,
            treatment,
            stigma,
            money,
            isolation,
            discrimination,
            background,
            triggers,
            seed,
        ] = row.texts().map(|cell| cell.trim().to_owned());
        Self {
            name,
            age,
            gender,
            level,
            short_level,
            thoughts,
            history,
            disclosure,
            style,
            reaction,
            diagnoses,
            treatment,
            stigma,
            money,
            isolation,
            discrimination,
            background,
            triggers,
            seed,
        }
    }

    fn item(&self, place: &Place) -> Result<Item, DataError> {
        let wrong = |column: &str, cell: &str, expected: &str| {
            DataError::value(place.clone(), column, cell, expected)
        };
        let risk = level(&self.short_level).ok_or_else(|| {
            let expected = "None, Low, Moderate, High or Immediate";
            wrong("Short Current Suicide Risk Level", &self.short_level, expected)
        })?;
        let disclosure = openness(&self.disclosure).ok_or_else(|| {
            let expected = "Low, Moderate, High or Not applicable, before a bracket";
            wrong("Disclosure of Suicide Risk", &self.disclosure, expected)
        })?;
        let reaction = reaction(&self.reaction).ok_or_else(|| {
            let expected = "Engaged, Guarded, Resistant or Disengaged, before a bracket";
            wrong("Reaction to Chatbot Responses", &self.reaction, expected)
        })?;
        let (risk_word, disclosure_word): (&str, &str) = (risk.into(), disclosure.into());
        let name = slug(&self.name);
        let tags = [
            ("risk", risk_word.to_owned()),
            ("disclosure", disclosure_word.to_owned()),
            ("persona", name.clone()),
            ("client", "simulated".to_owned()),
        ];
        let persona = Persona {
            name: self.name.clone(),
            about: self.about(),
            style: self.style.clone(),
            reaction,
            risk,
            disclosure,
            opening: Some(ClientLine { text: self.seed.clone(), marks: Vec::new() }),
            plan: self.plan(),
            lines: None,
        };
        Ok(Item {
            id: ItemId::new(format!("vera-mh-{name}")),
            language: "en".to_owned(),
            tags: tags.map(|(facet, value)| (facet.to_owned(), value)).into(),
            content: ItemContent::Conversation(Conversation {
                situation: self.situation(risk_word, disclosure_word),
                region: None,
                begins: Begins::Client,
                greeting: None,
                most_turns: Some(MOST_TURNS),
                secret_facts: Vec::new(),
                client: Client::Simulated { persona: Box::new(persona) },
            }),
        })
    }

    fn about(&self) -> String {
        titled(&[
            ("", &self.age),
            ("", &self.gender),
            ("", &self.background),
            ("Lately", &self.triggers),
            ("Symptoms", &self.diagnoses),
            ("Money", &self.money),
            ("Alone or not", &self.isolation),
            ("Discrimination", &self.discrimination),
        ])
    }

    /// What is told when. How openly is said by the level of disclosure, which the set explains in brackets.
    fn plan(&self) -> Vec<String> {
        [
            ("Thoughts and acts now, told as openly as said above", &self.thoughts),
            ("Earlier, told only if asked", &self.history),
            ("How it is told", &self.disclosure),
            ("What you say if care or treatment comes up", &self.treatment),
            ("How you see speaking of suicide and mental illness", &self.stigma),
        ]
        .into_iter()
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(title, cell)| format!("{title}: {cell}"))
        .collect()
    }

    /// For the judge.
    fn situation(&self, risk: &str, disclosure: &str) -> String {
        format!(
            "{} ({}) is played: danger to life {risk}, told with {disclosure} openness. {}",
            self.name,
            self.age,
            titled(&[("Now", &self.thoughts), ("Earlier", &self.history)])
        )
    }
}

/// `Title: text. Title: text.`, without what is empty.
fn titled(parts: &[(&str, &String)]) -> String {
    let said = parts.iter().filter(|(_, text)| !text.is_empty()).map(|(title, text)| {
        let text = text.trim_end_matches('.');
        if title.is_empty() { format!("{text}.") } else { format!("{title}: {text}.") }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// The word before the bracket that explains it, in lower case.
fn word(cell: &str) -> String {
    let word = cell.split_once('(').map_or(cell, |(word, _)| word);
    word.trim().to_lowercase()
}

fn level(cell: &str) -> Option<RiskLevel> {
    match word(cell).as_str() {
        "none" => Some(RiskLevel::None),
        "low" => Some(RiskLevel::Low),
        "moderate" => Some(RiskLevel::Moderate),
        "high" => Some(RiskLevel::High),
        "immediate" | "imminent" => Some(RiskLevel::Immediate),
        _ => None,
    }
}

fn openness(cell: &str) -> Option<Openness> {
    match word(cell).as_str() {
        "none" | "not applicable" | "n/a" => Some(Openness::None),
        "low" => Some(Openness::Low),
        "moderate" => Some(Openness::Moderate),
        "high" => Some(Openness::High),
        _ => None,
    }
}

fn reaction(cell: &str) -> Option<Reaction> {
    match word(cell).as_str() {
        "engaged" => Some(Reaction::Engaged),
        "guarded" => Some(Reaction::Guarded),
        "resistant" => Some(Reaction::Resistant),
        "disengaged" => Some(Reaction::Disengaged),
        _ => None,
    }
}
