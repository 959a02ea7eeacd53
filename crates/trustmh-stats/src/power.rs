//! How many items it takes to see a difference, and how small a difference some items can show, under the very tests
//! that compare two runs.

use statrs::distribution::{Binomial, ContinuousCDF, Discrete, DiscreteCDF, Normal, StudentsT};

use crate::paired::mcnemar;

/// A two-sided paired test of two subjects on the same items.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedDesign {
    /// What is measured of an item.
    pub outcome: Outcome,
    /// The chance of a false finding that is accepted.
    pub alpha: f64,
    /// The chance of finding a difference that is there.
    pub power: f64,
    /// How often each subject is asked each item.
    pub asked: Asked,
}

/// How often each subject is asked each item. Items are what is tested, so repeats of one only make its mean surer: of the variance of a
/// difference between single replies to an item, a share lies within items, between repeats, and is divided by their number; the rest lies
/// between items and stays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    times: u32,
    within: f64,
}

impl Asked {
    /// Once.
    pub const ONCE: Self = Self { times: 1, within: 0.0 };

    /// So many times, where so large a share of the variance lies within items. None for no times, and for a share outside 0 to 1.
    pub fn repeatedly(times: u32, within: f64) -> Option<Self> {
        (times > 0 && (0.0..=1.0).contains(&within)).then_some(Self { times, within })
    }

    const fn is_once(self) -> bool {
        self.times <= 1
    }

    /// The variance of an item's mean over its repeats, as a share of that of a single difference.
    fn variance(self) -> f64 {
        1.0 - self.within + self.within / f64::from(self.times)
    }
}

/// What is measured of an item, and how much two subjects differ in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Right or wrong, tested by McNemar's mid-p test; `discordant` is the share of items that only one of the two gets
    /// right when asked once. With repeats items have shares, whose differences the paired t test tests.
    Shares {
        /// From 0 to 1.
        discordant: f64,
    },
    /// A score, tested by the paired t test; `spread` is the standard deviation of the differences.
    Scores {
        /// In the units of the score.
        spread: f64,
    },
}

/// Up to so many items the power of McNemar's test is summed over all outcomes; beyond, it is taken from the normal
/// distribution, which then differs by less than .005.
const SUMMED: u64 = 1500;
/// Beyond so many items no number is said to do.
const MOST: u64 = 10_000_000;

impl PairedDesign {
    /// The least number of items with which `difference` is seen with the wanted power. None if there is nothing to see, if
    /// no such items exist (a difference of shares beyond the discordant share), for chances outside 0 and 1, or
    /// if it would take more than ten million.
    pub fn items_for(&self, difference: f64) -> Option<u64> {
        let difference = difference.abs();
        let enough = |n: u64| self.power_of(n, difference).is_some_and(|seen| seen >= self.power);
        if difference == 0.0 || !self.is_proper() || !enough(MOST) {
            return None;
        }
        let (mut low, mut high) = (2_u64, MOST);
        while low < high {
            let middle = low.midpoint(high);
            if enough(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        // The power of an exact test falls a little at some numbers: no number above may have too little.
        let unsteady = low..(low + low / 8 + 12).min(SUMMED);
        let last = match self.outcome {
            Outcome::Shares { .. } if self.asked.is_once() => unsteady.rev().find(|n| !enough(*n)),
            Outcome::Shares { .. } | Outcome::Scores { .. } => None,
        };
        Some(last.map_or(low, |last| last + 1))
    }

    /// The least difference that `items` items show with the wanted power. None for fewer than two items, for chances
    /// outside 0 and 1, and where no difference that is possible would be seen.
    pub fn detectable(&self, items: u64) -> Option<f64> {
        let sees = |difference: f64| {
            self.power_of(items, difference).is_some_and(|seen| seen >= self.power)
        };
        let most = match self.outcome {
            Outcome::Shares { discordant } => discordant,
            Outcome::Scores { spread } => 1e3 * spread,
        };
        if items < 2 || !self.is_proper() || !sees(most) {
            return None;
        }
        let (mut low, mut high) = (0.0_f64, most);
        for _ in 0..40 {
            let middle = low.midpoint(high);
            if sees(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }

    /// The chance that the test finds `difference` with so many items. Of shares (Connor 1987, doi 10.2307/2531961) the number
    /// of discordant items is binomial, and given it, so is the number that speak for the better subject; of scores
    /// t is noncentral (Cohen 1988, chapter 2). None for fewer than two items and where no such difference exists.
    pub fn power_of(&self, items: u64, difference: f64) -> Option<f64> {
        if items < 2 {
            return None;
        }
        match self.outcome {
            Outcome::Shares { discordant } => {
                let possible = (0.0..=1.0).contains(&discordant) && difference.abs() <= discordant;
                if !possible || discordant <= 0.0 {
                    return None;
                }
                if !self.asked.is_once() {
                    // Of a difference of two shares, the variance of a single one is that of -1, 0 and 1.
                    let single = discordant - difference * difference;
                    return self.of_means(items, difference, single.max(0.0).sqrt());
                }
                let ahead = 0.5 + difference.abs() / discordant / 2.0;
                if items <= SUMMED {
                    summed(items, discordant, ahead, self.alpha)
                } else {
                    approximate(items, discordant, difference.abs(), self.alpha)
                }
            }
            Outcome::Scores { spread } => self.of_means(items, difference, spread),
        }
    }

    /// Of the paired t test on items' means; `spread` is the standard deviation of a single difference.
    fn of_means(&self, items: u64, difference: f64, spread: f64) -> Option<f64> {
        let spread = spread * self.asked.variance().sqrt();
        let size = difference.abs() / spread * (items as f64).sqrt();
        if size.is_finite() { of_t(items, size, self.alpha) } else { None }
    }

    fn is_proper(&self) -> bool {
        [self.alpha, self.power].iter().all(|chance| *chance > 0.0 && *chance < 1.0)
    }
}

/// Over all numbers of discordant items: how likely it is, times how likely the test then finds the difference.
fn summed(items: u64, discordant: f64, ahead: f64, alpha: f64) -> Option<f64> {
    let count = Binomial::new(discordant, items).ok()?;
    let mut power = 0.0;
    let mut fewest = 0;
    for pairs in 0..=items {
        let chance = count.pmf(pairs);
        // The greatest number for the fewer side that still rejects; it never falls as pairs are added.
        let rejects = |fewer: u64| 2 * fewer < pairs && mcnemar(fewer, pairs - fewer).p < alpha;
        while rejects(fewest) {
            fewest += 1;
        }
        if chance < 1e-12 || fewest == 0 {
            continue;
        }
        let behind = Binomial::new(1.0 - ahead, pairs).ok()?;
        let far = Binomial::new(ahead, pairs).ok()?;
        power += chance * (behind.cdf(fewest - 1) + far.cdf(fewest - 1));
    }
    Some(power)
}

/// McNemar's test without correction, whose level mid-p has (Connor 1987).
fn approximate(items: u64, discordant: f64, difference: f64, alpha: f64) -> Option<f64> {
    let normal = Normal::new(0.0, 1.0).ok()?;
    let bound = normal.inverse_cdf(1.0 - alpha / 2.0) * discordant.sqrt();
    let shift = difference * (items as f64).sqrt();
    let error = (discordant - difference * difference).sqrt();
    if error <= 0.0 {
        return Some(if shift > bound { 1.0 } else { 0.0 });
    }
    Some(normal.cdf((shift - bound) / error) + normal.cdf((-shift - bound) / error))
}

/// The power of a two-sided t test whose t has the noncentrality `size`.
fn of_t(items: u64, size: f64, alpha: f64) -> Option<f64> {
    let freedom = items as f64 - 1.0;
    let bound = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(1.0 - alpha / 2.0);
    let normal = Normal::new(0.0, 1.0).ok()?;
    // t = (Z + size) / S, with S the root of a chi square over its freedom: Simpson's rule over S.
    let beyond = |s: f64| normal.sf(bound * s - size) + normal.cdf(-bound * s - size);
    let scale =
        (freedom / 2.0).ln() * freedom / 2.0 - statrs::function::gamma::ln_gamma(freedom / 2.0);
    let density = |s: f64| {
        if s <= 0.0 {
            return if freedom < 1.5 { (2.0 / std::f64::consts::PI).sqrt() } else { 0.0 };
        }
        2.0 * (scale + (freedom - 1.0) * s.ln() - freedom * s * s / 2.0).exp()
    };
    let reach = 8.0 / (2.0 * freedom).sqrt();
    let (low, high) = ((1.0 - reach).max(0.0), 1.0 + reach);
    let steps = 400_u32;
    let width = (high - low) / f64::from(steps);
    let sum: f64 = (0..=steps)
        .map(|step| {
            let weight = match step {
                0 => 1.0,
                step if step == steps => 1.0,
                step if step % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let s = low + width * f64::from(step);
            weight * density(s) * beyond(s)
        })
        .sum();
    Some((sum * width / 3.0).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scores(spread: f64) -> PairedDesign {
        PairedDesign {
            outcome: Outcome::Scores { spread },
            alpha: 0.05,
            power: 0.8,
            asked: Asked::ONCE,
        }
    }

    fn shares(discordant: f64) -> PairedDesign {
        PairedDesign {
            outcome: Outcome::Shares { discordant },
            alpha: 0.05,
            power: 0.8,
            asked: Asked::ONCE,
        }
    }

    #[test]
    fn golden_sizes_of_scores() {
        // R 4.3: ceiling(power.t.test(delta = d, sd = 1, power = .8, type = "paired")$n)
        for (difference, n) in [(0.5, 34_u64), (0.2, 199), (0.1, 787)] {
            assert_eq!(scores(1.0).items_for(difference), Some(n));
        }
        // scipy 1.17: st.nct.sf(c, n - 1, d * sqrt(n)) + st.nct.cdf(-c, ...) with c = st.t.ppf(.975, n - 1)
        for (n, difference, power) in [
            (2, 1.0, 0.092809155),
            (5, 1.0, 0.401389917),
            (34, 0.5, 0.807777501),
            (125, 0.25, 0.792010106),
        ] {
            let found = scores(1.0).power_of(n, difference).unwrap();
            assert!((found - power).abs() < 1e-6, "{n}, {difference}: {found}");
        }
        assert_eq!(scores(1.0).items_for(0.0), None);
    }

    #[test]
    fn golden_power_of_shares() {
        // scipy 1.17: the sum over st.binom.pmf(m, n, discordant) of the outcomes of m whose mid-p is below .05
        for (n, discordant, difference, power) in [
            (124, 0.2, 0.11, 0.8006114761),
            (34, 0.2, 0.2, 0.8381368640),
            (20, 0.3, 0.0, 0.0319649180),
            (125, 0.2, 0.0, 0.0445910558),
        ] {
            let found = shares(discordant).power_of(n, difference).unwrap();
            assert!((found - power).abs() < 1e-9, "{n}, {discordant}, {difference}: {found}");
        }
    }

    #[test]
    fn repeats_divide_what_lies_within_items_and_nothing_else() {
        let with = |design: PairedDesign, times: u32, within: f64| PairedDesign {
            asked: Asked::repeatedly(times, within).unwrap(),
            ..design
        };
        // Without chance within items repeats are for nothing; if all is chance, four repeats are worth four times the items.
        assert_eq!(with(scores(1.0), 4, 0.0).items_for(0.2), Some(199));
        assert_eq!(with(scores(1.0), 4, 1.0).items_for(0.2), scores(0.5).items_for(0.2));
        let half = with(scores(1.0), 5, 0.5).power_of(100, 0.2).unwrap();
        let by_hand = scores(0.6_f64.sqrt()).power_of(100, 0.2).unwrap();
        assert!((half - by_hand).abs() < 1e-12);
        assert!(with(shares(0.2), 5, 0.5).items_for(0.1) < shares(0.2).items_for(0.1));
        assert_eq!(with(shares(0.2), 5, 0.5).items_for(0.3), None);
        for (times, within) in [(0, 0.5), (2, -0.1), (2, 1.1), (2, f64::NAN)] {
            assert_eq!(Asked::repeatedly(times, within), None);
        }
    }

    #[test]
    fn what_is_enough_stays_enough_and_one_less_is_not() {
        for (discordant, difference) in [(0.2, 0.11), (0.1, 0.1), (0.3, 0.2), (0.2, 0.2)] {
            let design = shares(discordant);
            let n = design.items_for(difference).unwrap();
            let power = |n: u64| design.power_of(n, difference).unwrap();
            assert!((n..n + 30).all(|more| power(more) >= 0.8), "{discordant}, {difference}: {n}");
            assert!(power(n - 1) < 0.8, "{discordant}, {difference}: {n}");
        }
        assert_eq!(shares(0.04).items_for(0.05), None);
        assert_eq!(shares(0.2).detectable(5), None);
    }

    #[test]
    fn the_approximation_meets_the_sum() {
        let ahead = 0.5 + 0.03 / 0.2 / 2.0;
        let sum = summed(SUMMED, 0.2, ahead, 0.05).unwrap();
        let normal = approximate(SUMMED, 0.2, 0.03, 0.05).unwrap();
        assert!((sum - normal).abs() < 0.005, "{sum} {normal}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn items_and_differences_meet(spread in 0.1_f64..3.0, difference in 0.05_f64..1.0) {
            let design = scores(spread);
            let n = design.items_for(difference).unwrap();
            prop_assert!(design.detectable(n).unwrap() <= difference + 1e-9);
            prop_assert!(n == 2 || design.detectable(n - 1).unwrap() > difference);
        }
    }
}
