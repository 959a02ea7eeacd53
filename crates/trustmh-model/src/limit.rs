//! How many calls one endpoint is asked at once, and how fast: found out as the run goes.
//!
//! Refusals (429) that come with the rate slow a run down; those that do not are noise, and do not. [`control`] tells them apart; this is the
//! gate that calls wait at. A server that says when to come back is left alone until then, unless its refusals are known to be noise.

mod bounds;
mod control;
mod noise;
mod permit;
mod recent;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
mod tokens;

use parking_lot::{Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::halt::{Halt, asked};
use crate::traffic::{Counted, Doing, Traffic};
use control::{Came, Control, Entry, Ticket};
use permit::Waiting;
use tokens::Tokens;

pub use bounds::{Bounds, Passage, Quota, Turn};
pub use control::Patience;
pub use permit::Permit;

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
    traffic: Traffic,
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
            traffic: Traffic::default(),
        }
    }

    /// Lets nobody through once `stop` says so: from the moment it is said, no request leaves.
    #[must_use]
    pub fn until(mut self, stop: watch::Receiver<Halt>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Counts the calls here together with those of other gates.
    #[must_use]
    pub fn counted_by(mut self, traffic: &Traffic) -> Self {
        self.traffic = traffic.clone();
        self
    }

    /// Counts a call that is past this gate, or not before it again, for as long as the guard lives.
    pub(crate) fn counted(&self, doing: Doing) -> Counted {
        self.traffic.counted(doing)
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
        let _counted = self.counted(Doing::Limited);
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
                Ok(Permit::new(self, tokens, ticket))
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
        self.state.lock()
    }
}
