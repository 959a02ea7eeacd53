//! What is asked of the gate, and what it is told.

use std::time::Duration;

/// What an endpoint gets at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Calls at once.
    pub at_once: usize,
    /// Calls a minute, if that is bounded.
    pub calls_per_minute: Option<u32>,
    /// Tokens a minute, prompts and replies together, if that is bounded.
    pub tokens_per_minute: Option<u32>,
}

impl Bounds {
    /// So many calls at once, and no other bound.
    pub const fn at_once(calls: usize) -> Self {
        Self { at_once: calls, calls_per_minute: None, tokens_per_minute: None }
    }
}

/// What a provider's headers say is left of what it allows, of calls or of tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// How many it allows until the reset, where that is known.
    pub limit: Option<f64>,
    /// How many are left.
    pub remaining: f64,
    /// When all are there again.
    pub resets_in: Duration,
}

/// What became of a call, as far as the endpoint's limits go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It was answered.
    Through,
    /// It was too much (429), and the server may say when to come back.
    Limited(Option<Duration>),
    /// It failed for another reason.
    Failed,
}

/// Which try of a call asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The first.
    First,
    /// A later one. Where calls are paced, it goes before first ones.
    Again,
}
