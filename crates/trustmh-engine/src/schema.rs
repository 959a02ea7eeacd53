//! The JSON Schema of task files, with what each scorer yields.

use serde_json::{Value, json};

use crate::score::{MeasureLabel, SCORERS, Scorer};
use crate::task::{self, word};

/// The schema: scorers are described with their measures and facets, and measures are listed by name.
pub fn task_file() -> Value {
    let mut schema = task::schema().to_value();
    let scorers = schema.pointer_mut("/$defs/ScorerKind/oneOf").and_then(Value::as_array_mut);
    for described in scorers.into_iter().flatten() {
        let named = |scorer: &&&Scorer| described["const"] == word(&scorer.kind);
        if let Some(scorer) = SCORERS.iter().find(named) {
            described["description"] = Value::from(description(scorer));
        }
    }
    if let Some(measure) = schema.pointer_mut("/$defs/MeasureName") {
        let known: Vec<Value> = names().into_iter().map(|name| json!({ "const": name })).collect();
        let any =
            json!({ "type": "string", "description": "A field of a rubric, or of one option." });
        *measure = json!({
            "description": "A measure that the task's scorer yields; see the scorers.",
            "anyOf": known.into_iter().chain([any]).collect::<Vec<Value>>(),
        });
    }
    schema
}

fn description(scorer: &Scorer) -> String {
    let measures = scorer.measures.iter().map(|measure| match measure.name {
        MeasureLabel::Named(name) => name.to_owned(),
        MeasureLabel::OfOption(beginning) => format!("{beginning}a and so on"),
        MeasureLabel::OfRubric => "each field of its rubrics that has a scale".to_owned(),
        MeasureLabel::OfRubricLabels => {
            "each label of its rubrics' fields, as FIELD_LABEL".to_owned()
        }
        MeasureLabel::OfTurns => {
            "each code and score of its turn rubrics over the turns, as CODE_share, CODE_ever, CODE_first, SCORE, SCORE_slope, SCORE_last".to_owned()
        }
        MeasureLabel::OfDimensions => {
            "each dimension of its decision trees, as DIMENSION_high, DIMENSION_low, DIMENSION_best, DIMENSION_relevant".to_owned()
        }
    });
    let facets: Vec<&str> = scorer.facets.iter().map(|facet| facet.name).collect();
    let measures = measures.collect::<Vec<_>>().join(", ");
    let facets = if facets.is_empty() { "none".to_owned() } else { facets.join(", ") };
    format!("{} Measures: {measures}. Facets: {facets}.", scorer.about)
}

/// All names of measures, sorted.
fn names() -> Vec<&'static str> {
    let of_scorers = SCORERS.iter().flat_map(|scorer| scorer.measures);
    let mut names: Vec<&str> = of_scorers
        .filter_map(|measure| match measure.name {
            MeasureLabel::Named(name) => Some(name),
            MeasureLabel::OfOption(_)
            | MeasureLabel::OfRubric
            | MeasureLabel::OfRubricLabels
            | MeasureLabel::OfTurns
            | MeasureLabel::OfDimensions => None,
        })
        .chain([task::UNANSWERED])
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
