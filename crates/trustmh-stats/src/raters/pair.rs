//! Two raters on the units both rated.

use std::collections::BTreeMap;

use trustmh_core::metric::Estimate;

use super::{Clusters, Pair, Rater, Scale};
use crate::agreement::{Distance, estimate, kappa, resampled};
use crate::correlation::spearman;
use crate::mean::mean;
use crate::proportion::proportion;
use crate::sample::Sample;

/// The pairs of ratings, and which of them are of one cluster.
struct Both {
    pairs: Vec<(f64, f64)>,
    clusters: Vec<usize>,
}

impl Both {
    fn at(&self, rows: &[usize]) -> Vec<(f64, f64)> {
        rows.iter().filter_map(|row| self.pairs.get(*row).copied()).collect()
    }

    fn kappa(&self, distance: Distance) -> Option<Estimate> {
        estimate(&self.clusters, |rows| kappa(&self.at(rows), distance))
    }

    fn sample(&self, of: impl Fn(f64) -> f64) -> Option<Sample> {
        let values = self.pairs.iter().map(|(left, right)| of(right - left)).collect();
        Sample::clustered(values, &self.clusters).ok()
    }

    fn share(&self, most: f64) -> Option<Estimate> {
        let sample =
            self.sample(|difference| f64::from(u8::from(difference.abs() <= most + 1e-12)))?;
        proportion(&sample).ok()
    }

    fn average(&self, of: impl Fn(f64) -> f64) -> Option<Estimate> {
        let found = mean(&self.sample(of)?);
        // An interval without width would claim what so little data cannot know.
        Some(Estimate {
            interval: found.interval.filter(|ends| ends.high - ends.low > 1e-9),
            ..found
        })
    }

    fn root_mean_square(&self, seed: u64) -> Option<Estimate> {
        resampled(&self.clusters, seed, |rows| {
            let drawn = self.at(rows);
            let squares: f64 = drawn.iter().map(|(left, right)| (right - left).powi(2)).sum();
            (!drawn.is_empty()).then(|| (squares / drawn.len() as f64).sqrt())
        })
    }

    fn rank_correlation(&self, seed: u64) -> Option<Estimate> {
        resampled(&self.clusters, seed, |rows| {
            let (left, right): (Vec<f64>, Vec<f64>) = self.at(rows).into_iter().unzip();
            spearman(&left, &right).ok()
        })
    }
}

pub(super) fn pair(
    scale: Scale,
    [left, right]: [&Rater<f64>; 2],
    clusters: &Clusters,
    seed: u64,
    title: impl Fn(f64) -> String,
) -> Pair {
    let shared = left
        .ratings
        .iter()
        .filter_map(|(unit, rating)| Some((unit.as_str(), (*rating, *right.ratings.get(unit)?))));
    let (units, pairs): (Vec<&str>, Vec<(f64, f64)>) = shared.unzip();
    let both = Both { pairs, clusters: clusters.numbered(units.into_iter()) };
    let numeric = scale == Scale::Numeric;
    let of_numbers = |figure: &dyn Fn() -> Option<Estimate>| numeric.then(figure).flatten();
    Pair {
        left: left.name.clone(),
        right: right.name.clone(),
        agreement: both.share(0.0),
        cohen_kappa: both.kappa(Distance::Nominal),
        quadratic_kappa: of_numbers(&|| both.kappa(Distance::Quadratic)),
        mae: of_numbers(&|| both.average(f64::abs)),
        rmse: of_numbers(&|| both.root_mean_square(seed)),
        within_1: of_numbers(&|| both.share(1.0)),
        bias: of_numbers(&|| both.average(|difference| difference)),
        spearman: of_numbers(&|| both.rank_correlation(seed)),
        confusion: confusion(&both.pairs, title),
    }
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
