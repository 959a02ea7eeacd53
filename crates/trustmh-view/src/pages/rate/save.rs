//! Writing a rating down.

use std::collections::BTreeMap;

use trustmh_core::id::TrialId;
use trustmh_engine::rubric::Rubric;
use trustmh_run::derived::annotations::{self, Annotation};
use trustmh_run::derived::people::Unit;

use super::{Asked, Queue, Site, Way, check_name, find, may_write, rubric_of, way};
use crate::error::ViewError;

/// A page of the same person, with units in its parameters.
pub(super) fn address(
    site: &Site<'_>,
    run: &str,
    [task, annotator, by]: [&str; 3],
    places: &[(&str, &Unit)],
) -> String {
    let mut parameters =
        vec![("task".to_owned(), task.to_owned()), ("annotator".to_owned(), annotator.to_owned())];
    parameters.push(("by".to_owned(), by.to_owned()));
    for (name, unit) in places {
        parameters.push(((*name).to_owned(), unit.trial.clone()));
        let turn = if *name == "at" { "turn".to_owned() } else { format!("{name}_turn") };
        parameters.extend(unit.turn.map(|number| (turn, number.to_string())));
    }
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    site.of_run(run, "/rate", &parameters)
}

/// Writes a rating, or that somebody is unsure, and gives the address of what comes next.
pub(crate) fn save(
    site: &Site<'_>,
    run: &str,
    mut form: BTreeMap<String, String>,
) -> Result<String, ViewError> {
    may_write(site)?;
    let opened = site.open(run)?;
    let mut take = |name: &str| form.remove(name).unwrap_or_default();
    let asked = Asked {
        task: take("task"),
        annotator: take("annotator"),
        by: take("by"),
        ..Asked::default()
    };
    let (trial, turn, note, wish) = (take("trial"), take("turn"), take("note"), take("do"));
    check_name(asked.annotator())?;
    if asked.annotator().is_empty() {
        return Err(ViewError::Form("a rating needs a name".to_owned()));
    }
    let recorded = find(&opened, &trial)?;
    let way = way(site, &opened, &asked)?;
    let turn = match way {
        Way::Whole => None,
        Way::Turns => {
            let wrong = || ViewError::Form(format!("`{turn}` is not a turn"));
            Some(turn.parse::<u8>().map_err(|_| wrong())?)
        }
    };
    let unit = Unit { trial: trial.clone(), turn };
    if way == Way::Turns && !Queue::of(site, &opened, &asked, way)?.units(&trial)?.contains(&unit) {
        return Err(ViewError::Missing(format!("reply {unit} to rate")));
    }
    // The rubric is the trial's own, whatever the form says.
    let rubric = rubric_of(site, &opened, &recorded, turn)?;
    let unsure = wish == "unsure";
    let values = if unsure { BTreeMap::new() } else { values(rubric, &mut form)? };
    let id = rubric.file.id.clone();
    let word = Annotation::now(asked.annotator(), TrialId::new(&trial), id, values, &note);
    let word = word.of_turn(turn);
    annotations::add(&opened.folder, &if unsure { word.unsure() } else { word })?;
    let person = [asked.task.as_str(), asked.annotator(), way.word()];
    Ok(address(site, &opened.name, person, &[("after", &unit)]))
}

/// The values of all fields, each one that its rubric allows.
fn values(
    rubric: &Rubric,
    form: &mut BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, ViewError> {
    let mut values = BTreeMap::new();
    for field in &rubric.file.rated() {
        let value = form.remove(&format!("field:{}", field.name)).unwrap_or_default();
        let allowed = match field.scale {
            Some(_) => value.parse().is_ok_and(|score| field.scores().contains(&score)),
            None => field.labels.contains(&value),
        };
        if !allowed {
            let message = format!("{}: `{value}` is not one of {}", field.name, field.allowed());
            return Err(ViewError::Form(message));
        }
        values.insert(field.name.clone(), value);
    }
    Ok(values)
}
