//! What a judge said of single replies of conversations, in the words of its rubric.

use std::collections::BTreeMap;

use trustmh_engine::rubric::{Field, Rubric};
use trustmh_engine::walk::{OverTurns, Walk};

use crate::error::RunError;
use crate::journal::Recorded;

/// A code that was given has the value 1, one that was not has 0.
const GIVEN: f64 = 0.5;

/// The verdict on the reply of this number, field by field; fields that the judge said nothing about are left out.
pub(super) fn judged(
    walk: &Walk<'_>,
    rubric: &Rubric,
    recorded: &Recorded,
    turn: u8,
) -> Result<BTreeMap<String, String>, RunError> {
    let language = &recorded.trial.item.language;
    let mut series = walk.turn_codes(&recorded.trial, &recorded.exchanges)?;
    series.retain(|one| {
        let own = walk.rules.benchmark.rubric_for(&one.rubric, language);
        own.is_ok_and(|own| own.file.id == rubric.file.id)
    });
    let of_field = |field: &Field| Some((field.name.clone(), said(&series, field, turn)?));
    Ok(rubric.file.fields.iter().filter_map(of_field).collect())
}

fn said(series: &[OverTurns], field: &Field, turn: u8) -> Option<String> {
    let value = |name: &str| {
        let one = series.iter().find(|one| one.name == name)?;
        let (_, value) = one.values.iter().find(|(at, _)| *at == turn)?;
        value.ok()
    };
    if field.scale.is_some() {
        return value(&field.name).map(|score| score.to_string());
    }
    // A field that knows yes and no alone is one code; of any other each label is one.
    if let Some(code) = value(&field.name) {
        let yes = |label: &&String| label.eq_ignore_ascii_case("yes") == (code > GIVEN);
        return field.labels.iter().find(yes).cloned();
    }
    let given = |label: &&String| value(&field.measure_of(label)).is_some_and(|code| code > GIVEN);
    field.labels.iter().find(given).cloned()
}
