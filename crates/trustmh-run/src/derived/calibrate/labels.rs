//! What people said of single trials, as values of the measure that is put right.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::{MeasureName, RubricId};
use trustmh_data::ratings::{PeoplesScores, Rating};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::Walk;

use super::{Calibrating, People, Target};
use crate::derived::annotations::Annotation;
use crate::derived::people::measured::{Ratings, measured};
use crate::derived::ratings::unit;
use crate::journal::Recorded;

/// People's ratings, ready to be looked up by trial.
pub(super) struct Labels<'p> {
    by_trial: BTreeMap<&'p str, Vec<Given>>,
    by_unit: BTreeMap<&'p str, Vec<Given>>,
    /// Where they come from, for errors.
    pub(super) says: Says<'p>,
}

/// What the ratings are said to be of.
pub(super) enum Says<'p> {
    /// Nothing: a table without the name of a field.
    Nothing,
    /// This field.
    Field(&'p str),
    /// The fields of annotations.
    Fields(BTreeSet<&'p str>),
}

enum Given {
    /// A value of the measure itself.
    Value(f64),
    /// What one person said, by rubric and field.
    Verdict(Ratings),
    /// Something that is no number, and of which no rubric is known.
    Word,
}

impl<'p> Labels<'p> {
    pub(super) fn of(
        benchmark: &Benchmark,
        people: &'p People,
        target: &Target<'_>,
    ) -> Result<Self, Calibrating> {
        match people {
            People::Annotations(given) => Ok(Self::of_annotations(given, &target.measure)),
            People::Table(table) => Self::of_table(benchmark, table, target),
        }
    }

    fn of_annotations(given: &'p [Annotation], measure: &MeasureName) -> Self {
        let mut persons: BTreeMap<(&str, &str), Ratings> = BTreeMap::new();
        // A rating of a single reply of a conversation says nothing of the trial as a whole.
        for one in given.iter().filter(|one| one.turn.is_none()) {
            let ratings = persons.entry((one.trial.as_str(), &one.annotator)).or_default();
            ratings.insert(one.rubric.clone(), one.values.clone());
        }
        let mut by_trial: BTreeMap<&str, Vec<Given>> = BTreeMap::new();
        for ((trial, _), ratings) in persons {
            // A field that is the measure needs no rule between them.
            let direct =
                ratings.values().find_map(|values| values.get(measure.as_str())?.parse().ok());
            let one = direct.map_or_else(|| Given::Verdict(ratings), Given::Value);
            by_trial.entry(trial).or_default().push(one);
        }
        let fields = given.iter().flat_map(|one| one.values.keys().map(String::as_str)).collect();
        Self { by_trial, by_unit: BTreeMap::new(), says: Says::Fields(fields) }
    }

    fn of_table(
        benchmark: &Benchmark,
        table: &'p PeoplesScores,
        target: &Target<'_>,
    ) -> Result<Self, Calibrating> {
        let field = table.field.as_deref();
        let is_measure = field.is_none_or(|field| field == target.measure.as_str());
        let rubric = if is_measure { None } else { only_field(benchmark, table) };
        if !is_measure && rubric.is_none() {
            return Err(target.other_field(field.unwrap_or_default()));
        }
        let (mut by_trial, mut by_unit) = (BTreeMap::new(), BTreeMap::new());
        for scored in &table.units {
            let given = match (&rubric, &scored.rating) {
                (None, Rating::Score(score)) => Given::Value(target.in_range(*score)?),
                (None, Rating::Label(_)) => Given::Word,
                (Some(id), rating) => {
                    let text = match rating {
                        Rating::Label(label) => label.clone(),
                        Rating::Score(score) => score.to_string(),
                    };
                    let values = BTreeMap::from([(field.unwrap_or_default().to_owned(), text)]);
                    Given::Verdict(BTreeMap::from([(id.clone(), values)]))
                }
            };
            let (known, key): (&mut BTreeMap<&str, Vec<Given>>, &str) = match &scored.trial {
                Some(trial) => (&mut by_trial, trial),
                None => (&mut by_unit, &scored.unit),
            };
            known.entry(key).or_default().push(given);
        }
        let says = field.map_or(Says::Nothing, Says::Field);
        Ok(Self { by_trial, by_unit, says })
    }

    /// How many trials or units people rated.
    pub(super) fn count(&self) -> usize {
        self.by_trial.len() + self.by_unit.len()
    }

    /// By what name the trial is found among the ratings, if it is, and the mean of what people's ratings make of the measure there.
    pub(super) fn find(
        &self,
        benchmark: &Benchmark,
        walk: &Walk<'_>,
        recorded: &Recorded,
        measure: &MeasureName,
    ) -> Result<Option<(String, Option<f64>)>, Calibrating> {
        let of_unit = || {
            let unit = unit(&recorded.trial);
            Some((self.by_unit.get(unit.as_str())?, unit))
        };
        let trial = recorded.trial.id.as_str();
        let of_trial = self.by_trial.get(trial).map(|given| (given, trial.to_owned()));
        let Some((given, key)) = of_trial.or_else(of_unit) else { return Ok(None) };
        let mut values = Vec::new();
        for one in given {
            match one {
                Given::Value(value) => values.push(*value),
                Given::Verdict(ratings) => {
                    values.extend(measured(benchmark, walk, recorded, ratings)?.get(measure));
                }
                Given::Word => {}
            }
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Ok(Some((key, (!values.is_empty()).then_some(mean))))
    }
}

/// The table's rubric, if the table's field is all it asks: then the field is a whole verdict.
fn only_field(benchmark: &Benchmark, table: &PeoplesScores) -> Option<RubricId> {
    let id = table.rubric.as_deref().map(RubricId::new)?;
    let rubric = benchmark.rubric(&id).ok()?;
    let is_whole = match rubric.file.fields.as_slice() {
        [only] => Some(only.name.as_str()) == table.field.as_deref(),
        _ => false,
    };
    is_whole.then_some(id)
}
