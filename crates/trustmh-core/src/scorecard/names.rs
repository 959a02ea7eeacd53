//! Who judged, and who played the clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::ModelId;

/// Who judged the replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JudgeName {
    /// The transparent rules of the program; not comparable with a model.
    Offline,
    /// A model.
    Model(ModelId),
    /// Nobody.
    None,
}

impl From<&str> for JudgeName {
    /// The judge as it is typed: `offline`, `none`, or a model's name.
    fn from(typed: &str) -> Self {
        match typed {
            "offline" => Self::Offline,
            "none" => Self::None,
            model => Self::Model(ModelId::new(model)),
        }
    }
}

impl JudgeName {
    /// How a report names the judge.
    pub fn title(&self) -> &str {
        match self {
            Self::Offline => "offline rules",
            Self::Model(model) => model.as_str(),
            Self::None => "none",
        }
    }
}

/// Who played the clients of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientName {
    /// The program, by rules and lines.
    Offline,
    /// A model.
    Model(ModelId),
}

impl ClientName {
    /// How a report names the client.
    pub fn title(&self) -> &str {
        match self {
            Self::Offline => "offline client",
            Self::Model(model) => model.as_str(),
        }
    }
}
