//! Two subjects on the same items: differences, their intervals, and whether they can be told from nothing.

use statrs::distribution::{Binomial, ContinuousCDF, Discrete, DiscreteCDF, Normal, StudentsT};

use trustmh_core::metric::{Estimate, Interval};

use crate::clustered::ClusterError;
use crate::mean::{bounded, mean};
use crate::sample::Sample;
pub use crate::tango::share_difference;

/// A test's outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// The two-sided p value.
    pub p: f64,
    /// Differences it rests on; ties count only where the test uses them.
    pub n: u64,
}

/// The mean of paired differences with its interval, clustered where items were asked several times, and the
/// paired t test against 0 with the degrees of freedom of [`mean`] (Miller 2024, arXiv 2411.00640, section 4).
/// No p value for one cluster, and none where all differences are the same, up to rounding, but not zero: they would be
/// told from it by nothing but that sameness. The exact tests then say more. All zero, p is 1.
pub fn t_test(differences: &Sample) -> (Estimate, Option<f64>) {
    let estimate = mean(differences);
    let Some(known) = ClusterError::of(differences) else { return (estimate, None) };
    if known.error <= 0.0 {
        let p = (estimate.value.abs() <= differences.dust()).then_some(1.0);
        return (estimate, p);
    }
    let t = estimate.value / known.error;
    let p = StudentsT::new(0.0, 1.0, known.freedom).ok().map(|dist| 2.0 * dist.sf(t.abs()));
    (estimate, p)
}

/// The mean of paired differences that lie in `range`, for example -4 to 4 of scores of 1 to 5, with an interval that
/// has a width where all are equal, and holds where most are: see [`bounded`].
pub fn mean_difference(differences: &Sample, range: (f64, f64)) -> Estimate {
    bounded(differences, range)
}

/// McNemar's mid-p test: `only_first` items were right for the first subject alone, `only_second` for the second
/// alone; under no difference each is a fair coin, and what is as likely as the outcome counts half: `2 (P(X < k) +
/// P(X = k) / 2)` with k the fewer of the two (Fagerland, Lydersen & Laake 2013, doi 10.1186/1471-2288-13-91). It keeps
/// its level where the exact test rejects less than half as often as it may. Items must be independent. Equal numbers, none
/// among them, give 1.
pub fn mcnemar(only_first: u64, only_second: u64) -> Test {
    let n = only_first + only_second;
    let fewer = only_first.min(only_second);
    let p = Binomial::new(0.5, n)
        .map_or(1.0, |coin| (2.0 * coin.cdf(fewer) - coin.pmf(fewer)).clamp(0.0, 1.0));
    Test { p: if only_first == only_second { 1.0 } else { p }, n }
}

/// McNemar's exact test (doi 10.1007/BF02295996), which is the sign test: how likely fair coins fall at least as
/// unequally. It never rejects more often than its level says, however few there are.
pub fn mcnemar_exact(only_first: u64, only_second: u64) -> Test {
    let n = only_first + only_second;
    let fewer = only_first.min(only_second);
    let p = Binomial::new(0.5, n).map_or(1.0, |coin| (2.0 * coin.cdf(fewer)).min(1.0));
    Test { p, n }
}

/// Up to so many differences the signed rank test is exact.
const EXACT: usize = 50;

/// Wilcoxon's signed rank test on independent differences; zeros are left out and ties share their mean rank
/// (doi 10.2307/3001968). Exact, given the ranks, up to 50 differences; beyond that by the normal
/// distribution with the correction for ties. None if all differences are zero.
pub fn wilcoxon(differences: &[f64]) -> Option<Test> {
    let mut sizes: Vec<(f64, bool)> = differences
        .iter()
        .filter(|difference| difference.is_finite() && difference.abs() > 1e-12)
        .map(|difference| (difference.abs(), *difference > 0.0))
        .collect();
    if sizes.is_empty() {
        return None;
    }
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranks = doubled_ranks(&sizes);
    let positive: u64 =
        ranks.iter().zip(&sizes).filter(|(_, (_, up))| *up).map(|(rank, _)| rank).sum();
    let p = if ranks.len() <= EXACT { exact(&ranks, positive) } else { normal(&ranks, positive) };
    Some(Test { p, n: ranks.len() as u64 })
}

/// Twice the mean rank of each size, so that ties keep whole numbers.
fn doubled_ranks(sizes: &[(f64, bool)]) -> Vec<u64> {
    let mut ranks = Vec::with_capacity(sizes.len());
    while let Some((size, _)) = sizes.get(ranks.len()) {
        let first = ranks.len() as u64 + 1;
        let ties = sizes
            .iter()
            .skip(ranks.len())
            .take_while(|(other, _)| (other - size).abs() < 1e-12)
            .count();
        let doubled = 2 * first + ties as u64 - 1;
        ranks.extend(std::iter::repeat_n(doubled, ties));
    }
    ranks
}

/// Each sign is a fair coin: the share of all sums of signed ranks that lie at least as far out.
fn exact(ranks: &[u64], positive: u64) -> f64 {
    let total: u64 = ranks.iter().sum();
    let mut chances = vec![0.0; total as usize + 1];
    if let Some(none) = chances.first_mut() {
        *none = 1.0;
    }
    for rank in ranks {
        let rank = *rank as usize;
        for sum in (0..chances.len()).rev() {
            let without = chances.get(sum).copied().unwrap_or_default();
            let with = sum.checked_sub(rank).and_then(|rest| chances.get(rest)).copied();
            if let Some(chance) = chances.get_mut(sum) {
                *chance = (without + with.unwrap_or_default()) / 2.0;
            }
        }
    }
    let far = positive.min(total - positive) as usize;
    (2.0 * chances.iter().take(far + 1).sum::<f64>()).min(1.0)
}

fn normal(ranks: &[u64], positive: u64) -> f64 {
    let n = ranks.len() as f64;
    let mut ties = 0.0;
    let mut rest = ranks;
    while let Some(rank) = rest.first() {
        let size = rest.iter().take_while(|other| *other == rank).count();
        let t = size as f64;
        ties += t * t * t - t;
        rest = rest.get(size..).unwrap_or_default();
    }
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
    let z = (positive as f64 / 2.0 - n * (n + 1.0) / 4.0) / variance.sqrt();
    Normal::new(0.0, 1.0).map_or(1.0, |dist| 2.0 * dist.sf(z.abs()))
}

/// Cohen's d of paired differences, their mean over their standard deviation (Cohen 1988, section 2.3.5). None
/// where they do not differ by more than rounding.
pub fn cohens_d(differences: &[f64]) -> Option<f64> {
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let squares: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
    let spread = (squares / (n - 1.0)).sqrt();
    let size = differences.iter().fold(1.0, |size: f64, value| size.max(value.abs()));
    (spread > size * Interval::DUST && n > 1.0).then(|| mean / spread)
}

/// Cohen's h of two shares, the difference of their arcsine roots (Cohen 1988, section 6.2).
pub fn cohens_h(first: f64, second: f64) -> f64 {
    let arc = |share: f64| 2.0 * share.clamp(0.0, 1.0).sqrt().asin();
    arc(first) - arc(second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} is not {right}");
    }

    #[test]
    fn golden_t() {
        // scipy 1.17: st.ttest_1samp([.1, .4, -.2, .3, .5, .2], 0).pvalue
        let sample = Sample::independent(vec![0.1, 0.4, -0.2, 0.3, 0.5, 0.2]).unwrap();
        close(t_test(&sample).1.unwrap(), 0.085621605280);
        let same = Sample::independent(vec![0.0; 4]).unwrap();
        assert_eq!(t_test(&same).1, Some(1.0));
    }

    #[test]
    fn golden_mid_p() {
        // scipy 1.17: st.binomtest(k, n, .5).pvalue - st.binom.pmf(k, n, .5)
        for (first, second, p) in [
            (3, 9, 0.092285156250),
            (0, 6, 0.015625000000),
            (40, 21, 0.015134080997),
            (1, 0, 0.500000000000),
        ] {
            close(mcnemar(first, second).p, p);
        }
        close(mcnemar(0, 0).p, 1.0);
        close(mcnemar(12, 12).p, 1.0);
    }

    #[test]
    fn the_same_gain_everywhere_is_told_from_nothing_by_its_sameness_alone() {
        // The last bits of these tenths differ.
        let tenths = vec![0.7 - 0.6, 0.4 - 0.3, 0.9 - 0.8];
        for differences in [tenths, vec![0.1; 3], vec![-2.0; 3]] {
            assert_eq!(cohens_d(&differences), None);
            let sample = Sample::independent(differences).unwrap();
            let (found, p) = t_test(&sample);
            assert_eq!((found.interval, p), (None, None));
            assert!(mean_difference(&sample, (-4.0, 4.0)).interval.is_some());
        }
        let clustered =
            Sample::clustered(vec![0.7 - 0.6, 0.4 - 0.3, 0.9 - 0.8, 0.3 - 0.2], &[0, 0, 1, 1]);
        assert_eq!(t_test(&clustered.unwrap()).1, None);
        let dust = Sample::independent(vec![0.3 - 0.1 - 0.2, 0.0, 0.7 - 0.6 - 0.1]).unwrap();
        assert_eq!(t_test(&dust).1, Some(1.0));
    }

    #[test]
    fn golden_exact_mcnemar() {
        // scipy 1.17: st.binomtest(k, n, .5).pvalue
        for (first, second, p) in [
            (3, 9, 0.145996093750),
            (12, 12, 1.000000000000),
            (0, 6, 0.031250000000),
            (40, 21, 0.020414713800),
        ] {
            close(mcnemar_exact(first, second).p, p);
        }
        close(mcnemar_exact(0, 0).p, 1.0);
    }

    #[test]
    fn golden_wilcoxon() {
        // scipy 1.17: st.wilcoxon(d, method="exact").pvalue without ties
        let differences = [1.5, -0.4, 2.2, 3.1, -1.1, 0.9, 2.8, 1.9];
        close(wilcoxon(&differences).unwrap().p, 0.054687500000);
        // st.wilcoxon(d, method="approx").pvalue of 80 differences with ties and zeros: (i * 7 mod 13) - 5
        let many: Vec<f64> = (0..80).map(|i| f64::from(i * 7 % 13) - 5.0).collect();
        close(wilcoxon(&many).unwrap().p, 0.033932711309);
        assert_eq!(wilcoxon(&[0.0, 0.0]), None);
    }

    #[test]
    fn golden_effect_sizes() {
        // By hand: mean 2, standard deviation 1; 2 asin(sqrt(.5)) - 2 asin(sqrt(.25)) = pi / 6.
        close(cohens_d(&[1.0, 2.0, 3.0]).unwrap(), 2.0);
        close(cohens_h(0.5, 0.25), std::f64::consts::FRAC_PI_6);
        assert_eq!(cohens_d(&[1.0, 1.0]), None);
    }

    proptest! {
        #[test]
        fn turning_the_sign_changes_no_p(values in prop::collection::vec(-5_i8..6, 2..40)) {
            let up: Vec<f64> = values.iter().copied().map(f64::from).collect();
            let down: Vec<f64> = up.iter().map(|value| -value).collect();
            let p = |values: &[f64]| t_test(&Sample::independent(values.to_vec()).unwrap()).1;
            match (p(&up), p(&down)) {
                (Some(up), Some(down)) => prop_assert!((up - down).abs() < 1e-12),
                (up, down) => prop_assert_eq!(up, down),
            }
            match (wilcoxon(&up), wilcoxon(&down)) {
                (Some(up), Some(down)) => prop_assert!((up.p - down.p).abs() < 1e-9),
                (up, down) => prop_assert_eq!(up, down),
            }
        }

        #[test]
        fn chances_are_chances(first in 0_u64..300, second in 0_u64..300) {
            prop_assert!(mcnemar(first, second).p <= mcnemar_exact(first, second).p);
            let p = mcnemar(first, second).p;
            prop_assert!(p > 0.0 && p <= 1.0 || first.abs_diff(second) > 200);
        }
    }
}
