//! Redaction of whole conversations: a name that somebody gives in one turn has to go from all of them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use trustmh_core::digest::Digest;
use trustmh_core::item::{Client, Item, ItemContent};

use super::{Counts, Kind, Redactor, replaced};

/// Names shorter than this are words too often to be taken out wherever they stand.
const SHORTEST: usize = 3;

/// Redacts texts one by one, remembers the names in them, and takes these out of the conversations that the texts become part of.
pub struct TalkRedactor {
    rules: &'static Redactor,
    replaced: RefCell<Counts>,
    /// Names that a text held, by the hash of the text without them.
    heard: RefCell<HashMap<[u8; 16], BTreeSet<String>>>,
}

impl Default for TalkRedactor {
    fn default() -> Self {
        let (replaced, heard) = (RefCell::default(), RefCell::default());
        Self { rules: Redactor::built_in(), replaced, heard }
    }
}

impl TalkRedactor {
    /// The version of the rules.
    pub fn version(&self) -> u32 {
        self.rules.version()
    }

    /// What was replaced so far.
    pub fn replaced(&self) -> Counts {
        self.replaced.borrow().clone()
    }

    /// One text, redacted by itself.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let findings = self.rules.findings(text);
        if findings.is_empty() {
            return Cow::Borrowed(text);
        }
        let redacted = replaced(text, &findings);
        *self.replaced.borrow_mut() += &redacted.counts;
        let names = findings.iter().filter(|found| found.kind == Kind::Name);
        let names = names.filter_map(|found| text.get(found.range.clone()));
        let names: Vec<String> = names.flat_map(words_of).collect();
        if !names.is_empty() {
            let mut heard = self.heard.borrow_mut();
            heard.entry(Digest::half(redacted.text.trim())).or_default().extend(names);
        }
        redacted.text
    }

    /// A conversation whose turns were redacted one by one: the names of each go from all.
    pub fn conversation(&self, item: &mut Item) {
        let ItemContent::Conversation(talk) = &mut item.content else { return };
        let Client::Recorded { turns } = &mut talk.client else { return };
        let mut names: BTreeSet<String> = BTreeSet::new();
        for turn in &*turns {
            self.collect(&turn.text, &mut names);
        }
        for turn in turns {
            for name in &names {
                if let Some((text, count)) = without(&turn.text, name) {
                    turn.text = text;
                    self.replaced.borrow_mut().add(Kind::Name, count);
                }
            }
        }
    }

    fn collect(&self, text: &str, names: &mut BTreeSet<String>) {
        let heard = self.heard.borrow();
        // Turns of one side in a row were put together.
        for part in std::iter::once(text).chain(text.split("\n\n")) {
            names.extend(heard.get(&Digest::half(part.trim())).into_iter().flatten().cloned());
        }
    }
}

/// A name and the words of it that may stand alone.
fn words_of(name: &str) -> Vec<String> {
    let parts = name.split(|sign: char| !sign.is_alphanumeric() && sign != '\'' && sign != '-');
    let long = |part: &&str| is_chinese(part) || part.chars().count() >= SHORTEST;
    parts.filter(long).filter(|part| part.chars().count() > 1).map(str::to_owned).collect()
}

fn is_chinese(text: &str) -> bool {
    text.chars().all(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign))
}

/// The text without a name, and how often it stood there as a word; none if it does not.
fn without(text: &str, name: &str) -> Option<(String, u64)> {
    if !text.contains(name) {
        return None;
    }
    let mut found = String::with_capacity(text.len());
    let (mut count, mut done) = (0, 0);
    for (at, _) in text.match_indices(name) {
        let end = at + name.len();
        let letter = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(end..).and_then(|after| after.chars().next());
        let part_of_word = !is_chinese(name) && (letter(before) || letter(after));
        if at < done || part_of_word {
            continue;
        }
        found.push_str(text.get(done..at).unwrap_or_default());
        found.push_str(Kind::Name.placeholder());
        (count, done) = (count + 1, end);
    }
    found.push_str(text.get(done..).unwrap_or_default());
    (count > 0).then_some((found, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use trustmh_core::id::ItemId;
    use trustmh_core::item::{Begins, Conversation, RecordedTurn, Side};

    fn redacted(said: &[&str]) -> (Vec<String>, Counts) {
        let redactor = TalkRedactor::default();
        let turns = said.iter().enumerate().map(|(place, text)| RecordedTurn {
            speaker: if place % 2 == 0 { Side::Client } else { Side::Subject },
            text: redactor.text(text).into_owned(),
            at: None,
        });
        let conversation = Conversation {
            situation: String::new(),
            region: None,
            begins: Begins::Client,
            greeting: None,
            most_turns: None,
            secret_facts: Vec::new(),
            client: Client::Recorded { turns: turns.collect() },
        };
        let mut item = Item {
            id: ItemId::new("i"),
            language: "en".to_owned(),
            tags: BTreeMap::new(),
            content: ItemContent::Conversation(conversation),
        };
        redactor.conversation(&mut item);
        let ItemContent::Conversation(talk) = item.content else { unreachable!() };
        let Client::Recorded { turns } = talk.client else { unreachable!() };
        (turns.into_iter().map(|turn| turn.text).collect(), redactor.replaced())
    }

    #[test]
    fn a_name_that_is_given_once_goes_from_every_turn() {
        let (turns, counts) = redacted(&[
            "My name is Hannelore Quist.",
            "Hannelore, that sounds hard. Quistian words stay.",
            "thank you",
        ]);
        assert_eq!(turns[0], "My name is [NAME].");
        assert_eq!(turns[1], "[NAME], that sounds hard. Quistian words stay.");
        assert_eq!((turns[2].as_str(), counts.of(Kind::Name)), ("thank you", 2));
        let (turns, _) = redacted(&["我叫欧阳静怡。", "静怡不在，欧阳静怡，你好。"]);
        assert!(!turns[1].contains("欧阳静怡"), "{turns:?}");
    }

    #[test]
    fn turns_that_read_alike_without_their_names_hold_the_names_of_both() {
        let said = [
            "My name is Hannelore Quist.",
            "My name is Bertram Oyelaran. ",
            "Hannelore and Bertram, thank you.",
        ];
        let (turns, _) = redacted(&said);
        assert_eq!(turns[2], "[NAME] and [NAME], thank you.");
    }
}
