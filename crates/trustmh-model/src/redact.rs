//! Keeps credentials out of everything that is recorded or shown.

use secrecy::{ExposeSecret, SecretString};

/// The most characters an error quotes of a body.
const EXCERPT_CHARS: usize = 200;

/// What stands where a key stood.
const PLACEHOLDER: &str = "[key]";

/// Knows the key of an endpoint in order to strike it out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redactor {
    key: Option<SecretString>,
}

impl Redactor {
    /// Strikes out `key`; without a key there is nothing to strike out.
    pub(crate) fn new(key: Option<SecretString>) -> Self {
        Self { key: key.filter(|key| !key.expose_secret().is_empty()) }
    }

    /// Whether there is a key.
    pub(crate) fn knows_a_key(&self) -> bool {
        self.key.is_some()
    }

    /// The text with the key replaced, also where a JSON writer escaped the key's slashes.
    pub(crate) fn clean(&self, text: &str) -> String {
        let Some(key) = &self.key else { return text.to_owned() };
        let key = key.expose_secret();
        let text = text.replace(key, PLACEHOLDER);
        if key.contains('/') { text.replace(&key.replace('/', "\\/"), PLACEHOLDER) } else { text }
    }

    /// The start of the cleaned text, on one line. Cleaning comes first, so that the cut leaves no
    /// half of a key behind.
    pub(crate) fn excerpt(&self, text: &str) -> String {
        let clean = self.clean(text);
        let words = clean.split(|c: char| c.is_whitespace() || c.is_control());
        let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(EXCERPT_CHARS) {
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
            None if line.is_empty() => "(nothing)".to_owned(),
            None => line,
        }
    }
}

/// What of a URL may be shown: no query, and nothing before an `@`.
pub(crate) fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://…@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redactor(key: &str) -> Redactor {
        Redactor::new(Some(SecretString::from(key)))
    }

    #[test]
    fn a_key_across_the_cut_leaves_no_half() {
        let body = format!("{}sk-canary-123456 rest", "x".repeat(EXCERPT_CHARS - 5));
        assert!(!redactor("sk-canary-123456").excerpt(&body).contains("sk-"));
    }

    #[test]
    fn control_characters_and_escaped_slashes_are_dealt_with() {
        assert_eq!(redactor("a/b").clean("x a\\/b y a/b"), "x [key] y [key]");
        assert_eq!(redactor("k").excerpt("\u{1b}[31mred\n\n  end"), "[31mred end");
        assert_eq!(Redactor::default().excerpt("\n"), "(nothing)");
        assert_eq!(redactor("").clean("whole"), "whole");
    }

    proptest! {
        #[test]
        fn excerpts_are_short_and_hold_no_key(
            before in "\\PC{0,260}",
            key in "[A-Za-z0-9/+=_-]{8,40}",
            after in "\\PC{0,40}",
        ) {
            let excerpt = redactor(&key).excerpt(&format!("{before}{key}{after}"));
            prop_assert!(!excerpt.contains(&key));
            prop_assert!(excerpt.chars().count() <= EXCERPT_CHARS + 1);
        }
    }
}
