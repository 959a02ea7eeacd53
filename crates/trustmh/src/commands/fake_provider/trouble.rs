//! Which requests the fake provider answers with its fault.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use trustmh_core::digest::Digest;

use super::FakeProviderArguments;

/// When a fault is due.
pub(super) enum Trouble {
    /// In bursts that begin with every n-th request.
    Bursts { every: u64, burst: u64 },
    /// By chance, the same for the same seed.
    Chance { share: f64, seed: u64 },
    /// Whenever a body comes the first time.
    FirstTries(Mutex<HashSet<Digest>>),
    /// Beyond so many requests a second, a tenth of a second's worth saved up.
    Beyond(Mutex<Bucket>),
}

/// A bucket of requests that may pass.
pub(super) struct Bucket {
    a_second: f64,
    left: f64,
    filled: Instant,
}

impl Trouble {
    pub(super) fn of(arguments: &FakeProviderArguments) -> Self {
        if let Some(a_second) = arguments.rate {
            let bucket =
                Bucket { a_second, left: (a_second / 10.0).max(1.0), filled: Instant::now() };
            return Self::Beyond(Mutex::new(bucket));
        }
        if arguments.first_tries {
            return Self::FirstTries(Mutex::default());
        }
        match arguments.fault_share {
            Some(share) => Self::Chance { share, seed: arguments.seed },
            None => Self::Bursts {
                every: arguments.fault_every.max(1),
                burst: arguments.fault_burst.max(1),
            },
        }
    }

    /// Whether the request with this number and body gets the fault.
    pub(super) fn is_due(&self, number: u64, body: &[u8]) -> bool {
        match self {
            Self::Bursts { every, burst } => number >= *every && number % every < *burst,
            Self::Chance { share, seed } => {
                let mut rng = ChaCha8Rng::seed_from_u64(seed.rotate_left(32) ^ number);
                rng.random::<f64>() < *share
            }
            Self::FirstTries(seen) => {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.insert(Digest::of(body))
            }
            Self::Beyond(bucket) => {
                let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
                !bucket.passes(Instant::now())
            }
        }
    }
}

impl Bucket {
    fn passes(&mut self, now: Instant) -> bool {
        let gone = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.left = (self.left + gone * self.a_second).min((self.a_second / 10.0).max(1.0));
        let passes = self.left >= 1.0;
        if passes {
            self.left -= 1.0;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn chance_keeps_its_share_and_first_tries_are_known() {
        let chance = Trouble::Chance { share: 0.1, seed: 1 };
        let due = (0..10_000).filter(|number| chance.is_due(*number, b"")).count();
        assert!((900..1100).contains(&due), "{due}");
        let first = Trouble::FirstTries(Mutex::default());
        let due = [b"a", b"b", b"a", b"a"].map(|body| first.is_due(1, body));
        assert_eq!(due, [true, true, false, false]);
        let bursts = Trouble::Bursts { every: 3, burst: 2 };
        let due: Vec<u64> = (1..8).filter(|number| bursts.is_due(*number, b"")).collect();
        assert_eq!(due, [3, 4, 6, 7]);
    }

    #[test]
    fn a_bucket_lets_its_rate_through() {
        let begun = Instant::now();
        let mut bucket = Bucket { a_second: 50.0, left: 5.0, filled: begun };
        let passed =
            (0..1000_u32).filter(|n| bucket.passes(begun + Duration::from_millis(10) * *n));
        let passed = passed.count();
        assert!((495..=505).contains(&passed), "{passed} in ten seconds at 50 a second");
    }
}
