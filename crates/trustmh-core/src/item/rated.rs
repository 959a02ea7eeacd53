//! What people rated on a scale.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::ScaleName;

/// A text, or a reply to it, with the rating that it ought to get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rated {
    /// The scale: the name of a file in `scales/`.
    pub scale: ScaleName,
    /// What somebody says; without a reply it is what is rated.
    pub text: String,
    /// What a helper answers, which is then what is rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// The rating it is held against, such as the mean of experts: within the scale, but not necessarily one of its steps.
    pub key: f64,
}
