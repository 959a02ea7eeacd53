//! Items out of turns: one a conversation, and several where it has more replies than an item may have.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use trustmh_core::id::ItemId;
use trustmh_core::item::{
    Begins, Client, Conversation, Item, ItemContent, PERSONA, RecordedTurn, Side, TESTLET,
};

use super::cells::region;
use super::clean::Clean;
use super::told::About;
use crate::language;

/// Who this is and what is at stake is not told of real people.
const SITUATION: &str = "A conversation of a person with a product.";
const SITUATION_ZH: &str = "一段某人与某产品的对话。";

/// The tags that are set here. A column of such a name is not kept.
pub(super) const OWN_TAGS: [&str; 8] =
    ["client", "month", "year", "version", "model", PERSONA, TESTLET, PART];

/// Which part of a conversation an item is, from 1.
const PART: &str = "part";

/// The items of a conversation, each with the number of its turns, and when it took place.
pub(super) fn items(
    id: &str,
    turns: Vec<RecordedTurn>,
    about: About,
    elsewhere: Option<&str>,
) -> (Vec<(Item, u64)>, Option<Timestamp>) {
    let dated = turns.iter().find_map(|turn| turn.at).or(about.at);
    let language = about
        .language
        .clone()
        .unwrap_or_else(|| language::of(turns.iter().map(|turn| turn.text.as_str())).to_owned());
    let region = about.region.clone().or_else(|| elsewhere.and_then(region));
    let tags = tags(about, dated);
    let parts = split(turns);
    let is_split = parts.len() > 1;
    let items = (1_u64..).zip(parts).map(|(number, turns)| {
        let mut tags = tags.clone();
        if is_split {
            tags.insert(PART.to_owned(), number.to_string());
            // Parts of one conversation stand or fall together.
            tags.insert(TESTLET.to_owned(), id.to_owned());
        }
        let count = turns.len() as u64;
        let item = Item {
            id: ItemId::new(if number == 1 { id.to_owned() } else { format!("{id}.{number}") }),
            language: language.clone(),
            tags,
            content: ItemContent::Conversation(conversation(turns, &language, region.clone())),
        };
        (item, count)
    });
    (items.collect(), dated)
}

fn tags(about: About, dated: Option<Timestamp>) -> BTreeMap<String, String> {
    let date = dated.map(|at| at.to_zoned(TimeZone::UTC).date());
    let own = [
        ("client", Some("recorded".to_owned())),
        ("month", date.map(|date| format!("{:04}-{:02}", date.year(), date.month()))),
        ("year", date.map(|date| format!("{:04}", date.year()))),
        ("version", about.version),
        ("model", about.model),
        (PERSONA, about.persona),
    ];
    let kept = about.kept.into_iter().map(|(name, value)| (name, Clean::into_string(value)));
    let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    kept.chain(own).collect()
}

fn conversation(turns: Vec<RecordedTurn>, language: &str, region: Option<String>) -> Conversation {
    let begins = match turns.first().map(|turn| turn.speaker) {
        Some(Side::Subject) => Begins::Subject,
        Some(Side::Client) | None => Begins::Client,
    };
    let situation = if language == "zh" { SITUATION_ZH } else { SITUATION };
    Conversation {
        situation: situation.to_owned(),
        region,
        begins,
        greeting: None,
        most_turns: None,
        secret_facts: Vec::new(),
        client: Client::Recorded { turns },
    }
}

/// Parts with as many replies as an item may have. What a person says without a reply at the very end stays in the last one.
fn split(turns: Vec<RecordedTurn>) -> Vec<Vec<RecordedTurn>> {
    let most = usize::from(Conversation::MOST_TURNS);
    let mut left = turns.iter().filter(|turn| turn.speaker == Side::Subject).count();
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut replies = 0;
    for turn in turns {
        if replies == most && left > 0 {
            parts.push(std::mem::take(&mut part));
            replies = 0;
        }
        if turn.speaker == Side::Subject {
            replies += 1;
            left -= 1;
        }
        part.push(turn);
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(replies: usize) -> Vec<RecordedTurn> {
        let say = |speaker, text: String| RecordedTurn { speaker, text, at: None };
        let pairs = (1..=replies).flat_map(|number| {
            [say(Side::Client, format!("q{number}")), say(Side::Subject, format!("a{number}"))]
        });
        pairs.chain([say(Side::Client, "bye".to_owned())]).collect()
    }

    #[test]
    fn parts_have_at_most_a_hundred_replies_and_the_last_words_stay() {
        let shape = |replies: usize| -> Vec<(usize, String, String)> {
            let ends = |part: &[RecordedTurn]| {
                (part.len(), part[0].text.clone(), part[part.len() - 1].text.clone())
            };
            split(turns(replies)).iter().map(|part| ends(part)).collect()
        };
        let part =
            |count: usize, first: &str, last: &str| (count, first.to_owned(), last.to_owned());
        assert_eq!(shape(100), [part(201, "q1", "bye")]);
        assert_eq!(shape(101), [part(200, "q1", "a100"), part(3, "q101", "bye")]);
        assert_eq!(
            shape(250),
            [part(200, "q1", "a100"), part(200, "q101", "a200"), part(101, "q201", "bye")]
        );
    }

    #[test]
    fn parts_are_one_cluster_and_have_ids_of_their_own() {
        let (items, dated) = items("talk", turns(150), About::default(), Some("gb"));
        assert_eq!(dated, None);
        let ids: Vec<&str> = items.iter().map(|(item, _)| item.id.as_str()).collect();
        assert_eq!(ids, ["talk", "talk.2"]);
        for ((item, _), part) in items.iter().zip(["1", "2"]) {
            assert_eq!(item.tags["testlet"], "talk");
            assert_eq!(item.tags["part"], part);
            let ItemContent::Conversation(conversation) = &item.content else { panic!("no talk") };
            assert_eq!(conversation.fault(), None);
            assert_eq!(conversation.region.as_deref(), Some("GB"));
        }
    }
}
