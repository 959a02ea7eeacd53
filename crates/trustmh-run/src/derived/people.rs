//! People's ratings beside each other and beside the judge's.

pub mod measured;
mod turns;

use std::collections::BTreeMap;
use std::fmt;

use trustmh_core::id::{MeasureName, RubricId};
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::at_bad_end_measure;
use trustmh_engine::judge::verdict_of;
use trustmh_engine::rubric::Rubric;
use trustmh_engine::walk::Walk;
use trustmh_stats::raters::{Agreement, Clusters, Rater, of_labels, of_numbers};

use crate::derived::annotations::Annotation;
use crate::error::RunError;
use crate::journal::{Recorded, Remains, TrialRecord, Trials};
use crate::manifest::Manifest;
use measured::measured;

/// How people, and the run's judge, agree on one field of a rubric, or on the measure that a task's trials are put in order by.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldAgreement {
    /// The rubric.
    pub rubric: RubricId,
    /// The field or the measure.
    pub field: String,
    /// What it means.
    pub meaning: String,
    /// The raters' agreement, trials of one item together; the judge, if it is one of them, is the last.
    pub agreement: Agreement,
    /// The same of people alone.
    pub people: Agreement,
    /// Whether the judge is among them.
    pub judge: Option<String>,
    /// Every rating, by what was rated and by whom.
    pub ratings: BTreeMap<Unit, BTreeMap<String, String>>,
}

/// What was rated: a trial, or one reply of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit {
    /// The trial's name.
    pub trial: String,
    /// The reply, counted from 0; none for the whole.
    pub turn: Option<u8>,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.turn {
            None => f.write_str(&self.trial),
            Some(turn) => write!(f, "{} turn {}", self.trial, u32::from(turn) + 1),
        }
    }
}

/// Ratings by unit and rater.
type Said = BTreeMap<Unit, BTreeMap<String, String>>;

/// The agreement on each field that people have rated, and on the measure that rests on several, on trials whose names begin with
/// `prefix`. Under the offline judge its scores stand beside people's wherever they are of the same name.
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
        own @ (JudgeName::Offline | JudgeName::Embedded(_)) => Some(own.title().to_owned()),
        JudgeName::None => None,
    };
    let mut by_rubric: BTreeMap<&RubricId, Vec<&Annotation>> = BTreeMap::new();
    for annotation in annotations.iter().filter(|one| one.trial.as_str().starts_with(prefix)) {
        by_rubric.entry(&annotation.rubric).or_default().push(annotation);
    }
    let mut found = Vec::new();
    for (id, given) in by_rubric {
        let rubric = benchmark.rubric(id)?;
        let mut of_rubric = OfRubric { judge: judge.as_deref(), ..OfRubric::default() };
        let mut by_unit: BTreeMap<Unit, Vec<&Annotation>> = BTreeMap::new();
        for annotation in given {
            let (trial, turn) = (annotation.trial.to_string(), annotation.turn);
            by_unit.entry(Unit { trial, turn }).or_default().push(annotation);
        }
        for (unit, given) in by_unit {
            of_rubric.add_people(&unit, &given);
            match trials.find(&unit.trial)? {
                Some(TrialRecord::Whole(recorded)) => {
                    let walk = manifest.walk(benchmark, &recorded.trial.task)?;
                    match unit.turn {
                        Some(turn) => of_rubric.add_turn(&walk, rubric, &recorded, turn)?,
                        None => {
                            of_rubric.add_recorded(benchmark, &walk, rubric, &recorded, &given)?;
                        }
                    }
                }
                // What was said of single replies went with the words.
                Some(TrialRecord::Forgotten(remains)) if unit.turn.is_none() => {
                    of_rubric.add_remains(rubric, *remains);
                }
                Some(TrialRecord::Forgotten(_)) | None => {}
            }
        }
        found.extend(of_rubric.agreements(rubric, manifest.seed));
    }
    Ok(found)
}

/// What was said by one rubric.
#[derive(Default)]
struct OfRubric<'j> {
    judge: Option<&'j str>,
    fields: BTreeMap<String, Said>,
    measures: BTreeMap<String, Said>,
    items: BTreeMap<String, String>,
}

impl OfRubric<'_> {
    fn add_people(&mut self, unit: &Unit, given: &[&Annotation]) {
        for annotation in given {
            for (field, value) in &annotation.values {
                let said = self.fields.entry(field.clone()).or_default();
                let ratings = said.entry(unit.clone()).or_default();
                ratings.insert(annotation.annotator.clone(), value.clone());
            }
        }
    }

    /// What the judge said of the trial, and what people's ratings measure.
    fn add_recorded(
        &mut self,
        benchmark: &Benchmark,
        walk: &Walk<'_>,
        rubric: &Rubric,
        recorded: &Recorded,
        given: &[&Annotation],
    ) -> Result<(), RunError> {
        let unit = Unit { trial: recorded.trial.id.to_string(), turn: None };
        self.items.insert(unit.to_string(), recorded.trial.cluster().to_string());
        let ranked = at_bad_end_measure(walk.rules.task, walk.rules.protocol)
            .filter(|measure| !self.fields.contains_key(measure.as_str()));
        if let Some(measure) = ranked {
            for annotation in given {
                let by_rubric = [(rubric.file.id.clone(), annotation.values.clone())];
                let own = measured(benchmark, walk, recorded, &by_rubric.into())?;
                if let Some(value) = own.get(measure) {
                    let said = self.measures.entry(measure.to_string()).or_default();
                    let ratings = said.entry(unit.clone()).or_default();
                    ratings.insert(annotation.annotator.clone(), value.to_string());
                }
            }
        }
        let Some(judge) = self.judge else { return Ok(()) };
        let scored = walk.score(&recorded.trial, &recorded.exchanges)?.measures;
        let verdict = judged_by(walk, rubric, recorded)?;
        let of_judge = |name: &String| {
            let measure = scored.get(&MeasureName::new(name.as_str())).map(f64::to_string);
            verdict.get(name).cloned().or(measure)
        };
        for (name, said) in self.fields.iter_mut().chain(&mut self.measures) {
            if let (Some(ratings), Some(value)) = (said.get_mut(&unit), of_judge(name)) {
                ratings.insert(judge.to_owned(), value);
            }
        }
        Ok(())
    }

    /// What the judge said of one reply of a conversation.
    fn add_turn(
        &mut self,
        walk: &Walk<'_>,
        rubric: &Rubric,
        recorded: &Recorded,
        turn: u8,
    ) -> Result<(), RunError> {
        let unit = Unit { trial: recorded.trial.id.to_string(), turn: Some(turn) };
        self.items.insert(unit.to_string(), recorded.trial.cluster().to_string());
        let Some(judge) = self.judge else { return Ok(()) };
        let said_by_judge = turns::judged(walk, rubric, recorded, turn)?;
        for (name, said) in &mut self.fields {
            if let (Some(ratings), Some(value)) = (said.get_mut(&unit), said_by_judge.get(name)) {
                ratings.insert(judge.to_owned(), value.clone());
            }
        }
        Ok(())
    }

    /// The same of a trial whose words were forgotten, from what was kept of the verdict; what people's ratings measure takes the words.
    fn add_remains(&mut self, rubric: &Rubric, remains: Remains) {
        let unit = Unit { trial: remains.trial.id.to_string(), turn: None };
        self.items.insert(unit.to_string(), remains.trial.cluster.to_string());
        let (Some(judge), Some(scored)) = (self.judge, remains.scored) else { return };
        let verdict = scored.verdicts.get(&rubric.file.id).cloned().unwrap_or_default();
        let scored = scored.score.score().measures;
        for (name, said) in &mut self.fields {
            let measure = scored.get(&MeasureName::new(name.as_str())).map(f64::to_string);
            let of_judge = verdict.get(name).cloned().or(measure);
            if let (Some(ratings), Some(value)) = (said.get_mut(&unit), of_judge) {
                ratings.insert(judge.to_owned(), value);
            }
        }
    }

    fn agreements(mut self, rubric: &Rubric, seed: u64) -> Vec<FieldAgreement> {
        let clusters = Clusters::Of(std::mem::take(&mut self.items));
        let mut found = Vec::new();
        let mut add = |name: &str, meaning: &str, scale: Values, ratings: Said| {
            let among = |whose: Whose<'_>| agreement(scale, &ratings, whose, &clusters, seed);
            let agreement = among(Whose::All { last: self.judge });
            let judge =
                self.judge.filter(|judge| agreement.raters.iter().any(|name| name == judge));
            let people = judge.map(|judge| among(Whose::AllBut(judge)));
            found.push(FieldAgreement {
                rubric: rubric.file.id.clone(),
                field: name.to_owned(),
                meaning: meaning.to_owned(),
                judge: judge.map(str::to_owned),
                people: people.unwrap_or_else(|| agreement.clone()),
                agreement,
                ratings,
            });
        };
        for field in &rubric.file.rated() {
            let Some(ratings) = self.fields.remove(&field.name) else { continue };
            let values = if field.scale.is_some() { Values::Numbers } else { Values::Labels };
            add(&field.name, &field.meaning, values, ratings);
        }
        for (measure, ratings) in std::mem::take(&mut self.measures) {
            let meaning = "What these ratings make of the measure behind the task's metric, by the task's own rules.";
            add(&measure, meaning, Values::Numbers, ratings);
        }
        found
    }
}

#[derive(Clone, Copy)]
enum Values {
    Numbers,
    Labels,
}

/// What the judge says of a trial by `rubric`: fields, or the dimensions of a tree.
pub(super) fn judged_by(
    walk: &Walk<'_>,
    rubric: &Rubric,
    recorded: &Recorded,
) -> Result<BTreeMap<String, String>, RunError> {
    if !rubric.file.is_tree() {
        return Ok(judged(rubric, recorded).unwrap_or_default());
    }
    let trees = walk.trees(&recorded.trial, &recorded.exchanges)?;
    let own = trees.into_iter().find(|(id, _)| *id == rubric.file.id);
    let ratings = own.map(|(_, verdict)| verdict.ratings).unwrap_or_default();
    let said = ratings.into_iter();
    Ok(said
        .filter_map(|(id, rating)| Some((id.to_string(), rating.ok()?.slug().to_owned())))
        .collect())
}

/// The recorded judge's verdict on a trial by `rubric`, field by field.
pub fn judged(rubric: &Rubric, recorded: &Recorded) -> Option<BTreeMap<String, String>> {
    let verdict = verdict_of(rubric, &recorded.exchanges)?;
    let scores = verdict.scores.into_iter().map(|(field, score)| (field, score.to_string()));
    Some(scores.chain(verdict.labels).collect())
}

/// Whose ratings are compared.
#[derive(Clone, Copy)]
enum Whose<'j> {
    /// Everybody's, this one's last.
    All { last: Option<&'j str> },
    /// Everybody's but this one's.
    AllBut(&'j str),
}

fn agreement(
    values: Values,
    ratings: &Said,
    whose: Whose<'_>,
    clusters: &Clusters,
    seed: u64,
) -> Agreement {
    let mut raters: Vec<String> = Vec::new();
    for name in ratings.values().flat_map(BTreeMap::keys) {
        if !raters.contains(name) {
            raters.push(name.clone());
        }
    }
    match whose {
        Whose::All { last } => {
            raters.sort_by_key(|name| (Some(name.as_str()) == last, name.clone()));
        }
        Whose::AllBut(one) => {
            raters.retain(|name| name != one);
            raters.sort();
        }
    }
    let of = |name: &str| -> BTreeMap<String, String> {
        let own = ratings.iter();
        own.filter_map(|(unit, given)| Some((unit.to_string(), given.get(name)?.clone()))).collect()
    };
    match values {
        Values::Numbers => {
            let number = |(trial, value): (String, String)| Some((trial, value.parse().ok()?));
            let numeric = raters.iter().map(|name| Rater {
                name: name.clone(),
                ratings: of(name).into_iter().filter_map(number).collect(),
            });
            of_numbers(&numeric.collect::<Vec<_>>(), clusters, seed)
        }
        Values::Labels => {
            let labelled =
                raters.iter().map(|name| Rater { name: name.clone(), ratings: of(name) });
            of_labels(&labelled.collect::<Vec<_>>(), clusters, seed)
        }
    }
}
