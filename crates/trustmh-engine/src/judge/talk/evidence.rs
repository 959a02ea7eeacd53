//! Where a judge sees an answer, looked up in the conversation.

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
}

/// What may stand at the ends of a quotation and not in the text.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || ".,;:!?'-。，；：！？、".contains(c)
}

/// Small letters, one sort of quotes and dashes, no marks of Markdown, single blanks.
fn folded(text: &str) -> String {
    let signs = text.chars().filter(|c| {
        !matches!(c, '*' | '_' | '`' | '#' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}')
    });
    let folded: String = signs
        .map(|c| match c {
            '"' | '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '「' | '」' | '『' | '』' | '´' => {
                '\''
            }
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    let words = folded.replace("--", "-");
    words.split_whitespace().collect::<Vec<_>>().join(" ").replace(" - ", "-")
}
