//! Means.

use statrs::distribution::{ContinuousCDF, StudentsT};

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::sample::Sample;

/// The quantile the release uses for every interval.
const RELEASE_QUANTILE: f64 = 1.96;

/// Mean with a 95 % interval.
///
/// Independent observations: `mean ± t(n-1) s / sqrt(n)` with the sample standard deviation s.
/// Clustered ones: `mean ± t(G-1) SE`, `SE² = G/(G-1) Σ_g (Σ_{i in g} (x_i - mean))² / n²`, the cluster-robust
/// error of Miller 2024 (arXiv 2411.00640, section 2.2) with the usual factor G/(G-1) for few clusters.
/// One observation or one cluster carries no interval.
pub fn mean(sample: &Sample) -> Estimate {
    let clusters = sample.cluster_count();
    let method =
        if sample.is_independent() { IntervalMethod::T } else { IntervalMethod::ClusteredT };
    let interval = t_quantile(clusters).map(|quantile| {
        let half = quantile * standard_error(sample);
        Interval { low: sample.mean() - half, high: sample.mean() + half, method }
    });
    estimate(sample, interval)
}

/// PLACEHOLDER until the stats branch lands.
pub fn bounded(sample: &Sample, _range: (f64, f64)) -> Estimate {
    mean(sample)
}

/// Mean with the interval of the release: `mean ± 1.96 s / sqrt(n)`, whatever the clusters.
pub fn mean_as_released(sample: &Sample) -> Estimate {
    let n = sample.values().len() as f64;
    let interval = (n > 1.0).then(|| {
        let mean = sample.mean();
        let squares: f64 = sample.values().iter().map(|value| (value - mean).powi(2)).sum();
        let half = RELEASE_QUANTILE * (squares / (n - 1.0)).sqrt() / n.sqrt();
        Interval { low: mean - half, high: mean + half, method: IntervalMethod::Normal }
    });
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

/// The cluster-robust standard error of the mean; with clusters of one it is `s / sqrt(n)`.
pub(crate) fn standard_error(sample: &Sample) -> f64 {
    let clusters = sample.cluster_count() as f64;
    let squares: f64 = sample.cluster_residuals().iter().map(|sum| sum * sum).sum();
    (clusters / (clusters - 1.0) * squares).sqrt() / sample.values().len() as f64
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
