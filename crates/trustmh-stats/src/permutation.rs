//! The paired sign-flip test: a test of any statistic of two subjects on the same items.

use rand::RngExt;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::paired::Test;

/// Below so many items nothing is tested: with few items hardly any exchange of them is rarer than one in twenty, and
/// macro-F1 and correlations of so few points jump (docs/statistics.md has simulations).
pub const FEWEST_ITEMS: usize = 10;

/// Up to so many items all ways to exchange them are gone through.
const MOST_EXACT: u32 = 12;

/// Random exchanges at most.
const MOST_DRAWN: u64 = 9_999;

/// Drawing ends when so many exchanges lay at least as far out as what was found: the p value is then known well enough.
const ENOUGH_FARTHER: u64 = 100;

/// Which subject an item's replies are taken to be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// Each subject's own.
    AsTheyAre,
    /// Each has the other's.
    Exchanged,
}

/// Whether a difference of two subjects can be told from what exchanging their replies item by item gives: if nothing sets
/// the subjects apart, each item's replies are as likely to be the one's as the other's (Fisher 1935; Good 2005, Permutation,
/// Parametric and Bootstrap Tests of Hypotheses, chapter 3). `difference` is given the labels of each of `items` items.
///
/// Up to twelve items the p value is exact; beyond, it is `(1 + farther) / (1 + drawn)` of at most 9,999 exchanges, or
/// `farther / drawn` where drawing ended early, which keeps what a p value promises (Besag & Clifford 1991, doi
/// 10.1093/biomet/78.2.301). An exchange for which the statistic is not defined counts as farther out, so that it never makes a
/// difference more certain. None below [`FEWEST_ITEMS`], and where the difference itself is not defined.
pub fn sign_flip(
    items: usize,
    seed: u64,
    mut difference: impl FnMut(&[Labels]) -> Option<f64>,
) -> Option<Test> {
    if items < FEWEST_ITEMS {
        return None;
    }
    let own = difference(&vec![Labels::AsTheyAre; items])?.abs();
    // Sums in another order differ in their last bits; equal differences must count as equal.
    let dust = 1e-9 * own.max(1e-3);
    let mut is_farther =
        |labels: &[Labels]| difference(labels).is_none_or(|drawn| drawn.abs() >= own - dust);
    let p = match u32::try_from(items) {
        Ok(items) if items <= MOST_EXACT => exact(items, &mut is_farther),
        _ => drawn(items, seed, &mut is_farther),
    };
    Some(Test { p, n: items as u64 })
}

/// All ways; exchanging every item only turns the sign, so half of them say it all.
fn exact(items: u32, is_farther: &mut impl FnMut(&[Labels]) -> bool) -> f64 {
    let ways = 1_u64 << (items - 1);
    let farther = (0..ways).filter(|way| {
        let labels: Vec<Labels> = (0..items).map(|item| label(way >> item & 1)).collect();
        is_farther(&labels)
    });
    farther.count() as f64 / ways as f64
}

fn drawn(items: usize, seed: u64, is_farther: &mut impl FnMut(&[Labels]) -> bool) -> f64 {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let mut labels = vec![Labels::AsTheyAre; items];
    let mut farther = 0;
    for draws in 1..=MOST_DRAWN {
        for chunk in labels.chunks_mut(64) {
            let mut bits: u64 = rng.random();
            for one in chunk {
                *one = label(bits & 1);
                bits >>= 1;
            }
        }
        farther += u64::from(is_farther(&labels));
        if farther == ENOUGH_FARTHER {
            return farther as f64 / draws as f64;
        }
    }
    (1 + farther) as f64 / (1 + MOST_DRAWN) as f64
}

fn label(bit: u64) -> Labels {
    if bit == 0 { Labels::AsTheyAre } else { Labels::Exchanged }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of paired differences with the signs as labelled.
    fn of_mean(differences: &[f64], labels: &[Labels]) -> Option<f64> {
        let signed = differences.iter().zip(labels).map(|(value, label)| match label {
            Labels::AsTheyAre => *value,
            Labels::Exchanged => -value,
        });
        Some(signed.sum::<f64>() / differences.len() as f64)
    }

    fn p_of(differences: &[f64]) -> Option<f64> {
        let test = sign_flip(differences.len(), 7, |labels| of_mean(differences, labels))?;
        Some(test.p)
    }

    #[test]
    fn nine_items_are_too_few() {
        assert_eq!(p_of(&[1.0; 9]), None);
    }

    #[test]
    fn ten_equal_differences_are_as_rare_as_ten_equal_coins() {
        // 2 of 1024 ways.
        assert_eq!(p_of(&[0.1; 10]), Some(2.0 / 1024.0));
    }

    #[test]
    fn no_difference_is_no_finding() {
        assert_eq!(p_of(&[0.0; 10]), Some(1.0));
        assert_eq!(p_of(&[0.0; 40]), Some(1.0));
    }

    #[test]
    fn exact_and_drawn_values_agree() {
        // By hand: of the 2^12 sums of 1..12 with signs, those at least as far out as 44 (five small ones down).
        let values: Vec<f64> = (1..=12)
            .map(|value| if value <= 5 { -f64::from(value) } else { f64::from(value) })
            .collect();
        let exact = p_of(&values).expect("twelve items");
        let mut far = 0;
        for way in 0..4096_u32 {
            let sum: i32 =
                (0..12).map(|bit| (bit + 1) * if way >> bit & 1 == 1 { 1 } else { -1 }).sum();
            far += u32::from(sum.abs() >= 48);
        }
        assert!((exact - f64::from(far) / 4096.0).abs() < 1e-12);
        // The same and a thirteenth item without a difference is drawn.
        let drawn = p_of(&[values.as_slice(), &[0.0]].concat()).expect("thirteen items");
        assert!((drawn - exact).abs() < 0.02, "{drawn} {exact}");
    }

    #[test]
    fn exchanges_that_are_not_defined_count_against_a_finding() {
        let differences = [1.0; 30];
        let own = sign_flip(30, 1, |labels| {
            let all_own = labels.iter().all(|label| *label == Labels::AsTheyAre);
            if all_own { of_mean(&differences, labels) } else { None }
        });
        assert!(own.is_some_and(|test| test.p > 0.99));
    }

    #[test]
    fn the_same_seed_gives_the_same_value() {
        let values: Vec<f64> = (0..40).map(|value| f64::from(value % 7) - 2.5).collect();
        assert_eq!(p_of(&values), p_of(&values));
    }
}
