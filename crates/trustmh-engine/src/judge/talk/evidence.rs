//! Where a judge sees an answer, looked up in the conversation.

use crate::conversation::Talk;

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
    /// What a judge says of where it sees an answer, looked up.
    pub fn looked_up(talk: &Talk<'_>, turn: Option<u8>, quote: &str) -> Self {
        let _ = talk;
        Self { turn, quote: quote.to_owned(), found: Found::NoQuote }
    }

    /// The turn in which the quotation stands, from 0; that which the judge names where it quotes nothing.
    pub fn place(&self) -> Option<u8> {
        match self.found {
            Found::InTurn | Found::NoQuote => self.turn,
            Found::InAnotherTurn(turn) => Some(turn),
            Found::Nowhere => None,
        }
    }
}
