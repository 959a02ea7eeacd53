//! What may be spent on a stretch of work, and what was.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use trustmh_core::call::{Purpose, Usage};

use crate::plan::prices::Price;

/// Millionths in a dollar.
const MICROS: f64 = 1e6;

/// What may be spent on one stretch of work; calls under way are finished, those under way when the time is up within the grace of a
/// stop. A provider that counts no tokens
/// spends none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Budget {
    /// Calls to subject and judge together.
    pub calls: Option<u64>,
    /// Tokens of prompts and replies, as providers count them.
    pub tokens: Option<u64>,
    /// Time since the work began.
    pub time: Option<Duration>,
    /// US dollars, by the prices at hand.
    pub cost: Option<f64>,
    /// Calls to the model that plays clients; they count among all calls, too.
    pub client_calls: Option<u64>,
    /// Its tokens; they count among all tokens, too.
    pub client_tokens: Option<u64>,
}

/// Prices of the models of a run, where they are known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModelPrices {
    /// Of the subject.
    pub subject: Option<Price>,
    /// Of the judge.
    pub judge: Option<Price>,
    /// Of whoever plays clients.
    pub client: Option<Price>,
}

impl ModelPrices {
    /// What a call costs, in US dollars; nothing where the price or the tokens are not known.
    pub fn of(&self, purpose: &Purpose, usage: Option<Usage>) -> f64 {
        let price = match purpose {
            Purpose::Subject { .. } => self.subject,
            Purpose::Judge { .. } => self.judge,
            Purpose::Client { .. } => self.client,
        };
        price.zip(usage).map_or(0.0, |(price, usage)| price.of(usage))
    }
}

/// What was spent since the work began.
pub(super) struct Spent {
    since: Instant,
    calls: AtomicU64,
    tokens: AtomicU64,
    client_calls: AtomicU64,
    client_tokens: AtomicU64,
    /// Millionths of a dollar.
    cost: AtomicU64,
}

impl Spent {
    pub(super) fn nothing() -> Self {
        Self {
            since: Instant::now(),
            calls: AtomicU64::new(0),
            tokens: AtomicU64::new(0),
            client_calls: AtomicU64::new(0),
            client_tokens: AtomicU64::new(0),
            cost: AtomicU64::new(0),
        }
    }

    pub(super) fn add(&self, purpose: &Purpose, usage: Option<Usage>, dollars: f64) {
        let usage = usage.unwrap_or_default();
        let tokens = usage.prompt_tokens + usage.reply_tokens;
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.tokens.fetch_add(tokens, Ordering::Relaxed);
        match purpose {
            Purpose::Client { .. } => {
                self.client_calls.fetch_add(1, Ordering::Relaxed);
                self.client_tokens.fetch_add(tokens, Ordering::Relaxed);
            }
            Purpose::Subject { .. } | Purpose::Judge { .. } => {}
        }
        self.cost.fetch_add((dollars * MICROS).round() as u64, Ordering::Relaxed);
    }

    /// What is used up, if anything is.
    pub(super) fn what(&self, budget: &Budget) -> Option<&'static str> {
        let reached = |most: Option<u64>, spent: &AtomicU64| {
            most.is_some_and(|most| spent.load(Ordering::Relaxed) >= most)
        };
        if reached(budget.calls, &self.calls) {
            Some("calls")
        } else if reached(budget.tokens, &self.tokens) {
            Some("tokens")
        } else if reached(budget.client_calls, &self.client_calls) {
            Some("the client's calls")
        } else if reached(budget.client_tokens, &self.client_tokens) {
            Some("the client's tokens")
        } else if budget.time.is_some_and(|most| self.since.elapsed() >= most) {
            Some("time")
        } else if budget
            .cost
            .is_some_and(|most| self.cost.load(Ordering::Relaxed) as f64 >= most * MICROS)
        {
            Some("money")
        } else {
            None
        }
    }
}
