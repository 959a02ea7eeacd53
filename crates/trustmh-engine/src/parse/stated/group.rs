//! Names that stand together in a sentence, and where they stand.

use std::ops::Range;

use super::place::{Place, correction, place};
use super::{Counts, Named};
use crate::parse::stance::{Stance, stance};
use crate::parse::wording::{Sentence, pattern, says};

/// Neighbours joined by "and", "or", a comma or brackets: they stand or fall together.
pub(super) struct Group<V> {
    pub(super) span: Range<usize>,
    /// The value that all of them have; none where they differ.
    pub(super) value: Option<V>,
    pub(super) counts: Counts,
    /// How many different values are named.
    width: usize,
    pub(super) place: Place,
}

/// The names of a sentence that the writer gives, neighbours together. What is denied, doubted, asked, quoted or only
/// compared with is left out, and so is what explains an answer that the sentence has given before.
pub(super) fn groups<'n, V: Copy + PartialEq + 'n>(
    text: &str,
    sentence: &Sentence,
    named: impl Iterator<Item = &'n Named<V>>,
    quoted: &[Range<usize>],
) -> Vec<Group<V>> {
    let mut placed: Vec<Group<V>> = Vec::new();
    for mut group in neighbours(text, sentence, named) {
        let before = &text[sentence.span.start..group.span.start];
        let after = &text[group.span.end..sentence.span.end];
        if sentence.question || cited(text, &group.span, quoted) || group.width > 2 {
            continue;
        }
        if stance(before, after) != Stance::Affirmed {
            continue;
        }
        group.place = place(before, after);
        match placed.last_mut().filter(|last| last.place != Place::InPassing) {
            Some(last) => {
                let between = &text[last.span.end..group.span.start];
                if last.value.is_none() || says(correction(), between) {
                    placed.push(group);
                } else if turns_to(between, group.place) {
                    group.place = Place::Alone { corrects: true };
                    placed.push(group);
                } else if last.value != group.value && adds(between, group.place) {
                    last.value = None;
                }
            }
            None => placed.push(group),
        }
    }
    placed
}

fn neighbours<'n, V: Copy + PartialEq + 'n>(
    text: &str,
    sentence: &Sentence,
    named: impl Iterator<Item = &'n Named<V>>,
) -> Vec<Group<V>> {
    let mut groups: Vec<Group<V>> = Vec::new();
    for name in named {
        let last = groups.last_mut().filter(|group| {
            let between = &text[group.span.end..name.span.start];
            let before = &text[sentence.span.start..group.span.start];
            // "Level: 2" says one thing, "neither 50 nor 100: 0" does not; "instead of X, Y" gives Y.
            joined(between)
                && !(between.contains(':') && group.value != name.value)
                && !(between.trim_start().starts_with(',') && contrasts(before))
        });
        if let Some(group) = last {
            group.span.end = name.span.end;
            if group.value != name.value {
                group.width += 1;
                group.value = None;
            }
            if name.counts == Counts::Anywhere {
                group.counts = Counts::Anywhere;
            }
            continue;
        }
        let (span, place) = (name.span.clone(), Place::InPassing);
        groups.push(Group { span, value: name.value, counts: name.counts, width: 1, place });
    }
    groups
}

/// Whether the text between two names makes them one: "A or B", "A (B)", "A/B".
fn joined(between: &str) -> bool {
    between.len() < 40
        && says(
            pattern!(
                r#"^(?: \((?:none|minimal)\))?[\s"'()\[\]:]*(?:(?:[,/&+|~-]|and/or|or|and|nor|to|as well as|plus|或者?|和|与|及|以及|还是|至|到|并)[\s"'()]*)*"#,
                r#"(?:(?:an?|the|any|of|signs?|even|level|also|maybe|perhaps|possibly|第) ?)*["'(]*$"#
            ),
            between,
        )
}

/// "Instead of X": a comma ends what is contrasted.
fn contrasts(before: &str) -> bool {
    says(
        pattern!(
            r"\b(?:instead of|rather than|unlike|compared (?:to|with)|in contrast to|as opposed to|apart from|besides|despite|having ruled out|",
            r"excluding|ruling out)\b[^,;]{0,20}$"
        ),
        before,
    )
}

/// Whether what follows an answer gives another beside it: "X, with some Y"; "X; Y".
fn adds(between: &str, place: Place) -> bool {
    let words = between.chars().any(char::is_alphanumeric);
    if !words && !between.contains('(') && matches!(place, Place::Alone { .. }) {
        return true;
    }
    says(
        pattern!(
            r#"^["')\]]*,? ?(?:with|plus|also|along with|as well|together with|and|or|possibly|perhaps|maybe|but also)\b"#
        ),
        between,
    ) && !says(pattern!(r"\b(?:not|no|n't|without|never|neither|nor)\b"), between)
}

/// "X of others, but with a plan of her own: Y": the turn ends in an answer of its own.
fn turns_to(between: &str, place: Place) -> bool {
    matches!(place, Place::Alone { .. } | Place::Stated { .. })
        && says(
            pattern!(r"\b(?:but|yet|however)\b[^:]{8,}: ?$|(?:但是?|不过|然而)[^:]{4,}: ?$"),
            between,
        )
}

/// Inside quotation marks with other words: somebody else's, or the message's.
fn cited(text: &str, span: &Range<usize>, quoted: &[Range<usize>]) -> bool {
    let around = quoted.partition_point(|quote| quote.end < span.end);
    quoted.get(around).is_some_and(|quote| {
        let inside = quote.start <= span.start && span.end <= quote.end;
        let rest = |part: &str| part.chars().filter(|c| c.is_alphanumeric()).count();
        inside && rest(&text[quote.start..span.start]) + rest(&text[span.end..quote.end]) > 12
    })
}
