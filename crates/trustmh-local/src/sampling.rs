//! Which token comes next.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Draws tokens: the likeliest at temperature 0, else by their chances under a seed.
#[derive(Debug)]
pub(crate) struct Sampler {
    temperature: f32,
    rng: ChaCha8Rng,
}

impl Sampler {
    pub(crate) fn new(temperature: f32, seed: u64) -> Self {
        Self { temperature, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The index of the drawn logit; the first of equals. None if there are no logits.
    pub(crate) fn next(&mut self, logits: &[f32]) -> Option<u32> {
        let (best, highest) =
            logits.iter().enumerate().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        if self.temperature <= 0.0 {
            return u32::try_from(best).ok();
        }
        let weight = |logit: &f32| f64::from((logit - highest) / self.temperature).exp();
        let total: f64 = logits.iter().map(weight).sum();
        let mut left = self.rng.random::<f64>() * total;
        let drawn = logits.iter().position(|logit| {
            left -= weight(logit);
            left < 0.0
        });
        u32::try_from(drawn.unwrap_or(best)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_temperature_the_first_of_the_likeliest_is_taken() {
        let mut sampler = Sampler::new(0.0, 1);
        assert_eq!(sampler.next(&[0.1, 2.0, 2.0, -1.0]), Some(1));
        assert_eq!(sampler.next(&[]), None);
    }

    #[test]
    fn with_temperature_draws_follow_the_chances_and_the_seed() {
        let logits = [0.0, (3.0_f32).ln()];
        let draws = |seed| {
            let mut sampler = Sampler::new(1.0, seed);
            (0..4000).filter_map(|_| sampler.next(&logits)).collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        let ones = draws(7).iter().filter(|token| **token == 1).count();
        assert!((2880..3120).contains(&ones), "{ones} of 4000 where 3000 are expected");
    }
}
