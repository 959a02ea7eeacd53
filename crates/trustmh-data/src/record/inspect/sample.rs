//! A sample as Inspect writes it, and what of it is a question here.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

use trustmh_core::call::Sampling;
use trustmh_core::id::ItemId;
use trustmh_core::item::{Item, ItemContent, MultipleChoice, option_index};
use trustmh_core::trial::Variant;

use super::output::{ModelOutput, text_of};
use super::scored::Score;
use crate::record::batch::Asked;
use crate::record::reply::subject;

/// Letters go from A to Z.
const MOST_CHOICES: usize = 26;

#[derive(Debug, Deserialize)]
pub(super) struct Sample {
    pub(super) id: Value,
    #[serde(default)]
    pub(super) epoch: u64,
    input: Value,
    #[serde(default)]
    choices: Option<Vec<String>>,
    target: Value,
    #[serde(default)]
    pub(super) output: Option<ModelOutput>,
    /// By the scorer's name.
    #[serde(default)]
    pub(super) scores: Option<BTreeMap<String, Score>>,
    /// The only score of a log from before there could be several.
    #[serde(default)]
    pub(super) score: Option<Score>,
    /// What ended the sample before its time.
    #[serde(default)]
    pub(super) error: Option<Halt>,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, Value>,
}

/// An error that halted a sample.
#[derive(Debug, Deserialize)]
pub(super) struct Halt {
    #[serde(default)]
    pub(super) message: String,
}

/// Why a sample is no question of one right option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LeftOut {
    NoChoices,
    TooManyChoices,
    SeveralTargets,
    NoTarget,
}

impl LeftOut {
    /// The reason, after "samples" and their number.
    pub(super) const fn why(self) -> &'static str {
        match self {
            Self::NoChoices => "without choices (only questions with choices mean the same here)",
            Self::TooManyChoices => "with more choices than there are letters",
            Self::SeveralTargets => {
                "with several right choices in their target (a question has one key here)"
            }
            Self::NoTarget => "whose target is not the letter of one of their choices",
        }
    }
}

impl Sample {
    pub(super) fn name(&self) -> String {
        self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned)
    }

    /// The question, if it is one of one right option.
    pub(super) fn question(&self) -> Result<MultipleChoice, LeftOut> {
        let options = self.choices.clone().filter(|choices| choices.len() > 1);
        let options = options.ok_or(LeftOut::NoChoices)?;
        if options.len() > MOST_CHOICES {
            return Err(LeftOut::TooManyChoices);
        }
        let key = key(&self.target, options.len())?;
        Ok(MultipleChoice { question: asked(&self.input), options, key, source: None })
    }

    /// The trial that the sample was.
    pub(super) fn trial(&self, id: ItemId, question: MultipleChoice) -> Asked {
        Asked {
            variant: Variant::Plain,
            prompt: Some(question.question.clone()),
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: 0,
                seed: None,
                thinking_tokens: None,
            },
            exchanges: vec![subject(self.end(question.key, question.options.len()))],
            judge_prompt: None,
            item: Item {
                id,
                language: "en".to_owned(),
                tags: BTreeMap::new(),
                content: ItemContent::MultipleChoice(question),
            },
        }
    }
}

/// The key in a target, which Inspect reads letter by letter: `B`, `b` and `["B"]` are one, `BC`, `B, C` and `["B", "C"]` two.
fn key(target: &Value, options: usize) -> Result<char, LeftOut> {
    let texts: Vec<&str> = match target {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => Vec::new(),
    };
    let signs = texts.iter().flat_map(|text| text.chars());
    let signs: Vec<char> = signs.filter(|sign| !sign.is_whitespace() && *sign != ',').collect();
    let letter = |sign: &char| {
        let letter = sign.to_ascii_uppercase();
        option_index(letter).filter(|index| *index < options).map(|_| letter)
    };
    let letters: Option<Vec<char>> = signs.iter().map(letter).collect();
    match letters.as_deref() {
        Some([only]) => Ok(*only),
        None | Some([]) => Err(LeftOut::NoTarget),
        Some(_) => Err(LeftOut::SeveralTargets),
    }
}

/// The input: a text, or messages.
fn asked(input: &Value) -> String {
    match input {
        Value::String(text) => text.clone(),
        Value::Array(messages) => {
            let contents = messages.iter().filter_map(|message| message.get("content"));
            contents.map(text_of).collect::<Vec<_>>().join("\n\n")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_target_is_read_letter_by_letter() {
        for (target, expected) in [
            (json!("B"), Ok('B')),
            (json!(" b "), Ok('B')),
            (json!(["D"]), Ok('D')),
            (json!(["B", "C"]), Err(LeftOut::SeveralTargets)),
            (json!("BC"), Err(LeftOut::SeveralTargets)),
            (json!("a, d"), Err(LeftOut::SeveralTargets)),
            (json!("E"), Err(LeftOut::NoTarget)),
            (json!("BE"), Err(LeftOut::NoTarget)),
            (json!("7"), Err(LeftOut::NoTarget)),
            (json!("the second"), Err(LeftOut::NoTarget)),
            (json!(""), Err(LeftOut::NoTarget)),
            (json!([]), Err(LeftOut::NoTarget)),
        ] {
            assert_eq!(key(&target, 4), expected, "{target}");
        }
    }

    #[test]
    fn a_sample_without_choices_or_with_too_many_is_no_question() {
        let sample = |choices: Value| {
            let value = json!({"id": 1, "input": "Which?", "target": "A", "choices": choices});
            serde_json::from_value::<Sample>(value).unwrap().question().map(|found| found.key)
        };
        assert_eq!(sample(json!(["one", "two"])), Ok('A'));
        assert_eq!(sample(Value::Null), Err(LeftOut::NoChoices));
        assert_eq!(sample(json!(["one"])), Err(LeftOut::NoChoices));
        assert_eq!(sample(json!(vec!["one"; 27])), Err(LeftOut::TooManyChoices));
    }
}
