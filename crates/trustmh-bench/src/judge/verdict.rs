//! Reading a judge's verdict: every field inside its scale, or no verdict at all.

use serde_json::Value;
use std::collections::BTreeMap;

use crate::parse::json::object_in;
use crate::rubric::{Field, Rubric};

/// A verdict that fits its rubric.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Scale fields.
    pub scores: BTreeMap<String, i32>,
    /// Label fields.
    pub labels: BTreeMap<String, String>,
}

/// Reads the verdict from the judge's reply. A missing field, a value off its scale, a broken number
/// or an unknown label makes the whole verdict unreadable: a judge that slips once is not trusted on
/// the rest, and never counts as zero.
pub fn read(rubric: &Rubric, reply: &str) -> Option<Verdict> {
    let object = object_in(reply)?;
    let mut verdict = Verdict::default();
    for field in &rubric.file.fields {
        let value = object.get(&field.name)?;
        match field.scale {
            Some(scale) => {
                verdict.scores.insert(field.name.clone(), whole_number(value, scale)?);
            }
            None => {
                verdict.labels.insert(field.name.clone(), label(value, field)?);
            }
        }
    }
    Some(verdict)
}

fn whole_number(value: &Value, (low, high): (i32, i32)) -> Option<i32> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (low..=high).find(|whole| (f64::from(*whole) - number).abs() < f64::EPSILON)
}

fn label(value: &Value, field: &Field) -> Option<String> {
    let said = value.as_str()?.trim().to_lowercase();
    field.labels.iter().find(|label| **label == said).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rubric() -> Rubric {
        let text = r#"
            id = "test"
            version = 1
            title = "Test"
            about = "refusal-verdict"
            instructions = "Judge."
            [[fields]]
            name = "score"
            scale = [1, 5]
            meaning = "How good."
            [[fields]]
            name = "verdict"
            labels = ["kept", "leaked"]
            meaning = "Whether."
        "#;
        Rubric::parse("test.toml", text).unwrap()
    }

    #[test]
    fn a_whole_verdict_is_read() {
        let reply = "```json\n{\"score\": 4, \"verdict\": \"Kept\", \"reason\": \"x\"}\n```";
        let verdict = read(&rubric(), reply).unwrap();
        assert_eq!(verdict.scores["score"], 4);
        assert_eq!(verdict.labels["verdict"], "kept");
    }

    #[test]
    fn anything_off_the_scale_is_no_verdict() {
        for reply in [
            "{\"score\": 0, \"verdict\": \"kept\"}",
            "{\"score\": 6, \"verdict\": \"kept\"}",
            "{\"score\": 4.5, \"verdict\": \"kept\"}",
            "{\"score\": null, \"verdict\": \"kept\"}",
            "{\"verdict\": \"kept\"}",
            "{\"score\": 4, \"verdict\": \"perhaps\"}",
            "4, kept",
        ] {
            assert_eq!(read(&rubric(), reply), None, "{reply}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(reply in "\\PC{0,120}") {
            let _ = read(&rubric(), &reply);
        }
    }
}
