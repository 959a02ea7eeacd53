//! The difference of two paired shares by a score interval.

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::clustered::{ClusterError, design_effect};
use crate::mean::mean;
use crate::proportion::Z;
use crate::sample::Sample;

/// The difference of two shares on the same trials, whose `differences` are -1, 0 and 1, with Tango's score interval (1998,
/// doi 10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B): the values whose score test does not reject at
/// .05. It has a width where no pair is discordant: then its ends are Wilson's of none in n. Clustered trials count as
/// their effective number, with t for z, as in [`crate::proportion::proportion`]; where all differences are equal each
/// cluster counts as one. One cluster carries no interval. Anything but -1, 0 and 1 gives the [`mean`] with
/// its interval by t.
pub fn share_difference(differences: &Sample) -> Estimate {
    let plain = mean(differences);
    let whole = |value: &f64| [-1.0, 0.0, 1.0].iter().any(|one| (value - one).abs() < 1e-9);
    if !differences.values().iter().all(whole) {
        return plain;
    }
    let n = differences.values().len() as f64;
    let share = |sign: f64| {
        differences.values().iter().filter(|value| **value * sign > 0.5).count() as f64 / n
    };
    let cells = Cells { up: share(1.0), down: share(-1.0) };
    let interval = if differences.is_independent() {
        (n > 1.0).then(|| cells.ends(n, Z)).map(|ends| (ends, IntervalMethod::Tango))
    } else {
        clustered(differences, cells).map(|ends| (ends, IntervalMethod::TangoClustered))
    };
    let interval = interval.and_then(|((low, high), method)| Interval::new(low, high, method));
    Estimate { interval, ..plain }
}

fn clustered(differences: &Sample, cells: Cells) -> Option<(f64, f64)> {
    let error = ClusterError::of(differences)?;
    let n = differences.values().len() as f64;
    let simple = (cells.up + cells.down - cells.difference().powi(2)) / n;
    let size = if simple <= f64::EPSILON / n {
        differences.cluster_count() as f64
    } else {
        let discordant = differences.cluster_sums(f64::abs);
        n / design_effect(error, simple, &discordant, &differences.cluster_sizes())
    };
    Some(cells.ends(size, error.quantile()?))
}

/// The shares of pairs that only the second, and only the first, of two subjects got right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cells {
    pub(crate) up: f64,
    pub(crate) down: f64,
}

impl Cells {
    /// The difference of the two shares.
    pub(crate) fn difference(self) -> f64 {
        self.up - self.down
    }

    /// The ends of the interval from n pairs.
    pub(crate) fn ends(self, n: f64, quantile: f64) -> (f64, f64) {
        let turned = Self { up: self.down, down: self.up };
        (-turned.upper(n, quantile), self.upper(n, quantile))
    }

    /// The greatest difference that the score test does not reject, by halving: beyond it the test rejects all.
    fn upper(self, n: f64, quantile: f64) -> f64 {
        let (mut low, mut high) = (self.difference(), 1.0);
        for _ in 0..60 {
            let middle = low.midpoint(high);
            let error = (self.variance_at(middle) / n).sqrt();
            if middle - self.difference() <= quantile * error {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The variance of one pair's difference where the true one is `difference`, the rest of the table as likely as can be
    /// (Tango 1998, equations 4 and 5, divided by n).
    fn variance_at(self, difference: f64) -> f64 {
        let linear = (2.0 - self.difference()) * difference - self.up - self.down;
        let constant = -self.down * difference * (1.0 - difference);
        let down = ((linear * linear - 8.0 * constant).max(0.0).sqrt() - linear) / 4.0;
        (2.0 * down + difference * (1.0 - difference)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(up: usize, down: usize, same: usize) -> Sample {
        let mut values = vec![1.0; up];
        values.extend(vec![-1.0; down]);
        values.extend(vec![0.0; same]);
        Sample::independent(values).unwrap()
    }

    #[test]
    fn golden_tango() {
        // scipy 1.17: optimize.brentq of the score statistic, its likelihood maximised by optimize.minimize_scalar: pairs that only the second got right, only the first, and in all.
        for (up, down, n, low, high) in [
            (1, 3, 20, -0.3264279, 0.1241183),
            (12, 4, 46, 0.0037824, 0.3394129),
            (0, 6, 25, -0.4342968, -0.0748416),
            (40, 21, 125, 0.0301452, 0.2694797),
        ] {
            let found = share_difference(&sample(up, down, n - up - down));
            let interval = found.interval.unwrap();
            assert!((interval.low - low).abs() < 1e-6, "{up} {down} {n}: {interval:?}");
            assert!((interval.high - high).abs() < 1e-6, "{up} {down} {n}: {interval:?}");
            assert_eq!(interval.method, IntervalMethod::Tango);
        }
    }

    #[test]
    fn no_discordant_pair_has_a_width() {
        // z² / (n + z²), as of Wilson's interval of none in n.
        let interval = share_difference(&sample(0, 0, 20)).interval.unwrap();
        let end = Z * Z / (20.0 + Z * Z);
        assert!((interval.low + end).abs() < 1e-9 && (interval.high - end).abs() < 1e-9);
        let names: Vec<usize> = (0..20).map(|row| row / 4).collect();
        let clustered = Sample::clustered(vec![0.0; 20], &names).unwrap();
        let wide = share_difference(&clustered).interval.unwrap();
        assert!(wide.high > interval.high, "{wide:?}");
        assert_eq!(wide.method, IntervalMethod::TangoClustered);
        let one = Sample::clustered(vec![0.0; 4], &[0; 4]).unwrap();
        assert_eq!(share_difference(&one).interval, None);
    }

    #[test]
    fn copies_add_no_information() {
        let single = share_difference(&sample(4, 12, 30));
        let values: Vec<f64> = sample(4, 12, 30).values().iter().flat_map(|v| [*v; 3]).collect();
        let names: Vec<usize> = (0..values.len()).map(|row| row / 3).collect();
        let copied = share_difference(&Sample::clustered(values, &names).unwrap());
        let (narrow, wide) = (single.interval.unwrap(), copied.interval.unwrap());
        assert!(wide.low < narrow.low && wide.high > narrow.high && wide.low > narrow.low - 0.02);
    }

    proptest! {
        #[test]
        fn turned_round_it_is_the_same(up in 0_usize..20, down in 0_usize..20, same in 1_usize..40) {
            prop_assume!(up + down + same > 1);
            let found = share_difference(&sample(up, down, same));
            let turned = share_difference(&sample(down, up, same)).interval.unwrap();
            let interval = found.interval.unwrap();
            prop_assert!((interval.low + turned.high).abs() < 1e-9);
            prop_assert!(-1.0 <= interval.low && interval.low <= found.value + 1e-12);
            prop_assert!(interval.high <= 1.0 && interval.high > interval.low);
        }
    }
}
