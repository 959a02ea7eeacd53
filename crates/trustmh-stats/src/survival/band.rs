//! The band that holds the whole curve.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use statrs::distribution::{Beta, ContinuousCDF, Normal};

use super::{Step, Survival};
use crate::proportion::Z;

/// How often the largest deviation is drawn.
const DRAWS: usize = 2000;

/// The ends of the band after each step, of the share without a failure.
pub(super) fn band(survival: &Survival, seed: u64) -> Vec<Option<(f64, f64)>> {
    let wider = quantile(&survival.steps, seed) / Z;
    let at = |step: &Step| {
        let spread = survival.spread(step.turn)?;
        exact_ends(step.survival, spread.size, spread.quantile * wider)
    };
    narrowed(survival.steps.iter().map(at).collect())
}

/// Survival never rises, so it lies above what holds later, and below what held before.
fn narrowed(mut ends: Vec<Option<(f64, f64)>>) -> Vec<Option<(f64, f64)>> {
    let mut most = 1.0_f64;
    for (_, high) in ends.iter_mut().flatten() {
        most = most.min(*high);
        *high = most;
    }
    let mut least = 0.0_f64;
    for (low, _) in ends.iter_mut().rev().flatten() {
        least = least.max(*low);
        *low = least;
    }
    ends
}

/// The ends of the exact interval of a share in `size` observations, which need not be whole, with the chance that a normal number lies
/// beyond `quantile` left out at either end (Clopper & Pearson 1934, doi 10.1093/biomet/26.4.404).
fn exact_ends(share: f64, size: f64, quantile: f64) -> Option<(f64, f64)> {
    let tail = Normal::new(0.0, 1.0).ok()?.cdf(-quantile);
    let (hits, misses) = (share * size, (1.0 - share) * size);
    let point = |hits: f64, misses: f64, level: f64| {
        Beta::new(hits, misses).ok().map(|beta| beta.inverse_cdf(level))
    };
    let low = if share > 0.0 { point(hits, misses + 1.0, tail)? } else { 0.0 };
    let high = if share < 1.0 { point(hits + 1.0, misses, 1.0 - tail)? } else { 1.0 };
    Some((low.min(share), high.max(share)))
}

/// The 95 % point of the largest standardised deviation at any turn of a sum of independent steps, each with the variance that Greenwood's
/// sum gains at its turn, which the curve tends to (Nair 1984); at least that of one turn. Where items are shared the steps go together,
/// so that less would do. Half a failure and half a conversation that is clear are added at every turn: where few fail, those turns count
/// too at which none happened to.
fn quantile(steps: &[Step], seed: u64) -> f64 {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let gain = |step: &Step| {
        let (n, d) = (step.at_risk as f64, step.failed as f64);
        (d + 0.5) / ((n + 1.0) * (n - d + 0.5))
    };
    let gains: Vec<f64> = steps.iter().map(gain).collect();
    let mut largest: Vec<f64> = (0..DRAWS).map(|_| largest(&gains, &mut rng)).collect();
    largest.sort_by(f64::total_cmp);
    largest.get(DRAWS * 95 / 100).copied().unwrap_or_default().max(Z)
}

fn largest(gains: &[f64], rng: &mut ChaCha12Rng) -> f64 {
    let (mut sum, mut variance, mut largest) = (0.0, 0.0, 0.0_f64);
    for gain in gains {
        sum += gain.sqrt() * normal(rng);
        variance += gain;
        largest = largest.max((sum / variance.sqrt()).abs());
    }
    largest
}

/// A standard normal number (Box & Muller 1958).
fn normal(rng: &mut ChaCha12Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
