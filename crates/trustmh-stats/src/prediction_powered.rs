//! A judge put right by people: many judged items, some of which people have scored too.

mod items;

pub use items::{FEW, Judged, Labels, TOO_FEW, mean_by_items};

use trustmh_core::metric::{Estimate, Interval, IntervalMethod};

use crate::error::StatsError;
use crate::mean::t_quantile;

/// How the items that people scored came to be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labelled {
    /// Drawn at random from the judged items, about which alone something is to be said.
    OfThese,
    /// The judged items are themselves a sample of what something is to be said about.
    OfMore,
}

/// The mean that people would give of independent items, by prediction-powered inference: the judge's mean over all items, plus the mean of
/// what people's scores differ from the judge's where there are both (Angelopoulos et al. 2023, doi
/// 10.1126/science.adi6000; for a fixed set of items the difference estimator of survey sampling, Cochran 1977, section
/// 7.2, with its factor `1 - n/N`).
///
/// `judged` are the judge's scores of all N items; `pairs` hold (people's score, judge's score) of n of them, drawn at
/// random. The interval is `t(n-1)` standard errors wide: `s² (1 - n/N) / n` of the differences for
/// [`Labelled::OfThese`], and `s_people² / N` more for [`Labelled::OfMore`], since those that people scored are among
/// the judged items.
///
/// # Errors
/// [`StatsError::Empty`] without judged items or without pairs.
pub fn mean(
    judged: &[f64],
    pairs: &[(f64, f64)],
    labelled: Labelled,
) -> Result<Estimate, StatsError> {
    if judged.is_empty() || pairs.is_empty() {
        return Err(StatsError::Empty);
    }
    let (all, n) = (judged.len() as f64, pairs.len() as f64);
    let differences: Vec<f64> = pairs.iter().map(|(human, judge)| human - judge).collect();
    let (judge, off) = (average(judged), average(&differences));
    let value = judge + off;
    let of_differences = spread(pairs, &differences);
    let of_drawing = of_differences * (1.0 - n / all).max(0.0) / n;
    let humans: Vec<f64> = pairs.iter().map(|(human, _)| *human).collect();
    let variance = match labelled {
        Labelled::OfThese => of_drawing,
        Labelled::OfMore => of_drawing + variance(&humans) / all,
    };
    // Where people scored everything there is nothing left to be unsure of, and no interval.
    let interval = t_quantile(pairs.len()).filter(|_| variance > 1e-18).and_then(|quantile| {
        let half = quantile * variance.sqrt();
        Interval::new(value - half, value + half, IntervalMethod::T)
    });
    Ok(Estimate { value, interval, n: judged.len() as u64, clusters: pairs.len() as u64 })
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The variance of the differences. Of yes and no it is taken from the table of the four ways to agree and differ with a
/// half added to each (Agresti & Min 2005, doi 10.1002/sim.1781): few differences would else seem too sure.
fn spread(pairs: &[(f64, f64)], differences: &[f64]) -> f64 {
    let is_share = |value: f64| value.abs() < 1e-12 || (value - 1.0).abs() < 1e-12;
    if !pairs.iter().all(|(human, judge)| is_share(*human) && is_share(*judge)) {
        return variance(differences);
    }
    let share = |sign: f64| {
        let count = differences.iter().filter(|difference| **difference * sign > 0.5).count();
        (count as f64 + 0.5) / (differences.len() as f64 + 2.0)
    };
    let (up, down) = (share(1.0), share(-1.0));
    up + down - (up - down).powi(2)
}

/// The sample variance; 0 for one value, which carries no interval anyway.
fn variance(values: &[f64]) -> f64 {
    let mean = average(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / (values.len() as f64 - 1.0).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Judge's mean 3; people are 1 and 2 lower: 3 - 1.5. s² = .5, n = 2, N = 4: SE = sqrt(.5 * .5 / 2).
        let found =
            mean(&[2.0, 4.0, 2.0, 4.0], &[(1.0, 2.0), (2.0, 4.0)], Labelled::OfThese).unwrap();
        assert!((found.value - 1.5).abs() < 1e-12);
        let interval = found.interval.unwrap();
        let half = 12.706_204_736_432_1 * 0.125_f64.sqrt();
        assert!((interval.high - 1.5 - half).abs() < 1e-6, "{interval:?}");
    }

    proptest! {
        #[test]
        fn with_all_items_labelled_people_are_believed_exactly(
            pairs in prop::collection::vec((1_u8..6, 1_u8..6), 2..30),
        ) {
            let pairs: Vec<(f64, f64)> = pairs.into_iter().map(|(h, j)| (f64::from(h), f64::from(j))).collect();
            let judged: Vec<f64> = pairs.iter().map(|(_, judge)| *judge).collect();
            let human = pairs.iter().map(|(human, _)| human).sum::<f64>() / pairs.len() as f64;
            let found = mean(&judged, &pairs, Labelled::OfThese).unwrap();
            prop_assert!((found.value - human).abs() < 1e-9);
            prop_assert_eq!(found.interval, None);
        }
    }
}
