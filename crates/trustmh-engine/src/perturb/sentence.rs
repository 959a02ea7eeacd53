//! Slips of whole sentences: one that has nothing to do with it, repetition, turned round, a lost end; and noise of
//! punctuation, which is fine enough to reach any distance.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use unicode_segmentation::UnicodeSegmentation;

use super::distance::{distance, length};
use super::{Budget, Keep, Request};

/// Draws of larger changes before punctuation takes over.
const LARGE_DRAWS: usize = 12;

pub(super) fn draft(
    request: &Request<'_>,
    budget: Budget,
    rng: &mut ChaCha8Rng,
) -> (String, usize) {
    let sentences = request.text.split_sentence_bounds().map(str::to_owned).collect();
    let mut draft = Draft { request, sentences, used: 0, budget };
    for _ in 0..LARGE_DRAWS {
        if draft.used >= budget.aim || draft.sentences.is_empty() {
            break;
        }
        match rng.random_range(0..4) {
            0 => draft.irrelevant(rng),
            1 => draft.repeat(rng),
            2 => draft.turn(rng),
            _ => draft.lose_end(rng),
        }
    }
    let left = budget.aim.saturating_sub(draft.used);
    (punctuated(request, &draft.sentences.concat(), left, rng), draft.used + left)
}

struct Draft<'r, 'a> {
    request: &'r Request<'a>,
    sentences: Vec<String>,
    used: usize,
    budget: Budget,
}

impl Draft<'_, '_> {
    fn spend(&mut self, cost: usize) -> bool {
        let fits = cost > 0 && self.used + cost <= self.budget.most;
        self.used += if fits { cost } else { 0 };
        fits
    }

    fn negates(&self, text: &str) -> bool {
        self.request.keep == Keep::Label && !self.request.tables.negations(text).is_empty()
    }

    fn irrelevant(&mut self, rng: &mut ChaCha8Rng) {
        let table = &self.request.tables.irrelevant;
        let Some(sentence) = table.get(rng.random_range(0..table.len().max(1))) else { return };
        let blank = if self.request.tables.language == "zh" { "" } else { " " };
        let at = rng.random_range(0..=self.sentences.len());
        let ended = |sentence: &String| sentence.ends_with(char::is_whitespace);
        let joined = at == 0 || blank.is_empty() || self.sentences.get(at - 1).is_some_and(ended);
        let text =
            if joined { format!("{sentence}{blank}") } else { format!("{blank}{sentence}{blank}") };
        if self.spend(length(&text)) {
            self.sentences.insert(at, text);
        }
    }

    fn repeat(&mut self, rng: &mut ChaCha8Rng) {
        let at = rng.random_range(0..self.sentences.len());
        let Some(sentence) = self.sentences.get(at).cloned() else { return };
        if !self.negates(&sentence) && self.spend(length(&sentence)) {
            self.sentences.insert(at, sentence);
        }
    }

    fn turn(&mut self, rng: &mut ChaCha8Rng) {
        let at = rng.random_range(0..self.sentences.len());
        let (Some(one), Some(other)) = (self.sentences.get(at), self.sentences.get(at + 1)) else {
            return;
        };
        let (cost, _) = distance(&format!("{one}{other}"), &format!("{other}{one}"));
        if self.spend(usize::try_from(cost).unwrap_or(usize::MAX)) {
            self.sentences.swap(at, at + 1);
        }
    }

    /// The text breaks off before its end.
    fn lose_end(&mut self, rng: &mut ChaCha8Rng) {
        let left = self.budget.aim.saturating_sub(self.used);
        let Some(last) = self.sentences.last_mut() else { return };
        let clusters: Vec<&str> = last.graphemes(true).collect();
        let most = left.min(clusters.len() / 2);
        if self.request.keep == Keep::Label || most == 0 {
            return;
        }
        let lost = rng.random_range(1..=most);
        *last = clusters.get(..clusters.len() - lost).unwrap_or_default().concat();
        self.used += lost;
    }
}

/// The text with so many marks added, doubled, changed or lost. Marks inside words ("don't", "3.5") stay.
fn punctuated(request: &Request<'_>, text: &str, count: usize, rng: &mut ChaCha8Rng) -> String {
    let mut tokens: Vec<String> = text.split_word_bounds().map(str::to_owned).collect();
    let mut draws = 8 * count + 16;
    let mut made = 0;
    while made < count && draws > 0 && !tokens.is_empty() {
        draws -= 1;
        let at = rng.random_range(0..tokens.len());
        let marks = &request.tables.marks;
        let mark = marks.get(rng.random_range(0..marks.len().max(1))).cloned().unwrap_or_default();
        let Some(token) = tokens.get_mut(at) else { continue };
        if token.chars().all(char::is_whitespace) {
            continue;
        }
        let is_mark = marks.contains(token);
        match (is_mark, rng.random_range(0..3)) {
            (true, 0) => token.clear(),
            (true, 1) if *token != mark => *token = mark,
            (true, _) => token.push_str(&mark),
            (false, _) => token.push_str(&mark),
        }
        made += 1;
    }
    tokens.concat()
}
