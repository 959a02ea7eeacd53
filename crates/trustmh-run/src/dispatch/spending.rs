//! What may be spent on a stretch of work, and what was.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

use trustmh_core::call::{Purpose, Usage};

use crate::plan::prices::Price;

/// Millionths in a dollar.
const MICROS: f64 = 1e6;

/// What may be spent on one stretch of work; calls under way are finished, those under way when the time is up within the grace of a
/// stop. A reply whose tokens nobody counts takes what the call may take at the longest.
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

/// A limit that can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// On all calls.
    Calls,
    /// On all tokens.
    Tokens,
    /// On calls to the model that plays clients.
    ClientCalls,
    /// On its tokens.
    ClientTokens,
    /// On US dollars.
    Money,
    /// On time.
    Time,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Calls => "calls",
            Self::Tokens => "tokens",
            Self::ClientCalls => "the client's calls",
            Self::ClientTokens => "the client's tokens",
            Self::Money => "money",
            Self::Time => "time",
        })
    }
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

/// What was spent: calls, tokens and money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Calls to subject, judge and client together.
    pub calls: u64,
    /// Tokens of their prompts and replies.
    pub tokens: u64,
    /// Calls to the model that plays clients.
    pub client_calls: u64,
    /// Its tokens.
    pub client_tokens: u64,
    /// Millionths of a dollar.
    micros: u64,
}

impl Spent {
    /// One call, and what it took.
    pub fn call(purpose: &Purpose, usage: Option<Usage>, dollars: f64) -> Self {
        let usage = usage.unwrap_or_default();
        let tokens = usage.prompt_tokens + usage.reply_tokens;
        let (client_calls, client_tokens) = match purpose {
            Purpose::Client { .. } => (1, tokens),
            Purpose::Subject { .. } | Purpose::Judge { .. } => (0, 0),
        };
        let micros = (dollars * MICROS).round() as u64;
        Self { calls: 1, tokens, client_calls, client_tokens, micros }
    }

    /// US dollars.
    pub fn dollars(&self) -> f64 {
        self.micros as f64 / MICROS
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            tokens: self.tokens + other.tokens,
            client_calls: self.client_calls + other.client_calls,
            client_tokens: self.client_tokens + other.client_tokens,
            micros: self.micros + other.micros,
        }
    }

    const fn without(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(other.calls),
            tokens: self.tokens.saturating_sub(other.tokens),
            client_calls: self.client_calls.saturating_sub(other.client_calls),
            client_tokens: self.client_tokens.saturating_sub(other.client_tokens),
            micros: self.micros.saturating_sub(other.micros),
        }
    }

    /// What of `budget` this uses up, if anything.
    pub fn uses_up(&self, budget: &Budget) -> Option<Limit> {
        self.bounded(budget)
            .into_iter()
            .find(|(most, spent, _)| spent >= most)
            .map(|(.., what)| what)
    }

    /// Whether this is more than `budget` allows.
    fn exceeds(&self, budget: &Budget) -> bool {
        self.bounded(budget).iter().any(|(most, spent, _)| spent > most)
    }

    /// What is bounded: the bound, and what was spent.
    fn bounded(&self, budget: &Budget) -> Vec<(u64, u64, Limit)> {
        let micros = budget.cost.map(|dollars| (dollars * MICROS).round() as u64);
        let all = [
            (budget.calls, self.calls, Limit::Calls),
            (budget.tokens, self.tokens, Limit::Tokens),
            (budget.client_calls, self.client_calls, Limit::ClientCalls),
            (budget.client_tokens, self.client_tokens, Limit::ClientTokens),
            (micros, self.micros, Limit::Money),
        ];
        all.into_iter().filter_map(|(most, spent, what)| Some((most?, spent, what))).collect()
    }
}

/// What calls are paid from: of one run, or of several that are worked on together. A call begins only if what is left covers it at its
/// longest besides those under way, or if no other is under way; so the last call alone can take more than was left.
#[derive(Debug)]
pub struct Purse {
    since: Instant,
    budget: Budget,
    state: Mutex<State>,
    settled: Notify,
}

#[derive(Debug, Default)]
struct State {
    spent: Spent,
    /// What calls under way may take.
    held: Spent,
}

/// Why no call may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// Something is used up.
    Spent,
    /// What is left may be needed for calls under way.
    Wait,
}

impl Purse {
    /// A purse of which nothing was spent.
    pub fn new(budget: Budget) -> Self {
        Self::after(budget, Spent::default())
    }

    /// A purse of which this was spent before.
    pub fn after(budget: Budget, spent: Spent) -> Self {
        let state = Mutex::new(State { spent, held: Spent::default() });
        Self { since: Instant::now(), budget, state, settled: Notify::new() }
    }

    /// What may be spent.
    pub const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What was spent.
    pub fn spent(&self) -> Spent {
        self.held().spent
    }

    /// What is used up, if anything is.
    pub fn what(&self) -> Option<Limit> {
        self.used_up(&self.spent())
    }

    fn used_up(&self, spent: &Spent) -> Option<Limit> {
        let out_of_time = || self.budget.time.is_some_and(|most| self.since.elapsed() >= most);
        spent.uses_up(&self.budget).or_else(|| out_of_time().then_some(Limit::Time))
    }

    /// Sets aside what a call may take, once there is enough; none where something is used up.
    pub(super) async fn allowance(&self, most: Spent) -> Option<Allowance<'_>> {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            match self.set_aside(most) {
                Ok(allowance) => return Some(allowance),
                Err(Refusal::Spent) => return None,
                Err(Refusal::Wait) => settled.await,
            }
        }
    }

    fn set_aside(&self, most: Spent) -> Result<Allowance<'_>, Refusal> {
        let mut state = self.held();
        let State { spent, held } = &mut *state;
        if self.used_up(spent).is_some() {
            return Err(Refusal::Spent);
        }
        if held.calls > 0 && spent.and(*held).and(most).exceeds(&self.budget) {
            return Err(Refusal::Wait);
        }
        *held = held.and(most);
        Ok(Allowance { purse: self, most })
    }

    fn held(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was set aside for a call; it is there for others again when this is dropped.
#[derive(Debug)]
pub(super) struct Allowance<'p> {
    purse: &'p Purse,
    most: Spent,
}

impl Allowance<'_> {
    /// The call was made and took this.
    pub(super) fn spend(self, taken: Spent) {
        let mut state = self.purse.held();
        state.spent = state.spent.and(taken);
    }

    /// The call was made, and may have taken all that was set aside for it.
    pub(super) fn spend_all(self) {
        let most = self.most;
        self.spend(most);
    }
}

impl Drop for Allowance<'_> {
    fn drop(&mut self) {
        let mut state = self.purse.held();
        state.held = state.held.without(self.most);
        drop(state);
        self.purse.settled.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: Purpose = Purpose::Subject { turn: 0 };

    fn tokens(tokens: u64) -> Spent {
        Spent::call(&SUBJECT, Some(Usage { prompt_tokens: tokens, reply_tokens: 0 }), 0.0)
    }

    #[test]
    fn calls_under_way_count_before_they_end() {
        let purse = Purse::after(Budget { calls: Some(3), ..Budget::default() }, tokens(5));
        let one = purse.set_aside(tokens(0)).unwrap();
        let two = purse.set_aside(tokens(0)).unwrap();
        assert_eq!(purse.set_aside(tokens(0)).unwrap_err(), Refusal::Wait);
        drop(two);
        let two = purse.set_aside(tokens(0)).unwrap();
        one.spend(tokens(9));
        two.spend(tokens(9));
        assert_eq!(purse.set_aside(tokens(0)).unwrap_err(), Refusal::Spent);
        assert_eq!(
            (purse.what(), purse.spent().calls, purse.spent().tokens),
            (Some(Limit::Calls), 3, 23)
        );
    }

    #[test]
    fn what_is_left_must_cover_the_longest_reply_unless_nothing_else_is_under_way() {
        let purse = Purse::new(Budget { tokens: Some(100), ..Budget::default() });
        let first = purse.set_aside(tokens(80)).unwrap();
        assert_eq!(purse.set_aside(tokens(30)).unwrap_err(), Refusal::Wait);
        first.spend(tokens(10));
        let second = purse.set_aside(tokens(500)).unwrap();
        second.spend(tokens(95));
        assert_eq!(purse.what(), Some(Limit::Tokens));
    }

    #[tokio::test]
    async fn whoever_waits_is_told_when_a_call_settles() {
        let purse = Purse::new(Budget { cost: Some(1.0), ..Budget::default() });
        let dollar = |dollars| Spent::call(&SUBJECT, None, dollars);
        let first = purse.set_aside(dollar(0.9)).unwrap();
        let (waited, ()) =
            tokio::join!(purse.allowance(dollar(0.4)), async { first.spend(dollar(0.2)) });
        waited.unwrap().spend(dollar(0.9));
        assert!(purse.allowance(dollar(0.1)).await.is_none());
        assert!((purse.spent().dollars() - 1.1).abs() < 1e-9);
    }
}
