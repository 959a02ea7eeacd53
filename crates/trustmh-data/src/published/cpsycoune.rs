//! CPsyCounE: 45 Chinese counselling cases in nine topics (arXiv 2405.16433).

use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::{Dialogue, Item, ItemContent, Speaker, Turn};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::error::{DataError, Place};

/// 45 Chinese counselling cases (CPsyCounE, arXiv 2405.16433).
pub(super) const SET: PublishedSet =
    PublishedSet { id: "cpsycoune", cards: &["cpsycoune"], read: |folder, _| read(folder) };

const TOPICS: [(&str, &str); 9] = [
    ("Career", "career"),
    ("Education", "education"),
    ("Emotion&Stress", "emotion-and-stress"),
    ("Family Relationship", "family"),
    ("Love&Marriage", "love-and-marriage"),
    ("Mental Disease", "mental-disease"),
    ("Self-growth", "self-growth"),
    ("Sex", "sex"),
    ("Social Relationship", "social"),
];

const CASES: usize = 5;

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let mut items = Vec::new();
    for (topic, slug) in TOPICS {
        for case in 1..=CASES {
            items.push(read_case(folder, topic, slug, case)?);
        }
    }
    Ok(items)
}

fn read_case(folder: &mut Folder, topic: &str, slug: &str, case: usize) -> Result<Item, DataError> {
    let file = format!("{topic}/{case}.json");
    let text = folder.text(&file)?;
    let lines: Vec<String> = serde_json::from_str(&text)
        .map_err(|error| DataError::malformed(Place::file(&file), error))?;
    let mut turns = Vec::with_capacity(lines.len());
    for line in &lines {
        let (speaker, text) = [("求助者：", Speaker::Seeker), ("支持者：", Speaker::Supporter)]
            .into_iter()
            .find_map(|(mark, speaker)| Some((speaker, line.strip_prefix(mark)?)))
            .ok_or_else(|| {
                let expected = "a line that begins with 求助者： or 支持者：";
                DataError::value(Place::file(&file), "a turn", line, expected)
            })?;
        turns.push(Turn { speaker, text: text.trim().to_owned() });
    }
    if turns.iter().all(|turn| turn.speaker != Speaker::Seeker || is_blank(&turn.text)) {
        let expected = "a case in which who seeks help (求助者) says something";
        return Err(DataError::value(Place::file(&file), "the case", &lines.join(" "), expected));
    }
    Ok(Item {
        id: ItemId::new(format!("cpsycoune-{slug}-{case}")),
        language: "zh".to_owned(),
        tags: BTreeMap::from([("topic".to_owned(), slug.to_owned())]),
        content: ItemContent::Dialogue(Dialogue { situation: String::new(), turns }),
    })
}
