//! Which of the things that a reply names is its answer.
//!
//! One order for labels, levels and ratings: what is stated as the answer ("Label: X", "I would rate this X"), the
//! last of it; else what stands alone as a sentence or line; else a conclusion ("so X"); else the only one that is
//! affirmed at all. What the writer denies, doubts, quotes or only compares with is none of these.

mod group;
mod place;

use std::cmp::Reverse;
use std::ops::Range;

use super::decline::declines_to_answer;
use super::wording::{Sentence, pattern, quotations, says, sentences};
use group::groups;
use place::{Place, correction};

/// Where a name of an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// Wherever it is affirmed.
    Anywhere,
    /// Only where it is stated as the answer or stands alone, as a bare number or half of a name.
    AsAnswer,
}

/// A place in the text that names an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<V> {
    pub span: Range<usize>,
    /// None: off the list or the scale.
    pub value: Option<V>,
    pub counts: Counts,
}

/// The places in their order; of those that overlap the first and longest.
pub(super) fn without_overlaps<V>(mut found: Vec<Named<V>>) -> Vec<Named<V>> {
    found.sort_by_key(|name| (name.span.start, Reverse(name.span.end)));
    let mut end = 0;
    found.retain(|name| {
        let apart = name.span.start >= end;
        end = end.max(name.span.end);
        apart
    });
    found
}

/// A place that decides something, with what it decides: none where that cannot be told.
struct Entry<V> {
    place: Place,
    value: Option<V>,
}

/// More names than this are not an answer; it bounds the time, too.
const NAMES_READ: usize = 400;

/// The answer of a plain text, by what it names.
pub(super) fn decision<V: Copy + PartialEq>(text: &str, named: &[Named<V>]) -> Option<V> {
    decided(&entries(text, named))
}

/// The answer of a whole reply. What a writer who has declined names in passing is none: "I can't classify this; it
/// speaks of X." A caveat behind an answer takes nothing back.
pub(super) fn decision_of_reply<V: Copy + PartialEq>(text: &str, named: &[Named<V>]) -> Option<V> {
    let entries = entries(text, named);
    let value = decided(&entries)?;
    if entries.iter().any(|entry| entry.place != Place::InPassing) {
        return Some(value);
    }
    let first = named.first().map_or(0, |name| name.span.end);
    let sentence = sentences(text).into_iter().find(|sentence| first <= sentence.span.end);
    let until = sentence.map_or(text.len(), |sentence| sentence.span.end);
    (!declines_to_answer(text.get(..until).unwrap_or_default(), &[])).then_some(value)
}

/// What a text that follows an answer puts in its place, if it corrects the answer at all.
pub(super) fn correction_of<V: Copy + PartialEq>(
    text: &str,
    named: &[Named<V>],
) -> Option<Option<V>> {
    let cue = correction()?.find(text)?.start();
    let later = named.iter().filter(|name| name.span.start > cue).cloned().collect::<Vec<_>>();
    let entries = entries(text, &later);
    let gives = |entry: &&Entry<V>| match entry.place {
        Place::Stated { .. } | Place::Alone { .. } => true,
        Place::Concluded | Place::InPassing => false,
    };
    entries.iter().rfind(gives).map(|entry| entry.value)
}

fn entries<V: Copy + PartialEq>(text: &str, named: &[Named<V>]) -> Vec<Entry<V>> {
    if named.len() > NAMES_READ {
        return Vec::new();
    }
    let quoted = quotations(text);
    let sentences = sentences(text);
    let mut entries = Vec::new();
    let mut previous = "";
    for (at, sentence) in sentences.iter().enumerate() {
        let words = &text[sentence.span.clone()];
        let next = sentences.get(at + 1).map_or("", |next| &text[next.span.clone()]);
        let answered = if sentence.question { answered(next) } else { Answered::Otherwise };
        let question = sentence.question && answered == Answered::Otherwise;
        let sentence = &Sentence { span: sentence.span.clone(), question };
        let inside = |name: &&Named<V>| {
            sentence.span.start <= name.span.start && name.span.end <= sentence.span.end
        };
        let groups = groups(text, sentence, named.iter().filter(inside), &quoted);
        if groups.is_empty() && names_something_else(words) {
            entries.push(Entry { place: Place::Stated { settled: false }, value: None });
        }
        for group in groups {
            let place = match group.place {
                Place::Alone { corrects } => {
                    Place::Alone { corrects: corrects || says(correction(), previous) }
                }
                other => other,
            };
            if group.counts == Counts::Anywhere || place != Place::InPassing {
                let value = group.value.filter(|_| answered != Answered::InPart);
                entries.push(Entry { place, value });
            }
        }
        previous = words;
    }
    entries
}

/// What a sentence answers to the question before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Yes,
    /// "Yes, but also ...": what is asked is not all.
    InPart,
    Otherwise,
}

fn answered(sentence: &str) -> Answered {
    if !says(pattern!(r#"^[\s"'(-]*(?:yes\b|是的|是[,。]|对[,。])"#), sentence) {
        Answered::Otherwise
    } else if says(
        pattern!(
            r"\b(?:but|also|and|too|as well|partly|in part|somewhat|maybe|perhaps|possibly|could)\b|但|也|还"
        ),
        sentence,
    ) {
        Answered::InPart
    } else {
        Answered::Yes
    }
}

fn decided<V: Copy + PartialEq>(entries: &[Entry<V>]) -> Option<V> {
    let stated = |entry: &Entry<V>| matches!(entry.place, Place::Stated { .. });
    if let Some(last) = entries.iter().rposition(stated) {
        if entries[last].place == (Place::Stated { settled: false }) && walks_through(entries) {
            return None;
        }
        let corrected =
            entries[last..].iter().rfind(|entry| entry.place == Place::Alone { corrects: true });
        // An answer off the list that is then brought onto it: "a score of 14 is given, so level 2".
        let brought = entries[last + 1..].iter().rfind(|entry| {
            matches!(entry.place, Place::Alone { .. } | Place::Concluded)
                && entries[last].value.is_none()
        });
        return corrected.or(brought).unwrap_or(&entries[last]).value;
    }
    let alone = |entry: &&Entry<V>| matches!(entry.place, Place::Alone { .. });
    if entries.iter().any(|entry| alone(&entry)) {
        let corrected =
            entries.iter().rposition(|entry| entry.place == Place::Alone { corrects: true });
        let alone: Vec<&Entry<V>> =
            entries[corrected.unwrap_or(0)..].iter().filter(alone).collect();
        return only(alone[listed(&alone)..].iter().copied());
    }
    if let Some(entry) = entries.iter().rfind(|entry| entry.place == Place::Concluded) {
        return entry.value;
    }
    only(entries.iter())
}

/// How many of the first stand there as a list of all answers: three and more that all differ.
fn listed<V: Copy + PartialEq>(alone: &[&Entry<V>]) -> usize {
    let mut seen: Vec<Option<V>> = Vec::new();
    for entry in alone {
        if seen.contains(&entry.value) {
            break;
        }
        seen.push(entry.value);
    }
    if seen.len() > 2 { seen.len() } else { 0 }
}

/// Three and more different answers under one another are a list of what each would be, not an answer.
fn walks_through<V: Copy + PartialEq>(entries: &[Entry<V>]) -> bool {
    let mut different: Vec<Option<V>> = Vec::new();
    for entry in entries.iter().filter(|entry| matches!(entry.place, Place::Stated { .. })) {
        if !different.contains(&entry.value) {
            different.push(entry.value);
        }
    }
    different.len() > 2
}

/// The value that all of them have.
fn only<'e, V: Copy + PartialEq + 'e>(
    mut entries: impl Iterator<Item = &'e Entry<V>>,
) -> Option<V> {
    let first = entries.next()?.value?;
    entries.all(|entry| entry.value == Some(first)).then_some(first)
}

/// "Label: grief": an answer that is on no list.
fn names_something_else(sentence: &str) -> bool {
    says(
        pattern!(
            r#"^[\s\W]*(?:my |the )?(?:final |overall |predicted |correct )?(?:label|answer|rating|classification|category|标签|答案|类别|评分)"#,
            r#"[\s"')\]]*[:=][\s"'(\[]*[^\s"'(\[]"#
        ),
        sentence,
    )
}
