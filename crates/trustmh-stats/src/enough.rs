//! How many items would have been enough.

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::proportion::{Z, wilson_ends};
use crate::tango::Cells;

/// The side of a bound on which the whole interval is to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The lower end is to reach the bound.
    Above,
    /// The upper end is not to exceed it.
    Below,
}

/// Beyond so many items the answer is that no number would do.
const MOST: u64 = 10_000_000;

/// Roughly how many clusters (items) would have been enough for the interval to lie on `side` of `bound`, were the value
/// the one seen: of shares and differences of shares by their score interval, of anything else by a width that falls with
/// the square root of the number. None without an interval, where the value itself is on the wrong side or at the
/// bound, and where it would take more than ten million.
pub fn enough(estimate: &Estimate, side: Side, bound: f64) -> Option<u64> {
    let interval = estimate.interval?;
    // What lies above -bound, turned round, lies below the bound.
    let (value, end, bound) = match side {
        Side::Above => (estimate.value, interval.low, bound),
        Side::Below => (-estimate.value, -interval.high, -bound),
    };
    if value <= bound || estimate.clusters == 0 {
        return None;
    }
    let clusters = estimate.clusters as f64;
    match interval.method {
        IntervalMethod::Wilson | IntervalMethod::WilsonClustered => {
            let low = |size: f64| match side {
                Side::Above => wilson_ends(estimate.value, size, Z).0,
                Side::Below => -wilson_ends(estimate.value, size, Z).1,
            };
            // The number of independent trials that would have the same end.
            let seen = least(MOST as f64, |size| low(size) >= end)?;
            let needed = least(MOST as f64, |size| low(size) >= bound)?;
            whole(needed / seen * clusters)
        }
        IntervalMethod::Tango | IntervalMethod::TangoClustered => {
            let cells = discordant(estimate.value, interval, clusters);
            let low = |size: f64| match side {
                Side::Above => cells.ends(size, Z).0,
                Side::Below => -cells.ends(size, Z).1,
            };
            whole(least(MOST as f64, |size| low(size) >= bound)?)
        }
        IntervalMethod::T
        | IntervalMethod::Normal
        | IntervalMethod::ClusteredT
        | IntervalMethod::PiledScore
        | IntervalMethod::FRatio
        | IntervalMethod::BootstrapFisherZ
        | IntervalMethod::BootstrapBca
        | IntervalMethod::BootstrapJackknife
        | IntervalMethod::BootstrapPercentile
        | IntervalMethod::Jackknife
        | IntervalMethod::LogLog
        | IntervalMethod::LogLogClustered
        | IntervalMethod::LogitDelta
        | IntervalMethod::Delta
        | IntervalMethod::Mover => whole(((value - end) / (value - bound)).powi(2) * clusters),
    }
}

/// The discordant pairs that give an interval as wide as this one.
fn discordant(difference: f64, interval: Interval, clusters: f64) -> Cells {
    let of =
        |share: f64| Cells { up: (share + difference) / 2.0, down: (share - difference) / 2.0 };
    let width = |share: f64| {
        let (low, high) = of(share).ends(clusters, Z);
        high - low
    };
    let (mut low, mut high) = (difference.abs(), 1.0);
    for _ in 0..40 {
        let middle = low.midpoint(high);
        if width(middle) < interval.high - interval.low {
            low = middle;
        } else {
            high = middle;
        }
    }
    of(low)
}

/// The least size that will do, if any up to `most` does.
fn least(most: f64, will_do: impl Fn(f64) -> bool) -> Option<f64> {
    if !will_do(most) {
        return None;
    }
    let (mut low, mut high) = (0.5_f64, most);
    for _ in 0..80 {
        let middle = low.midpoint(high);
        if will_do(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

fn whole(size: f64) -> Option<u64> {
    // A whole number that halving missed by a hair is meant.
    let size = (size - 1e-6).ceil().max(2.0);
    (size <= MOST as f64).then_some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mean::mean;
    use crate::proportion::wilson;
    use crate::sample::Sample;
    use crate::tango::share_difference;

    #[test]
    fn so_many_are_enough_and_one_less_is_not() {
        let found = wilson(30, 32).unwrap();
        let n = enough(&found, Side::Above, 0.9).unwrap();
        let low = |n: u64| wilson_ends(30.0 / 32.0, n as f64, Z).0;
        assert!(low(n) >= 0.9 && low(n - 1) < 0.9, "{n}");
        let none = wilson(0, 20).unwrap();
        // z² / (n + z²) <= .05
        assert_eq!(enough(&none, Side::Below, 0.05), Some(73));
    }

    #[test]
    fn equal_runs_need_as_many_as_the_margin_asks() {
        let equal = share_difference(&Sample::independent(vec![0.0; 20]).unwrap());
        assert_eq!(enough(&equal, Side::Above, -0.05), Some(73));
        let mut values = vec![0.0; 90];
        values.extend([1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0, -1.0]);
        let noisy = share_difference(&Sample::independent(values).unwrap());
        let n = enough(&noisy, Side::Above, -0.05).unwrap();
        let low = |n: u64| Cells { up: 0.05, down: 0.05 }.ends(n as f64, Z).0;
        assert!(low(n + 1) >= -0.05 && low(n - 2) < -0.05, "{n}");
    }

    #[test]
    fn a_mean_needs_four_times_the_items_for_half_the_width() {
        let found = mean(&Sample::independent(vec![3.0, 4.0, 5.0, 4.0, 4.5, 3.5]).unwrap());
        let half = found.interval.unwrap().high - found.value;
        assert_eq!(enough(&found, Side::Above, found.value - half / 2.0), Some(24));
        assert_eq!(enough(&found, Side::Below, found.value + half), Some(6));
    }

    #[test]
    fn no_number_helps_a_value_on_the_wrong_side() {
        let found = wilson(16, 32).unwrap();
        assert_eq!(enough(&found, Side::Above, 0.5), None);
        assert_eq!(enough(&found, Side::Below, 0.4), None);
        let one = mean(&Sample::independent(vec![3.0]).unwrap());
        assert_eq!(enough(&one, Side::Above, 1.0), None);
    }
}
