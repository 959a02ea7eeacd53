//! What calls are doing at this moment, for whoever looks on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts the calls that are under way or wait; clones share their counts.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    in_flight: AtomicU32,
    limited: AtomicU32,
    retrying: AtomicU32,
}

/// What calls were doing when they were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Calls that have left and not come back.
    pub in_flight: u32,
    /// Calls that wait for a rate limit: the user's, or the endpoint's.
    pub limited: u32,
    /// Calls that wait to be tried again after a passing fault.
    pub retrying: u32,
}

impl Moment {
    /// All calls that wait, whatever for.
    pub const fn waiting(self) -> u32 {
        self.limited + self.retrying
    }
}

/// What a call is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// It has left and not come back.
    InFlight,
    /// It waits for a rate limit.
    Limited,
    /// It waits to be tried again after a passing fault.
    Retrying,
}

impl Traffic {
    /// Counts a call for as long as the guard lives.
    pub fn counted(&self, doing: Doing) -> Counted {
        self.0.of(doing).fetch_add(1, Ordering::Relaxed);
        Counted { traffic: self.clone(), doing }
    }

    /// What calls are doing now.
    pub fn now(&self) -> Moment {
        let of = |doing| self.0.of(doing).load(Ordering::Relaxed);
        Moment {
            in_flight: of(Doing::InFlight),
            limited: of(Doing::Limited),
            retrying: of(Doing::Retrying),
        }
    }
}

impl Counts {
    const fn of(&self, doing: Doing) -> &AtomicU32 {
        match doing {
            Doing::InFlight => &self.in_flight,
            Doing::Limited => &self.limited,
            Doing::Retrying => &self.retrying,
        }
    }
}

/// A call that is counted.
#[derive(Debug)]
#[must_use]
pub struct Counted {
    traffic: Traffic,
    doing: Doing,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.traffic.0.of(self.doing).fetch_sub(1, Ordering::Relaxed);
    }
}
