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
    /// The program's own small model, by the name under which its calls are recorded; where it has no head, the rules.
    Embedded(ModelId),
    /// A model.
    Model(ModelId),
    /// Nobody.
    None,
}

impl From<&str> for JudgeName {
    /// The judge as it is typed: `offline`, `embedded`, `none`, or a model's name.
    fn from(typed: &str) -> Self {
        match typed {
            "offline" => Self::Offline,
            EMBEDDED => Self::Embedded(ModelId::new(EMBEDDED)),
            "none" => Self::None,
            model => Self::Model(ModelId::new(model)),
        }
    }
}

/// How the embedded judge is typed.
const EMBEDDED: &str = "embedded";

impl JudgeName {
    /// Whoever answers the judge's calls; none where no calls are made.
    pub fn model(&self) -> Option<&ModelId> {
        match self {
            Self::Embedded(model) | Self::Model(model) => Some(model),
            Self::Offline | Self::None => None,
        }
    }

    /// Whether the program itself judges, by rules or by its own small model.
    pub fn is_own(&self) -> bool {
        matches!(self, Self::Offline | Self::Embedded(_))
    }

    /// How a report names the judge.
    pub fn title(&self) -> &str {
        match self {
            Self::Offline => "offline rules",
            Self::Embedded(_) => "embedded judge",
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
