//! A head: linear models over blocks of numbers, which decide the fields of one rubric.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

use trustmh_core::id::RubricId;

use super::features::{Block, Features};
use crate::error::EngineError;

/// A head's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadFile {
    /// The rubric by which it judges.
    pub rubric: RubricId,
    /// Other rubrics that ask the same of other requests, and by which it judges too.
    #[serde(default)]
    pub also: Vec<RubricId>,
    /// On what it was trained, and under which licences.
    pub trained_on: Vec<String>,
    /// Fingerprints of the published replies that it was trained on, in whatever files they lie: it is not validated on them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub replies: BTreeSet<String>,
    /// What is to be said wherever it judged, where a licence asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// One for each field of the rubric.
    pub fields: Vec<FieldHead>,
}

/// What decides one field of the rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldHead {
    /// The field.
    pub name: String,
    /// What is looked at.
    pub blocks: Vec<Block>,
    /// How it is decided.
    pub decision: Decision,
}

/// How a value is decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Decision {
    /// By nothing more: a label, or a whole number.
    Value(Value),
    /// One way if the sum is above 0, else the other.
    Split {
        /// The sum.
        sum: Linear,
        /// Above 0.
        above: Box<Decision>,
        /// Not above 0.
        below: Box<Decision>,
    },
    /// The value with the largest sum, the first of equal ones.
    Among(Vec<(Value, Linear)>),
    /// The sum itself, as the nearest whole number from the first to the second.
    Score {
        /// The sum.
        sum: Linear,
        /// Lowest and highest score.
        range: (i32, i32),
    },
}

/// A weighted sum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// What is added.
    pub bias: f32,
    /// The weight of each number of the blocks.
    pub weights: Vec<f32>,
}

impl Linear {
    /// The sum in double precision, added up in the order of the numbers: the same on every machine for the same numbers.
    fn of(&self, numbers: &[f32]) -> f64 {
        let products = self.weights.iter().zip(numbers);
        products.fold(f64::from(self.bias), |sum, (weight, number)| {
            sum + f64::from(*weight) * f64::from(*number)
        })
    }
}

impl Decision {
    fn decide(&self, numbers: &[f32]) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Split { sum, above, below } => {
                if sum.of(numbers) > 0.0 { above } else { below }.decide(numbers)
            }
            Self::Among(values) => {
                let mut best: Option<(f64, &Value)> = None;
                for (value, sum) in values {
                    let sum = sum.of(numbers);
                    if best.is_none_or(|(most, _)| sum > most) {
                        best = Some((sum, value));
                    }
                }
                best.map_or(Value::Null, |(_, value)| value.clone())
            }
            Self::Score { sum, range: (lowest, highest) } => {
                let nearest = sum.of(numbers).round();
                Value::from(nearest.clamp(f64::from(*lowest), f64::from(*highest)) as i64)
            }
        }
    }

    /// All sums on the way and beside it, the first ones first.
    fn sums(&self, numbers: &[f32], found: &mut Vec<f64>) {
        match self {
            Self::Value(_) => {}
            Self::Split { sum, above, below } => {
                found.push(sum.of(numbers));
                above.sums(numbers, found);
                below.sums(numbers, found);
            }
            Self::Among(values) => found.extend(values.iter().map(|(_, sum)| sum.of(numbers))),
            Self::Score { sum, .. } => found.push(sum.of(numbers)),
        }
    }

    /// How many numbers each sum takes; none of a decision without one.
    fn widths(&self) -> Vec<usize> {
        match self {
            Self::Value(_) => Vec::new(),
            Self::Split { sum, above, below } => {
                let deeper = above.widths().into_iter().chain(below.widths());
                std::iter::once(sum.weights.len()).chain(deeper).collect()
            }
            Self::Among(values) => values.iter().map(|(_, sum)| sum.weights.len()).collect(),
            Self::Score { sum, .. } => vec![sum.weights.len()],
        }
    }
}

/// A head, ready to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// What the file says.
    pub file: HeadFile,
}

impl Head {
    /// Reads a head's file.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] for broken JSON, and for sums of another length than their blocks have.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let malformed = |message: String| EngineError::Malformed { file: path.to_owned(), message };
        let file: HeadFile =
            serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        for field in &file.fields {
            let wide: usize = field.blocks.iter().map(|block| block.width()).sum();
            if let Some(other) = field.decision.widths().into_iter().find(|width| *width != wide) {
                let name = &field.name;
                let message =
                    format!("field `{name}`: a sum has {other} weights, its blocks {wide} numbers");
                return Err(malformed(message));
            }
        }
        Ok(Self { file })
    }

    /// The verdict on a reply, as a judge writes it.
    pub(super) fn verdict(&self, features: &mut Features<'_>) -> Result<String, EngineError> {
        let mut fields = Map::new();
        for field in &self.file.fields {
            let numbers = features.of(&field.blocks)?;
            fields.insert(field.name.clone(), field.decision.decide(&numbers));
        }
        Ok(Value::Object(fields).to_string())
    }

    /// All sums of the fields, in their order, for a look at how sure a verdict is.
    ///
    /// # Errors
    /// [`EngineError::Encoder`].
    pub fn sums(&self, features: &mut Features<'_>) -> Result<Vec<f64>, EngineError> {
        let mut found = Vec::new();
        for field in &self.file.fields {
            let numbers = features.of(&field.blocks)?;
            field.decision.sums(&numbers, &mut found);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sum(bias: f32, weights: &[f32]) -> Linear {
        Linear { bias, weights: weights.to_vec() }
    }

    #[test]
    fn decisions_follow_their_sums() {
        let value = |text: &str| Box::new(Decision::Value(json!(text)));
        let split = Decision::Split {
            sum: sum(-1.0, &[1.0, 0.0]),
            above: value("yes"),
            below: Box::new(Decision::Among(vec![
                (json!("a"), sum(0.0, &[0.0, 1.0])),
                (json!("b"), sum(0.5, &[0.0, 0.0])),
            ])),
        };
        assert_eq!(split.decide(&[2.0, 0.0]), "yes");
        assert_eq!(split.decide(&[1.0, 0.5]), "a");
        assert_eq!(split.decide(&[1.0, 0.4]), "b");
        let score = Decision::Score { sum: sum(0.0, &[1.0]), range: (1, 5) };
        assert_eq!([0.2, 2.5, 9.0].map(|n| score.decide(&[n])), [json!(1), json!(3), json!(5)]);
        assert_eq!(split.widths(), [2, 2, 2]);
    }

    #[test]
    fn a_file_whose_sums_do_not_fit_its_blocks_is_refused() {
        let text = r#"{"rubric":"r","trained_on":["x"],"fields":[{"name":"v","blocks":["rules"],
            "decision":{"score":{"sum":{"bias":0,"weights":[1,2]},"range":[1,5]}}}]}"#;
        let error = Head::parse("heads/r.json", text).unwrap_err().to_string();
        assert!(error.contains("2 weights") && error.contains("heads/r.json"), "{error}");
    }
}
