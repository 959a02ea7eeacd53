//! Correlation.

use trustmh_core::metric::Estimate;

use crate::bootstrap::{Draws, FisherError, Resampler};
use crate::error::StatsError;

/// Pearson's r of two lists of equal length, in -1..1, computed in two passes.
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::Empty`], [`StatsError::NonFinite`],
/// [`StatsError::Constant`] if one side does not vary.
pub fn pearson(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    if x.len() != y.len() {
        return Err(StatsError::LengthMismatch { left: x.len(), right: y.len() });
    }
    if x.is_empty() {
        return Err(StatsError::Empty);
    }
    for side in [x, y] {
        if let Some((index, value)) = side.iter().enumerate().find(|(_, v)| !v.is_finite()) {
            return Err(StatsError::NonFinite { index, value: *value });
        }
    }
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        let (a, b) = (a - mean_x, b - mean_y);
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    // Equal values leave rounding dust after the mean is taken off.
    let dust = |side: &[f64], mean: f64| {
        n * (mean.abs().max(side.iter().fold(0.0, |m: f64, v| m.max(v.abs()))) * 1e-14).powi(2)
    };
    if xx <= dust(x, mean_x) {
        return Err(StatsError::Constant { what: "first" });
    }
    if yy <= dust(y, mean_y) {
        return Err(StatsError::Constant { what: "second" });
    }
    Ok((xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// Spearman's rank correlation of two lists of equal length, in -1..1: Pearson's r of their ranks, equal
/// values sharing the mean of theirs.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    pearson(&ranks(x), &ranks(y))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let value = |index: &usize| values.get(*index).copied().unwrap_or_default();
    order.sort_by(|a, b| value(a).total_cmp(&value(b)));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for ties in order.chunk_by(|a, b| value(a).total_cmp(&value(b)).is_eq()) {
        let mean = (2 * first + ties.len() + 1) as f64 / 2.0;
        for index in ties {
            if let Some(rank) = ranks.get_mut(*index) {
                *rank = mean;
            }
        }
        first += ties.len();
    }
    ranks
}

/// Pearson's r with its interval over `clusters` (the number of each pair's cluster), see
/// [`Draws::correlation_interval`], and the draws behind it.
///
/// # Errors
/// As [`pearson`], and [`StatsError::TooFew`] for two pairs.
pub fn pearson_estimate(
    x: &[f64],
    y: &[f64],
    clusters: &[usize],
    seed: u64,
) -> Result<(Estimate, Draws), StatsError> {
    with_interval(pearson, FisherError::Products, x, y, clusters, seed)
}

/// Spearman's rank correlation with its interval over `clusters`, and the draws behind it.
///
/// # Errors
/// As [`pearson_estimate`].
pub fn spearman_estimate(
    x: &[f64],
    y: &[f64],
    clusters: &[usize],
    seed: u64,
) -> Result<(Estimate, Draws), StatsError> {
    with_interval(spearman, FisherError::Ranks, x, y, clusters, seed)
}

fn with_interval(
    correlation: impl Fn(&[f64], &[f64]) -> Result<f64, StatsError>,
    error: FisherError,
    x: &[f64],
    y: &[f64],
    clusters: &[usize],
    seed: u64,
) -> Result<(Estimate, Draws), StatsError> {
    let r = correlation(x, y)?;
    if x.len() < 3 {
        return Err(StatsError::TooFew { n: x.len() });
    }
    let resampler = Resampler::new(clusters, seed);
    let draws = resampler.draw(r, |rows| {
        let pick = |side: &[f64]| {
            rows.iter().filter_map(|row| side.get(*row).copied()).collect::<Vec<_>>()
        };
        correlation(&pick(x), &pick(y)).ok()
    });
    let estimate = Estimate {
        value: r,
        interval: draws.correlation_interval(error),
        n: x.len() as u64,
        clusters: resampler.cluster_count() as u64,
    };
    Ok((estimate, draws))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_pearson() {
        // scipy 1.17: st.pearsonr([1, 2, 3, 4, 5.5], [2, 1, 4, 3, 7]).statistic
        let r = pearson(&[1.0, 2.0, 3.0, 4.0, 5.5], &[2.0, 1.0, 4.0, 3.0, 7.0]).unwrap();
        assert!((r - 0.858_086_838_240_178_7).abs() < 1e-12, "{r}");
    }

    #[test]
    fn golden_spearman() {
        // By hand, with ties: ranks 1, 2.5, 2.5, 4 against 2, 1, 3.5, 3.5.
        let rho = spearman(&[1.0, 2.0, 2.0, 9.0], &[5.0, 3.0, 8.0, 8.0]).unwrap();
        let by_ranks = pearson(&[1.0, 2.5, 2.5, 4.0], &[2.0, 1.0, 3.5, 3.5]).unwrap();
        assert!((rho - by_ranks).abs() < 1e-12, "{rho}");
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(
            pearson(&[0.1; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]),
            Err(StatsError::Constant { what: "first" })
        );
        assert_eq!(pearson(&[1.0, 2.0], &[3.0, 3.0]), Err(StatsError::Constant { what: "second" }));
        assert_eq!(pearson(&[1.0], &[]), Err(StatsError::LengthMismatch { left: 1, right: 0 }));
    }

    #[test]
    fn nine_pairs_carry_no_interval_and_ten_at_least_fishers() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let y = [1.0, 0.0, 3.0, 2.0, 5.0, 4.0, 4.0, 8.0, 6.0, 9.0];
        let names: Vec<usize> = (0..10).collect();
        let (few, _) = pearson_estimate(&x[..9], &y[..9], &names[..9], 7).unwrap();
        assert_eq!(few.interval, None);
        let (found, _) = pearson_estimate(&x, &y, &names, 7).unwrap();
        let interval = found.interval.unwrap();
        // scipy 1.17: st.pearsonr(x, y).confidence_interval()
        assert!(
            interval.low <= 0.662_140_745_213 + 1e-9 && interval.high >= 0.979_219_015_993 - 1e-9,
            "{interval:?}"
        );
        assert!(interval.low > 0.0 && interval.high < 1.0);
        let (perfect, _) = pearson_estimate(&x, &x, &names, 7).unwrap();
        assert_eq!(perfect.interval, None, "all resamples are alike");
    }

    #[test]
    fn a_rating_used_once_in_ten_is_not_known_to_be_right() {
        // The bootstrap alone gives .75 or so to 1: every resample that is defined holds the lone rating.
        let x = [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0];
        let mut y = [1.0; 10];
        y[9] = 2.0;
        let (found, draws) = pearson_estimate(&x, &y, &(0..10).collect::<Vec<_>>(), 3).unwrap();
        let interval = found.interval.unwrap();
        let least = draws.values.iter().copied().fold(1.0, f64::min);
        assert!(interval.low < 0.0 && least > interval.low, "{interval:?} {least}");
    }

    #[test]
    fn two_pairs_are_no_correlation() {
        let found = pearson_estimate(&[1.0, 2.0], &[5.0, 3.0], &[0, 1], 1);
        assert_eq!(found.unwrap_err(), StatsError::TooFew { n: 2 });
    }

    proptest! {
        #[test]
        fn r_is_in_range_and_ignores_scale(
            pairs in prop::collection::vec((-50.0_f64..50.0, -50.0_f64..50.0), 3..30),
            scale in 0.1_f64..10.0,
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            if let Ok(r) = pearson(&x, &y) {
                prop_assert!((-1.0..=1.0).contains(&r));
                let scaled: Vec<f64> = x.iter().map(|v| v * scale + 3.0).collect();
                prop_assert!((pearson(&scaled, &y).unwrap() - r).abs() < 1e-6);
            }
        }
    }
}
