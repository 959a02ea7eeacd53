//! Languages that are asked for, and which items are in them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How items are tagged whose language nobody knows (RFC 5646, section 4.1).
pub const UNKNOWN: &str = "und";

/// A language, or a kind of it, that is asked for: `en` takes items in `en` and `en-GB`, `zh-Hant` those alone that say so (basic
/// filtering of RFC 4647, section 3.3.1). `und` takes those whose language is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageRange(String);

/// A text that names no language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no language tag; expected one such as en, zh or pt-BR")]
pub struct LanguageError(String);

impl LanguageRange {
    /// The tag, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether items with this tag are meant.
    pub fn takes(&self, tag: &str) -> bool {
        let tag = if tag.trim().is_empty() { UNKNOWN } else { tag.trim() };
        let tag = tag.to_lowercase().replace('_', "-");
        match tag.strip_prefix(&self.0) {
            Some(rest) => rest.is_empty() || rest.starts_with('-'),
            None => false,
        }
    }

    /// Whether items with this tag are meant by any of these; by none of them where none is asked for, all are.
    pub fn any_takes(ranges: &[Self], tag: &str) -> bool {
        ranges.is_empty() || ranges.iter().any(|range| range.takes(tag))
    }
}

impl FromStr for LanguageRange {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let tag = text.trim().to_lowercase().replace('_', "-");
        let mut parts = tag.split('-');
        let is_first = |part: &str| {
            (2..=3).contains(&part.len()) && part.bytes().all(|sign| sign.is_ascii_lowercase())
        };
        let is_other = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|sign| sign.is_ascii_alphanumeric())
        };
        if parts.next().is_some_and(is_first) && parts.all(is_other) {
            Ok(Self(tag))
        } else {
            Err(LanguageError(text.chars().take(40).collect()))
        }
    }
}

impl TryFrom<String> for LanguageRange {
    type Error = LanguageError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LanguageRange> for String {
    fn from(range: LanguageRange) -> Self {
        range.0
    }
}

impl fmt::Display for LanguageRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_takes_its_kinds_and_no_other() {
        let range = |text: &str| text.parse::<LanguageRange>().unwrap();
        for (asked, tag, taken) in [
            ("en", "en", true),
            ("EN", "en-GB", true),
            ("en", "eng", false),
            ("en-gb", "en", false),
            ("zh_Hant", "zh-hant-TW", true),
            ("und", "", true),
            ("en", "", false),
        ] {
            assert_eq!(range(asked).takes(tag), taken, "{asked} and {tag}");
        }
        assert!(LanguageRange::any_takes(&[], "de"));
        assert!(!LanguageRange::any_takes(&[range("en"), range("zh")], "de"));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for wrong in ["", "e", "english", "en-", "e n", "中文", "12"] {
            assert!(wrong.parse::<LanguageRange>().is_err(), "{wrong}");
        }
    }
}
