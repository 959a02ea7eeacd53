//! Fields of a judge's verdict, as the task's rubrics name them.

use trustmh_core::outcome::Outcome;

use super::{Context, Measured};
use crate::error::EngineError;

/// Measures each field with a scale under its own name. Of a field with labels each label is a measure, `<field>_<label>` with `_`
/// for other signs: 1 where it was given and 0 where another was; the label itself is a text of the field's name. A refusal is judged
/// like any other reply; one that is empty or was withheld is missing.
pub(super) fn measure(context: &Context<'_>) -> Result<Measured, EngineError> {
    let mut measured = Measured::default();
    match context.outcome {
        Outcome::Failed | Outcome::Unparsed | Outcome::Unanswered(_) => return Ok(measured),
        Outcome::Scored | Outcome::Refused => {}
    }
    let verdict = match context.model_verdict()? {
        Ok(verdict) => verdict,
        Err(missing) => {
            measured.missing = Some(missing);
            return Ok(measured);
        }
    };
    for (field, score) in &verdict.scores {
        measured.set(field, f64::from(*score));
    }
    for rubric in context.walk.rubrics(context.trial)? {
        for field in &rubric.file.fields {
            let Some(given) = verdict.labels.get(&field.name) else { continue };
            measured.text(&field.name, given);
            for label in &field.labels {
                measured.mark(&measure_of(&field.name, label), label == given);
            }
        }
    }
    Ok(measured)
}

/// The measure of a label of a field.
fn measure_of(field: &str, label: &str) -> String {
    let word = |c: char| if c.is_alphanumeric() { c } else { '_' };
    format!("{field}_{}", label.to_lowercase().chars().map(word).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::measure_of;

    #[test]
    fn a_label_is_a_measure_of_its_field() {
        assert_eq!(measure_of("tone", "Not warm"), "tone_not_warm");
        assert_eq!(measure_of("tone", "self-harm"), "tone_self_harm");
    }
}
