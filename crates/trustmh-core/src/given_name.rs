//! The name that a user gives the product under test.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

use crate::id::ModelId;

/// The most characters of a name: it stands in headings and tables.
const LONGEST: usize = 80;

/// What a product is called in reports, in the place of its model's name.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct GivenName(String);

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameFault {
    /// Nothing, or nothing but blanks.
    #[error("the name is empty")]
    Empty,
    /// Longer than a heading may be.
    #[error("the name has {0} characters; at most {LONGEST} fit into a heading")]
    Long(usize),
    /// Line ends, tabs and the like.
    #[error("the name has characters that cannot be printed, such as line ends")]
    Unprintable,
}

impl GivenName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How reports name a subject: by its given name with the model behind it, or by the model alone.
    pub fn shown(name: Option<&Self>, model: &ModelId) -> String {
        name.map_or_else(|| model.to_string(), |name| format!("{name} ({model})"))
    }
}

impl FromStr for GivenName {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, NameFault> {
        let text = text.trim();
        let length = text.chars().count();
        if text.is_empty() {
            Err(NameFault::Empty)
        } else if text.chars().any(char::is_control) {
            Err(NameFault::Unprintable)
        } else if length > LONGEST {
            Err(NameFault::Long(length))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl TryFrom<String> for GivenName {
    type Error = NameFault;

    fn try_from(text: String) -> Result<Self, NameFault> {
        text.parse()
    }
}

impl From<GivenName> for String {
    fn from(name: GivenName) -> Self {
        name.0
    }
}

impl fmt::Display for GivenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_a_heading() {
        let name: GivenName = " Coach 3 ".parse().unwrap();
        let model = ModelId::new("openai/small");
        assert_eq!(GivenName::shown(Some(&name), &model), "Coach 3 (openai/small)");
        assert_eq!(GivenName::shown(None, &model), "openai/small");
        assert_eq!("  ".parse::<GivenName>(), Err(NameFault::Empty));
        assert_eq!("a\nb".parse::<GivenName>(), Err(NameFault::Unprintable));
        assert_eq!("好".repeat(81).parse::<GivenName>(), Err(NameFault::Long(81)));
        assert!(serde_json::from_str::<GivenName>("\"\"").is_err());
    }
}
