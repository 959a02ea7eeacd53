//! How many calls one endpoint is asked at once, and how fast: found out as the run goes.
//!
//! Refusals (429) that come with the rate slow a run down; those that do not are noise, and do not. [`control`] tells them apart; this is the
//! gate that calls wait at. A server that says when to come back is left alone until then, unless its refusals are known to be noise.

mod control;
mod noise;
mod recent;
#[cfg(test)]
mod simulated;
mod tokens;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::halt::{Halt, asked};
use control::{Came, Control, Entry, Ticket};
use tokens::Tokens;

pub use control::Patience;

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

/// The gate before one endpoint.
#[derive(Debug)]
pub struct Limiter {
    begun: Instant,
    state: Mutex<State>,
    changed: Notify,
    /// Of those who wait for the clock, one of each kind looks at it.
    first: tokio::sync::Mutex<()>,
    again: tokio::sync::Mutex<()>,
    stop: Option<watch::Receiver<Halt>>,
}

/// A stop was asked for before there was a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halted;

#[derive(Debug)]
struct State {
    control: Control,
    tokens: Tokens,
    /// Calls that wait because of the limit.
    waiting: u32,
    /// Calls that wait to be tried again.
    again: u32,
}

enum Wait {
    Until(Instant),
    Change,
    Halted,
}

impl Limiter {
    /// A gate that lets through what `bounds` allow.
    pub fn new(bounds: Bounds) -> Self {
        let a_second = |a_minute: u32| (f64::from(a_minute) / 60.0).max(1.0 / 60.0);
        let state = State {
            control: Control::new(bounds.at_once, bounds.calls_per_minute.map(a_second)),
            tokens: Tokens::new(bounds.tokens_per_minute.map(a_second)),
            waiting: 0,
            again: 0,
        };
        Self {
            begun: Instant::now(),
            state: Mutex::new(state),
            changed: Notify::new(),
            first: tokio::sync::Mutex::default(),
            again: tokio::sync::Mutex::default(),
            stop: None,
        }
    }

    /// Lets nobody through once `stop` says so: from the moment it is said, no request leaves.
    #[must_use]
    pub fn until(mut self, stop: watch::Receiver<Halt>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Resolves when nobody is let through any more.
    pub async fn halted(&self) {
        asked(self.stop.clone()).await;
    }

    /// How many calls may be under way now.
    pub fn limit(&self) -> usize {
        self.held().control.limit()
    }

    /// Waits for a place for a call of about `tokens` tokens. Whoever gets one must say with [`Permit::done`] what became of the call; a permit
    /// that is dropped gives its place back.
    ///
    /// # Errors
    /// [`Halted`] where a stop was asked for.
    pub async fn enter(&self, tokens: u64, turn: Turn) -> Result<Permit<'_>, Halted> {
        tokio::select! {
            biased;
            () = self.halted() => Err(Halted),
            entered = self.admitted(tokens, turn) => entered,
        }
    }

    async fn admitted(&self, tokens: u64, turn: Turn) -> Result<Permit<'_>, Halted> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.try_enter(tokens) {
                Ok(permit) => return Ok(permit),
                Err(Wait::Until(_)) => return self.by_the_clock(tokens, turn).await,
                Err(Wait::Change) => {
                    let _counted = Waiting::for_place(self);
                    changed.await;
                }
                Err(Wait::Halted) => return Err(Halted),
            }
        }
    }

    /// Waits behind others for the pace: to wake all of them for each call would cost more than the calls.
    async fn by_the_clock(&self, tokens: u64, turn: Turn) -> Result<Permit<'_>, Halted> {
        let _again = (turn == Turn::Again).then(|| Waiting::again(self));
        let _turn = match turn {
            Turn::First => self.first.lock().await,
            Turn::Again => self.again.lock().await,
        };
        let mut courtesy = turn == Turn::First;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if std::mem::take(&mut courtesy) && self.held().again > 0 {
                let next = self.held().control.next(self.now());
                tokio::time::sleep(next).await;
            }
            match self.try_enter(tokens) {
                Ok(permit) => {
                    if self.held().control.free() >= 1.0 {
                        self.changed.notify_one();
                    }
                    return Ok(permit);
                }
                Err(Wait::Until(instant)) => tokio::time::sleep_until(instant).await,
                Err(Wait::Change) => {
                    let _counted = Waiting::for_place(self);
                    changed.await;
                }
                Err(Wait::Halted) => return Err(Halted),
            }
        }
    }

    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn try_enter(&self, tokens: u64) -> Result<Permit<'_>, Wait> {
        if self.stop.as_ref().is_some_and(|stop| stop.borrow().is_asked()) {
            return Err(Wait::Halted);
        }
        let now = self.now();
        let mut state = self.held();
        if let Some(paid) = state.tokens.wait(now) {
            return Err(Wait::Until(self.begun + paid));
        }
        match state.control.enter(now) {
            Entry::Go(ticket) => {
                state.tokens.take(now, tokens);
                Ok(Permit { limiter: self, tokens, ticket, open: true })
            }
            Entry::Until(time) => Err(Wait::Until(self.begun + time)),
            Entry::Full => Err(Wait::Change),
        }
    }

    /// Takes note of how many calls the provider's headers leave.
    pub fn advise(&self, left: Quota) {
        let now = self.now();
        self.held().control.advise(now, left);
    }

    fn leave(&self, ticket: Ticket, passage: Passage) -> Patience {
        let now = self.now();
        let came = match passage {
            Passage::Through => Came::Through,
            Passage::Limited(asked) => Came::Refused(asked),
            Passage::Failed => Came::Failed,
        };
        let mut state = self.held();
        let waiting = state.waiting;
        let patience = state.control.leave(now, ticket, came, waiting);
        let free = state.control.free();
        drop(state);
        // The place that was left, and one that may have come with a higher limit. To wake all who wait would cost more
        // than the calls themselves.
        self.changed.notify_one();
        if free >= 2.0 {
            self.changed.notify_one();
        }
        patience
    }

    fn held(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that waits, counted for as long as it does.
struct Waiting<'l> {
    limiter: &'l Limiter,
    count: fn(&mut State) -> &mut u32,
}

impl<'l> Waiting<'l> {
    fn for_place(limiter: &'l Limiter) -> Self {
        Self::counted(limiter, |state| &mut state.waiting)
    }

    fn again(limiter: &'l Limiter) -> Self {
        Self::counted(limiter, |state| &mut state.again)
    }

    fn counted(limiter: &'l Limiter, count: fn(&mut State) -> &mut u32) -> Self {
        *count(&mut limiter.held()) += 1;
        Self { limiter, count }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.held();
        let count = (self.count)(&mut state);
        *count = count.saturating_sub(1);
    }
}

/// A place at an endpoint.
#[derive(Debug)]
pub struct Permit<'l> {
    limiter: &'l Limiter,
    tokens: u64,
    ticket: Ticket,
    open: bool,
}

impl Permit<'_> {
    /// Says how many tokens the call took, where that is known.
    pub fn took(&mut self, tokens: u64) {
        self.limiter.held().tokens.correct(self.tokens, tokens);
        self.tokens = tokens;
    }

    /// Gives the place back and says what became of the call. Returns how a refused call had best wait.
    pub fn done(mut self, passage: Passage) -> Patience {
        self.open = false;
        self.limiter.leave(self.ticket, passage)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.open {
            self.limiter.leave(self.ticket, Passage::Failed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn entered(limiter: &Limiter, tokens: u64) -> Permit<'_> {
        limiter.enter(tokens, Turn::First).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_let_through_once_a_stop_is_asked_for() {
        let (stop, stopped) = watch::channel(Halt::No);
        let limiter = Limiter::new(Bounds::at_once(1)).until(stopped);
        let inside = entered(&limiter, 0).await;
        let waits = limiter.enter(0, Turn::First);
        tokio::pin!(waits);
        assert!(futures_util::poll!(waits.as_mut()).is_pending());
        stop.send(Halt::Draining).unwrap();
        // There is a place, and a call that waits for it: it is too late all the same.
        inside.done(Passage::Through);
        assert_eq!(waits.await.err(), Some(Halted));
        assert_eq!(limiter.enter(0, Turn::Again).await.err(), Some(Halted));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_are_tried_again_go_before_others_at_a_bounded_pace() {
        let limiter = Limiter::new(Bounds { calls_per_minute: Some(60), ..Bounds::at_once(8) });
        entered(&limiter, 0).await.done(Passage::Through);
        let order = Mutex::new(Vec::new());
        let one = |turn| {
            let (limiter, order) = (&limiter, &order);
            async move {
                limiter.enter(0, turn).await.unwrap().done(Passage::Through);
                order.lock().unwrap().push(turn);
            }
        };
        let firsts = futures_util::future::join_all((0..3).map(|_| one(Turn::First)));
        tokio::join!(firsts, one(Turn::Again));
        assert_eq!(order.lock().unwrap()[0], Turn::Again);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_is_left_alone_for_as_long_as_it_asks() {
        let limiter = Limiter::new(Bounds::at_once(8));
        entered(&limiter, 0).await.done(Passage::Limited(Some(Duration::from_secs(7))));
        let begun = Instant::now();
        drop(entered(&limiter, 0).await);
        assert!(begun.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_of_one_episode_count_once_and_idle_calls_do_not_raise_the_limit() {
        let limiter = Limiter::new(Bounds::at_once(100));
        let permits =
            [entered(&limiter, 0).await, entered(&limiter, 0).await, entered(&limiter, 0).await];
        for permit in permits {
            permit.done(Passage::Limited(None));
        }
        assert_eq!(limiter.limit(), 3, "4 x 0.8, once");
        for _ in 0..50 {
            entered(&limiter, 0).await.done(Passage::Through);
        }
        assert_eq!(limiter.limit(), 3, "one call at a time never needed more");
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_a_minute_are_kept_by_what_calls_really_take() {
        let bounds = Bounds { tokens_per_minute: Some(6_000), ..Bounds::at_once(8) };
        let limiter = Limiter::new(bounds);
        let begun = Instant::now();
        for _ in 0..11 {
            // 400 were expected, 200 are taken: two seconds each at 100 a second.
            let mut permit = entered(&limiter, 400).await;
            permit.took(200);
            permit.done(Passage::Through);
        }
        let taken = begun.elapsed().as_secs_f64();
        assert!((19.9..=20.1).contains(&taken), "{taken} s for ten gaps of two seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_given_rate_is_kept() {
        let limiter = Limiter::new(Bounds { calls_per_minute: Some(120), ..Bounds::at_once(8) });
        let begun = Instant::now();
        for _ in 0..21 {
            entered(&limiter, 0).await.done(Passage::Through);
        }
        let taken = begun.elapsed().as_secs_f64();
        assert!((9.9..=10.1).contains(&taken), "{taken} s for 20 gaps of half a second");
    }
}
