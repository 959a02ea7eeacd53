//! What endpoints taught while a run asked them.

use serde::{Deserialize, Serialize};
use std::fmt;

use trustmh_core::id::ModelId;
use trustmh_model::learnt::{Learnt, Lesson as Taught};

/// What the endpoint of a model taught, for example that it takes no temperature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// The model.
    pub model: ModelId,
    /// What was learnt.
    pub learnt: Learnt,
}

impl Lesson {
    /// As reports have it, which name no addresses.
    pub fn in_report(&self) -> String {
        let model = &self.model;
        match &self.learnt.lesson {
            Taught::LeftOut { field, .. } => {
                format!("the server of {model} takes no `{field}`: it was left out")
            }
            Taught::Renamed { field, to, .. } => {
                format!("the server of {model} takes `{field}` as `{to}`")
            }
            Taught::SkippedLines { .. } => {
                format!("{model} wrote lines that are no answers: they were skipped")
            }
        }
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.model, self.learnt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_name_the_model_and_the_field_and_no_address() {
        let taught = |lesson| Lesson {
            model: ModelId::new("openai/small"),
            learnt: Learnt { endpoint: "http://127.0.0.1:9/v1".to_owned(), lesson },
        };
        let field = "temperature".to_owned();
        let left_out = taught(Taught::LeftOut { field, said: "is deprecated".to_owned() });
        let said = "the server of openai/small takes no `temperature`: it was left out";
        assert_eq!(left_out.in_report(), said);
        assert!(left_out.to_string().contains("is deprecated"));
        let text = serde_json::to_string(&left_out).unwrap();
        assert_eq!(serde_json::from_str::<Lesson>(&text).unwrap(), left_out);
    }
}
