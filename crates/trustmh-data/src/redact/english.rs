//! Names in English sentences: by what introduces them, by who they are to the writer, by titles, and by a table of given names.

mod cue;

use std::collections::HashSet;
use std::ops::Range;

use super::gap::Gap;
use super::heard::Heard;
use super::tables::{EnglishTables, listed};
use super::word::{Word, words};

/// The most words of one name.
const LONGEST: usize = 4;
/// The fewest letters of a name that is known by the table even in lower case or in capitals.
const FEWEST_LETTERS: usize = 3;

/// What names are known by.
#[derive(Debug)]
pub(super) struct English {
    /// Phrases behind which any word is a name.
    introductions: Vec<Vec<String>>,
    /// Phrases behind which a capitalised word is a name.
    nicknames: Vec<Vec<String>>,
    /// Phrases behind which people say who or what they are.
    claims: Vec<Vec<String>>,
    /// Phrases behind which people or things are named.
    presentations: Vec<Vec<String>>,
    /// Labels of forms.
    labels: Vec<Vec<String>>,
    greetings: Vec<Vec<String>>,
    closings: Vec<Vec<String>>,
    calls: HashSet<String>,
    persons: HashSet<String>,
    owners: HashSet<String>,
    titles: HashSet<String>,
    /// What people do: a capitalised word before one is a name.
    acts: HashSet<String>,
    /// What is done to people: a capitalised word behind one is a name.
    done_to: HashSet<String>,
    particles: HashSet<String>,
    /// Given names that are no words.
    given: HashSet<String>,
    /// Given names that are words, months or places too.
    ambiguous: HashSet<String>,
    /// What is capitalised and no name of a person.
    never: HashSet<String>,
    /// Words before which a name is part of a place's.
    of_places: HashSet<String>,
    never_endings: Vec<String>,
}

/// The words of one text with the rules.
struct Text<'r, 't> {
    rules: &'r English,
    words: &'r [Word<'t>],
}

impl English {
    pub(super) fn of(tables: EnglishTables) -> Self {
        let phrases = |list: &[String]| {
            list.iter()
                .map(|phrase| phrase.split_whitespace().map(str::to_owned).collect())
                .collect()
        };
        Self {
            introductions: phrases(&tables.introductions),
            nicknames: phrases(&tables.nicknames),
            claims: phrases(&tables.claims),
            presentations: phrases(&tables.presentations),
            labels: phrases(&tables.labels),
            greetings: phrases(&tables.greetings),
            closings: phrases(&tables.closings),
            calls: listed(&tables.calls),
            persons: listed(&tables.persons),
            owners: listed(&tables.owners),
            titles: listed(&tables.titles),
            acts: listed(&tables.acts),
            done_to: listed(&tables.done_to),
            particles: listed(&tables.particles),
            given: listed(&tables.given),
            ambiguous: listed(&tables.ambiguous),
            never: listed(&tables.never),
            of_places: listed(&tables.of_places),
            never_endings: tables.never_endings,
        }
    }

    /// Where names stand. Those found by a cue are heard, and found wherever else they stand.
    pub(super) fn find(&self, text: &str, heard: &mut Heard) -> Vec<Range<usize>> {
        let words = words(text);
        let text = Text { rules: self, words: &words };
        let mut found = Vec::new();
        let mut place = 0;
        while place < words.len() {
            let count = text.names(place);
            let named = words.get(place..place + count).unwrap_or_default();
            if let (Some(first), Some(last)) = (named.first(), named.last()) {
                found.push(first.range.start..last.range.end);
                named.iter().for_each(|word| self.hear(word, heard));
            }
            place += count.max(1);
        }
        if !heard.is_empty() {
            let known = words.iter().filter(|word| heard.knows(word.text));
            found.extend(known.map(|word| word.range.clone()));
        }
        found
    }

    /// Remembers a word of a name, as it is written, and capitalised if it is not.
    fn hear(&self, word: &Word<'_>, heard: &mut Heard) {
        let stem = word.stem();
        if word.text.chars().nth(1).is_none() || self.particles.contains(&stem) {
            return;
        }
        let is_a_word = self.ambiguous.contains(&stem) || self.never.contains(&stem);
        if word.is_capitalised() || !is_a_word {
            heard.note(word.text);
        }
        if !word.is_capitalised() {
            heard.note(&capitalised(word.text));
        }
    }

    fn is_never(&self, word: &Word<'_>) -> bool {
        let stem = word.stem();
        let is_a_role = self.persons.contains(&stem) || self.titles.contains(&stem);
        is_a_role || self.never.contains(&stem) || self.never.contains(&word.folded)
    }

    /// Whether an unknown word after "I'm" rather says where somebody is from or what they believe.
    fn tells_what_somebody_is(&self, word: &Word<'_>) -> bool {
        let stem = word.stem();
        self.is_never(word)
            || word.is_shouted()
            || self.never_endings.iter().any(|ending| stem.ends_with(ending.as_str()))
    }
}

impl<'t> Text<'_, 't> {
    fn word(&self, place: usize) -> Option<&Word<'t>> {
        self.words.get(place)
    }

    fn last(&self, place: usize) -> Option<&Word<'t>> {
        self.words.get(place.checked_sub(1)?)
    }

    /// How many words from here on are one name: none if this is no name.
    fn names(&self, place: usize) -> usize {
        let Some(word) = self.word(place) else { return 0 };
        let is_of_a_place = word.before.joins_names()
            && self.last(place).is_some_and(|last| self.rules.of_places.contains(&last.folded));
        if !word.is_of_letters() || is_of_a_place {
            return 0;
        }
        let count = self.span(place);
        if count > 0 && (self.is_cued(place, count) || self.rules.given.contains(&word.stem())) {
            return count;
        }
        usize::from(self.is_small_name(place))
    }

    /// How many capitalised words stand here together.
    fn span(&self, place: usize) -> usize {
        let Some(first) = self.word(place) else { return 0 };
        let may_be_one =
            !self.rules.is_never(first) || self.rules.ambiguous.contains(&first.stem());
        if !first.is_capitalised() || !may_be_one {
            return 0;
        }
        let mut count = 1;
        while count < LONGEST {
            let Some(added) = self.added(place + count, first) else { break };
            count += added;
        }
        count
    }

    /// How many words from here on go on with a name: one, or two with a particle such as "van".
    fn added(&self, place: usize, first: &Word<'_>) -> Option<usize> {
        let word = self.word(place)?;
        let is_initial = self.last(place).is_some_and(|last| last.text.chars().count() == 1);
        let follows = word.before == Gap::Blank || (is_initial && word.before == Gap::Dot);
        if !follows {
            return None;
        }
        if self.rules.particles.contains(&word.folded) {
            let behind = self.word(place + 1)?;
            let goes_on = behind.is_capitalised() && behind.before == Gap::Blank;
            return (goes_on && !self.rules.is_never(behind)).then_some(2);
        }
        let is_shout = word.is_shouted() && !self.rules.given.contains(&word.stem());
        let fits = word.is_capitalised() && word.is_of_letters() && !self.rules.is_never(word);
        // Where everything is in capitals, nothing says where a name ends.
        (fits && !(is_shout && first.is_shouted())).then_some(1)
    }

    /// A name in lower case: after an introduction any word, elsewhere one of the table.
    fn is_small_name(&self, place: usize) -> bool {
        let Some(word) = self.word(place) else { return false };
        if word.is_capitalised() || word.text.chars().count() < FEWEST_LETTERS {
            return false;
        }
        let stem = word.stem();
        let is_known = self.rules.given.contains(&stem);
        let is_named = self.is_behind(place, &self.rules.introductions, &[Gap::Blank, Gap::Colon]);
        is_known || (is_named && !self.rules.never.contains(&stem))
    }

    /// Whether one of the phrases ends right before a place.
    fn is_behind(&self, place: usize, phrases: &[Vec<String>], gaps: &[Gap]) -> bool {
        self.word(place).is_some_and(|word| gaps.contains(&word.before))
            && phrases.iter().any(|phrase| self.ends_with(place, phrase))
    }

    fn ends_with(&self, place: usize, phrase: &[String]) -> bool {
        let Some(start) = place.checked_sub(phrase.len()) else { return false };
        let Some(said) = self.words.get(start..place) else { return false };
        said.iter().zip(phrase).all(|(word, cue)| word.folded == *cue)
            && said.iter().skip(1).all(|word| word.before == Gap::Blank)
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
