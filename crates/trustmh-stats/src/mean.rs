//! Means.

use statrs::distribution::{ContinuousCDF, StudentsT};

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::clustered::ClusterError;
use crate::piled;
use crate::sample::Sample;

/// The quantile the release uses for every interval.
const RELEASE_QUANTILE: f64 = 1.96;

/// Mean with a 95 % interval.
///
/// Independent observations: `mean ± t(n-1) s / sqrt(n)` with the sample standard deviation s.
/// Clustered ones: `mean ± t(df) SE` with the cluster-robust error of Miller 2024 (arXiv 2411.00640, section 2.2) as
/// CR2, and Satterthwaite's degrees of freedom (Bell & McCaffrey 2002; Imbens & Kolesár 2016,
/// doi 10.1162/REST_a_00552). Where all clusters have one size that is
/// `SE² = G/(G-1) Σ_g (Σ_{i in g} (x_i - mean))² / n²` with G - 1 degrees of freedom.
/// One observation or one cluster carries no interval, nor do observations that are all equal; where the range of
/// values is known [`bounded`] has one for them.
pub fn mean(sample: &Sample) -> Estimate {
    let method =
        if sample.is_independent() { IntervalMethod::T } else { IntervalMethod::ClusteredT };
    let interval = ClusterError::of(sample)
        .and_then(|error| error.half_width())
        .and_then(|half| Interval::new(sample.mean() - half, sample.mean() + half, method));
    estimate(sample, interval)
}

/// Mean of values that lie in `range`, with a 95 % interval that holds where they pile up at one value.
///
/// t covers .29 to .91 where nine in ten of 5 to 100 observations stand at an end of the range. Where more than half
/// of them do (within a twentieth of the range), where all are equal, or where three quarters are equal and fewer than
/// ten clusters differ, the interval is a score interval, see [`IntervalMethod::PiledScore`]: a share off the pile
/// has the variance `m (c - m)` at mean distance m, with `c = Σ d² / Σ d` of the distances d to the pile, so that the
/// ends solve `(mean - m)² = z² m (c - m) / n`. That is Wilson's interval of the distances over c, and Wilson's itself for
/// zeros and ones. Half an observation at the far end of the range is added to both sums of c, a quarter at
/// either end where the pile stands between, since what lies off the pile is known from few; the two sides are then put together by MOVER
/// (Newcombe 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I). Clusters count as their
/// means, n as the number of clusters of one size that would tell as much (Kish 1965). Any other
/// sample has the interval of [`mean`], cut at the ends of the range; one with values outside the range has it as it is.
///
/// Simulated coverage is .94 to 1; docs/statistics.md has the table and what else was tried.
pub fn bounded(sample: &Sample, range: (f64, f64)) -> Estimate {
    match piled::interval(sample, range) {
        Some(interval) => estimate(sample, Some(interval)),
        None => within(mean(sample), sample, range),
    }
}

/// Nothing that a mean of values in the range can be lies outside of it: the interval ends there.
fn within(found: Estimate, sample: &Sample, (least, most): (f64, f64)) -> Estimate {
    if !sample.values().iter().all(|value| (least..=most).contains(value)) {
        return found;
    }
    let cut = found.interval.and_then(|Interval { low, high, method }| {
        Interval::new(low.max(least), high.min(most), method)
    });
    Estimate { interval: cut, ..found }
}

/// Mean with the interval of the release: `mean ± 1.96 s / sqrt(n)`, whatever the clusters.
pub fn mean_as_released(sample: &Sample) -> Estimate {
    let n = sample.values().len() as f64;
    let mean = sample.mean();
    let squares: f64 = sample.values().iter().map(|value| (value - mean).powi(2)).sum();
    let half = RELEASE_QUANTILE * (squares / (n - 1.0).max(1.0)).sqrt() / n.sqrt();
    let interval = Interval::new(mean - half, mean + half, IntervalMethod::Normal);
    estimate(sample, interval)
}

fn estimate(sample: &Sample, interval: Option<Interval>) -> Estimate {
    Estimate {
        value: sample.mean(),
        interval,
        n: sample.values().len() as u64,
        clusters: sample.cluster_count() as u64,
    }
}

/// The 97.5 % point of Student's t with `groups - 1` degrees of freedom; none for one group.
pub(crate) fn t_quantile(groups: usize) -> Option<f64> {
    let freedom = groups.checked_sub(1).filter(|freedom| *freedom > 0)?;
    let t = StudentsT::new(0.0, 1.0, freedom as f64).ok()?;
    Some(t.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_interval_ends_where_its_range_does() {
        let few = Sample::independent(vec![1.0, 1.5, 2.5]).unwrap();
        let cut = bounded(&few, (1.0, 5.0)).interval.unwrap();
        let whole = mean(&few).interval.unwrap();
        assert!(whole.low < 1.0, "{whole:?}");
        assert_eq!((cut.low, cut.high), (1.0, whole.high));
        // Values outside of it have no range.
        assert_eq!(bounded(&few, (1.0, 2.0)).interval, Some(whole));
    }

    fn close(left: f64, right: f64, tolerance: f64) {
        assert!((left - right).abs() < tolerance, "{left} is not {right}");
    }

    #[test]
    fn golden_t_interval() {
        // scipy 1.17: st.t.interval(.95, 4, loc=np.mean(x), scale=st.sem(x)) for x = [1, 2, 4, 4, 5]
        let found = mean(&Sample::independent(vec![1.0, 2.0, 4.0, 4.0, 5.0]).unwrap());
        let interval = found.interval.unwrap();
        close(found.value, 3.2, 1e-12);
        close(interval.low, 1.159_737_858_025, 1e-8);
        close(interval.high, 5.240_262_141_975, 1e-8);
        assert_eq!(interval.method, IntervalMethod::T);
    }

    #[test]
    fn golden_clustered_interval() {
        // statsmodels 0.15: OLS(y, ones).fit(cov_type="cluster", cov_kwds={"groups": g, "use_correction": True},
        // use_t=True).conf_int() for y = [1,2,4,4,5,3], g = [0,0,1,1,2,2]; its factor G/(G-1) (n-1)/(n-k) is G/(G-1)
        // here, since k = 1.
        let sample =
            Sample::clustered(vec![1.0, 2.0, 4.0, 4.0, 5.0, 3.0], &[0, 0, 1, 1, 2, 2]).unwrap();
        let interval = mean(&sample).interval.unwrap();
        close(interval.low, -0.418_877_274_791, 1e-8);
        close(interval.high, 6.752_210_608_125, 1e-8);
        assert_eq!(interval.method, IntervalMethod::ClusteredT);
    }

    #[test]
    fn one_observation_or_cluster_carries_no_interval() {
        assert_eq!(mean(&Sample::independent(vec![2.0]).unwrap()).interval, None);
        assert_eq!(mean_as_released(&Sample::independent(vec![2.0]).unwrap()).interval, None);
        let one_cluster = Sample::clustered(vec![1.0, 2.0], &["a", "a"]).unwrap();
        assert_eq!(mean(&one_cluster).interval, None);
    }

    #[test]
    fn equal_observations_carry_no_t_interval_and_a_bounded_one_with_width() {
        for values in [vec![0.7 - 0.6, 0.4 - 0.3, 0.9 - 0.8], vec![5.0; 3], vec![0.0; 8]] {
            let sample = Sample::independent(values).unwrap();
            assert_eq!(mean(&sample).interval, None);
            assert_eq!(mean_as_released(&sample).interval, None);
            let wide = bounded(&sample, (0.0, 5.0)).interval.unwrap();
            assert!(wide.high - wide.low > 0.5, "{wide:?}");
        }
    }

    #[test]
    fn unequal_clusters_have_satterthwaites_freedom() {
        let names: Vec<usize> =
            [1, 2, 3, 12].iter().enumerate().flat_map(|(name, size)| vec![name; *size]).collect();
        let values: Vec<f64> = names.iter().map(|name| *name as f64).collect();
        let found = mean(&Sample::clustered(values.clone(), &names).unwrap());
        let interval = found.interval.unwrap();
        // The values of a cluster are equal: 1.2137703592518225 degrees of freedom; scipy: st.t.ppf(.975, df).
        let residuals = |name: usize, size: f64| (name as f64 - found.value) * size;
        let squares: f64 = [1.0, 2.0, 3.0, 12.0]
            .iter()
            .enumerate()
            .map(|(name, size)| residuals(name, *size).powi(2) / (1.0 - size / 18.0))
            .sum();
        close(interval.high - found.value, 8.467_243_169_598 * squares.sqrt() / 18.0, 1e-6);
    }

    proptest! {
        #[test]
        fn interval_holds_the_mean_and_ignores_order(
            mut values in prop::collection::vec(-100.0_f64..100.0, 2..40),
        ) {
            let first = mean(&Sample::independent(values.clone()).unwrap());
            let interval = first.interval.unwrap();
            prop_assert!(interval.low <= first.value && first.value <= interval.high);
            values.reverse();
            let second = mean(&Sample::independent(values).unwrap()).interval.unwrap();
            prop_assert!((interval.low - second.low).abs() < 1e-9);
        }

        #[test]
        fn clusters_of_one_change_nothing(values in prop::collection::vec(-9.0_f64..9.0, 2..20)) {
            let names: Vec<usize> = (0..values.len()).collect();
            let free = mean(&Sample::independent(values.clone()).unwrap());
            let named = mean(&Sample::clustered(values, &names).unwrap());
            prop_assert_eq!(free, named);
        }

        #[test]
        fn doubling_every_observation_does_not_narrow_a_clustered_interval(
            values in prop::collection::vec(-9.0_f64..9.0, 3..20),
        ) {
            let once = mean(&Sample::independent(values.clone()).unwrap()).interval.unwrap();
            let names: Vec<usize> = (0..values.len()).chain(0..values.len()).collect();
            let doubled: Vec<f64> = values.iter().chain(&values).copied().collect();
            let twice = mean(&Sample::clustered(doubled, &names).unwrap()).interval.unwrap();
            prop_assert!(((once.high - once.low) - (twice.high - twice.low)).abs() < 1e-9);
        }
    }
}
