//! system.toml: what only the operator knows of the system.

mod fields;
mod said;

pub use fields::{
    Contacts, Field, Governance, Group, Policies, Safeguards, System, SystemFile, Use,
};
pub use said::Said;

use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use crate::error::EvidenceError;

/// Fields that a pack cannot do without.
const ASKED: [&str; 3] = ["system.name", "system.version", "system.provider"];

/// All fields, none of them filled in.
static NONE: LazyLock<SystemFile> = LazyLock::new(SystemFile::default);

/// The name of a field as `group.field`; there is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct FieldName(String);

impl FieldName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The anchor of its row in a pack.
    pub fn anchor(&self) -> String {
        format!("system-{}", self.0.replace(['.', '_'], "-"))
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A word that is neither a part of a pack nor a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is neither a part of a pack nor a field of system.toml")]
pub struct UnknownField {
    /// The word.
    pub word: String,
}

impl FromStr for FieldName {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        let known = NONE.groups().iter().any(|group| group.fields.iter().any(|f| f.name == text));
        match known {
            true => Ok(Self(text.to_owned())),
            false => Err(UnknownField { word: text.to_owned() }),
        }
    }
}

impl SystemFile {
    /// Reads the text of `file`.
    ///
    /// # Errors
    /// [`EvidenceError::Malformed`] with the line, for unknown fields too; [`EvidenceError::Rule`] where name, version or provider are
    /// missing.
    pub fn parse(file: &str, text: &str) -> Result<Self, EvidenceError> {
        let read: Self =
            toml::from_str(text).map_err(|error| EvidenceError::toml(file, text, &error))?;
        for name in ASKED {
            if read.said(&FieldName(name.to_owned())).is_none() {
                let message = "is missing or empty; a pack says of which system it is";
                return Err(EvidenceError::rule(file, name, message));
            }
        }
        Ok(read)
    }

    /// What a field says; none where it is missing or empty.
    pub fn said(&self, name: &FieldName) -> Option<&Said> {
        let mut fields = self.groups().into_iter().flat_map(|group| group.fields);
        let found = fields.find(|field| field.name == name.as_str())?;
        found.said.filter(|said| !said.is_empty())
    }

    /// What a field says, in words.
    pub fn words(&self, name: &str) -> Option<String> {
        name.parse().ok().and_then(|name: FieldName| self.said(&name)).map(ToString::to_string)
    }
}

/// The commented file that an operator fills in.
pub fn template() -> String {
    let mut text = "# What only the operator knows. Fill in what you can, take out the \"#\" before it; an empty or missing field\n\
         # stands in the pack as \"not stated\". Only name, version and provider are asked for. A field takes a text or a\n\
         # list of texts: languages = [\"English\", \"Spanish\"]. Longer texts stand between three quotation marks.\n\
         # Write nothing here that the reader of the pack may not see: no passwords, no personal data.\n"
        .to_owned();
    for group in NONE.groups() {
        text.push_str(&format!("\n# {}\n[{}]\n", group.title, group.key));
        for field in group.fields {
            let mark = if ASKED.contains(&field.name) { "" } else { "# " };
            text.push_str(&format!("# {}\n{mark}{} = \"\"\n", field.about, field.key));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[system]\nname = \"Harbour\"\nversion = \"2\"\nprovider = \"Example\"\n";

    #[test]
    fn what_is_said_is_found_by_its_name() {
        let text = format!("{LEAST}[use]\nlanguages = [\"English\", \"Spanish\"]\nages = \"\"\n");
        let file = SystemFile::parse("system.toml", &text).unwrap();
        assert_eq!(file.words("use.languages").unwrap(), "English; Spanish");
        assert_eq!(file.words("use.ages"), None, "an empty text says nothing");
        assert_eq!(file.words("system.name").unwrap(), "Harbour");
    }

    #[test]
    fn an_unknown_field_is_told_with_its_line() {
        let error = SystemFile::parse("system.toml", &format!("{LEAST}colour = \"red\"\n"));
        let told = error.unwrap_err().to_string();
        assert!(told.starts_with("system.toml:5: `colour = \"red\"`: unknown field"), "{told}");
        let error = SystemFile::parse("system.toml", &format!("{LEAST}\n[policies]\nprivacy = 3"));
        let told = error.unwrap_err().to_string();
        assert!(told.starts_with("system.toml:7: `privacy = 3`: "), "{told}");
        assert!(told.ends_with("expected a text in quotation marks, or a list of texts"), "{told}");
        let error = SystemFile::parse("system.toml", "[system]\nname = \"x\"\nversion = \"1\"\n");
        let told = error.unwrap_err().to_string();
        assert!(told.starts_with("system.toml: field `system.provider`: is missing"), "{told}");
    }

    #[test]
    fn the_template_is_read_once_three_fields_are_filled_in() {
        let text = template();
        assert!(SystemFile::parse("t", &text).is_err());
        let filled = text.replace("name = \"\"", "name = \"x\"").replace("# name", "name");
        let filled = filled.replace("\nversion = \"\"", "\nversion = \"1\"");
        let filled = filled.replace("\nprovider = \"\"", "\nprovider = \"y\"");
        assert_eq!(SystemFile::parse("t", &filled).unwrap().words("system.provider").unwrap(), "y");
        // Every field can be filled in as it stands.
        let all = text.replace("# ", "").lines().filter(|line| line.ends_with("\"\"")).count();
        let fields: usize = NONE.groups().iter().map(|group| group.fields.len()).sum();
        assert_eq!((all, fields), (44, 44));
    }
}
