//! Newtype identifiers, so that an item cannot be passed where a model is meant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use crate::pillar::Pillar;

/// An identifier that breaks the rules of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty.
    #[error("{kind} is empty")]
    Empty {
        /// What kind of identifier was expected.
        kind: &'static str,
    },
    /// A task id without the `pillar/task` form.
    #[error("task id `{text}` is not of the form pillar/task, for example ethics/reasoning")]
    TaskForm {
        /// The text that was given.
        text: String,
    },
    /// A task id whose first half names no pillar.
    #[error("task id `{text}` names no pillar; pillars are {known}")]
    UnknownPillar {
        /// The text that was given.
        text: String,
        /// The known pillars, comma separated.
        known: String,
    },
    /// A character outside lower-case letters, digits and hyphens.
    #[error("{kind} `{text}` may hold only lower-case letters, digits and hyphens")]
    Characters {
        /// What kind of identifier was expected.
        kind: &'static str,
        /// The text that was given.
        text: String,
    },
}

/// A benchmark task, written `pillar/task`, for example `ethics/reasoning`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaskId {
    pillar: Pillar,
    name: String,
}

impl TaskId {
    /// The pillar the task belongs to.
    pub fn pillar(&self) -> Pillar {
        self.pillar
    }

    /// The half after the slash.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for TaskId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (pillar, name) =
            text.split_once('/').ok_or_else(|| IdError::TaskForm { text: text.to_owned() })?;
        let pillar = Pillar::from_str(pillar).map_err(|_| IdError::UnknownPillar {
            text: text.to_owned(),
            known: Pillar::ALL.map(Pillar::slug).join(", "),
        })?;
        check_slug("task name", name)?;
        Ok(Self { pillar, name: name.to_owned() })
    }
}

impl TryFrom<String> for TaskId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<TaskId> for String {
    fn from(id: TaskId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pillar.slug(), self.name)
    }
}

impl JsonSchema for TaskId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TaskId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[a-z]+/[a-z0-9-]+$" })
    }
}

fn check_slug(kind: &'static str, text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.chars().all(fits) {
        Ok(())
    } else {
        Err(IdError::Characters { kind, text: text.to_owned() })
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// One record of a dataset, unique within its task.
    ItemId
}
text_id! {
    /// One conversation with the subject: item, variant and repeat, unique within a run.
    TrialId
}
text_id! {
    /// Items or trials that share a source and are not independent: the unit of resampling.
    ClusterId
}
text_id! {
    /// A model as the user names it, for example `openai/gpt-5.1` or `local/smollm2-135m`.
    ModelId
}
text_id! {
    /// A run: the name of its folder.
    RunId
}
text_id! {
    /// A dataset, for example `ethicmh`.
    DatasetId
}
text_id! {
    /// A rubric a judge follows, for example `refusal`.
    RubricId
}
text_id! {
    /// A question of a decision tree, unique within its rubric.
    QuestionId
}
text_id! {
    /// A dimension that a decision tree rates, unique within its rubric.
    DimensionId
}
text_id! {
    /// A set of tasks that belong together, for example `trustmh-bench`.
    SuiteId
}
text_id! {
    /// A label scheme, for example `crisis`: the name of its file in `labels/`.
    SchemeName
}
text_id! {
    /// A rating scale: the name of its file in `scales/`.
    ScaleName
}
text_id! {
    /// A metric's name inside its task, for example `accuracy`.
    MetricName
}
text_id! {
    /// What a scorer measures on one trial, for example `correct`; metrics summarise measures.
    MeasureName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_id_round_trips_through_text() {
        let id: TaskId = "ethics/reasoning".parse().unwrap();
        assert_eq!(id.pillar(), Pillar::Ethics);
        assert_eq!(id.name(), "reasoning");
        assert_eq!(id.to_string(), "ethics/reasoning");
    }

    #[test]
    fn task_id_errors_name_the_text() {
        let missing_slash = "reasoning".parse::<TaskId>().unwrap_err();
        assert!(missing_slash.to_string().contains("`reasoning`"));
        let unknown = "kindness/talk".parse::<TaskId>().unwrap_err();
        assert!(unknown.to_string().contains("ethics"));
        assert!(matches!("ethics/Big".parse::<TaskId>(), Err(IdError::Characters { .. })));
        assert!(matches!("ethics/".parse::<TaskId>(), Err(IdError::Empty { .. })));
    }
}
