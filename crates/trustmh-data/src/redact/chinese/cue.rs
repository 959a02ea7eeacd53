//! What tells that Chinese characters are a name.

use super::Page;
use super::form::Expectation;

/// The most characters of a title, and of a word for who somebody is.
const LONGEST_WORD: usize = 4;

impl Page<'_> {
    /// How many characters from a place on are a name: none if this is no name.
    pub(super) fn name(&self, place: usize) -> usize {
        if self.is_edge(place) {
            return 0;
        }
        let name = self
            .transliterated(place)
            .or_else(|| self.introduced(place))
            .or_else(|| self.surname_alone(place))
            .or_else(|| self.titled(place))
            .or_else(|| self.of_a_person(place))
            .or_else(|| self.claimed(place))
            .or_else(|| self.addressed(place))
            .or_else(|| self.in_company(place))
            .or_else(|| self.full_name(place, Expectation::Open));
        name.unwrap_or_default()
    }

    fn is_behind(&self, place: usize, phrases: &[Vec<char>]) -> bool {
        phrases.iter().any(|phrase| {
            place
                .checked_sub(phrase.len())
                .and_then(|start| self.letters.get(start..place))
                .is_some_and(|said| said == phrase.as_slice())
        })
    }

    /// 我叫X, 姓名：X; after 叫我 what people want done is no name.
    fn introduced(&self, place: usize) -> Option<usize> {
        if self.is_behind(place, &self.rules.nicknames) {
            let ends = |count: &usize| {
                let behind = self.text(place + count, 2);
                behind.starts_with('吧') || behind == "就好" || behind == "就行"
            };
            return self
                .familiar(place)
                .or_else(|| self.full_name(place, Expectation::Likely))
                .or_else(|| self.bare_given(place))
                .or_else(|| self.whatever_is_said(place).filter(ends));
        }
        if !self.is_behind(place, &self.rules.introductions) {
            return None;
        }
        // Behind the label of a form anything may stand; behind a word it is a name.
        let follows_a_label = self.opens(place);
        self.familiar(place)
            .or_else(|| self.full_name(place, Expectation::Announced))
            .or_else(|| self.whatever_is_said(place).filter(|_| !follows_a_label))
    }

    /// A given name of another language, the longest that fits.
    fn transliterated(&self, place: usize) -> Option<usize> {
        let known = |count: &usize| self.rules.transliterated.contains(&self.text(place, *count));
        (2..=super::LONGEST).rev().find(known)
    }

    /// 我姓X.
    fn surname_alone(&self, place: usize) -> Option<usize> {
        let count = self.surname(place)?;
        let is_said = place.checked_sub(1).and_then(|last| self.letter(last)) == Some('姓');
        (is_said && self.closes(place + count)).then_some(count)
    }

    /// X医生, X女士: a whole name or a surname.
    fn titled(&self, place: usize) -> Option<usize> {
        let surname = self.surname(place)?;
        if self.is_word(place) || self.ends_word(place + surname) {
            return None;
        }
        (surname..=surname + 2).rev().find(|count| {
            let is_given = (surname..*count).all(|letter| self.is_given(place + letter));
            let end = place + count;
            is_given
                && (1..=LONGEST_WORD)
                    .any(|letters| self.rules.titles.contains(&self.text(end, letters)))
        })
    }

    /// Whether a word that looks like a name ends before this place: 历史 before 老师.
    fn ends_word(&self, place: usize) -> bool {
        (2..=LONGEST_WORD).any(|letters| {
            let word = self.before(place, letters);
            word.chars().count() == letters && self.rules.words.contains(&word)
        })
    }

    /// 我姐姐X, 我老公叫X, 闺蜜X.
    fn of_a_person(&self, place: usize) -> Option<usize> {
        let is_person = |place: usize| {
            (1..=LONGEST_WORD).any(|letters| {
                letters <= place && self.rules.persons.contains(&self.before(place, letters))
            })
        };
        let called = place.checked_sub(1).filter(|last| self.letter(*last) == Some('叫'));
        if called.is_some_and(is_person) {
            return self
                .familiar(place)
                .or_else(|| self.full_name(place, Expectation::Announced))
                .or_else(|| self.bare_given(place));
        }
        if !is_person(place) {
            return None;
        }
        self.familiar(place)
            .or_else(|| self.full_name(place, Expectation::Likely))
            .or_else(|| self.bare_given(place))
    }

    /// 我是X, where nothing follows.
    fn claimed(&self, place: usize) -> Option<usize> {
        if !self.is_behind(place, &self.rules.claims) {
            return None;
        }
        let ends = |count: &usize| self.is_edge(place + count);
        let whole = self.full_name(place, Expectation::Likely).filter(ends);
        whole.or_else(|| self.familiar(place).filter(ends))
    }

    /// A name that stands alone between marks, or before a colon.
    fn addressed(&self, place: usize) -> Option<usize> {
        if !self.opens(place) {
            return None;
        }
        let ends = |count: &usize| self.is_edge(place + count);
        let is_said = |count: &usize| {
            self.letter(place + count).is_some_and(|letter| self.rules.acts.contains(&letter))
        };
        self.familiar(place)
            .or_else(|| {
                let name = self.full_name(place, Expectation::Likely);
                name.filter(|count| ends(count) || is_said(count))
            })
            .or_else(|| self.bare_given(place).filter(ends))
    }

    /// 跟X, 和X: one of whom something is said.
    fn in_company(&self, place: usize) -> Option<usize> {
        let last = self.letter(place.checked_sub(1)?)?;
        if !self.rules.company.contains(&last) {
            return None;
        }
        self.familiar(place).or_else(|| self.full_name(place, Expectation::Likely))
    }
}
