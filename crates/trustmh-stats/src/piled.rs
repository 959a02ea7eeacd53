//! Intervals of means whose observations pile up at one value, where t promises too much.

use trustmh_core::metric::{Interval, IntervalMethod};

use crate::clustered::effective_clusters;
use crate::proportion::{Z, wilson_ends};
use crate::sample::Sample;

/// Observations within this share of the range stand at its end.
const AT_AN_END: f64 = 0.05;

/// Below so many clusters off the pile, t is too narrow (simulated: .84 to .93 with 3 to 10 of them, .93 to .95 with 12).
const FEW_OFF: usize = 10;

/// What stands at the far end of the range, in observations, before anything is seen.
const UNSEEN: f64 = 0.5;

/// The interval of a sample that piles up, see [`crate::mean::bounded`]; none for any other.
pub(crate) fn interval(sample: &Sample, (low, high): (f64, f64)) -> Option<Interval> {
    let slack = sample.dust();
    let inside = |value: &f64| *value >= low - slack && *value <= high + slack;
    if high - low <= slack || sample.cluster_count() < 2 || !sample.values().iter().all(inside) {
        return None;
    }
    let at = pile(sample, (low, high))?;
    let (below, above) = ((at - low).max(0.0), (high - at).max(0.0));
    let unseen = if below > slack && above > slack { UNSEEN / 2.0 } else { UNSEEN };
    let up = Side::of(sample, above, unseen, |value| value - at);
    let down = Side::of(sample, below, unseen, |value| at - value);
    let middle = at + up.mean - down.mean;
    let reach = |near: f64, far: f64| near.hypot(far);
    let least = middle - reach(up.mean - up.low, down.high - down.mean);
    let most = middle + reach(up.high - up.mean, down.mean - down.low);
    let value = sample.mean();
    Interval::new(least.min(value).max(low), most.max(value).min(high), IntervalMethod::PiledScore)
}

/// The value at which observations pile up: an end of the range near which more than half of them stand, or a value that
/// three quarters share and too few clusters do not.
fn pile(sample: &Sample, (low, high): (f64, f64)) -> Option<f64> {
    let near = (high - low) * AT_AN_END;
    let n = sample.values().len();
    let most = |near: &dyn Fn(f64) -> bool| {
        2 * sample.values().iter().filter(|value| near(**value)).count() > n
    };
    if most(&|value| value <= low + near) {
        return Some(low);
    }
    if most(&|value| value >= high - near) {
        return Some(high);
    }
    // What three quarters share is in the middle of them all.
    let mut sorted = sample.values().to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = *sorted.get(n / 2)?;
    let off =
        sample.cluster_sums(|value| if (value - middle).abs() > sample.dust() { 1.0 } else { 0.0 });
    let few = off.iter().filter(|count| **count > 0.0).count() < FEW_OFF;
    (few && 4.0 * off.iter().sum::<f64>() <= n as f64).then_some(middle)
}

/// The mean distance from the pile to one side, with the ends of its interval.
struct Side {
    mean: f64,
    low: f64,
    high: f64,
}

impl Side {
    /// `room` is how far a value can stand from the pile on this side.
    fn of(sample: &Sample, room: f64, unseen: f64, distance: impl Fn(f64) -> f64) -> Self {
        if room <= sample.dust() {
            return Self { mean: 0.0, low: 0.0, high: 0.0 };
        }
        let sums = sample.cluster_sums(|value| (distance(value) / room).clamp(0.0, 1.0));
        let sizes = sample.cluster_sizes();
        let n: f64 = sizes.iter().sum();
        let clusters = effective_clusters(&sizes);
        let size = n / clusters;
        let total: f64 = sums.iter().sum();
        let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
        let mean = total / n;
        let scale = (squares + unseen * size * size) / (total + unseen * size) / size;
        let scale = scale.max(mean);
        let (low, high) = wilson_ends(mean / scale, clusters, Z);
        Self { mean: mean * room, low: low * scale * room, high: (high * scale).min(1.0) * room }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mean::{bounded, mean};
    use crate::proportion::proportion;
    use proptest::prelude::*;

    fn independent(values: &[f64]) -> Sample {
        Sample::independent(values.to_vec()).unwrap()
    }

    #[test]
    fn zeros_and_ones_have_wilsons_interval() {
        let mut values = vec![1.0; 12];
        values.extend([0.0, 0.0]);
        let sample = independent(&values);
        let (found, wilson) = (bounded(&sample, (0.0, 1.0)), proportion(&sample).unwrap());
        let (found, wilson) = (found.interval.unwrap(), wilson.interval.unwrap());
        assert!((found.low - wilson.low).abs() < 1e-12 && (found.high - wilson.high).abs() < 1e-12);
        assert_eq!(found.method, IntervalMethod::PiledScore);
    }

    #[test]
    fn golden_ceiling() {
        // numpy: y = [0]*8 + [.25, .5] from the top of 1..5, c = (Σ y² + .5) / (Σ y + .5) = .65, Wilson's ends of
        // .075 / .65 with n 10, turned and stretched back.
        let values = [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 4.0, 3.0];
        let found = bounded(&independent(&values), (1.0, 5.0));
        let interval = found.interval.unwrap();
        assert!((found.value - 4.7).abs() < 1e-12);
        assert!((interval.low - 3.904_276_031_836).abs() < 1e-9, "{interval:?}");
        assert!((interval.high - 4.940_658_368_438).abs() < 1e-9, "{interval:?}");
    }

    #[test]
    fn equal_scores_are_as_wide_as_wilsons_and_a_cluster_counts_once() {
        let five = bounded(&independent(&[5.0; 5]), (1.0, 5.0)).interval.unwrap();
        // statsmodels 0.15: proportion_confint(5, 5, method="wilson") = .565518..1
        assert!((five.low - (1.0 + 4.0 * 0.565_517_535_216_8)).abs() < 1e-6, "{five:?}");
        assert!((five.high - 5.0).abs() < 1e-12);
        let names: Vec<usize> = (0..40).map(|row| row / 8).collect();
        let clustered = Sample::clustered(vec![5.0; 40], &names).unwrap();
        assert_eq!(bounded(&clustered, (1.0, 5.0)).interval, Some(five));
        // Between the ends both sides are open.
        let middle = bounded(&independent(&[0.1; 6]), (-1.0, 1.0)).interval.unwrap();
        assert!(middle.low < -0.2 && middle.high > 0.4, "{middle:?}");
    }

    #[test]
    fn what_does_not_pile_up_has_ts_interval_as_far_as_its_range_goes() {
        for values in [
            vec![1.0, 2.0, 4.0, 4.0, 5.0],
            vec![3.0, 3.0, 4.0, 2.0, 4.0, 5.0],
            vec![1.0, 5.0, 1.0, 5.0],
            vec![6.0, 5.0, 5.0, 5.0],
        ] {
            let sample = independent(&values);
            let (found, by_t) = (bounded(&sample, (1.0, 5.0)), mean(&sample));
            let [ends, free] = [found, by_t].map(|found| found.interval.unwrap());
            // One value lies outside of the range, which then is none.
            let is_within = values.iter().all(|value| (1.0..=5.0).contains(value));
            let cut = if is_within {
                (free.low.max(1.0), free.high.min(5.0))
            } else {
                (free.low, free.high)
            };
            assert_eq!(
                (ends.low, ends.high, ends.method),
                (cut.0, cut.1, free.method),
                "{values:?}"
            );
            assert_eq!((found.value, found.n), (by_t.value, by_t.n));
        }
        assert_eq!(bounded(&independent(&[5.0]), (1.0, 5.0)).interval, None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_mean_inside_the_range(
            values in prop::collection::vec(prop_oneof![4 => Just(5_u8), 1 => 1_u8..=5], 2..40),
            size in 1_usize..4,
        ) {
            let names: Vec<usize> = (0..values.len()).map(|row| row / size).collect();
            let values = values.into_iter().map(f64::from).collect();
            let sample = Sample::clustered(values, &names).unwrap();
            let found = bounded(&sample, (1.0, 5.0));
            if let Some(interval) = found.interval {
                prop_assert!(interval.low <= found.value && found.value <= interval.high);
                prop_assert!(interval.high > interval.low);
            } else {
                // Clusters that are all alike tell no spread, and an interval without width is none.
                let sizes = sample.cluster_sizes();
                let sums = sample.cluster_sums(|value| value);
                let alike = sums.iter().zip(&sizes).all(|(sum, size)| {
                    (sum / size - found.value).abs() < 1e-9
                });
                prop_assert!(sample.cluster_count() == 1 || alike);
            }
        }

        #[test]
        fn turned_round_it_is_the_same(off in prop::collection::vec(0.0_f64..1.0, 1..6), rest in 8_usize..20) {
            let mut values = vec![0.0; rest];
            values.extend(&off);
            let turned: Vec<f64> = values.iter().map(|value| 1.0 - value).collect();
            let found = bounded(&independent(&values), (0.0, 1.0)).interval.unwrap();
            let other = bounded(&independent(&turned), (0.0, 1.0)).interval.unwrap();
            prop_assert!((found.low - (1.0 - other.high)).abs() < 1e-9);
            prop_assert!((found.high - (1.0 - other.low)).abs() < 1e-9);
        }
    }
}
