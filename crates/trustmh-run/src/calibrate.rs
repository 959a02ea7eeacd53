//! A judge's mean put right by the scores that people gave to some of the same replies.

use serde::Serialize;

use trustmh_core::id::TaskId;
use trustmh_core::metric::Estimate;
use trustmh_data::ratings::{RatedFile, Rating};
use trustmh_stats::mean::mean;
use trustmh_stats::prediction_powered::{self, Labelled};
use trustmh_stats::sample::Sample;

use crate::error::RunError;
use crate::ratings::of_run;
use crate::score::ScoredRun;

/// The judge's mean as it is, and as people's scores put it right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibrated {
    /// The measure of each trial.
    pub measure: String,
    /// The judge's mean.
    pub raw: Estimate,
    /// The mean people would have given; its `clusters` are the replies that people scored.
    pub corrected: Estimate,
    /// Replies that both scored.
    pub labelled: u64,
    /// Scores of people for which the run has no reply.
    pub unmatched: u64,
}

/// Puts the mean of `measure` right by `people`, who are taken to have scored a random part of the run's replies. None if
/// the run has no such measure, or people scored none of its replies.
///
/// # Errors
/// [`RunError`] if the journal can no longer be read.
pub fn calibrate(
    run: &ScoredRun,
    task: &TaskId,
    measure: &str,
    people: &RatedFile,
) -> Result<Option<Calibrated>, RunError> {
    let units = of_run(run, Some(task), Some(measure))?;
    let score = |rating: &Option<Rating>| match rating {
        Some(Rating::Score(score)) => Some(*score),
        Some(Rating::Label(_)) | None => None,
    };
    let by_people: std::collections::BTreeMap<&str, f64> = people
        .units
        .iter()
        .filter_map(|(unit, rating)| Some((unit.as_str(), score(rating)?)))
        .collect();
    let (mut judged, mut pairs) = (Vec::new(), Vec::new());
    for (unit, rating) in &units {
        let Some(judge) = score(rating) else { continue };
        judged.push(judge);
        pairs.extend(by_people.get(unit.as_str()).map(|human| (*human, judge)));
    }
    let Ok(sample) = Sample::independent(judged.clone()) else { return Ok(None) };
    let Ok(corrected) = prediction_powered::mean(&judged, &pairs, Labelled::OfMore) else {
        return Ok(None);
    };
    Ok(Some(Calibrated {
        measure: measure.to_owned(),
        raw: mean(&sample),
        corrected,
        labelled: pairs.len() as u64,
        unmatched: by_people.len().saturating_sub(pairs.len()) as u64,
    }))
}
