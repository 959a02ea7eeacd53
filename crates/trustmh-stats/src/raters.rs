//! Raters against each other: labellers, judges, people, on the units they have in common.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::metric::Estimate;

use crate::agreement::{Distance, alpha, estimate, fleiss, kappa};
use crate::correlation::spearman;
use crate::mean::mean;
use crate::proportion::proportion;
use crate::sample::Sample;

/// One rater and what they said of each unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Rater<R> {
    /// By what name reports call the rater.
    pub name: String,
    /// Ratings by unit.
    pub ratings: BTreeMap<String, R>,
}

/// How two or more raters agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Whether ratings are labels or numbers.
    pub scale: Scale,
    /// The raters, as given.
    pub raters: Vec<String>,
    /// Units that at least two raters rated.
    pub units: u64,
    /// Every two raters, on the units both rated.
    pub pairs: Vec<Pair>,
    /// Fleiss' kappa over units that all rated; of labels by three raters or more.
    pub fleiss_kappa: Option<Estimate>,
    /// Krippendorff's alpha over all units: nominal of labels, interval of numbers.
    pub krippendorff_alpha: Option<Estimate>,
}

/// What ratings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Labels: equal or not.
    Nominal,
    /// Numbers: more or less apart.
    Numeric,
}

/// How two raters agree on the units both rated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// One rater; rows of the confusion.
    pub left: String,
    /// The other; its columns.
    pub right: String,
    /// Share of units on which they agree exactly.
    pub agreement: Option<Estimate>,
    /// Cohen's kappa.
    pub cohen_kappa: Option<Estimate>,
    /// Kappa with quadratic weights; of numbers.
    pub quadratic_kappa: Option<Estimate>,
    /// Mean absolute difference; of numbers.
    pub mae: Option<Estimate>,
    /// Root of the mean squared difference; of numbers.
    pub rmse: Option<Estimate>,
    /// Share of units at most one apart; of numbers.
    pub within_1: Option<Estimate>,
    /// Mean of right less left; of numbers.
    pub bias: Option<Estimate>,
    /// Spearman's rank correlation; of numbers.
    pub spearman: Option<Estimate>,
    /// Left ratings by right ones.
    pub confusion: BTreeMap<String, BTreeMap<String, u64>>,
}

/// The agreement of raters who give labels.
pub fn of_labels(raters: &[Rater<String>], seed: u64) -> Agreement {
    let labels: BTreeSet<&String> =
        raters.iter().flat_map(|rater| rater.ratings.values()).collect();
    let labels: Vec<&String> = labels.into_iter().collect();
    let code = |label: &String| labels.binary_search(&label).unwrap_or_default() as f64;
    let coded: Vec<Rater<f64>> = raters
        .iter()
        .map(|rater| Rater {
            name: rater.name.clone(),
            ratings: rater.ratings.iter().map(|(unit, l)| (unit.clone(), code(l))).collect(),
        })
        .collect();
    let title = |code: f64| labels.get(code as usize).map_or("", |label| label.as_str()).to_owned();
    agreement(Scale::Nominal, &coded, seed, title)
}

/// The agreement of raters who give numbers.
pub fn of_numbers(raters: &[Rater<f64>], seed: u64) -> Agreement {
    agreement(Scale::Numeric, raters, seed, |number| number.to_string())
}

fn agreement(
    scale: Scale,
    raters: &[Rater<f64>],
    seed: u64,
    title: impl Fn(f64) -> String,
) -> Agreement {
    let mut units: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for rater in raters {
        for (unit, rating) in &rater.ratings {
            units.entry(unit).or_default().push(*rating);
        }
    }
    let rated: Vec<Vec<f64>> = units.into_values().filter(|ratings| ratings.len() > 1).collect();
    let mut pairs = Vec::new();
    for (index, left) in raters.iter().enumerate() {
        pairs.extend(
            raters.iter().skip(index + 1).map(|right| pair(scale, left, right, seed, &title)),
        );
    }
    let by_all: Vec<&Vec<f64>> = rated.iter().filter(|unit| unit.len() == raters.len()).collect();
    let fleiss_kappa = (scale == Scale::Nominal && raters.len() > 2)
        .then(|| estimate(&by_all, seed, |drawn| fleiss(&slices(drawn.iter().map(|unit| **unit)))))
        .flatten();
    let distance = match scale {
        Scale::Nominal => Distance::Nominal,
        Scale::Numeric => Distance::Quadratic,
    };
    let krippendorff_alpha =
        estimate(&rated, seed, |drawn| alpha(&slices(drawn.iter().copied()), distance));
    Agreement {
        scale,
        raters: raters.iter().map(|rater| rater.name.clone()).collect(),
        units: rated.len() as u64,
        pairs,
        fleiss_kappa,
        krippendorff_alpha,
    }
}

fn slices<'u>(units: impl Iterator<Item = &'u Vec<f64>>) -> Vec<&'u [f64]> {
    units.map(Vec::as_slice).collect()
}

fn pair(
    scale: Scale,
    left: &Rater<f64>,
    right: &Rater<f64>,
    seed: u64,
    title: impl Fn(f64) -> String,
) -> Pair {
    let both: Vec<(f64, f64)> = left
        .ratings
        .iter()
        .filter_map(|(unit, rating)| Some((*rating, *right.ratings.get(unit)?)))
        .collect();
    let weighted = |distance| {
        estimate(&both, seed, |drawn| {
            kappa(&drawn.iter().map(|pair| **pair).collect::<Vec<_>>(), distance)
        })
    };
    let differences: Vec<f64> = both.iter().map(|(left, right)| right - left).collect();
    let share = |most: f64| {
        let near = differences.iter().map(|d| f64::from(u8::from(d.abs() <= most + 1e-12)));
        Sample::independent(near.collect()).ok().and_then(|sample| proportion(&sample).ok())
    };
    let average = |of: &dyn Fn(f64) -> f64| {
        let sample = Sample::independent(differences.iter().map(|d| of(*d)).collect()).ok()?;
        let found = mean(&sample);
        // An interval without width would claim what so little data cannot know.
        Some(Estimate { interval: found.interval.filter(|ends| ends.high > ends.low), ..found })
    };
    let numeric = scale == Scale::Numeric;
    Pair {
        left: left.name.clone(),
        right: right.name.clone(),
        agreement: share(0.0),
        cohen_kappa: weighted(Distance::Nominal),
        quadratic_kappa: numeric.then(|| weighted(Distance::Quadratic)).flatten(),
        mae: numeric.then(|| average(&f64::abs)).flatten(),
        rmse: numeric.then(|| root_mean_square(&differences, seed)).flatten(),
        within_1: numeric.then(|| share(1.0)).flatten(),
        bias: numeric.then(|| average(&|difference| difference)).flatten(),
        spearman: numeric.then(|| rank_correlation(&both, seed)).flatten(),
        confusion: confusion(&both, title),
    }
}

fn root_mean_square(differences: &[f64], seed: u64) -> Option<Estimate> {
    estimate(differences, seed, |drawn| {
        let squares: f64 = drawn.iter().map(|d| d.powi(2)).sum();
        (!drawn.is_empty()).then(|| (squares / drawn.len() as f64).sqrt())
    })
}

fn rank_correlation(both: &[(f64, f64)], seed: u64) -> Option<Estimate> {
    estimate(both, seed, |drawn| {
        let (left, right): (Vec<f64>, Vec<f64>) = drawn.iter().map(|pair| **pair).unzip();
        spearman(&left, &right).ok()
    })
}

fn confusion(
    both: &[(f64, f64)],
    title: impl Fn(f64) -> String,
) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut table: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (left, right) in both {
        *table.entry(title(*left)).or_default().entry(title(*right)).or_default() += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rater<R: Clone>(name: &str, ratings: &[(&str, R)]) -> Rater<R> {
        let ratings = ratings.iter().map(|(unit, rating)| ((*unit).to_owned(), rating.clone()));
        Rater { name: name.to_owned(), ratings: ratings.collect() }
    }

    #[test]
    fn numbers_are_compared_on_common_units() {
        let left = rater("a", &[("1", 1.0), ("2", 2.0), ("3", 5.0), ("4", 3.0)]);
        let right = rater("b", &[("1", 1.0), ("2", 3.0), ("3", 2.0), ("9", 1.0)]);
        let found = of_numbers(&[left, right], 1);
        let pair = &found.pairs[0];
        let value = |estimate: &Option<Estimate>| estimate.unwrap().value;
        assert_eq!((found.units, pair.agreement.unwrap().n), (3, 3));
        // Differences 0, 1 and -3.
        assert!((value(&pair.mae) - 4.0 / 3.0).abs() < 1e-12);
        assert!((value(&pair.rmse) - (10.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((value(&pair.within_1) - 2.0 / 3.0).abs() < 1e-12);
        assert!((value(&pair.bias) + 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(found.fleiss_kappa, None);
    }

    #[test]
    fn labels_need_three_raters_for_fleiss() {
        let said = |name: &str, labels: [&str; 3]| {
            let units = ["1", "2", "3"].into_iter().zip(labels.map(str::to_owned));
            rater(name, &units.collect::<Vec<_>>())
        };
        let raters =
            [said("a", ["x", "y", "z"]), said("b", ["x", "y", "y"]), said("c", ["x", "y", "z"])];
        let found = of_labels(&raters, 1);
        assert_eq!(found.pairs.len(), 3);
        assert_eq!(found.pairs[0].confusion["z"]["y"], 1);
        assert!(found.fleiss_kappa.is_some() && found.pairs[0].mae.is_none());
        assert_eq!(of_labels(&raters[..2], 1).fleiss_kappa, None);
    }
}
