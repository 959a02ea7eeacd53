//! The interval of a difference of any statistic of two subjects on the same items.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;

use trustmh_core::metric::Interval;

use crate::bootstrap::{RESAMPLES, percentile_interval};
use crate::permutation::FEWEST_ITEMS;

/// Of so many resamples in twenty the difference must be defined.
const DEFINED_OF_20: usize = 19;

/// The 95 % percentile interval of `difference` over [`RESAMPLES`] resamples of items. `strata` are lists of item numbers, each drawn
/// from by itself with replacement, so that every resample has as many items of each kind; both subjects are seen on the
/// same draw. None below [`FEWEST_ITEMS`] items, where more than one resample in twenty leaves the difference undefined, and where all resamples
/// are equal: an interval without width would claim what so little data cannot know.
pub fn interval(
    strata: &[Vec<usize>],
    seed: u64,
    difference: impl Fn(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    let items: usize = strata.iter().map(Vec::len).sum();
    if items < FEWEST_ITEMS {
        return None;
    }
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let mut draws = Vec::with_capacity(RESAMPLES);
    let mut drawn = Vec::with_capacity(items);
    for _ in 0..RESAMPLES {
        drawn.clear();
        for stratum in strata.iter().filter(|stratum| !stratum.is_empty()) {
            let one = |_| stratum.get(rng.random_range(0..stratum.len())).copied();
            drawn.extend((0..stratum.len()).filter_map(one));
        }
        draws.extend(difference(&drawn));
    }
    if draws.len() * 20 < RESAMPLES * DEFINED_OF_20 {
        return None;
    }
    percentile_interval(&draws, items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64]) -> impl Fn(&[usize]) -> Option<f64> + '_ {
        |items| {
            let sum: f64 = items.iter().filter_map(|item| values.get(*item)).sum();
            Some(sum / items.len() as f64)
        }
    }

    #[test]
    fn it_has_about_the_width_of_a_normal_interval() {
        let values: Vec<f64> = (0..400).map(|value| f64::from(value % 2)).collect();
        let found = interval(&[(0..400).collect()], 3, mean(&values)).unwrap();
        // 1.96 * .5 / 20 on either side of .5.
        assert!(
            (found.low - 0.451).abs() < 0.006 && (found.high - 0.549).abs() < 0.006,
            "{found:?}"
        );
    }

    #[test]
    fn strata_keep_their_sizes() {
        let count_of_first =
            |items: &[usize]| Some(items.iter().filter(|item| **item < 5).count() as f64);
        let found = interval(&[(0..5).collect(), (5..20).collect()], 3, count_of_first);
        assert_eq!(found, None, "all resamples have five");
        assert!(interval(&[(0..20).collect()], 3, count_of_first).is_some());
    }

    #[test]
    fn few_items_and_undefined_resamples_carry_none() {
        let values = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        assert_eq!(interval(&[(0..9).collect()], 3, mean(&values)), None);
        let values: Vec<f64> = (0..20).map(f64::from).collect();
        let often = |items: &[usize]| mean(&values)(items).filter(|_| items.contains(&0));
        assert_eq!(interval(&[(0..20).collect()], 3, often), None);
    }
}
