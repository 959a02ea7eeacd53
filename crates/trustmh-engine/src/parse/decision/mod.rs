//! Which option a text commits to: what it states, concludes, calls right, or says alone.

mod chinese;
mod elimination;
mod english;
mod guard;
mod pattern;
mod sentence;
mod turning;

use std::collections::BTreeSet;

use super::dress;
use super::mention::{Named, Options, is_mention, named};
use sentence::Sentence;

/// What a reader takes from a text about one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// The text says nothing to the question.
    Nothing,
    /// It says something that is no single option of the list.
    Unreadable,
    /// The option with this index.
    Decided(usize),
}

impl Reading {
    pub(super) fn option(self) -> Option<usize> {
        match self {
            Self::Decided(index) => Some(index),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

/// How plainly a decision is one; of several the plainest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Force {
    /// "It is B."
    Said,
    /// "B is the best."
    Called,
    /// "Hence B."
    Concluded,
    /// "Answer: B", "I choose B", a box, a lone letter.
    Stated,
}

#[derive(Debug, Clone, Copy)]
struct Decision {
    sentence: usize,
    named: Named,
    force: Force,
}

/// What the reply's text commits to.
pub(super) fn read(reply: &str, options: &Options) -> Reading {
    read_plain(&dress::taken_off(reply), options)
}

/// [`read`] of a text whose dress is off.
pub(super) fn read_plain(plain: &str, options: &Options) -> Reading {
    if let Some(index) = begun(plain, options) {
        return Reading::Decided(index);
    }
    let marked = sentence::joined(&options.marked(plain));
    let sentences = sentence::sentences(&marked);
    let mut decisions = Vec::new();
    for (index, sentence) in sentences.iter().enumerate() {
        for (named, force) in
            english::decisions(sentence).into_iter().chain(chinese::decisions(sentence))
        {
            decisions.push(Decision { sentence: index, named, force });
        }
    }
    decisions.extend(lone(&sentences));
    decisions.extend(lone_after_turn(&sentences));
    decisions.extend(sole_right_one(&sentences));
    decisions.sort_by_key(|decision| decision.sentence);
    corrected(&sentences, &mut decisions);
    if withdrawn(&sentences, &decisions) {
        return Reading::Unreadable;
    }
    if repeats_itself_otherwise(&sentences, &decisions) {
        return Reading::Unreadable;
    }
    settled(&decisions).unwrap_or_else(|| only_text(&marked, &sentences))
}

/// A text that is but a good part of one option's words.
fn begun(plain: &str, options: &Options) -> Option<usize> {
    let text = plain.trim();
    let text = ["Answer:", "answer:", "答案:"]
        .iter()
        .find_map(|name| text.strip_prefix(name))
        .unwrap_or(text);
    if text.trim().contains('\n') { None } else { options.begun_by(text) }
}

/// What a text that follows an answer puts in its place; nothing where it only explains.
pub(super) fn read_correction(plain: &str, options: &Options) -> Reading {
    let marked = sentence::joined(&options.marked(plain));
    let sentences = sentence::sentences(&marked);
    let Some(turn) = sentences.iter().rposition(|sentence| sentence.turns_back()) else {
        return Reading::Nothing;
    };
    let anew = sentences.get(turn..).unwrap_or_default();
    let decisions: Vec<Decision> = anew
        .iter()
        .flat_map(|sentence| {
            english::decisions(sentence).into_iter().chain(chinese::decisions(sentence))
        })
        .map(|(named, force)| Decision { sentence: 0, named, force })
        .filter(|decision| decision.force > Force::Said)
        .collect();
    settled(&decisions).unwrap_or(if anew.iter().any(|s| s.takes_back()) {
        Reading::Unreadable
    } else {
        Reading::Nothing
    })
}

/// Whether a sentence of this line turns back; options need not be known for that.
pub(super) fn opens_turn(line: &str) -> bool {
    sentence::sentences(&line.to_lowercase()).iter().any(Sentence::turns_back)
}

/// Whether the writer turns back in this text.
pub(super) fn turns_back(plain: &str, options: &Options) -> bool {
    let marked = sentence::joined(&options.marked(plain));
    sentence::sentences(&marked).iter().any(|sentence| sentence.turns_back())
}

/// The one option that the text names by its words and does not deny, where it names no other.
pub(super) fn sole_text(plain: &str, options: &Options) -> Option<usize> {
    let marked = sentence::joined(&options.marked(plain));
    let mut mentions = marked.char_indices().filter(|(_, c)| is_mention(*c));
    let (at, sign) = mentions.next()?;
    let before = marked.get(..at)?.trim_end();
    let denied = ["no", "not", "without", "never", "less", "of", "没有", "不"]
        .iter()
        .any(|word| before.ends_with(word));
    match named(sign) {
        Some(Named::Text(index)) if !denied && mentions.all(|(_, other)| other == sign) => {
            Some(index)
        }
        Some(Named::Letter(_) | Named::Text(_) | Named::Undecidable) | None => None,
    }
}

/// An answer that is all of a line, or that heads the text and no other option does.
fn lone(sentences: &[Sentence]) -> Vec<Decision> {
    let heads: BTreeSet<char> = sentences.iter().filter_map(|s| s.head()).collect();
    let alone: BTreeSet<char> = sentences.iter().filter_map(|s| s.alone()).collect();
    let mut found = Vec::new();
    let mut push = |sentence: usize, sign: char, force| {
        found.extend(named(sign).map(|named| Decision { sentence, named, force }));
    };
    if let Some((at, sign)) = sentences
        .iter()
        .enumerate()
        .find_map(|(at, s)| Some((at, s.alone()?)))
        .filter(|_| alone.union(&heads).count() == 1)
    {
        push(at, sign, Force::Said);
    }
    if let Some(last) = sentences.iter().rposition(|s| s.says_something()) {
        let first = sentences.iter().position(|s| s.says_something()).unwrap_or(last);
        for at in BTreeSet::from([first, last]) {
            if let Some(sign) =
                sentences.get(at).and_then(|s| s.alone()).filter(|_| alone.len() == 1)
            {
                push(at, sign, Force::Stated);
            }
        }
        // After a paragraph "B." begins a line of its own, whatever follows it.
        if let Some(sign) = sentences.get(first).and_then(|s| s.head()).filter(|_| heads.len() == 1)
        {
            push(first, sign, Force::Concluded);
        }
        let line = (0..=last)
            .rev()
            .take_while(|at| {
                sentences
                    .get(*at)
                    .is_some_and(|s| s.line == sentences.get(last).map_or(0, |s| s.line))
            })
            .last();
        if let Some((at, sign)) =
            line.and_then(|at| Some((at, sentences.get(at)?.head()?))).filter(|_| heads.len() == 1)
        {
            push(at, sign, Force::Said);
        }
    }
    found
}

/// What stands alone where the writer has turned back.
fn lone_after_turn(sentences: &[Sentence]) -> Vec<Decision> {
    let Some(turn) = sentences.iter().rposition(Sentence::turns_back) else { return Vec::new() };
    let anew = lone(sentences.get(turn..).unwrap_or_default()).into_iter();
    anew.filter(|decision| decision.force == Force::Stated)
        .map(|decision| Decision { sentence: decision.sentence + turn, ..decision })
        .collect()
}

/// The one option that is called right where others are called wrong.
fn sole_right_one(sentences: &[Sentence]) -> Option<Decision> {
    let mut right: Vec<(usize, char)> = Vec::new();
    let mut wrong = BTreeSet::new();
    for (index, sentence) in sentences.iter().enumerate() {
        for (sign, is_right) in sentence.verdict().into_iter().chain(sentence.verdicts()) {
            if is_right {
                right.push((index, sign));
            } else {
                wrong.insert(sign);
            }
        }
    }
    let (sentence, sign) = *right.first()?;
    let alone = right.iter().all(|(_, other)| *other == sign) && !wrong.contains(&sign);
    let named = named(sign).filter(|_| alone && !wrong.is_empty())?;
    Some(Decision { sentence, named, force: Force::Called })
}

/// Drops what was decided before the writer turned back and decided anew.
fn corrected(sentences: &[Sentence], decisions: &mut Vec<Decision>) {
    let anew = decisions.iter().filter(|decision| decision.force > Force::Said);
    let Some(last) = anew.map(|decision| decision.sentence).max() else { return };
    let turn = (0..=last).rev().find(|at| sentences.get(*at).is_some_and(Sentence::turns_back));
    if let Some(turn) = turn {
        decisions.retain(|decision| decision.sentence >= turn);
    }
}

/// Whether the last decision was taken back and none took its place.
fn withdrawn(sentences: &[Sentence], decisions: &[Decision]) -> bool {
    let Some(last) = decisions.iter().map(|decision| decision.sentence).max() else { return false };
    sentences.iter().skip(last + 1).any(|sentence| sentence.takes_back())
}

/// "Answer: A", then "Answer: B" in the same words: order alone decides nothing.
fn repeats_itself_otherwise(sentences: &[Sentence], decisions: &[Decision]) -> bool {
    let stated: Vec<(&str, Named)> = decisions
        .iter()
        .filter(|decision| decision.force == Force::Stated)
        .filter_map(|decision| Some((sentences.get(decision.sentence)?.text, decision.named)))
        .collect();
    let words = |text: &str| text.replace(|c: char| is_mention(c) || !c.is_alphanumeric(), "");
    stated.windows(2).any(|pair| match pair {
        [(before, one), (after, other)] => {
            one != other && before != after && words(before) == words(after)
        }
        _ => false,
    })
}

fn settled(decisions: &[Decision]) -> Option<Reading> {
    let force = decisions.iter().map(|decision| decision.force).max()?;
    let plainest: Vec<Named> =
        decisions.iter().filter(|d| d.force == force).map(|d| d.named).collect();
    let last = reading(*plainest.last()?);
    let mut different: Vec<Named> = Vec::new();
    for named in &plainest {
        if !different.contains(named) {
            different.push(*named);
        }
    }
    // Who states three answers has stated none.
    if different.len() > 2 {
        return Some(Reading::Unreadable);
    }
    Some(match force {
        Force::Stated | Force::Concluded => last,
        Force::Called | Force::Said => {
            if plainest.iter().all(|named| reading(*named) == last) {
                last
            } else {
                Reading::Unreadable
            }
        }
    })
}

fn reading(named: Named) -> Reading {
    match named {
        Named::Letter(index) | Named::Text(index) => Reading::Decided(index),
        Named::Undecidable => Reading::Unreadable,
    }
}

/// A short text in which one option is named by its words, as what is to be done, and no other is.
fn only_text(marked: &str, sentences: &[Sentence]) -> Reading {
    let all: BTreeSet<char> = marked.chars().filter(|c| is_mention(*c)).collect();
    if all.is_empty() {
        return Reading::Nothing;
    }
    let said = sentences.iter().filter(|s| s.says_something()).count();
    let Some(Named::Text(index)) = all.first().copied().filter(|_| all.len() == 1).and_then(named)
    else {
        return Reading::Unreadable;
    };
    let recommends = sentences
        .iter()
        .any(|sentence| english::recommends(sentence) || chinese::recommends(sentence));
    if said <= 3 && recommends { Reading::Decided(index) } else { Reading::Unreadable }
}
