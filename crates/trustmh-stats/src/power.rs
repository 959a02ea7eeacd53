//! How many items it takes to see a difference, and how small a difference some items can show.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// A two-sided paired test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDesign {
    /// Standard deviation of the differences between the two subjects on an item.
    pub spread: f64,
    /// The chance of a false finding that is accepted.
    pub alpha: f64,
    /// The chance of finding a difference that is there.
    pub power: f64,
}

impl PairedDesign {
    /// The spread of differences between two shares: `discordant` is the share of items that only one of the two gets
    /// right, `difference` what is to be seen; `sd² = discordant - difference²` (Connor 1987, doi 10.2307/2531961).
    /// None where no such items exist.
    pub fn of_shares(discordant: f64, difference: f64, alpha: f64, power: f64) -> Option<Self> {
        let variance = discordant - difference * difference;
        let possible = (0.0..=1.0).contains(&discordant) && difference.abs() <= discordant;
        (possible && variance >= 0.0).then(|| Self { spread: variance.sqrt(), alpha, power })
    }

    /// Items needed to see `difference`: the least n with `n >= ((t(1-alpha/2, n-1) + t(power, n-1)) sd / difference)²`
    /// (Cohen 1988, chapter 2). None if there is nothing to see, or it would take more than ten million.
    pub fn items_for(&self, difference: f64) -> Option<u64> {
        let enough = |n: u64| self.detectable(n).is_some_and(|seen| seen <= difference.abs());
        let most = 10_000_000;
        if difference == 0.0 || !difference.is_finite() || !enough(most) {
            return None;
        }
        let (mut low, mut high) = (2_u64, most);
        while low < high {
            let middle = low.midpoint(high);
            if enough(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(low)
    }

    /// The least difference that `items` items show with the wanted power. None for fewer than two items or chances
    /// outside 0 and 1.
    pub fn detectable(&self, items: u64) -> Option<f64> {
        let proper = |chance: f64| chance > 0.0 && chance < 1.0;
        if items < 2 || !proper(self.alpha) || !proper(self.power) {
            return None;
        }
        let t = StudentsT::new(0.0, 1.0, items as f64 - 1.0).ok()?;
        let sum = t.inverse_cdf(1.0 - self.alpha / 2.0) + t.inverse_cdf(self.power);
        Some(sum * self.spread / (items as f64).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn design(spread: f64) -> PairedDesign {
        PairedDesign { spread, alpha: 0.05, power: 0.8 }
    }

    #[test]
    fn golden_sizes() {
        // R 4.3: ceiling(power.t.test(delta = d, sd = 1, power = .8, type = "paired")$n) = 34, 199, 787; the formula
        // with two quantiles of the central t agrees to within one item.
        for (difference, n) in [(0.5, 34_u64), (0.2, 199), (0.1, 787)] {
            let found = design(1.0).items_for(difference).unwrap();
            assert!(found.abs_diff(n) <= 1, "{found} instead of {n}");
        }
        assert_eq!(design(1.0).items_for(0.0), None);
    }

    #[test]
    fn shares_need_discordant_items() {
        let design = PairedDesign::of_shares(0.2, 0.05, 0.05, 0.8).unwrap();
        assert!((design.spread - (0.2_f64 - 0.0025).sqrt()).abs() < 1e-12);
        assert_eq!(PairedDesign::of_shares(0.04, 0.05, 0.05, 0.8), None);
    }

    proptest! {
        #[test]
        fn the_items_found_are_enough_and_one_less_is_not(spread in 0.1_f64..3.0, difference in 0.05_f64..1.0) {
            let design = design(spread);
            let n = design.items_for(difference).unwrap();
            prop_assert!(design.detectable(n).unwrap() <= difference);
            prop_assert!(n == 2 || design.detectable(n - 1).unwrap() > difference);
        }
    }
}
