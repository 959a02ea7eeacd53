//! What the fields of a record say of its conversation, whatever form it is in.

use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::inert::acts;

use super::clean::{Clean, Cleaner};
use super::columns::Column;
use super::told::About;

/// So many characters of a column's value are kept as a tag.
const LONGEST_TAG: usize = 80;

/// The values of the known columns, and of those to be kept, by name.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) known: [Option<String>; Column::ALL.len()],
    pub(super) kept: BTreeMap<String, String>,
}

impl Cells {
    /// The value of a column, blanks around it cut off; none for an empty one.
    pub(super) fn get(&self, column: Column) -> Option<&str> {
        let value = self.known.get(column as usize)?.as_deref()?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The value as it stands.
    pub(super) fn take(&mut self, column: Column) -> Option<String> {
        self.known.get_mut(column as usize)?.take()
    }

    pub(super) fn set(&mut self, column: Column, value: Option<String>) {
        if let (Some(place), Some(value)) = (self.known.get_mut(column as usize), value) {
            place.get_or_insert(value);
        }
    }

    /// What they say of the conversation.
    pub(super) fn about(&self, cleaner: Cleaner<'_>) -> About {
        let tag = |column| self.get(column).map(tag).filter(|value| !value.is_empty());
        About {
            at: None,
            language: self.get(Column::Language).and_then(language),
            version: tag(Column::Version),
            model: tag(Column::Model),
            region: self.get(Column::Region).and_then(region),
            persona: self.get(Column::Person).map(persona),
            kept: kept(&self.kept, cleaner),
        }
    }
}

/// Further values, made clean and then fit for tags: of half an address nobody can tell that it is one.
pub(super) fn kept(
    values: &BTreeMap<String, String>,
    cleaner: Cleaner<'_>,
) -> BTreeMap<String, Clean> {
    let clean = values.iter().map(|(name, value)| (name, cleaner.clean(value.clone()).as_tag()));
    clean
        .filter(|(_, value)| !value.as_str().is_empty())
        .map(|(name, value)| (name.clone(), value))
        .collect()
}

/// A value as a tag: on one line, and not too long.
pub(super) fn tag(value: &str) -> String {
    let shown: String =
        value.trim().chars().filter(|sign| !acts(*sign)).take(LONGEST_TAG).collect();
    shown.trim().to_owned()
}

/// The first subtag of a language tag, such as `en` of `en-GB`; none for what is no tag.
pub(super) fn language(value: &str) -> Option<String> {
    let first = value.split(['-', '_']).next()?.trim().to_lowercase();
    let is_tag =
        (2..=3).contains(&first.len()) && first.bytes().all(|sign| sign.is_ascii_lowercase());
    is_tag.then_some(first)
}

/// An ISO 3166 code; none for what is none, such as a country's name.
pub(super) fn region(value: &str) -> Option<String> {
    let code = value.trim().to_uppercase();
    (code.len() == 2 && code.bytes().all(|sign| sign.is_ascii_uppercase())).then_some(code)
}

/// What stands for a person, so that conversations of one person are known to be alike.
pub(super) fn persona(value: &str) -> String {
    let digest = Digest::of(value.trim().as_bytes());
    format!("p-{}", digest.as_str().get(..12).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_made_fit_for_tags() {
        assert_eq!(tag(" web\u{1b}[0m\u{202e} app\n"), "web[0m app");
        assert_eq!(tag(&"x".repeat(200)).len(), 80);
        assert_eq!(language("EN-gb").as_deref(), Some("en"));
        assert_eq!(language("English"), None);
        assert_eq!(region(" de ").as_deref(), Some("DE"));
        assert_eq!(region("Germany"), None);
        assert_eq!(persona("ann"), persona(" ann "));
        assert_ne!(persona("ann"), persona("bob"));
        assert_eq!(persona("ann").len(), 14);
    }
}
