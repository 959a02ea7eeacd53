//! What tells that capitalised words are a name.

use super::Text;
use crate::redact::gap::Gap;
use crate::redact::word::Word;

/// So many words before "called" or a name a person may be spoken of.
const REACH: usize = 6;

/// So many words after a genitive may say whom somebody has.
const OWNED: usize = 3;

impl Text<'_, '_> {
    /// Whether something around these words says that they are a name.
    pub(super) fn is_cued(&self, place: usize, count: usize) -> bool {
        let (Some(first), Some(last)) = (self.word(place), self.word(place + count - 1)) else {
            return false;
        };
        self.is_introduced(place)
            || self.is_claimed(place, count, first, last)
            || self.is_presented(place, first)
            || self.is_of_a_person(place, first)
            || self.has_a_person(place + count, last)
            || self.is_titled(first, place)
            || self.is_greeted(place, last)
            || self.is_signed(place, first, last)
            || self.is_addressed(place, count, first, last)
            || self.acts(place, count, first, last)
            || self.answers(place + count, first)
    }

    /// "My name is X", "they call me X", "Contact: X".
    fn is_introduced(&self, place: usize) -> bool {
        let rules = self.rules;
        self.is_behind(place, &rules.introductions, &[Gap::Blank, Gap::Colon, Gap::Stop])
            || self.is_behind(place, &rules.nicknames, &[Gap::Blank, Gap::Stop])
            || self.is_behind(place, &rules.labels, &[Gap::Colon])
    }

    /// "I'm X": a known name, or one that ends there and tells nothing else.
    fn is_claimed(&self, place: usize, count: usize, first: &Word<'_>, last: &Word<'_>) -> bool {
        if !self.is_behind(place, &self.rules.claims, &[Gap::Blank]) {
            return false;
        }
        let is_known = self.rules.ambiguous.contains(&first.stem()) && !self.rules.is_never(first);
        let ends = last.after.closes()
            || self.word(place + count).is_some_and(|next| matches!(&*next.folded, "and" | "from"));
        let is_whole = count > 1;
        is_known || ((ends || is_whole) && !self.rules.tells_what_somebody_is(first))
    }

    /// "A guy called X", "we named her X".
    fn is_presented(&self, place: usize, first: &Word<'_>) -> bool {
        if self.is_behind(place, &self.rules.presentations, &[Gap::Blank]) {
            return true;
        }
        let is_called = first.before == Gap::Blank
            && self.last(place).is_some_and(|last| self.rules.calls.contains(&last.folded));
        is_called && self.speaks_of_a_person(place)
    }

    /// Whether a person is spoken of shortly before, in the same sentence.
    fn speaks_of_a_person(&self, place: usize) -> bool {
        for nearer in (place.saturating_sub(REACH)..place).rev() {
            let Some(word) = self.word(nearer) else { return false };
            if self.rules.persons.contains(&word.stem()) {
                return true;
            }
            if word.before.opens() {
                return false;
            }
        }
        false
    }

    /// "My sister X", and with a comma between if it is somebody's: "my boss, X".
    fn is_of_a_person(&self, place: usize, first: &Word<'_>) -> bool {
        let Some(person) = self.last(place) else { return false };
        if !self.rules.persons.contains(&person.folded) {
            return false;
        }
        match first.before {
            Gap::Blank => true,
            Gap::Comma => {
                let nearby = self.words.get(place.saturating_sub(REACH)..place).unwrap_or_default();
                nearby.iter().any(|word| self.rules.owners.contains(&word.folded))
            }
            Gap::Colon | Gap::Dot | Gap::Stop | Gap::Dash | Gap::Line | Gap::Wall | Gap::Other => {
                false
            }
        }
    }

    /// "X's younger brother".
    fn has_a_person(&self, next: usize, last: &Word<'_>) -> bool {
        let following = self.words.iter().skip(next).take(OWNED);
        let mut owned = following.take_while(|word| word.before == Gap::Blank);
        last.is_genitive() && owned.any(|word| self.rules.persons.contains(&word.stem()))
    }

    /// "Dr. X", "Mrs X", "Uncle X".
    fn is_titled(&self, first: &Word<'_>, place: usize) -> bool {
        matches!(first.before, Gap::Blank | Gap::Dot)
            && self.last(place).is_some_and(|title| self.rules.titles.contains(&title.folded))
    }

    /// "Hi X,".
    fn is_greeted(&self, place: usize, last: &Word<'_>) -> bool {
        last.after.closes()
            && self.is_behind(place, &self.rules.greetings, &[Gap::Blank, Gap::Comma])
    }

    /// "- X" or "Best wishes, X" at the end of a line.
    fn is_signed(&self, place: usize, first: &Word<'_>, last: &Word<'_>) -> bool {
        let ends_line = last.after == Gap::Line;
        let ends = ends_line || matches!(last.after, Gap::Dot | Gap::Stop);
        let closed = self.is_behind(place, &self.rules.closings, &[Gap::Comma, Gap::Line]);
        (ends_line && first.before == Gap::Dash) || (ends && closed)
    }

    /// "Take your time, X." : one word at the end of a sentence that holds no other capitals nearby.
    fn is_addressed(&self, place: usize, count: usize, first: &Word<'_>, last: &Word<'_>) -> bool {
        let ends = matches!(last.after, Gap::Dot | Gap::Stop | Gap::Line);
        let before = self.last(place).is_some_and(|word| {
            word.is_of_letters() && (!word.is_capitalised() || word.before.opens())
        });
        count == 1
            && ends
            && before
            && first.before == Gap::Comma
            && !first.is_shouted()
            && !self.rules.ambiguous.contains(&first.stem())
            && !self.rules.tells_what_somebody_is(first)
    }

    /// "... and X told me", "I told X".
    fn acts(&self, place: usize, count: usize, first: &Word<'_>, last: &Word<'_>) -> bool {
        if first.is_shouted() || self.rules.tells_what_somebody_is(first) {
            return false;
        }
        let does = last.after == Gap::Blank
            && matches!(first.before, Gap::Blank | Gap::Comma)
            && self.word(place + count).is_some_and(|verb| self.rules.acts.contains(&verb.folded));
        let is_done_to = first.before == Gap::Blank
            && self.last(place).is_some_and(|verb| self.rules.done_to.contains(&verb.folded));
        does || is_done_to
    }

    /// "X here." at the beginning of a message.
    fn answers(&self, next: usize, first: &Word<'_>) -> bool {
        first.before == Gap::Line
            && self.word(next).is_some_and(|here| {
                here.folded == "here"
                    && here.before == Gap::Blank
                    && matches!(here.after, Gap::Dot | Gap::Stop | Gap::Comma)
            })
    }
}
