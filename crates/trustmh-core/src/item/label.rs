//! Texts with labels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::SchemeName;
use crate::protocol::Protocol;

/// A text with the label that people, or the place it was posted in, gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    /// The labels to choose from: the name of a scheme, a file in `labels/`.
    pub scheme: SchemeName,
    /// Earlier posts of the same author, the oldest first; the first to go where the text is too long for
    /// the subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
    /// A post, or a dialogue with one speaker a line.
    pub text: String,
    /// The right label; none where those who labelled did not agree, or where no answer is right, as in a survey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// By which label the release scored.
    #[serde(default, skip_serializing_if = "ReleasedLabel::is_same")]
    pub released: ReleasedLabel,
}

impl Labelled {
    /// The label that counts as right under a protocol, if there is one.
    pub fn gold(&self, protocol: Protocol) -> Option<&str> {
        match (protocol, &self.released) {
            (Protocol::Reference, ReleasedLabel::Other(label)) => Some(label),
            (Protocol::Reference, ReleasedLabel::Missing) => None,
            (Protocol::Reference, ReleasedLabel::Same) | (Protocol::Corrected, _) => {
                self.label.as_deref()
            }
        }
    }
}

/// The label by which a release scored, beside the right one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReleasedLabel {
    /// The same.
    #[default]
    Same,
    /// None: it left the text out.
    Missing,
    /// This one.
    Other(String),
}

impl ReleasedLabel {
    fn is_same(&self) -> bool {
        *self == Self::Same
    }
}
