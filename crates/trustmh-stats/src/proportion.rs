//! Proportions.

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::clustered::{ClusterError, design_effect};
use crate::error::StatsError;
use crate::sample::Sample;

/// The 97.5 % point of the standard normal distribution.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// Share of ones with a 95 % interval.
///
/// Independent observations: Wilson's score interval (doi 10.1080/01621459.1927.10502953). Clustered ones:
/// Wilson's interval at the effective sample size `n / deff`, with the design effect `deff` (Kish 1965) taken
/// from the cluster-robust variance (CR2) and never below 1, and with t in the place of z, since the variance is
/// known from the clusters only (Korn and Graubard 1998), with Satterthwaite's degrees of freedom: one below the
/// number of clusters where all have one size. Where fewer than ten clusters hold the rarer outcome, the design effect
/// grows as if half a cluster more held nothing else. Where all observations are equal the variance
/// says nothing, and each cluster counts as one observation. One cluster carries no interval.
///
/// Coverage of the independent interval is at least .93 from ten observations on; below, it can be less near 0 and 1 (.90 with
/// n 5, .85 with n 8 at a share of .02 or .98).
///
/// # Errors
/// [`StatsError::NotBinary`] for anything but 0 and 1.
pub fn proportion(sample: &Sample) -> Result<Estimate, StatsError> {
    let off = |value: f64| value.abs() > f64::EPSILON && (value - 1.0).abs() > f64::EPSILON;
    if let Some((index, value)) = sample.values().iter().enumerate().find(|(_, v)| off(**v)) {
        return Err(StatsError::NotBinary { index, value: *value });
    }
    let n = sample.values().len() as f64;
    let share = sample.mean();
    let interval = if sample.is_independent() {
        Some(score_interval(share, n, Z, IntervalMethod::Wilson))
    } else {
        clustered_interval(sample, share)
    };
    Ok(Estimate {
        value: share,
        interval,
        n: sample.values().len() as u64,
        clusters: sample.cluster_count() as u64,
    })
}

/// Wilson's interval of `successes` in `n` independent observations.
///
/// # Errors
/// [`StatsError::Empty`] for n = 0, [`StatsError::TooManySuccesses`].
pub fn wilson(successes: u64, n: u64) -> Result<Estimate, StatsError> {
    if n == 0 {
        return Err(StatsError::Empty);
    }
    if successes > n {
        return Err(StatsError::TooManySuccesses { successes, n });
    }
    let share = successes as f64 / n as f64;
    let interval = score_interval(share, n as f64, Z, IntervalMethod::Wilson);
    Ok(Estimate { value: share, interval: Some(interval), n, clusters: n })
}

fn clustered_interval(sample: &Sample, share: f64) -> Option<Interval> {
    let error = ClusterError::of(sample)?;
    let size = effective_size(sample, share, error);
    Some(score_interval(share, size, error.quantile()?, IntervalMethod::WilsonClustered))
}

fn effective_size(sample: &Sample, share: f64, error: ClusterError) -> f64 {
    let n = sample.values().len() as f64;
    let simple = share * (1.0 - share) / n;
    if simple <= f64::EPSILON / n {
        return sample.cluster_count() as f64;
    }
    let rarer = sample.cluster_sums(|value| if share > 0.5 { 1.0 - value } else { value });
    n / design_effect(error, simple, &rarer, &sample.cluster_sizes())
}

fn score_interval(share: f64, n: f64, quantile: f64, method: IntervalMethod) -> Interval {
    let (low, high) = wilson_ends(share, n, quantile);
    Interval { low, high, method }
}

/// The ends of Wilson's interval of a share in `n` observations, which need not be whole.
pub(crate) fn wilson_ends(share: f64, n: f64, quantile: f64) -> (f64, f64) {
    let square = quantile * quantile;
    let centre = (share + square / (2.0 * n)) / (1.0 + square / n);
    let spread = (share * (1.0 - share) / n + square / (4.0 * n * n)).max(0.0).sqrt();
    let half = quantile * spread / (1.0 + square / n);
    // Rounding must not push an end past the estimate or past 0 and 1.
    ((centre - half).max(0.0).min(share), (centre + half).min(1.0).max(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_wilson() {
        // statsmodels 0.15: proportion_confint(75, 125, method="wilson"), (0, 20), (20, 20)
        for (successes, n, low, high) in [
            (75, 125, 0.512_374_594_537, 0.681_662_326_721),
            (0, 20, 0.0, 0.161_125_158_053),
            (20, 20, 0.838_874_841_947, 1.0),
        ] {
            let interval = wilson(successes, n).unwrap().interval.unwrap();
            assert!((interval.low - low).abs() < 1e-9, "{successes}/{n}: {}", interval.low);
            assert!((interval.high - high).abs() < 1e-9, "{successes}/{n}: {}", interval.high);
        }
    }

    #[test]
    fn copies_of_an_observation_add_no_information() {
        let once = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
        let values: Vec<f64> = once.iter().flat_map(|value| [*value; 8]).collect();
        let names: Vec<usize> = (0..once.len()).flat_map(|item| [item; 8]).collect();
        let clustered = proportion(&Sample::clustered(values, &names).unwrap()).unwrap();
        let single = proportion(&Sample::independent(once.to_vec()).unwrap()).unwrap();
        let (wide, narrow) = (clustered.interval.unwrap(), single.interval.unwrap());
        assert!(wide.low <= narrow.low && wide.high >= narrow.high);
        assert_eq!((clustered.n, clustered.clusters), (80, 10));
    }

    #[test]
    fn all_equal_clusters_still_have_a_width() {
        let sample =
            Sample::clustered(vec![1.0; 16], &[0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
        let interval = proportion(&sample.unwrap()).unwrap().interval.unwrap();
        assert!((interval.high - 1.0).abs() < 1e-12 && interval.low < 0.4);
    }

    #[test]
    fn only_zero_and_one_are_taken() {
        let sample = Sample::independent(vec![0.0, 0.5]).unwrap();
        assert_eq!(proportion(&sample), Err(StatsError::NotBinary { index: 1, value: 0.5 }));
        assert_eq!(wilson(3, 2), Err(StatsError::TooManySuccesses { successes: 3, n: 2 }));
    }

    proptest! {
        #[test]
        fn interval_holds_the_share_inside_zero_and_one(
            ones in prop::collection::vec(any::<bool>(), 1..60),
            size in 1_usize..5,
        ) {
            let values: Vec<f64> = ones.iter().map(|one| f64::from(u8::from(*one))).collect();
            let names: Vec<usize> = (0..values.len()).map(|index| index / size).collect();
            let found = proportion(&Sample::clustered(values, &names).unwrap()).unwrap();
            if let Some(interval) = found.interval {
                prop_assert!(0.0 <= interval.low && interval.low <= found.value);
                prop_assert!(found.value <= interval.high && interval.high <= 1.0);
            }
        }
    }
}
