//! What a scored run says of each unit, to be compared with other raters.

use std::collections::BTreeMap;

use trustmh_core::id::{ItemId, MeasureName, TaskId};
use trustmh_core::item::ItemContent;
use trustmh_core::scores::{Score, within_task};
use trustmh_core::trial::{Trial, Variant};
use trustmh_data::ratings::{RatedUnit, Rating};

use crate::derived::score::ScoredRun;
use crate::error::RunError;
use crate::journal::{TrialLeft, TrialRecord};

/// The ratings of a run by unit: a measure, or the labels the subject gave. A unit is a text where the item is
/// one, so that runs and label files of the same texts match; else it is the trial's item and variant.
/// Repeats of a unit are averaged, or, for labels, the first counts.
///
/// # Errors
/// [`RunError`] if the journal can no longer be read.
pub fn of_run(
    scored: &ScoredRun,
    task: Option<&TaskId>,
    measure: Option<&str>,
) -> Result<Vec<RatedUnit>, RunError> {
    let tasks = scored.scores.iter().filter(|(id, _)| task.is_none_or(|wanted| wanted == *id));
    let scores: BTreeMap<(&TaskId, &str), Score<'_>> = tasks
        .flat_map(|(task, scores)| scores.iter().map(move |score| ((task, score.trial()), score)))
        .collect();
    let mut found: BTreeMap<(String, String), Vec<Rating>> = BTreeMap::new();
    for recorded in scored.trials.iter() {
        let recorded = recorded?;
        let score = scores.get(&(recorded.task(), within_task(recorded.id().as_str()))).copied();
        let Some(rating) = score.and_then(|score| rating(score, measure)) else { continue };
        let (unit, item) = match recorded {
            TrialRecord::Whole(recorded) => (unit(&recorded.trial), recorded.trial.item.id),
            TrialRecord::Forgotten(remains) => (unit_left(&remains.trial), remains.trial.item),
        };
        found.entry((unit, item.to_string())).or_default().push(rating);
    }
    let units = found.into_iter().map(|((unit, item), ratings)| {
        let item = Some(item);
        RatedUnit { unit, item, rating: one(ratings) }
    });
    Ok(units.collect())
}

fn rating(score: Score<'_>, measure: Option<&str>) -> Option<Rating> {
    match measure {
        Some(measure) => score.measure(&MeasureName::new(measure)).map(Rating::Score),
        None => {
            let label = score.text("predicted")?;
            Some(label.parse().map_or_else(|_| Rating::Label(label.to_owned()), Rating::Score))
        }
    }
}

fn one(ratings: Vec<Rating>) -> Option<Rating> {
    let scores: Vec<f64> = ratings
        .iter()
        .filter_map(|rating| match rating {
            Rating::Score(score) => Some(*score),
            Rating::Label(_) => None,
        })
        .collect();
    if scores.is_empty() {
        return ratings.into_iter().next();
    }
    Some(Rating::Score(scores.iter().sum::<f64>() / scores.len() as f64))
}

/// The unit that a trial's ratings are matched by: see [`of_run`].
pub fn unit(trial: &Trial) -> String {
    match &trial.item.content {
        ItemContent::Labelled(labelled) => labelled.text.clone(),
        _ => named(&trial.item.id, &trial.variant),
    }
}

/// The same of a trial whose words were forgotten: the text is gone by which it would be matched with files of labels.
pub fn unit_left(trial: &TrialLeft) -> String {
    named(&trial.item, &trial.variant)
}

fn named(item: &ItemId, variant: &Variant) -> String {
    format!("{item}:{}", variant.label())
}
