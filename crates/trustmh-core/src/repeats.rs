//! How often each trial of a run is asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// How often each trial of a run is asked: at least once.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct Repeats(u32);

/// A number of repeats that no run has.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no number of repeats: each trial is asked 1 to 100 times")]
pub struct RepeatsFault(String);

impl Repeats {
    /// No trial is asked again.
    pub const ONCE: Self = Self(1);
    /// The most.
    pub const MOST: Self = Self(100);

    /// Takes a number.
    ///
    /// # Errors
    /// [`RepeatsFault`] outside 1 to 100.
    pub fn new(times: u32) -> Result<Self, RepeatsFault> {
        if (Self::ONCE.0..=Self::MOST.0).contains(&times) {
            Ok(Self(times))
        } else {
            Err(RepeatsFault(times.to_string()))
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether no trial is asked again.
    pub fn is_once(&self) -> bool {
        *self == Self::ONCE
    }

    /// As reports have it; none if no trial is asked again.
    pub fn in_words(self) -> Option<String> {
        (!self.is_once()).then(|| format!("each trial is asked {self} times"))
    }
}

impl Default for Repeats {
    fn default() -> Self {
        Self::ONCE
    }
}

impl FromStr for Repeats {
    type Err = RepeatsFault;

    fn from_str(text: &str) -> Result<Self, RepeatsFault> {
        let fault = || RepeatsFault(text.to_owned());
        Self::new(text.trim().parse().map_err(|_| fault())?)
    }
}

impl TryFrom<u32> for Repeats {
    type Error = RepeatsFault;

    fn try_from(times: u32) -> Result<Self, RepeatsFault> {
        Self::new(times)
    }
}

impl From<Repeats> for u32 {
    fn from(repeats: Repeats) -> Self {
        repeats.0
    }
}

impl fmt::Display for Repeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_asked_1_to_100_times() {
        assert_eq!("5".parse::<Repeats>().map(Repeats::get), Ok(5));
        assert!(Repeats::default().is_once());
        for typed in ["0", "101", "-1", "1.5", ""] {
            let error = typed.parse::<Repeats>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{typed}` is no number of repeats")), "{error}");
        }
        assert!(serde_json::from_str::<Repeats>("0").is_err());
        assert_eq!(serde_json::to_string(&Repeats::MOST).unwrap(), "100");
    }
}
