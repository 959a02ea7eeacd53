//! Raters against each other: labellers, judges, people, on the units they have in common.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::metric::Estimate;

pub mod dimensions;
mod pair;

use crate::agreement::coefficients::{Coefficients, Subject};
use crate::agreement::{Distance, Tally, estimate};
use crate::sample::numbered;
use pair::pair;

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
    /// All raters together, on all units.
    pub pooled: Coefficients,
}

/// Which units are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clusters {
    /// None: each stands alone.
    Units,
    /// Those of the same item, by unit; a unit that is not named stands alone.
    Of(BTreeMap<String, String>),
}

impl Clusters {
    fn of<'c>(&'c self, unit: &'c str) -> &'c str {
        match self {
            Self::Units => unit,
            Self::Of(items) => items.get(unit).map_or(unit, String::as_str),
        }
    }

    /// The clusters of units by number.
    fn numbered<'u>(&'u self, units: impl Iterator<Item = &'u str>) -> Vec<usize> {
        numbered(&units.map(|unit| self.of(unit)).collect::<Vec<_>>())
    }
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
pub fn of_labels(raters: &[Rater<String>], clusters: &Clusters, seed: u64) -> Agreement {
    let (coded, labels) = coded(raters);
    let title = |code: f64| labels.get(code as usize).cloned().unwrap_or_default();
    agreement(Scale::Nominal, &coded, clusters, seed, title)
}

/// The agreement of raters who give numbers.
pub fn of_numbers(raters: &[Rater<f64>], clusters: &Clusters, seed: u64) -> Agreement {
    agreement(Scale::Numeric, raters, clusters, seed, |number| number.to_string())
}

/// Labels as numbers, and which number stands for which.
fn coded(raters: &[Rater<String>]) -> (Vec<Rater<f64>>, Vec<String>) {
    let labels: BTreeSet<&String> =
        raters.iter().flat_map(|rater| rater.ratings.values()).collect();
    let labels: Vec<&String> = labels.into_iter().collect();
    let code = |label: &String| labels.binary_search(&label).unwrap_or_default() as f64;
    let coded = raters.iter().map(|rater| Rater {
        name: rater.name.clone(),
        ratings: rater.ratings.iter().map(|(unit, l)| (unit.clone(), code(l))).collect(),
    });
    (coded.collect(), labels.into_iter().cloned().collect())
}

/// What was rated, with its ratings in the order of raters.
fn subjects(raters: &[Rater<f64>], clusters: &Clusters) -> Vec<Subject> {
    let mut units: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
    for (number, rater) in raters.iter().enumerate() {
        for (unit, rating) in &rater.ratings {
            units.entry(unit).or_default().push((number, *rating));
        }
    }
    let numbers = clusters.numbered(units.keys().copied());
    let subject = |(ratings, cluster)| Subject { cluster, ratings };
    units.into_values().zip(numbers).map(subject).collect()
}

fn agreement(
    scale: Scale,
    raters: &[Rater<f64>],
    clusters: &Clusters,
    seed: u64,
    title: impl Fn(f64) -> String,
) -> Agreement {
    let units = subjects(raters, clusters);
    let mut pairs = Vec::new();
    for (index, left) in raters.iter().enumerate() {
        let others = raters.iter().skip(index + 1);
        pairs.extend(others.map(|right| pair(scale, [left, right], clusters, seed, &title)));
    }
    let distance = match scale {
        Scale::Nominal => Distance::Nominal,
        Scale::Numeric => Distance::Quadratic,
    };
    let of_all = |at_least: usize, statistic: &dyn Fn(&Tally, &[usize]) -> Option<f64>| {
        let rated: Vec<&Subject> =
            units.iter().filter(|unit| unit.ratings.len() >= at_least).collect();
        let values: Vec<Vec<f64>> =
            rated.iter().map(|unit| unit.ratings.iter().map(|(_, y)| *y).collect()).collect();
        let tally = Tally::of(&values.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let clusters = numbered(&rated.iter().map(|unit| unit.cluster).collect::<Vec<_>>());
        estimate(&clusters, |rows| statistic(&tally, rows))
    };
    Agreement {
        scale,
        raters: raters.iter().map(|rater| rater.name.clone()).collect(),
        units: units.iter().filter(|unit| unit.ratings.len() > 1).count() as u64,
        pairs,
        fleiss_kappa: (scale == Scale::Nominal && raters.len() > 2)
            .then(|| of_all(raters.len(), &|tally, rows| tally.fleiss(rows)))
            .flatten(),
        krippendorff_alpha: of_all(2, &|tally, rows| tally.alpha(rows, distance)),
        pooled: Coefficients::of(&units, scale),
    }
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
        let found = of_numbers(&[left, right], &Clusters::Units, 1);
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
        let found = of_labels(&raters, &Clusters::Units, 1);
        assert_eq!(found.pairs.len(), 3);
        assert_eq!(found.pairs[0].confusion["z"]["y"], 1);
        assert!(found.fleiss_kappa.is_some() && found.pairs[0].mae.is_none());
        assert_eq!(of_labels(&raters[..2], &Clusters::Units, 1).fleiss_kappa, None);
    }

    // Repeats of an item say less than as many items: eight trials of each are one cluster.
    #[test]
    fn units_of_one_item_are_one_cluster() {
        let said = |name: &str, lapse: usize| {
            let all = (0..80_usize).map(|unit| {
                let item = unit / 8;
                let lapsed = item % 4 == lapse;
                (format!("{unit}"), if lapsed { "x" } else { "y" }.to_owned())
            });
            Rater { name: name.to_owned(), ratings: all.collect() }
        };
        let raters = [said("a", 0), said("b", 0), said("c", 1)];
        let items = (0..80_usize).map(|unit| (format!("{unit}"), format!("{}", unit / 8)));
        let alone = of_labels(&raters, &Clusters::Units, 1);
        let clustered = of_labels(&raters, &Clusters::Of(items.collect()), 1);
        let wide = |found: Option<Estimate>| {
            let ends = found.unwrap().interval.unwrap();
            ends.high - ends.low
        };
        for (alone, clustered) in [
            (alone.fleiss_kappa, clustered.fleiss_kappa),
            (alone.krippendorff_alpha, clustered.krippendorff_alpha),
            (alone.pairs[1].cohen_kappa, clustered.pairs[1].cohen_kappa),
            (alone.pairs[1].agreement, clustered.pairs[1].agreement),
        ] {
            assert!(wide(clustered) > 2.0 * wide(alone), "{clustered:?} {alone:?}");
            assert_eq!((alone.unwrap().clusters, clustered.unwrap().clusters), (80, 10));
        }
        let ac1 = |found: &Agreement| found.pooled.ac1.unwrap();
        let width = |found: &Agreement| ac1(found).high.unwrap() - ac1(found).low.unwrap();
        assert!(width(&clustered) > 2.0 * width(&alone));
    }
}
