//! People's ratings beside each other and beside the judge's.

use std::collections::BTreeMap;

use trustmh_bench::benchmark::Benchmark;
use trustmh_bench::judge::verdict_of;
use trustmh_bench::rubric::{Field, Rubric};
use trustmh_core::id::RubricId;
use trustmh_core::scorecard::JudgeName;
use trustmh_stats::raters::{Agreement, Rater, of_labels, of_numbers};

use crate::annotations::Annotation;
use crate::error::RunError;
use crate::journal::{Recorded, Trials};
use crate::manifest::Manifest;

/// How people, and the run's judge, agree on one field of a rubric.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldAgreement {
    /// The rubric.
    pub rubric: RubricId,
    /// The field.
    pub field: String,
    /// What the field means.
    pub meaning: String,
    /// The raters' agreement; the judge, if it is one of them, is the last.
    pub agreement: Agreement,
    /// Whether the judge is among them.
    pub judge: Option<String>,
    /// Every rating, by trial and rater.
    pub ratings: BTreeMap<String, BTreeMap<String, String>>,
}

/// The agreement on each field that people have rated, on trials whose names begin with `prefix`.
///
/// # Errors
/// [`RunError`] if the journal can no longer be read.
pub fn agreements(
    benchmark: &Benchmark,
    manifest: &Manifest,
    trials: &Trials,
    annotations: &[Annotation],
    prefix: &str,
) -> Result<Vec<FieldAgreement>, RunError> {
    let judge = match &manifest.judge.name {
        JudgeName::Model(judge) => Some(format!("judge {judge}")),
        JudgeName::Offline | JudgeName::None => None,
    };
    let mut by_rubric: BTreeMap<&RubricId, Vec<&Annotation>> = BTreeMap::new();
    for annotation in annotations.iter().filter(|one| one.trial.as_str().starts_with(prefix)) {
        by_rubric.entry(&annotation.rubric).or_default().push(annotation);
    }
    let mut found = Vec::new();
    for (id, given) in by_rubric {
        let rubric = benchmark.rubric(id)?;
        let mut said: Said<'_> = BTreeMap::new();
        for annotation in &given {
            for (field, value) in &annotation.values {
                let of_trial = said.entry(field).or_default();
                let ratings = of_trial.entry(annotation.trial.to_string()).or_default();
                ratings.insert(annotation.annotator.clone(), value.clone());
            }
        }
        if let Some(judge) = &judge {
            add_judge(rubric, judge, trials, &mut said)?;
        }
        for field in &rubric.file.fields {
            let Some(ratings) = said.remove(field.name.as_str()) else { continue };
            let agreement = agreement(field, &ratings, judge.as_deref(), manifest.seed);
            let judge = judge.clone().filter(|judge| agreement.raters.contains(judge));
            found.push(FieldAgreement {
                rubric: id.clone(),
                field: field.name.clone(),
                meaning: field.meaning.clone(),
                agreement,
                judge,
                ratings,
            });
        }
    }
    Ok(found)
}

/// Ratings by field, trial and rater.
type Said<'f> = BTreeMap<&'f str, BTreeMap<String, BTreeMap<String, String>>>;

/// The judge's verdicts on the trials that people rated.
fn add_judge(
    rubric: &Rubric,
    judge: &str,
    trials: &Trials,
    said: &mut Said<'_>,
) -> Result<(), RunError> {
    let rated: std::collections::BTreeSet<String> =
        said.values().flat_map(|of_field| of_field.keys().cloned()).collect();
    for trial in rated {
        let Some(recorded) = trials.find(&trial)? else { continue };
        let Some(fields) = judged(rubric, &recorded) else { continue };
        for (field, value) in fields {
            if let Some(ratings) = said.get_mut(field.as_str()).and_then(|of| of.get_mut(&trial)) {
                ratings.insert(judge.to_owned(), value);
            }
        }
    }
    Ok(())
}

/// The recorded judge's verdict on a trial by `rubric`, field by field.
pub fn judged(rubric: &Rubric, recorded: &Recorded) -> Option<BTreeMap<String, String>> {
    let verdict = verdict_of(rubric, &recorded.exchanges)?;
    let scores = verdict.scores.into_iter().map(|(field, score)| (field, score.to_string()));
    Some(scores.chain(verdict.labels).collect())
}

fn agreement(
    field: &Field,
    ratings: &BTreeMap<String, BTreeMap<String, String>>,
    judge: Option<&str>,
    seed: u64,
) -> Agreement {
    let mut raters: Vec<String> = Vec::new();
    for name in ratings.values().flat_map(BTreeMap::keys) {
        if !raters.contains(name) {
            raters.push(name.clone());
        }
    }
    raters.sort_by_key(|name| (Some(name.as_str()) == judge, name.clone()));
    let of = |name: &str| -> BTreeMap<String, String> {
        let own = ratings.iter();
        own.filter_map(|(trial, given)| Some((trial.clone(), given.get(name)?.clone()))).collect()
    };
    if field.scale.is_some() {
        let number = |(trial, value): (String, String)| Some((trial, value.parse().ok()?));
        let numeric = raters.iter().map(|name| Rater {
            name: name.clone(),
            ratings: of(name).into_iter().filter_map(number).collect(),
        });
        of_numbers(&numeric.collect::<Vec<_>>(), seed)
    } else {
        let labelled = raters.iter().map(|name| Rater { name: name.clone(), ratings: of(name) });
        of_labels(&labelled.collect::<Vec<_>>(), seed)
    }
}
