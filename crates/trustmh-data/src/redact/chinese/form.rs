//! What a Chinese name looks like.

use super::Page;
use crate::redact::word::is_han;

/// How sure a place is to hold a name, from what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    /// A name is announced.
    Announced,
    /// A person is spoken of.
    Likely,
    /// Nothing is said.
    Open,
}

impl Page<'_> {
    /// How many characters a surname at a place has.
    pub(super) fn surname(&self, place: usize) -> Option<usize> {
        let rules = self.rules;
        if rules.double_surnames.contains(&self.text(place, 2)) {
            return Some(2);
        }
        let first = self.letter(place)?;
        (rules.surnames.contains(&first) || rules.rare_surnames.contains(&first)).then_some(1)
    }

    pub(super) fn is_common_surname(&self, place: usize) -> bool {
        self.letter(place).is_some_and(|letter| self.rules.surnames.contains(&letter))
            || self.rules.double_surnames.contains(&self.text(place, 2))
    }

    pub(super) fn is_given(&self, place: usize) -> bool {
        self.letter(place).is_some_and(|letter| self.rules.given.contains(&letter))
    }

    /// A character that a given name may have, common in names or not.
    fn may_be_given(&self, place: usize) -> bool {
        self.letter(place)
            .is_some_and(|letter| is_han(letter) && !self.rules.after.contains(&letter))
    }

    /// Whether a word that only looks like a name begins here.
    pub(super) fn is_word(&self, place: usize) -> bool {
        (2..=super::LONGEST).any(|count| self.rules.words.contains(&self.text(place, count)))
    }

    /// How many characters a surname and its given name have.
    pub(super) fn full_name(&self, place: usize, expectation: Expectation) -> Option<usize> {
        let surname = self.surname(place)?;
        let (one, two) = (place + surname, place + surname + 1);
        if self.is_word(place) || !(self.may_be_given(one) || self.is_given(one)) {
            return None;
        }
        let both = self.is_given(one) && self.is_given(two) && self.may_be_given(two);
        let ends = self.closes(two + 1) && self.may_be_given(two);
        let is_common = self.is_common_surname(place);
        let is_likely = is_common && (self.is_given(one) || self.is_given(two));
        match expectation {
            Expectation::Announced if both || ends => Some(surname + 2),
            Expectation::Announced => Some(surname + 1),
            Expectation::Likely if both => Some(surname + 2),
            Expectation::Likely if self.is_given(one) && self.closes(two) => Some(surname + 1),
            // Rather a character too many than a name.
            Expectation::Likely => (is_likely && self.may_be_given(two)).then_some(surname + 2),
            Expectation::Open => (both && is_common).then_some(surname + 2),
        }
    }

    /// How many characters a familiar form has: 小 or 老 with a surname or a given name, 阿 with any character.
    pub(super) fn familiar(&self, place: usize) -> Option<usize> {
        if self.is_word(place) || !self.may_be_given(place + 1) {
            return None;
        }
        let is_named = self.is_common_surname(place + 1) || self.is_given(place + 1);
        match self.letter(place)? {
            '小' if is_named => Some(2),
            '老' if self.is_common_surname(place + 1) => Some(2),
            '阿' if is_named || self.closes(place + 2) => Some(2),
            _ => None,
        }
    }

    /// Two characters of given names, or one of them twice.
    pub(super) fn bare_given(&self, place: usize) -> Option<usize> {
        let both = self.is_given(place) && self.is_given(place + 1);
        (both && !self.is_word(place)).then_some(2)
    }

    /// As many characters as stand together before the next mark or the next character that goes on, if they are few.
    pub(super) fn whatever_is_said(&self, place: usize) -> Option<usize> {
        let count = (0..=super::LONGEST).find(|count| !self.may_be_given(place + count))?;
        (count >= 2 && !self.is_word(place)).then_some(count)
    }
}
