//! What an endpoint is believed to be in the middle of.

use std::time::Duration;

use super::super::noise::Trial;

/// How the number of calls at once grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    Doubling,
    Additive,
}

/// How far the capacity can be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sureness {
    Guessed,
    Measured,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Pace,
    Nothing,
}

#[derive(Debug)]
pub(super) enum Mode {
    Calm,
    /// More was refused than noise explains: the next few outcomes tell a wall from a sprinkle.
    Suspicion {
        since: Duration,
        through: f64,
        refused: f64,
        asked: Option<Duration>,
    },
    /// The rate is lowered to see whether refusals go.
    Trying {
        trial: Trial,
        asked: Option<Duration>,
        resume: Resume,
    },
}

/// What is gone back to if refusals turn out to be noise, and how the suspicion arose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resume {
    pub(super) pace: Option<f64>,
    pub(super) growth: Growth,
    pub(super) wall: Option<Walled>,
}

/// Since when nothing gets through, and how long the server was left alone last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walled {
    pub(super) since: Duration,
    pub(super) silence: Duration,
}
