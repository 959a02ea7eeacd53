//! Agreement of raters: Cohen's and Fleiss' kappa, weighted kappa, Krippendorff's alpha.
//!
//! Categories and levels are numbers; nominal ones are only compared for equality.

use crate::bootstrap::Resampler;
use trustmh_core::metric::Estimate;

/// How far apart two ratings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// Equal or not.
    Nominal,
    /// Absolute difference: linear weights.
    Linear,
    /// Squared difference: quadratic weights, and the interval distance of alpha.
    Quadratic,
}

impl Distance {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Nominal => f64::from(u8::from((a - b).abs() > f64::EPSILON)),
            Self::Linear => (a - b).abs(),
            Self::Quadratic => (a - b).powi(2),
        }
    }
}

/// Kappa of two raters, at most 1: 1 less observed over expected disagreement. Nominal distance gives Cohen's
/// kappa (1960, doi 10.1177/001316446002000104), the others weighted kappa (1968, doi 10.1037/h0026256);
/// quadratic weights are the QWK of the severity task. None without pairs, or where both raters always give
/// the same one rating, so that no disagreement is to be expected.
pub fn kappa(pairs: &[(f64, f64)], distance: Distance) -> Option<f64> {
    let (left, right) = (counts(pairs.iter().map(|p| p.0)), counts(pairs.iter().map(|p| p.1)));
    let n = pairs.len() as f64;
    let observed: f64 = pairs.iter().map(|(a, b)| distance.of(*a, *b)).sum::<f64>() / n;
    let mut expected = 0.0;
    for (a, count_a) in &left {
        for (b, count_b) in &right {
            expected += distance.of(*a, *b) * count_a * count_b / (n * n);
        }
    }
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

/// Fleiss' kappa of units that all have the same number of ratings (1971, doi 10.1037/h0031619). None where
/// the numbers differ, for fewer than two ratings a unit, and where all ratings are equal.
pub fn fleiss(units: &[&[f64]]) -> Option<f64> {
    let raters = units.first().map(|unit| unit.len()).filter(|raters| *raters > 1)?;
    if units.iter().any(|unit| unit.len() != raters) {
        return None;
    }
    let total = (units.len() * raters) as f64;
    let pairs = (raters * (raters - 1)) as f64;
    let agreed: f64 = units
        .iter()
        .map(|unit| counts(unit.iter().copied()).iter().map(|(_, c)| c * (c - 1.0)).sum::<f64>())
        .sum::<f64>()
        / (pairs * units.len() as f64);
    let all = counts(units.iter().flat_map(|unit| unit.iter().copied()));
    let by_chance: f64 = all.iter().map(|(_, count)| (count / total).powi(2)).sum();
    (by_chance < 1.0).then(|| (agreed - by_chance) / (1.0 - by_chance))
}

/// Krippendorff's alpha (doi 10.1080/19312458.2007.11664664), at most 1, of units with any number of ratings
/// each; a unit with fewer than two says nothing. None where no disagreement is to be expected.
pub fn alpha(units: &[&[f64]], distance: Distance) -> Option<f64> {
    let paired: Vec<&[f64]> = units.iter().copied().filter(|unit| unit.len() > 1).collect();
    let all = counts(paired.iter().flat_map(|unit| unit.iter().copied()));
    let n: f64 = all.iter().map(|(_, count)| count).sum();
    let mut observed = 0.0;
    for unit in &paired {
        let within = counts(unit.iter().copied());
        let mut sum = 0.0;
        for (a, count_a) in &within {
            for (b, count_b) in &within {
                sum += distance.of(*a, *b) * count_a * count_b;
            }
        }
        observed += sum / (unit.len() as f64 - 1.0);
    }
    let mut expected = 0.0;
    for (a, count_a) in &all {
        for (b, count_b) in &all {
            expected += distance.of(*a, *b) * count_a * count_b;
        }
    }
    (expected > 0.0).then(|| 1.0 - (n - 1.0) * observed / expected)
}

/// A statistic of units with its bootstrap interval over units; none where it is not defined.
pub fn estimate<U>(
    units: &[U],
    seed: u64,
    statistic: impl Fn(&[&U]) -> Option<f64>,
) -> Option<Estimate> {
    let all: Vec<&U> = units.iter().collect();
    let value = statistic(&all)?;
    let resampler = Resampler::new(&(0..units.len()).collect::<Vec<_>>(), seed);
    let draws = resampler.draw(value, |rows| {
        statistic(&rows.iter().filter_map(|row| units.get(*row)).collect::<Vec<_>>())
    });
    let n = units.len() as u64;
    let interval = if n > 1 { draws.interval() } else { None };
    Some(Estimate { value, interval, n, clusters: n })
}

/// Different values with how often each occurs, sorted.
fn counts(values: impl Iterator<Item = f64>) -> Vec<(f64, f64)> {
    let mut counts: Vec<(f64, f64)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| known.total_cmp(&value).is_eq()) {
            Some((_, count)) => *count += 1.0,
            None => counts.push((value, 1.0)),
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    // Two raters, 50 proposals: both yes 20, both no 15, 5 and 10 apart; by hand (.7 - .5) / (1 - .5) = .4.
    #[test]
    fn cohens_kappa_by_hand() {
        let cells = [((1.0, 1.0), 20), ((1.0, 0.0), 5), ((0.0, 1.0), 10), ((0.0, 0.0), 15)];
        let pairs: Vec<(f64, f64)> =
            cells.iter().flat_map(|(pair, count)| vec![*pair; *count]).collect();
        near(kappa(&pairs, Distance::Nominal), 0.4);
        near(kappa(&pairs, Distance::Quadratic), 0.4);
    }

    // Levels 0, 1, 2 against 0, 2, 2: observed 1/3; expected (1+4+4 of 0, 1, 2 against 0, 2, 2) by hand:
    // quadratic sum over 9 pairs = 0+4+4 + 1+1+1 + 4+0+0 = 15, so 1 - (1/3) / (15/9) = .8.
    #[test]
    fn weighted_kappa_by_hand() {
        let pairs = [(0.0, 0.0), (1.0, 2.0), (2.0, 2.0)];
        near(kappa(&pairs, Distance::Quadratic), 0.8);
        // Linear: 1/3 against (0+2+2 + 1+1+1 + 2+0+0) / 9 = 1: 2/3.
        near(kappa(&pairs, Distance::Linear), 2.0 / 3.0);
    }

    // Two units of three ratings, (a, a, b) and (b, b, b): agreed (2/6 + 1) / 2 = 2/3, chance 1/9 + 4/9 = 5/9.
    #[test]
    fn fleiss_by_hand() {
        near(fleiss(&[&[0.0, 0.0, 1.0], &[1.0, 1.0, 1.0]]), (2.0 / 3.0 - 5.0 / 9.0) / (4.0 / 9.0));
        assert_eq!(fleiss(&[&[0.0, 0.0], &[0.0, 0.0]]), None);
        assert_eq!(fleiss(&[&[0.0, 0.0], &[0.0]]), None);
    }

    // The worked example of Krippendorff (2011, "Computing Krippendorff's Alpha-Reliability", section C): four
    // observers, twelve units, missing data: nominal .743, interval .849.
    #[test]
    fn alpha_of_the_worked_example() {
        const NONE: f64 = -1.0;
        let raters = [
            [1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 4.0, 1.0, 2.0, NONE, NONE, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 2.0, 4.0, 1.0, 2.0, 5.0, NONE, 3.0],
            [NONE, 3.0, 3.0, 3.0, 2.0, 3.0, 4.0, 2.0, 2.0, 5.0, 1.0, NONE],
            [1.0, 2.0, 3.0, 3.0, 2.0, 4.0, 4.0, 1.0, 2.0, 5.0, 1.0, NONE],
        ];
        let units: Vec<Vec<f64>> = (0..12)
            .map(|unit| raters.iter().map(|rater| rater[unit]).filter(|r| *r >= 0.0).collect())
            .collect();
        let units: Vec<&[f64]> = units.iter().map(Vec::as_slice).collect();
        assert!((alpha(&units, Distance::Nominal).unwrap() - 0.743).abs() < 5e-4);
        assert!((alpha(&units, Distance::Quadratic).unwrap() - 0.849).abs() < 5e-4);
    }

    proptest! {
        #[test]
        fn agreement_is_symmetric_and_perfection_is_1(
            pairs in prop::collection::vec((0_u8..4, 0_u8..4), 2..30),
        ) {
            let pairs: Vec<(f64, f64)> =
                pairs.iter().map(|(a, b)| (f64::from(*a), f64::from(*b))).collect();
            let turned: Vec<(f64, f64)> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            let same: Vec<(f64, f64)> = pairs.iter().map(|(a, _)| (*a, *a)).collect();
            for distance in [Distance::Nominal, Distance::Linear, Distance::Quadratic] {
                let (there, back) = (kappa(&pairs, distance), kappa(&turned, distance));
                prop_assert_eq!(there.is_some(), back.is_some());
                if let (Some(there), Some(back)) = (there, back) {
                    prop_assert!((there - back).abs() < 1e-9 && there <= 1.0);
                }
                if let Some(perfect) = kappa(&same, distance) {
                    prop_assert!((perfect - 1.0).abs() < 1e-12);
                }
            }
        }
    }
}
