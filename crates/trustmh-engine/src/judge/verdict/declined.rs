//! A judge that declines in its own voice gives no verdict, whatever its prose names.

use super::words::{one_of, words};
use crate::parse::decline::declines_to_answer;

/// The first words of a sentence that a judge says of itself.
const OWN: &str = "\
    i i'm i'd i'll i've we we're my sorry apologies unfortunately as 我 抱 对 很 不 作";

/// So many sentences from the beginning.
const OPENING: usize = 3;

/// Whether one of the first sentences declines, and is the judge's own.
pub(super) fn declines(text: &str) -> bool {
    let sentences = text.split_inclusive(['.', '!', '?', ';', '\n', '。', '；']);
    sentences.filter(|sentence| sentence.contains(char::is_alphanumeric)).take(OPENING).any(
        |sentence| {
            let own = words(sentence).first().is_some_and(|word| one_of(OWN, &word.text));
            own && !withholds_praise(sentence) && declines_to_answer(sentence, &[])
        },
    )
}

/// "I cannot give full marks", "I can't recommend this": a judgement.
fn withholds_praise(sentence: &str) -> bool {
    words(sentence)
        .iter()
        .any(|word| one_of("marks credit recommend praise points endorse", &word.text))
}
