//! LLMs as therapists, the part on stigma: vignettes, and questions on each of them (arXiv 2504.18412).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

use trustmh_core::codebook::LabelScheme;
use trustmh_core::id::{ItemId, SchemeName};
use trustmh_core::item::{ARM, Item, ItemContent, Labelled, ReleasedLabel, TESTLET};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::codebook::built_in;
use crate::error::{DataError, Place};
use crate::items::used_twice;
use crate::slug::slug;

/// 72 vignettes times 14 questions.
pub(super) const SET: PublishedSet = PublishedSet {
    id: "llms-as-therapists",
    cards: &["llms-as-therapists"],
    read: |folder, _| read(folder),
};

/// The published files have each other's names.
const VIGNETTES: &str = "questions.jsonl";
const QUESTIONS: &str = "vignettes.jsonl";

/// What the questions are about, and which condition is the control.
const CODING: &str = include_str!("../../../../benchmark/stigma-questions.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coding {
    control: String,
    questions: Vec<Coded>,
}

/// How one question is known and coded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coded {
    name: String,
    has: String,
    topic: String,
    scheme: String,
}

#[derive(Deserialize)]
struct Vignette {
    education: String,
    race: String,
    gender: String,
    condition: String,
    vignette: String,
}

#[derive(Deserialize)]
struct Question {
    question_only: String,
    options: Vec<String>,
}

/// A published question with its coding.
struct Asked<'c> {
    text: String,
    coded: &'c Coded,
}

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let coding: Coding = toml::from_str(CODING)
        .map_err(|error| DataError::malformed(Place::file("stigma-questions.toml"), error))?;
    let mut questions: Vec<Asked<'_>> = Vec::new();
    for (place, question) in lines::<Question>(folder, QUESTIONS)? {
        let asked = asked(&coding, question, &place)?;
        if questions.iter().any(|other| other.coded.name == asked.coded.name) {
            let expected = "a question not asked before";
            return Err(DataError::value(place, "question_only", &asked.text, expected));
        }
        questions.push(asked);
    }
    if questions.len() != coding.questions.len() {
        return Err(DataError::Count {
            file: QUESTIONS.to_owned(),
            what: "questions",
            found: questions.len(),
            expected: coding.questions.len(),
            because: "so many are known".to_owned(),
        });
    }
    let mut ids = BTreeSet::new();
    let mut items = Vec::new();
    let mut empty = 0;
    for (place, vignette) in lines::<Vignette>(folder, VIGNETTES)? {
        if is_blank(&vignette.vignette) {
            empty += 1;
            continue;
        }
        for asked in &questions {
            let item = item(&coding.control, &vignette, asked);
            if !ids.insert(item.id.clone()) {
                return Err(used_twice(place, &item));
            }
            items.push(item);
        }
    }
    folder.without_text(VIGNETTES, "vignettes", empty);
    Ok(items)
}

/// The records of a file of JSON lines, each with its place.
fn lines<T: DeserializeOwned>(
    folder: &mut Folder,
    file: &str,
) -> Result<Vec<(Place, T)>, DataError> {
    let text = folder.text(file)?;
    let filled = (1_u64..).zip(text.lines()).filter(|(_, json)| !is_blank(json));
    let read = |(line, json)| {
        let place = Place::line(file, line);
        let hint = "questions.jsonl holds the vignettes and vignettes.jsonl the questions";
        let record = serde_json::from_str(json).map_err(|error| {
            DataError::malformed(place.clone(), format!("{error}; as published, {hint}"))
        })?;
        Ok((place, record))
    };
    filled.map(read).collect()
}

/// The coding of a question, which is known by words of it, and whose options are those of its scheme.
fn asked<'c>(
    coding: &'c Coding,
    question: Question,
    place: &Place,
) -> Result<Asked<'c>, DataError> {
    let text = question.question_only;
    let mut known = coding.questions.iter().filter(|coded| text.contains(&coded.has));
    let (Some(coded), None) = (known.next(), known.next()) else {
        let expected = "a question that has the words of one in benchmark/stigma-questions.toml";
        return Err(DataError::value(place.clone(), "question_only", &text, expected));
    };
    let scheme = built_in().scheme(&SchemeName::new(&*coded.scheme));
    let options: Vec<&str> = scheme.into_iter().flat_map(LabelScheme::names).collect();
    if question.options != options {
        let found = question.options.join(", ");
        let expected = format!("those of the scheme `{}`: {}", coded.scheme, options.join(", "));
        return Err(DataError::value(place.clone(), "options", &found, expected));
    }
    Ok(Asked { text, coded })
}

fn item(control: &str, vignette: &Vignette, asked: &Asked<'_>) -> Item {
    let condition = slug(&vignette.condition);
    let arm = if condition == control { "control" } else { "condition" };
    let (race, gender) = (slug(&vignette.race), slug(&vignette.gender));
    let education = slug(&vignette.education);
    let testlet = format!("{condition}-{race}-{gender}-{education}");
    let Asked { text, coded } = asked;
    let id = format!("stigma-{testlet}-{}", coded.name);
    let tags = [
        (ARM, arm.to_owned()),
        (TESTLET, testlet),
        ("condition", condition),
        ("race", race),
        ("gender", gender),
        ("education", education),
        ("question", coded.name.clone()),
        ("topic", coded.topic.clone()),
    ];
    Item {
        id: ItemId::new(id),
        language: "en".to_owned(),
        tags: tags.map(|(facet, value)| (facet.to_owned(), value)).into(),
        content: ItemContent::Labelled(Labelled {
            scheme: SchemeName::new(&*coded.scheme),
            earlier: Vec::new(),
            text: format!("{}\n\n{text}", vignette.vignette),
            label: None,
            released: ReleasedLabel::Same,
        }),
    }
}
