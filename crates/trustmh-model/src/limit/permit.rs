//! Places at an endpoint, and those who wait for one.

use super::bounds::Passage;
use super::control::{Patience, Ticket};
use super::{Limiter, State};
use crate::traffic::{Counted, Doing};

/// A call that waits, counted for as long as it does.
pub(super) struct Waiting<'l> {
    limiter: &'l Limiter,
    count: fn(&mut State) -> &mut u32,
}

impl<'l> Waiting<'l> {
    pub(super) fn for_place(limiter: &'l Limiter) -> Self {
        Self::counted(limiter, |state| &mut state.waiting)
    }

    pub(super) fn again(limiter: &'l Limiter) -> Self {
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
    _counted: Counted,
}

impl<'l> Permit<'l> {
    /// A place for a call of about `tokens` tokens.
    pub(super) fn new(limiter: &'l Limiter, tokens: u64, ticket: Ticket) -> Self {
        let counted = limiter.counted(Doing::InFlight);
        Self { limiter, tokens, ticket, open: true, _counted: counted }
    }

    /// Says how many tokens the call took, where that is known.
    pub fn took(&mut self, tokens: u64) {
        self.limiter.held().tokens.correct(self.tokens, tokens);
        self.tokens = tokens;
    }

    /// Gives the place back and says what became of the call. Returns how a refused call had best
    /// wait.
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
