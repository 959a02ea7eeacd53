//! Temperatures that a user sets.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A softmax temperature from 0 to 2, which is what services take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Temperature(f64);

/// A number that is no temperature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no temperature: it is a number from 0 (the likeliest reply) to 2")]
pub struct TemperatureFault(String);

impl Temperature {
    /// Takes a number.
    ///
    /// # Errors
    /// [`TemperatureFault`] outside 0 to 2.
    pub fn new(value: f64) -> Result<Self, TemperatureFault> {
        if (0.0..=2.0).contains(&value) {
            // A negative zero is zero, so that equal temperatures have equal bits.
            Ok(Self(value + 0.0))
        } else {
            Err(TemperatureFault(value.to_string()))
        }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

// It is never NaN.
impl Eq for Temperature {}

impl FromStr for Temperature {
    type Err = TemperatureFault;

    fn from_str(text: &str) -> Result<Self, TemperatureFault> {
        let fault = || TemperatureFault(text.to_owned());
        Self::new(text.trim().parse().map_err(|_| fault())?).map_err(|_| fault())
    }
}

impl TryFrom<f64> for Temperature {
    type Error = TemperatureFault;

    fn try_from(value: f64) -> Result<Self, TemperatureFault> {
        Self::new(value)
    }
}

impl From<Temperature> for f64 {
    fn from(temperature: Temperature) -> Self {
        temperature.0
    }
}

impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_numbers_from_0_to_2() {
        for (typed, value) in [("0", 0.0), ("0.7", 0.7), ("2", 2.0), ("-0", 0.0)] {
            let found: Temperature = typed.parse().unwrap();
            assert_eq!(found.get().to_bits(), f64::to_bits(value), "{typed}");
        }
        for typed in ["-0.1", "2.01", "NaN", "inf", "", "warm"] {
            let error = typed.parse::<Temperature>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{typed}` is no temperature")), "{error}");
        }
        assert!(serde_json::from_str::<Temperature>("3").is_err());
    }
}
