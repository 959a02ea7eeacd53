//! What the heads look at: blocks of numbers made of a request and a reply.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::EnumString;

use trustmh_core::digest::Digest;

use crate::error::EngineError;
use crate::judge::offline::{OfflineRules, RefusalVerdict, Stance};
use crate::parse::folded;

/// Turns texts into vectors.
pub trait Encode: Send + Sync {
    /// The vector of the first `tokens` tokens of a text after so many layers, of length 1.
    ///
    /// # Errors
    /// [`EngineError::Encoder`].
    fn vector(&self, text: &str, tokens: usize, layers: usize) -> Result<Vec<f32>, EngineError>;
}

/// A block of numbers.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumString,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Block {
    /// The vector of how the reply begins.
    Opening,
    /// The vector of the reply as far as it is read.
    Whole,
    /// The mean of the vectors of its sentences.
    SentencesMean,
    /// The largest number of its sentences in each dimension.
    SentencesMax,
    /// The vector of its last sentence.
    LastSentence,
    /// Its words and pairs of neighbouring words, by a hash.
    Words,
    /// What the offline rules say of it.
    Rules,
}

impl Block {
    /// How many numbers it has.
    pub const fn width(self) -> usize {
        match self {
            Self::Opening
            | Self::Whole
            | Self::SentencesMean
            | Self::SentencesMax
            | Self::LastSentence => DIMENSIONS,
            Self::Words => BUCKETS,
            Self::Rules => RULES,
        }
    }
}

/// Numbers of a vector.
const DIMENSIONS: usize = 384;

/// Numbers of the block of rules.
const RULES: usize = 9;

/// Tokens and layers of the vectors.
const OPENING: (usize, usize) = (48, 3);
const WHOLE: (usize, usize) = (64, 4);
const SENTENCE: (usize, usize) = (32, 4);

/// So many sentences are read, the first ones.
const SENTENCES: usize = 10;

/// So many words are read, the first ones.
const WORDS: usize = 200;

/// Numbers of the block of words.
const BUCKETS: usize = 4096;

/// How a request and a reply look to heads; what is dear is worked out once, when it is first asked for.
pub struct Features<'t> {
    reply: &'t str,
    rules: &'t OfflineRules,
    encoder: &'t dyn Encode,
    sentences: Option<Vec<Vec<f32>>>,
    blocks: BTreeMap<Block, Vec<f32>>,
}

impl std::fmt::Debug for Features<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Features").finish_non_exhaustive()
    }
}

impl<'t> Features<'t> {
    /// Of a reply. No head looks at the request so far: on requests that were left out of training those that did were worse.
    pub fn new(
        _request: &'t str,
        reply: &'t str,
        rules: &'t OfflineRules,
        encoder: &'t dyn Encode,
    ) -> Self {
        Self { reply, rules, encoder, sentences: None, blocks: BTreeMap::new() }
    }

    /// The numbers of these blocks, one after the other.
    ///
    /// # Errors
    /// [`EngineError::Encoder`].
    pub fn of(&mut self, blocks: &[Block]) -> Result<Vec<f32>, EngineError> {
        let mut numbers = Vec::new();
        for block in blocks {
            if !self.blocks.contains_key(block) {
                let made = self.block(*block)?;
                self.blocks.insert(*block, made);
            }
            numbers.extend(self.blocks.get(block).into_iter().flatten());
        }
        Ok(numbers)
    }

    fn block(&mut self, block: Block) -> Result<Vec<f32>, EngineError> {
        let read = |text, (tokens, layers)| self.encoder.vector(text, tokens, layers);
        match block {
            Block::Opening => read(self.reply, OPENING),
            Block::Whole => read(self.reply, WHOLE),
            Block::SentencesMean => Ok(folded_over(self.sentences()?, Over::Mean)),
            Block::SentencesMax => Ok(folded_over(self.sentences()?, Over::Max)),
            Block::LastSentence => Ok(self.sentences()?.last().cloned().unwrap_or_default()),
            Block::Words => Ok(words(self.reply)),
            Block::Rules => Ok(self.by_rules()),
        }
    }

    fn sentences(&mut self) -> Result<&[Vec<f32>], EngineError> {
        if self.sentences.is_none() {
            let (tokens, layers) = SENTENCE;
            let vectors = sentences(self.reply)
                .into_iter()
                .map(|sentence| self.encoder.vector(sentence, tokens, layers))
                .collect::<Result<_, _>>()?;
            self.sentences = Some(vectors);
        }
        Ok(self.sentences.as_deref().unwrap_or_default())
    }

    fn by_rules(&self) -> Vec<f32> {
        let flag = |holds: bool| f32::from(u8::from(holds));
        let refusal = self.rules.refusal(self.reply);
        let stance = self.rules.stance(self.reply);
        let refusals = [
            RefusalVerdict::Refused,
            RefusalVerdict::Redirected,
            RefusalVerdict::Partial,
            RefusalVerdict::Complied,
        ];
        let stances = [Stance::Challenges, Stance::Endorses, Stance::Implies, Stance::Neutral];
        let refusals = refusals.into_iter().map(|verdict| flag(verdict == refusal));
        let stances = stances.into_iter().map(|one| flag(one == stance));
        refusals.chain(stances).chain([flag(self.rules.declines(self.reply))]).collect()
    }
}

#[derive(Clone, Copy)]
enum Over {
    Mean,
    Max,
}

fn folded_over(vectors: &[Vec<f32>], over: Over) -> Vec<f32> {
    let Some((first, rest)) = vectors.split_first() else { return Vec::new() };
    let mut folded = first.clone();
    for vector in rest {
        for (so_far, number) in folded.iter_mut().zip(vector) {
            *so_far = match over {
                Over::Mean => *so_far + number,
                Over::Max => so_far.max(*number),
            };
        }
    }
    if let Over::Mean = over {
        folded.iter_mut().for_each(|sum| *sum /= vectors.len() as f32);
    }
    folded
}

/// The sentences of a text, the first [`SENTENCES`]; the whole text where it has none. A full stop, an exclamation or question mark
/// that a blank follows ends one, and so does the end of a line.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let goes_on = signs.peek().is_some_and(|(_, next)| !next.is_whitespace());
        let ends =
            sign == '\n' || (matches!(sign, '.' | '!' | '?' | '。' | '！' | '？') && !goes_on);
        if ends {
            let end = at + sign.len_utf8();
            found.push(text.get(begin..end).unwrap_or_default());
            begin = end;
        }
    }
    found.push(text.get(begin..).unwrap_or_default());
    found.retain(|sentence| sentence.trim().chars().count() > 1);
    found.truncate(SENTENCES);
    match found.is_empty() {
        true => vec![text],
        false => found.into_iter().map(str::trim).collect(),
    }
}

/// Words, signs at sentences' ends, and pairs of neighbours, each counted up or down in the bucket of its hash; of length 1.
fn words(text: &str) -> Vec<f32> {
    let text = folded(text);
    let mut tokens: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if !bare.is_empty() {
            tokens.push(bare);
        }
        if let Some(sign) = word.strip_prefix(bare).filter(|sign| !sign.is_empty()) {
            tokens.extend(sign.get(..1).filter(|sign| ["?", "!", "."].contains(sign)));
        } else if word.ends_with(['?', '!']) {
            tokens.push(if word.ends_with('?') { "?" } else { "!" });
        }
        if tokens.len() >= WORDS {
            break;
        }
    }
    let mut buckets = vec![0.0_f32; BUCKETS];
    let mut count = |parts: &[&str]| {
        let hash = Digest::seed(parts.join(" ").as_bytes());
        let at = usize::try_from(hash % BUCKETS as u64).unwrap_or_default();
        if let Some(bucket) = buckets.get_mut(at) {
            *bucket += if hash >> 63 == 0 { 1.0 } else { -1.0 };
        }
    };
    tokens.iter().for_each(|token| count(&[token]));
    tokens.windows(2).for_each(&mut count);
    let length = buckets.iter().map(|count| count * count).sum::<f32>().sqrt();
    if length > 0.0 {
        buckets.iter_mut().for_each(|count| *count /= length);
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_signs_that_a_blank_follows_and_at_lines() {
        assert_eq!(
            sentences("I can't. Try 3.5 times? No\n- one\n\n"),
            ["I can't.", "Try 3.5 times?", "No", "- one"]
        );
        assert_eq!(sentences(""), [""]);
        assert_eq!(sentences(&"A b. ".repeat(30)).len(), SENTENCES);
        assert_eq!(sentences("不行。我不能。"), ["不行。我不能。"]);
    }

    #[test]
    fn words_are_hashed_the_same_everywhere() {
        let numbers = words("I can't, can I?");
        assert_eq!(numbers.len(), BUCKETS);
        let set: Vec<usize> = (0..BUCKETS).filter(|at| numbers[*at] != 0.0).collect();
        assert_eq!(
            set,
            words("i  CAN'T, can i?")
                .iter()
                .enumerate()
                .filter(|(_, n)| **n != 0.0)
                .map(|(at, _)| at)
                .collect::<Vec<_>>()
        );
        assert!((numbers.iter().map(|n| n * n).sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(words("").iter().all(|number| *number == 0.0));
    }

    #[test]
    fn vectors_of_sentences_are_folded() {
        let vectors = [vec![1.0, -2.0], vec![3.0, -4.0]];
        assert_eq!(folded_over(&vectors, Over::Mean), [2.0, -3.0]);
        assert_eq!(folded_over(&vectors, Over::Max), [3.0, -2.0]);
    }
}
