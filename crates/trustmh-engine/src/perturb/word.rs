//! Slips of words: small words lost, fillers, neighbours turned round, misspellings, contractions made and
//! undone, short forms, words put in the place of their like.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use unicode_segmentation::UnicodeSegmentation;

use super::distance::{distance, length};
use super::{Budget, Keep, Request};

/// A text in tokens, each of which may be rewritten once.
struct Draft<'r, 'a> {
    request: &'r Request<'a>,
    tokens: Vec<&'a str>,
    written: Vec<Option<String>>,
    used: usize,
    budget: Budget,
}

pub(super) fn draft(
    request: &Request<'_>,
    budget: Budget,
    rng: &mut ChaCha8Rng,
) -> (String, usize) {
    let tokens: Vec<&str> = request.text.split_word_bounds().collect();
    let written = vec![None; tokens.len()];
    let mut draft = Draft { request, tokens, written, used: 0, budget };
    let mut order: Vec<usize> = (0..draft.tokens.len()).filter(|at| draft.is_word(*at)).collect();
    order.shuffle(rng);
    for at in &order {
        if draft.used >= budget.aim {
            break;
        }
        draft.rewrite(*at, rng);
    }
    draft.fill(&order, rng);
    (draft.text(), draft.used)
}

impl<'a> Draft<'_, 'a> {
    fn is_word(&self, at: usize) -> bool {
        let token = self.tokens.get(at);
        token.is_some_and(|token| token.chars().any(char::is_alphanumeric))
    }

    fn free(&self, at: usize) -> bool {
        self.written.get(at).is_some_and(Option::is_none)
    }

    fn left(&self) -> usize {
        self.budget.most.saturating_sub(self.used)
    }

    fn negates(&self, text: &str) -> bool {
        self.request.keep == Keep::Label && !self.request.tables.negations(text).is_empty()
    }

    /// One slip at a word, if a fitting one is drawn.
    fn rewrite(&mut self, at: usize, rng: &mut ChaCha8Rng) {
        if !self.free(at) {
            return;
        }
        match rng.random_range(0..8) {
            0 => self.lose(at),
            1 => self.filler(at, rng),
            2 => self.turn(at),
            _ => self.replace(at, rng),
        }
    }

    fn lose(&mut self, at: usize) {
        let Some(token) = self.tokens.get(at).copied() else { return };
        if self.request.tables.stop_words.contains(&token.to_lowercase()) {
            let space =
                self.tokens.get(at + 1).is_some_and(|next| *next == " ") && self.free(at + 1);
            let end = if space { at + 2 } else { at + 1 };
            self.put(at, end, String::new());
        }
    }

    fn filler(&mut self, at: usize, rng: &mut ChaCha8Rng) {
        let fillers = &self.request.tables.fillers;
        let filler = fillers.get(rng.random_range(0..fillers.len().max(1)));
        let (Some(filler), Some(token)) = (filler, self.tokens.get(at).copied()) else { return };
        self.put(at, at + 1, format!("{filler}{}{token}", self.space()));
    }

    /// What stands between words: a blank, and nothing in Chinese.
    fn space(&self) -> &'static str {
        if self.request.tables.language == "zh" { "" } else { " " }
    }

    fn turn(&mut self, at: usize) {
        let next = if self.is_word(at + 1) { at + 1 } else { at + 2 };
        let blank = self.tokens.get(at + 1..next).unwrap_or_default();
        if !self.is_word(next) || blank.iter().any(|token| *token != " ") {
            return;
        }
        if let (Some(one), Some(other)) = (self.tokens.get(at), self.tokens.get(next)) {
            self.put(at, next + 1, format!("{other}{}{one}", blank.concat()));
        }
    }

    /// Any phrase of the tables that begins here.
    fn replace(&mut self, at: usize, rng: &mut ChaCha8Rng) {
        let longest = self.request.tables.longest_phrase;
        let mut found: Vec<(usize, &String)> = Vec::new();
        for end in at + 1..=(at + longest).min(self.tokens.len()) {
            let phrase = self.tokens.get(at..end).unwrap_or_default().concat();
            found.extend(self.request.tables.instead_of(&phrase).iter().map(|to| (end, to)));
        }
        let Some((end, to)) = found.get(rng.random_range(0..found.len().max(1))).copied() else {
            return;
        };
        let capital = self.tokens.get(at).and_then(|token| token.chars().next());
        let text = match (capital.filter(|sign| sign.is_uppercase()), to.chars().next()) {
            (Some(_), Some(first)) => {
                let rest = to.get(first.len_utf8()..).unwrap_or_default();
                format!("{}{rest}", first.to_uppercase())
            }
            _ => to.clone(),
        };
        self.put(at, end, text);
    }

    /// Writes `text` in the place of some tokens, unless that costs too much or touches a negation.
    fn put(&mut self, start: usize, end: usize, text: String) {
        let before = self.tokens.get(start..end).unwrap_or_default().concat();
        if (start..end).any(|at| !self.free(at)) || self.negates(&before) || self.negates(&text) {
            return;
        }
        let (cost, _) = distance(&before, &text);
        let cost = usize::try_from(cost).unwrap_or(usize::MAX);
        if cost == 0 || cost > self.left() {
            return;
        }
        self.used += cost;
        for (at, place) in (start..).zip(self.written.get_mut(start..end).unwrap_or_default()) {
            *place = Some(if at == start { text.clone() } else { String::new() });
        }
    }

    /// What the words of a text do not give, fillers do: short ones fit into any budget.
    fn fill(&mut self, order: &[usize], rng: &mut ChaCha8Rng) {
        let space = self.space();
        let fillers: Vec<(usize, &String)> = self
            .request
            .tables
            .fillers
            .iter()
            .map(|filler| (length(filler) + length(space), filler))
            .collect();
        let mut draws = 4 * order.len() + 64;
        while self.used < self.budget.aim && draws > 0 && !order.is_empty() {
            draws -= 1;
            let left = self.left();
            let fitting: Vec<&(usize, &String)> =
                fillers.iter().filter(|(cost, _)| *cost <= left).collect();
            let (Some((cost, filler)), Some(at)) = (
                fitting.get(rng.random_range(0..fitting.len().max(1))).copied(),
                order.get(rng.random_range(0..order.len())).copied(),
            ) else {
                return;
            };
            let stands = match self.written.get(at).cloned().flatten() {
                Some(written) => written,
                None => self.tokens.get(at).copied().unwrap_or_default().to_owned(),
            };
            if let Some(place) = self.written.get_mut(at) {
                *place = Some(format!("{filler}{space}{stands}"));
                self.used += cost;
            }
        }
    }

    fn text(&self) -> String {
        let written = self.tokens.iter().zip(&self.written);
        written.map(|(token, written)| written.as_deref().unwrap_or(token)).collect()
    }
}
