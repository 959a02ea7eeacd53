//! Statistics of two measures side by side.

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::scores::Score;
use trustmh_stats::agreement::{Distance, kappa};
use trustmh_stats::bootstrap::{Draws, FisherError};
use trustmh_stats::error::StatsError;
use trustmh_stats::sample::numbered;

use super::nothing_measured;
use super::rows::{Lookup, Rows, Tables, as_measured, by_trial};

/// Trials that have both measures, table by table.
fn pairs<'s>(
    tables: Tables<'_, 's>,
    x: &MeasureName,
    y: &MeasureName,
    lookup: Lookup<'_>,
) -> Vec<Vec<(&'s str, (f64, f64))>> {
    by_trial(tables, |score| Some((lookup(score, x)?, lookup(score, y)?)))
}

/// Rows of both measures, for a correlation of the two.
pub(super) fn correlation_rows<'s>(
    tables: Tables<'_, 's>,
    [x, y]: [&MeasureName; 2],
    lookup: Lookup<'_>,
    correlation: fn(&[f64], &[f64]) -> Result<f64, StatsError>,
) -> Rows<'s> {
    Rows::new(pairs(tables, x, y, lookup), move |rows: &[&(f64, f64)]| {
        let (x, y): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| **row).unzip();
        correlation(&x, &y).ok()
    })
}

pub(super) fn quadratic_kappa_rows<'s>(
    tables: Tables<'_, 's>,
    x: &MeasureName,
    y: &MeasureName,
    lookup: Lookup<'_>,
) -> Rows<'s> {
    Rows::new(pairs(tables, x, y, lookup), |rows: &[&(f64, f64)]| {
        kappa(&rows.iter().map(|row| **row).collect::<Vec<_>>(), Distance::Quadratic)
    })
}

/// A correlation of two lists with its interval.
type Correlation = fn(&[f64], &[f64], &[usize], u64) -> Result<(Estimate, Draws), StatsError>;

pub(super) fn correlation(
    scores: &[Score<'_>],
    x: &MeasureName,
    y: &MeasureName,
    seed: u64,
    of: Correlation,
) -> Result<Estimate, String> {
    let rows = pairs(&[scores], x, y, &as_measured).into_iter().flatten();
    let (clusters, pairs): (Vec<&str>, Vec<(f64, f64)>) = rows.unzip();
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    match of(&x, &y, &numbered(&clusters), seed) {
        Ok((estimate, _)) => Ok(estimate),
        Err(StatsError::Empty) => Err(nothing_measured(scores)),
        Err(StatsError::Constant { what: "first" }) => {
            Err("the model gave the same rating everywhere; no correlation is defined".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn quadratic_kappa(
    scores: &[Score<'_>],
    x: &MeasureName,
    y: &MeasureName,
    seed: u64,
) -> Result<Estimate, String> {
    let rows = quadratic_kappa_rows(&[scores], x, y, &as_measured);
    if rows.items.is_empty() {
        return Err(nothing_measured(scores));
    }
    let (estimate, draws) =
        rows.estimate(seed).ok_or("all levels are the same one; no kappa is defined")?;
    let interval = draws.correlation_interval(FisherError::Products);
    Ok(Estimate { interval, ..estimate })
}
