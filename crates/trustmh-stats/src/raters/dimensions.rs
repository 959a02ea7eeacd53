//! Several dimensions of the same units, rated by the same raters: each alone, and pooled.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

use super::{Clusters, Rater, Scale, coded, subjects};
use crate::agreement::coefficients::{Coefficients, Subject};

/// What raters gave for one dimension.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Labels.
    Labels(Vec<Rater<String>>),
    /// Numbers.
    Numbers(Vec<Rater<f64>>),
}

impl Given {
    /// Every rating: its rater and its unit.
    fn rated(&self) -> Vec<(&str, &str)> {
        fn of<R>(raters: &[Rater<R>]) -> Vec<(&str, &str)> {
            let units = |rater| {
                let Rater { name, ratings }: &Rater<R> = rater;
                ratings.keys().map(|unit| (name.as_str(), unit.as_str()))
            };
            raters.iter().flat_map(units).collect()
        }
        match self {
            Self::Labels(raters) => of(raters),
            Self::Numbers(raters) => of(raters),
        }
    }
}

/// How raters agree on several dimensions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dimensions {
    /// All raters.
    pub raters: Vec<String>,
    /// Units that anybody rated.
    pub units: u64,
    /// Ratings of all dimensions.
    pub ratings: u64,
    /// All dimensions together: each dimension of each unit is rated, and the dimensions of a unit stay together where intervals leave units
    /// out. Labels of the same name, and numbers, are taken to mean the same in all dimensions; if one has labels all are
    /// taken as labels.
    pub pooled: Coefficients,
    /// Each dimension alone.
    pub dimensions: BTreeMap<String, Dimension>,
}

/// How raters agree on one dimension.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dimension {
    /// Whether its ratings are labels or numbers.
    pub scale: Scale,
    /// Units that at least two raters rated.
    pub units: u64,
    /// Its ratings.
    pub ratings: u64,
    /// All raters together.
    #[serde(flatten)]
    pub coefficients: Coefficients,
}

/// A dimension's name and its raters' numbers.
type Named<'d> = (&'d String, Vec<Rater<f64>>);

/// The agreement on each of `dimensions` and on all. The numbers of raters and units may differ between dimensions and units.
pub fn of_dimensions(dimensions: &BTreeMap<String, Given>, clusters: &Clusters) -> Dimensions {
    let numbers: Option<Vec<Named<'_>>> = dimensions
        .iter()
        .map(|(name, given)| match given {
            Given::Numbers(raters) => Some((name, raters.clone())),
            Given::Labels(_) => None,
        })
        .collect();
    let (scale, pooled) = match numbers {
        Some(numbers) => (Scale::Numeric, joined(numbers)),
        None => {
            let labels = dimensions.iter().map(|(name, given)| (name, as_labels(given)));
            (Scale::Nominal, coded(&joined(labels)).0)
        }
    };
    let (pooled, items) = (pooled, in_units(&pooled_units(dimensions), clusters));
    let pooled = Coefficients::of(&subjects(&pooled, &items), scale);
    let alone: BTreeMap<String, Dimension> =
        dimensions.iter().map(|(name, given)| (name.clone(), of_one(given, clusters))).collect();
    let rated = || dimensions.values().flat_map(Given::rated);
    let raters: BTreeSet<&str> = rated().map(|(rater, _)| rater).collect();
    let units: BTreeSet<&str> = rated().map(|(_, unit)| unit).collect();
    Dimensions {
        raters: raters.into_iter().map(str::to_owned).collect(),
        units: units.len() as u64,
        ratings: alone.values().map(|dimension| dimension.ratings).sum(),
        pooled,
        dimensions: alone,
    }
}

fn of_one(given: &Given, clusters: &Clusters) -> Dimension {
    let (scale, units): (Scale, Vec<Subject>) = match given {
        Given::Labels(raters) => (Scale::Nominal, subjects(&coded(raters).0, clusters)),
        Given::Numbers(raters) => (Scale::Numeric, subjects(raters, clusters)),
    };
    Dimension {
        scale,
        units: units.iter().filter(|unit| unit.ratings.len() > 1).count() as u64,
        ratings: units.iter().map(|unit| unit.ratings.len() as u64).sum(),
        coefficients: Coefficients::of(&units, scale),
    }
}

fn as_labels(given: &Given) -> Vec<Rater<String>> {
    match given {
        Given::Labels(raters) => raters.clone(),
        Given::Numbers(raters) => raters
            .iter()
            .map(|rater| Rater {
                name: rater.name.clone(),
                ratings: rater.ratings.iter().map(|(u, n)| (u.clone(), n.to_string())).collect(),
            })
            .collect(),
    }
}

/// One rater for each name, whose units are the dimensions of units.
fn joined<'n, R>(
    dimensions: impl IntoIterator<Item = (&'n String, Vec<Rater<R>>)>,
) -> Vec<Rater<R>> {
    let mut all: BTreeMap<String, BTreeMap<String, R>> = BTreeMap::new();
    for (dimension, raters) in dimensions {
        for rater in raters {
            let ratings = rater.ratings.into_iter().map(|(unit, r)| (part(dimension, &unit), r));
            all.entry(rater.name).or_default().extend(ratings);
        }
    }
    all.into_iter().map(|(name, ratings)| Rater { name, ratings }).collect()
}

/// The name of one dimension of a unit.
fn part(dimension: &str, unit: &str) -> String {
    format!("{dimension}\n{unit}")
}

/// Every rated dimension of every unit.
fn pooled_units(dimensions: &BTreeMap<String, Given>) -> BTreeSet<(&str, &str)> {
    dimensions
        .iter()
        .flat_map(|(name, given)| {
            given.rated().into_iter().map(move |(_, unit)| (name.as_str(), unit))
        })
        .collect()
}

/// All dimensions of a unit belong to its cluster.
fn in_units(parts: &BTreeSet<(&str, &str)>, clusters: &Clusters) -> Clusters {
    let of = |(name, unit): &(&str, &str)| (part(name, unit), clusters.of(unit).to_owned());
    Clusters::Of(parts.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(raters: &[(&str, &str)]) -> Given {
        let rater = |(name, said): &(&str, &str)| {
            let units = said.split(' ').enumerate().filter(|(_, label)| *label != "-");
            let ratings = units.map(|(unit, label)| (unit.to_string(), label.to_owned()));
            Rater { name: (*name).to_owned(), ratings: ratings.collect() }
        };
        Given::Labels(raters.iter().map(rater).collect())
    }

    #[test]
    fn dimensions_of_a_unit_stay_together() {
        let raters = [
            ("a", "x x y y x y x x y x"),
            ("b", "x y y y x x x x y x"),
            ("c", "x x y - x y y x y x"),
        ];
        let one = BTreeMap::from([("one".to_owned(), labels(&raters))]);
        let twice = BTreeMap::from([
            ("one".to_owned(), labels(&raters)),
            ("two".to_owned(), labels(&raters)),
        ]);
        let one = of_dimensions(&one, &Clusters::Units);
        let twice = of_dimensions(&twice, &Clusters::Units);
        assert_eq!((one.units, one.ratings, one.raters.len()), (10, 29, 3));
        assert_eq!((twice.units, twice.ratings), (10, 58));
        let ac1 = |found: &Coefficients| found.ac1.unwrap();
        assert_eq!(one.pooled, one.dimensions["one"].coefficients);
        // The same ratings once more are no more evidence.
        assert_eq!((ac1(&twice.pooled).n, ac1(&twice.pooled).clusters), (20, 10));
        assert!((ac1(&twice.pooled).value - ac1(&one.pooled).value).abs() < 1e-12);
        let width = |found: &Coefficients| ac1(found).high.unwrap() - ac1(found).low.unwrap();
        assert!((width(&twice.pooled) - width(&one.pooled)).abs() < 1e-9);
    }
}
