//! The standard error of a mean whose observations share clusters, with the degrees of freedom that it has.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::sample::Sample;

/// A standard error, and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClusterError {
    /// The standard error of the mean; 0 where nothing but rounding dust is left.
    pub(crate) error: f64,
    /// Degrees of freedom, 1 or more.
    pub(crate) freedom: f64,
}

impl ClusterError {
    /// CR2 (Bell & McCaffrey 2002, Survey Methodology 28:169), which for a mean divides the sum `S_g` of each cluster's
    /// residuals by `sqrt(1 - n_g / n)`: `SE² = Σ_g S_g² / (1 - n_g / n) / n²`. Of clusters of one size this is the usual factor
    /// G/(G-1), of clusters of one observation `s / sqrt(n)`.
    ///
    /// The degrees of freedom are Satterthwaite's under a model in which all pairs of a cluster are correlated
    /// alike, as in the sample (Imbens & Kolesár 2016, doi 10.1162/REST_a_00552); of clusters of one size they are G - 1.
    /// None for one cluster.
    pub(crate) fn of(sample: &Sample) -> Option<Self> {
        let groups = sample.cluster_count();
        if groups < 2 {
            return None;
        }
        let sizes = sample.cluster_sizes();
        let n = sample.values().len() as f64;
        let sums = sample.cluster_residuals();
        let parts = sums.iter().zip(&sizes).map(|(sum, size)| sum * sum / (1.0 - size / n));
        let error = parts.sum::<f64>().sqrt() / n;
        let first = sizes.first().copied().unwrap_or_default();
        let freedom = if sizes.iter().all(|size| (size - first).abs() < 0.5) {
            groups as f64 - 1.0
        } else {
            satterthwaite(&sizes, n, likeness(sample, &sizes, n))
        };
        Some(Self { error: if error <= sample.dust() { 0.0 } else { error }, freedom })
    }

    /// The 97.5 % point of Student's t with these degrees of freedom.
    pub(crate) fn quantile(&self) -> Option<f64> {
        let t = StudentsT::new(0.0, 1.0, self.freedom).ok()?;
        Some(t.inverse_cdf(0.975))
    }

    /// Half the width of the 95 % interval; 0 where there is no spread.
    pub(crate) fn half_width(&self) -> Option<f64> {
        self.quantile().map(|quantile| quantile * self.error)
    }
}

/// The clusters of one size that would tell as much of a mean as these: `n² / Σ n_g²` (Kish 1965).
pub(crate) fn effective_clusters(sizes: &[f64]) -> f64 {
    let n: f64 = sizes.iter().sum();
    n * n / sizes.iter().map(|size| size * size).sum::<f64>()
}

/// Where fewer clusters than this hold the rarer outcome, how alike the trials of a cluster are is not known well
/// enough (simulated, with a correlation of .5 in clusters: .87 to .93 with 3 to 9 of them, .94 to .95 with 11).
const FEW_CLUSTERS: usize = 10;

/// How much more the variance is than the `simple` one of as many independent trials, 1 or more (Kish 1965). `rarer` counts
/// the rarer outcome in each cluster. Where few clusters hold it, the effect grows as if half a cluster
/// more held nothing else.
pub(crate) fn design_effect(error: ClusterError, simple: f64, rarer: &[f64], sizes: &[f64]) -> f64 {
    let seen = (error.error * error.error / simple).max(1.0);
    if rarer.iter().filter(|count| **count > 0.5).count() >= FEW_CLUSTERS {
        return seen;
    }
    let size = sizes.iter().sum::<f64>() / effective_clusters(sizes);
    let total: f64 = rarer.iter().sum();
    let squares: f64 = rarer.iter().map(|count| count * count).sum();
    // What a cluster that holds the outcome holds of it, in the sample and with half a full cluster added.
    let held = squares / total;
    let feared = (squares + size * size / 2.0) / (total + size / 2.0);
    (seen * (feared / held).max(1.0)).min(size.max(seen))
}

/// The intra-cluster correlation by analysis of variance, between 0 and 1 (Donner 1986, doi 10.2307/1403259).
fn likeness(sample: &Sample, sizes: &[f64], n: f64) -> f64 {
    let groups = sizes.len() as f64;
    let mean = sample.mean();
    let sums = sample.cluster_sums(|value| value - mean);
    let total: f64 = sample.values().iter().map(|value| (value - mean).powi(2)).sum();
    let between: f64 = sums.iter().zip(sizes).map(|(sum, size)| sum * sum / size).sum();
    let within = (total - between).max(0.0) / (n - groups).max(1.0);
    let between = between / (groups - 1.0);
    let size = (n - n / effective_clusters(sizes)) / (groups - 1.0);
    let all = between + (size - 1.0) * within;
    if all > 0.0 { ((between - within) / all).clamp(0.0, 1.0) } else { 0.0 }
}

/// `(tr M)² / tr M²` of the quadratic form that the CR2 variance is, where a cluster's sum has the variance
/// `n_g (1 + (n_g - 1) likeness)`. The entry of clusters g and h is `a_g a_h ([g = h] t_g - (n_h t_g + n_g t_h) / n +
/// n_g n_h T / n²)` with `a_g² = 1 / (1 - n_g / n)`; its squares are summed without writing the matrix down.
fn satterthwaite(sizes: &[f64], n: f64, likeness: f64) -> f64 {
    let variance = |size: f64| size * (1.0 + (size - 1.0) * likeness);
    let total: f64 = sizes.iter().map(|size| variance(*size)).sum();
    let (mut of_variances, mut of_sizes, mut of_both) = (0.0, 0.0, 0.0);
    let (mut trace, mut own) = (0.0, 0.0);
    for size in sizes {
        let (size, t, weight) = (*size, variance(*size), 1.0 / (1.0 - size / n));
        let shared = size * size * total / (n * n) - 2.0 * size * t / n;
        of_variances += weight * t * t;
        of_sizes += weight * size * size;
        of_both += weight * size * t;
        trace += weight * (t + shared);
        own += weight * weight * (t * t + 2.0 * t * shared);
    }
    let crossed = 2.0 * (of_variances * of_sizes + of_both * of_both) / (n * n)
        + (total * of_sizes).powi(2) / n.powi(4)
        - 4.0 * total * of_both * of_sizes / n.powi(3);
    (trace * trace / (own + crossed)).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sizes: &[usize]) -> Sample {
        let names: Vec<usize> =
            sizes.iter().enumerate().flat_map(|(name, size)| vec![name; *size]).collect();
        let values = (0..names.len()).map(|i| ((i * 7 + 3) % 5) as f64 + names[i] as f64).collect();
        Sample::clustered(values, &names).unwrap()
    }

    #[test]
    fn clusters_of_one_size_have_the_usual_factor_and_freedom() {
        let sample = of(&[3; 6]);
        let found = ClusterError::of(&sample).unwrap();
        let squares: f64 = sample.cluster_residuals().iter().map(|sum| sum * sum).sum();
        assert!((found.error - (6.0 / 5.0 * squares).sqrt() / 18.0).abs() < 1e-12);
        assert!((found.freedom - 5.0).abs() < 1e-12);
        for likeness in [0.0, 0.4, 1.0] {
            assert!((satterthwaite(&[3.0; 6], 18.0, likeness) - 5.0).abs() < 1e-9);
        }
    }

    #[test]
    fn golden_freedom_of_unequal_clusters() {
        // numpy: the matrix M written out for sizes 1, 2, 3, 12 and the traces taken.
        let sizes = [1.0, 2.0, 3.0, 12.0];
        for (likeness, freedom) in
            [(0.0, 1.6037735849056602), (0.4, 1.2968901034043765), (1.0, 1.2137703592518225)]
        {
            let found = satterthwaite(&sizes, 18.0, likeness);
            assert!((found - freedom).abs() < 1e-9, "{likeness}: {found}");
        }
        assert!((effective_clusters(&sizes) - 324.0 / 158.0).abs() < 1e-12);
    }

    #[test]
    fn rounding_dust_is_no_error() {
        let tenths = vec![0.7 - 0.6, 0.4 - 0.3, 0.9 - 0.8];
        assert!(ClusterError::of(&Sample::independent(tenths).unwrap()).unwrap().error <= 0.0);
        assert_eq!(ClusterError::of(&of(&[4])), None);
    }
}
