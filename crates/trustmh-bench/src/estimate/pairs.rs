//! Statistics of two measures side by side.

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::scores::Score;
use trustmh_stats::agreement::{Distance, kappa};
use trustmh_stats::bootstrap::{Draws, FisherError};
use trustmh_stats::error::StatsError;
use trustmh_stats::sample::numbered;

use super::corpus::{Drawn, resampled};
use super::nothing_measured;

/// Trials that have both measures: the values, and their clusters.
fn pairs<'s>(
    scores: &[Score<'s>],
    x: &MeasureName,
    y: &MeasureName,
) -> (Vec<(f64, f64)>, Vec<&'s str>) {
    scores
        .iter()
        .filter_map(|score| Some(((score.measure(x)?, score.measure(y)?), score.cluster())))
        .unzip()
}

/// A correlation of two lists with its interval.
type Correlation = fn(&[f64], &[f64], &[usize], u64) -> Result<(Estimate, Draws), StatsError>;

pub(super) fn correlation(
    scores: &[Score<'_>],
    x: &MeasureName,
    y: &MeasureName,
    seed: u64,
    of: Correlation,
) -> Result<Drawn, String> {
    let (pairs, clusters) = pairs(scores, x, y);
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    match of(&x, &y, &numbered(&clusters), seed) {
        Ok((estimate, draws)) => Ok((estimate, Some(draws))),
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
) -> Result<Drawn, String> {
    let (pairs, clusters) = pairs(scores, x, y);
    if pairs.is_empty() {
        return Err(nothing_measured(scores));
    }
    let value = kappa(&pairs, Distance::Quadratic)
        .ok_or("all levels are the same one; no kappa is defined")?;
    let (estimate, draws) = resampled(value, &clusters, seed, |rows| {
        let drawn: Vec<(f64, f64)> =
            rows.iter().filter_map(|row| pairs.get(*row).copied()).collect();
        kappa(&drawn, Distance::Quadratic)
    });
    let interval =
        draws.as_ref().and_then(|draws| draws.correlation_interval(FisherError::Products));
    Ok((Estimate { interval, ..estimate }, draws))
}
