//! Floors: what a subject that knows nothing reaches. Nothing can drop from there, and nobody is treated worse there.

use std::collections::BTreeMap;

use trustmh_core::scores::Score;
use trustmh_stats::mean::mean;
use trustmh_stats::proportion::proportion;
use trustmh_stats::sample::Sample;

use crate::task::{Floor, FloorRule};

/// The floor of these scores.
pub(super) fn floor_of<'s>(
    floor: Floor,
    scores: impl Iterator<Item = Score<'s>>,
) -> Result<f64, String> {
    match floor {
        Floor::Score(score) => Ok(score),
        Floor::Rule(FloorRule::MajorityLabel) => {
            let (mut labels, mut all) = (BTreeMap::<&str, u64>::new(), 0_u64);
            for label in scores.filter_map(|score| score.text("label")) {
                *labels.entry(label).or_default() += 1;
                all += 1;
            }
            let most = labels.into_values().max();
            let most = most.ok_or("no text has a label, so the majority's share is not known")?;
            Ok(most as f64 / all as f64)
        }
    }
}

/// Whether the interval of the mean of `values` lies above the floor.
pub(super) fn above(values: Vec<f64>, items: &[&str], floor: f64) -> Result<(), String> {
    let first = values.first().copied();
    let equal = values.iter().all(|value| first.is_some_and(|first| (value - first).abs() < 1e-9));
    let sample = Sample::clustered(values, items).map_err(|error| error.to_string())?;
    let found = mean(&sample);
    // A share has Wilson's interval, which does not shrink to nothing where all answers are alike.
    let share = proportion(&sample).ok().and_then(|share| share.interval);
    let low = match share.or(found.interval) {
        Some(interval) => interval.low,
        None if equal => found.value,
        None => f64::NEG_INFINITY,
    };
    if low > floor {
        return Ok(());
    }
    Err(format!(
        "the score of {:.3} is not clearly above the {floor:.3} of a subject that knows nothing",
        found.value
    ))
}
