//! Agreement of raters: Cohen's and weighted kappa of two, Fleiss' kappa, Krippendorff's alpha, Gwet's AC1 and AC2 and intraclass
//! correlations of any number.
//!
//! Categories and levels are numbers; nominal ones are only compared for equality.

pub mod coefficients;
pub mod intraclass;
mod tally;

pub use tally::Tally;

use crate::bootstrap::Resampler;
use crate::mean::t_quantile;
use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

/// An interval must be wider than rounding makes it.
const WIDTH: f64 = 1e-9;

/// How far apart two ratings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// Equal or not.
    Nominal,
    /// Absolute difference: linear weights.
    Linear,
    /// Squared difference: quadratic weights, and the interval distance of alpha.
    Quadratic,
}

impl Distance {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Nominal => f64::from(u8::from((a - b).abs() > f64::EPSILON)),
            Self::Linear => (a - b).abs(),
            Self::Quadratic => (a - b).powi(2),
        }
    }
}

/// Kappa of two raters, at most 1: 1 less observed over expected disagreement. Nominal distance gives Cohen's
/// kappa (1960, doi 10.1177/001316446002000104), the others weighted kappa (1968, doi 10.1037/h0026256);
/// quadratic weights are the QWK of the severity task. None without pairs, or where both raters always give
/// the same one rating, so that no disagreement is to be expected.
pub fn kappa(pairs: &[(f64, f64)], distance: Distance) -> Option<f64> {
    let (left, right) = (counts(pairs.iter().map(|p| p.0)), counts(pairs.iter().map(|p| p.1)));
    let n = pairs.len() as f64;
    let observed: f64 = pairs.iter().map(|(a, b)| distance.of(*a, *b)).sum::<f64>() / n;
    let mut expected = 0.0;
    for (a, count_a) in &left {
        for (b, count_b) in &right {
            expected += distance.of(*a, *b) * count_a * count_b / (n * n);
        }
    }
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

/// Fleiss' kappa of units with any number of ratings: see [`Tally::fleiss`].
pub fn fleiss(units: &[&[f64]]) -> Option<f64> {
    let tally = Tally::of(units);
    tally.fleiss(&rows(&tally))
}

/// Krippendorff's alpha of units with any number of ratings: see [`Tally::alpha`].
pub fn alpha(units: &[&[f64]], distance: Distance) -> Option<f64> {
    let tally = Tally::of(units);
    tally.alpha(&rows(&tally), distance)
}

fn rows(tally: &Tally) -> Vec<usize> {
    (0..tally.len()).collect()
}

/// A statistic of units, at most 1, with its interval by leaving out one of `clusters` at a time (numbered from 0): units of one cluster (an
/// item, a conversation) are alike and stay together. `statistic` is given the numbers of units. Student's t with clusters - 1 degrees of
/// freedom on Fisher's scale, `atanh`, which keeps the interval below 1 and holds where resampling falls short
/// (docs/statistics.md); as it stands where a part of the data agrees perfectly (Tukey 1958; Efron & Tibshirani 1993, chapter
/// 11). None where the statistic is not defined; no interval for one cluster, for a statistic that rests on a single one, and
/// none without width, which would claim what so little data cannot know.
pub fn estimate(
    clusters: &[usize],
    statistic: impl Fn(&[usize]) -> Option<f64>,
) -> Option<Estimate> {
    let value = statistic(&(0..clusters.len()).collect::<Vec<_>>())?;
    let count = clusters.iter().max().map_or(0, |last| last + 1);
    let without = |out: usize| {
        let kept = clusters.iter().enumerate().filter(|(_, cluster)| **cluster != out);
        statistic(&kept.map(|(row, _)| row).collect::<Vec<_>>())
    };
    let left_out: Option<Vec<f64>> = (0..count).map(without).collect();
    let interval = left_out.and_then(|left_out| jackknife(value, &left_out));
    Some(Estimate { value, interval, n: clusters.len() as u64, clusters: count as u64 })
}

/// A statistic of units with its bootstrap interval over `clusters` of them, numbered from 0, as [`estimate`] has it otherwise.
pub fn resampled(
    clusters: &[usize],
    seed: u64,
    statistic: impl Fn(&[usize]) -> Option<f64>,
) -> Option<Estimate> {
    let value = statistic(&(0..clusters.len()).collect::<Vec<_>>())?;
    let resampler = Resampler::new(clusters, seed);
    let count = resampler.cluster_count();
    let interval = if count > 1 { resampler.draw(value, statistic).interval() } else { None };
    let interval = interval.filter(|ends| ends.high - ends.low > WIDTH);
    Some(Estimate { value, interval, n: clusters.len() as u64, clusters: count as u64 })
}

fn jackknife(value: f64, left_out: &[f64]) -> Option<Interval> {
    let inside = |value: f64| value.abs() < 1.0 - WIDTH;
    let (low, high) = if inside(value) && left_out.iter().all(|value| inside(*value)) {
        let scaled: Vec<f64> = left_out.iter().map(|value| value.atanh()).collect();
        let half = half_width(&scaled)?;
        ((value.atanh() - half).tanh(), (value.atanh() + half).tanh())
    } else {
        let half = half_width(left_out)?;
        (value - half, (value + half).min(1.0))
    };
    Interval::new(low, high, IntervalMethod::Jackknife).filter(|_| value < 1.0 - WIDTH)
}

fn half_width(left_out: &[f64]) -> Option<f64> {
    let count = left_out.len() as f64;
    let mean = left_out.iter().sum::<f64>() / count;
    let squares: f64 = left_out.iter().map(|value| (value - mean).powi(2)).sum();
    Some(t_quantile(left_out.len())? * ((count - 1.0) / count * squares).sqrt())
}

/// Different values with how often each occurs, sorted.
fn counts(values: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
    let mut counts: Vec<(f64, f64)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| known.total_cmp(&value).is_eq()) {
            Some((_, count)) => *count += 1.0,
            None => counts.push((value, 1.0)),
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    // Two raters, 50 proposals: both yes 20, both no 15, 5 and 10 apart; by hand (.7 - .5) / (1 - .5) = .4.
    #[test]
    fn cohens_kappa_by_hand() {
        let cells = [((1.0, 1.0), 20), ((1.0, 0.0), 5), ((0.0, 1.0), 10), ((0.0, 0.0), 15)];
        let pairs: Vec<(f64, f64)> =
            cells.iter().flat_map(|(pair, count)| vec![*pair; *count]).collect();
        near(kappa(&pairs, Distance::Nominal), 0.4);
        near(kappa(&pairs, Distance::Quadratic), 0.4);
    }

    // Levels 0, 1, 2 against 0, 2, 2: observed 1/3; expected (1+4+4 of 0, 1, 2 against 0, 2, 2) by hand:
    // quadratic sum over 9 pairs = 0+4+4 + 1+1+1 + 4+0+0 = 15, so 1 - (1/3) / (15/9) = .8.
    #[test]
    fn weighted_kappa_by_hand() {
        let pairs = [(0.0, 0.0), (1.0, 2.0), (2.0, 2.0)];
        near(kappa(&pairs, Distance::Quadratic), 0.8);
        // Linear: 1/3 against (0+2+2 + 1+1+1 + 2+0+0) / 9 = 1: 2/3.
        near(kappa(&pairs, Distance::Linear), 2.0 / 3.0);
    }

    // Two units of three ratings, (a, a, b) and (b, b, b): agreed (2/6 + 1) / 2 = 2/3, chance 1/9 + 4/9 = 5/9.
    #[test]
    fn fleiss_by_hand() {
        near(fleiss(&[&[0.0, 0.0, 1.0], &[1.0, 1.0, 1.0]]), (2.0 / 3.0 - 5.0 / 9.0) / (4.0 / 9.0));
        assert_eq!(fleiss(&[&[0.0, 0.0], &[0.0, 0.0]]), None);
        // A unit with one rating still says how often categories are given: chance (5/8)² + (3/8)², agreed 1/2.
        near(
            fleiss(&[&[0.0, 0.0], &[0.0, 1.0], &[0.0], &[1.0]]),
            (0.5 - 34.0 / 64.0) / (30.0 / 64.0),
        );
    }

    // The worked example of Krippendorff (2011, "Computing Krippendorff's Alpha-Reliability", section C): four
    // observers, twelve units, missing data: nominal .743, interval .849.
    #[test]
    fn alpha_of_the_worked_example() {
        const NONE: f64 = -1.0;
        let raters = [
            [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 4.0, 1.0, 2.0, NONE, NONE, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 2.0, 4.0, 1.0, 2.0, 5.0, NONE, 3.0],
            [NONE, 3.0, 3.0, 3.0, 2.0, 3.0, 4.0, 2.0, 2.0, 5.0, 1.0, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 4.0, 4.0, 1.0, 2.0, 5.0, 1.0, NONE],
        ];
        let units: Vec<Vec<f64>> = (0..12)
            .map(|unit| raters.iter().map(|rater| rater[unit]).filter(|r| *r >= 0.0).collect())
            .collect();
        let units: Vec<&[f64]> = units.iter().map(Vec::as_slice).collect();
        assert!((alpha(&units, Distance::Nominal).unwrap() - 0.743).abs() < 5e-4);
        assert!((alpha(&units, Distance::Quadratic).unwrap() - 0.849).abs() < 5e-4);
    }

    proptest! {
        #[test]
        fn agreement_is_symmetric_and_perfection_is_1(
            pairs in prop::collection::vec((0_u8..4, 0_u8..4), 2..30),
        ) {
            let pairs: Vec<(f64, f64)> =
                pairs.iter().map(|(a, b)| (f64::from(*a), f64::from(*b))).collect();
            let turned: Vec<(f64, f64)> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            let same: Vec<(f64, f64)> = pairs.iter().map(|(a, _)| (*a, *a)).collect();
            for distance in [Distance::Nominal, Distance::Linear, Distance::Quadratic] {
                let (there, back) = (kappa(&pairs, distance), kappa(&turned, distance));
                prop_assert_eq!(there.is_some(), back.is_some());
                if let (Some(there), Some(back)) = (there, back) {
                    prop_assert!((there - back).abs() < 1e-9 && there <= 1.0);
                }
                if let Some(perfect) = kappa(&same, distance) {
                    prop_assert!((perfect - 1.0).abs() < 1e-12);
                }
            }
        }
    }
}
