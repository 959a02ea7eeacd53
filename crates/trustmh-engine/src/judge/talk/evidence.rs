//! Where a judge sees an answer, looked up in the conversation.

use std::ops::Range;

use crate::conversation::{Said, Talk};

/// Where a judge sees an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The turn that the judge names, from 0; none where it names none.
    pub turn: Option<u8>,
    /// What it quotes; empty where it quotes nothing.
    pub quote: String,
    /// Where that was found.
    pub found: Found,
}

/// Where a quotation was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// In the turn that the judge names, in the words of either side.
    InTurn,
    /// In this turn, from 0, first: the judge names another one, or none.
    InAnotherTurn(u8),
    /// Nowhere in the conversation.
    Nowhere,
    /// The judge quotes nothing.
    NoQuote,
}

impl Evidence {
    /// What a judge says of where it sees an answer, looked up: `number` is that of a turn as the judge is shown it.
    pub fn looked_up(talk: &Talk<'_>, number: Option<u32>, quote: &str) -> Self {
        let found = Quote::of(quote).map_or(Found::NoQuote, |quote| quote.find(talk, number));
        let turn = number.and_then(|number| u8::try_from(number.checked_sub(1)?).ok());
        Self { turn, quote: quote.trim().to_owned(), found }
    }

    /// Where the quotation stands in a text, in bytes, part by part where it leaves something out; empty where it does not stand there.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        Quote::of(&self.quote).and_then(|quote| quote.places(text)).unwrap_or_default()
    }

    /// The turn in which the quotation stands, from 0; the one that the judge names where it quotes nothing. None in a greeting that stands
    /// fixed.
    pub fn place(&self) -> Option<u8> {
        match self.found {
            Found::InTurn | Found::NoQuote => self.turn,
            Found::InAnotherTurn(turn) => Some(turn),
            Found::Nowhere => None,
        }
    }
}

/// The number under which a judge is shown a turn: replies are counted from 1, and what the client says before one has its number. A
/// greeting that stands fixed is 0.
pub(super) fn number(said: &Said<'_>) -> u32 {
    said.turn.map_or(0, |turn| u32::from(turn) + 1)
}

/// A quotation, parted where it leaves something out.
struct Quote(Vec<String>);

impl Quote {
    /// None of one without a word.
    fn of(text: &str) -> Option<Self> {
        let text = text.replace("[...]", "…").replace("[…]", "…").replace("...", "…");
        let parts = text.split('…').map(|part| folded(part).trim_matches(is_edge).to_owned());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then_some(Self(parts))
    }

    fn find(&self, talk: &Talk<'_>, number: Option<u32>) -> Found {
        let mut held = talk.said.iter().filter(|said| self.is_in(&said.text)).peekable();
        let Some(first) = held.peek().copied() else { return Found::Nowhere };
        let named = held.any(|said| Some(self::number(said)) == number);
        match first.turn {
            Some(turn) if !named => Found::InAnotherTurn(turn),
            Some(_) | None => Found::InTurn,
        }
    }

    /// Whether all its parts stand in the text, in their order.
    fn is_in(&self, text: &str) -> bool {
        let text = folded(text);
        let mut rest = text.as_str();
        self.0.iter().all(|part| match rest.split_once(part.as_str()) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    }

    /// Where its parts stand in the text, in their order; none if one of them does not.
    fn places(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let signs = signs(text);
        let mut places = Vec::with_capacity(self.0.len());
        let mut from = 0;
        for part in &self.0 {
            let part: Vec<char> = part.chars().collect();
            let rest = signs.get(from..).unwrap_or_default();
            let holds =
                |window: &[Sign]| window.iter().map(|sign| sign.sign).eq(part.iter().copied());
            let at = from + rest.windows(part.len()).position(holds)?;
            from = at + part.len();
            places.push(signs.get(at)?.from.start..signs.get(from - 1)?.from.end);
        }
        Some(places)
    }
}

/// What may stand at the ends of a quotation and not in the text.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || ".,;:!?'-。，；：！？、".contains(c)
}

/// A sign of a folded text, and where it comes from.
struct Sign {
    sign: char,
    from: Range<usize>,
}

/// Small letters, one sort of quotes and dashes, no marks of Markdown, single blanks.
fn signs(text: &str) -> Vec<Sign> {
    let mut found: Vec<Sign> = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if matches!(c, '*' | '_' | '`' | '#' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}') {
            continue;
        }
        let plain = match c {
            '"' | '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '「' | '」' | '『' | '』' | '´' => {
                '\''
            }
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            _ if c.is_whitespace() => ' ',
            _ => c,
        };
        let from = at..at + c.len_utf8();
        found.extend(plain.to_lowercase().map(|sign| Sign { sign, from: from.clone() }));
    }
    let dashed = joined(found, &['-', '-'], '-');
    let mut blanks: Vec<Sign> = Vec::with_capacity(dashed.len());
    for sign in dashed {
        let again = sign.sign == ' ' && blanks.last().is_none_or(|last| last.sign == ' ');
        if !again {
            blanks.push(sign);
        }
    }
    if blanks.last().is_some_and(|last| last.sign == ' ') {
        blanks.pop();
    }
    joined(blanks, &[' ', '-', ' '], '-')
}

/// Each occurrence of a sequence as one sign.
fn joined(signs: Vec<Sign>, sequence: &[char], one: char) -> Vec<Sign> {
    let mut found: Vec<Sign> = Vec::with_capacity(signs.len());
    let mut at = 0;
    while let Some(here) = signs.get(at) {
        let run = signs.get(at..at + sequence.len()).unwrap_or_default();
        let is_run =
            !run.is_empty() && run.iter().map(|sign| sign.sign).eq(sequence.iter().copied());
        let (sign, length) = if is_run { (one, sequence.len()) } else { (here.sign, 1) };
        let end = signs.get(at + length - 1).map_or(here.from.end, |last| last.from.end);
        found.push(Sign { sign, from: here.from.start..end });
        at += length;
    }
    found
}

fn folded(text: &str) -> String {
    signs(text).into_iter().map(|sign| sign.sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Next, Stop};
    use trustmh_core::item::Side;

    #[test]
    fn a_quotation_is_shown_where_it_stands_in_the_words_of_the_text() {
        let marked = |text: &str, quote: &str| -> Vec<String> {
            let quote = quote.to_owned();
            let evidence = Evidence { turn: None, quote, found: Found::InTurn };
            evidence.places(text).into_iter().map(|place| text[place].to_owned()).collect()
        };
        let text = "She said: **“Don’t  — go!”**, and left. 你还好吗？";
        assert_eq!(marked(text, "don't - go"), ["Don’t  — go"]);
        assert_eq!(marked(text, "She said ... and left."), ["She said", "and left"]);
        assert_eq!(marked(text, "你还好吗?"), ["你还好吗"]);
        assert!(marked(text, "and stayed").is_empty() && marked(text, " ").is_empty());
    }

    #[test]
    fn folding_knows_quotes_dashes_blanks_and_marks() {
        assert_eq!(folded(" A--B  —  “C”\n_d_ "), "a-b-'c' d");
        assert_eq!(folded("Ｈｉ\u{200b} - ok"), "hi-ok");
    }

    fn found(turn: Option<u32>, quote: &str) -> Found {
        let said =
            |side, turn, text: &str| Said { side, turn, text: text.to_owned().into(), line: None };
        let talk = Talk {
            said: vec![
                said(Side::Subject, None, "Hello, I am here for you."),
                said(Side::Client, Some(0), "I can’t sleep — not  at all.\nEver."),
                said(
                    Side::Subject,
                    Some(0),
                    "That sounds **hard**. What keeps you up? I can't say.",
                ),
                said(Side::Client, Some(1), "我睡不着，“真的”睡不着。"),
            ],
            next: Next::Over(Stop::Recorded),
        };
        Evidence::looked_up(&talk, turn, quote).found
    }

    #[test]
    fn quotations_are_found_however_they_are_written() {
        for quote in [
            "I can't sleep - not at all. Ever.",
            "\"i can’t sleep\"",
            "That sounds hard",
            "That sounds ... up?",
            "that SOUNDS hard. … I can't say",
        ] {
            assert_eq!(found(Some(1), quote), Found::InTurn, "{quote}");
        }
        assert_eq!(found(Some(2), "「真的」睡不着"), Found::InTurn);
        assert_eq!(found(Some(0), "here for you"), Found::InTurn);
    }

    #[test]
    fn the_turn_is_put_right() {
        assert_eq!(found(Some(2), "I can't sleep"), Found::InAnotherTurn(0));
        assert_eq!(found(None, "睡不着"), Found::InAnotherTurn(1));
        // Words of two turns: the one that the judge names holds.
        assert_eq!(found(Some(1), "I can't"), Found::InTurn);
    }

    #[test]
    fn what_nobody_said_is_not_found() {
        assert_eq!(found(Some(1), "I cannot sleep"), Found::Nowhere);
        assert_eq!(found(Some(1), "hard ... sounds"), Found::Nowhere);
        assert_eq!(found(Some(1), " "), Found::NoQuote);
        assert_eq!(found(Some(1), "..."), Found::NoQuote);
    }
}
