//! What a scored run says of each unit, to be compared with other raters.

use std::collections::BTreeMap;

use trustmh_core::id::{MeasureName, TaskId, TrialId};
use trustmh_core::item::ItemContent;
use trustmh_core::trial::{Trial, TrialScore};
use trustmh_data::ratings::Rating;

use crate::score::ScoredRun;

/// The ratings of a run by unit: a measure, or the labels the subject gave. A unit is a text where the item is
/// one, so that runs and label files of the same texts match; else it is the trial's item and variant.
/// Repeats of a unit are averaged, or, for labels, the first counts.
pub fn of_run(
    scored: &ScoredRun,
    task: Option<&TaskId>,
    measure: Option<&str>,
) -> Vec<(String, Option<Rating>)> {
    let trials: BTreeMap<&TrialId, &Trial> =
        scored.contents.trials.iter().map(|one| (&one.trial.id, &one.trial)).collect();
    let mut found: BTreeMap<(String, &str), Vec<Rating>> = BTreeMap::new();
    let tasks = scored.scores.iter().filter(|(id, _)| task.is_none_or(|wanted| wanted == *id));
    for score in tasks.flat_map(|(_, scores)| scores) {
        let Some(trial) = trials.get(&score.trial) else { continue };
        if let Some(rating) = rating(score, measure) {
            let item = trial.item.id.as_str();
            found.entry((unit(trial), item)).or_default().push(rating);
        }
    }
    found.into_iter().map(|((unit, _), ratings)| (unit, one(ratings))).collect()
}

fn rating(score: &TrialScore, measure: Option<&str>) -> Option<Rating> {
    match measure {
        Some(measure) => score.measures.get(&MeasureName::new(measure)).copied().map(Rating::Score),
        None => {
            let label = score.texts.get(&MeasureName::new("predicted"))?;
            Some(label.parse().map_or_else(|_| Rating::Label(label.clone()), Rating::Score))
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

fn unit(trial: &Trial) -> String {
    match &trial.item.content {
        ItemContent::Labelled(labelled) => labelled.text.clone(),
        _ => format!("{}:{}", trial.item.id, trial.variant.label()),
    }
}
