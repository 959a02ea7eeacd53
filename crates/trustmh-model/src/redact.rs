//! Keeps credentials out of everything that is recorded or shown.

mod forms;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;

use trustmh_core::call::{Finish, Reply};
use trustmh_core::thought::Thought;

/// The most characters an error quotes of a body.
const EXCERPT_CHARS: usize = 200;

/// What stands where a key stood.
const PLACEHOLDER: &str = "[key]";

/// The fewest characters of a key. What is shorter is a stand-in that servers without keys are given, such as `none`, `EMPTY` or
/// `ollama`: no secret, and a word that replies may hold.
const SHORTEST: usize = 8;

/// Knows credentials in order to strike them out, in whatever form they come back: plain, with escapes of JSON, of URLs or of HTML, all
/// or some of them, and in Base64, whatever stands before or behind.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    /// The keys and their forms in Base64.
    wanted: Vec<SecretString>,
}

impl Redactor {
    /// Strikes out each of `keys`. Blanks around a key are no part of it; of fewer than 8 characters it is taken for a stand-in and left.
    pub fn of(keys: impl IntoIterator<Item = SecretString>) -> Self {
        let mut redactor = Self::default();
        for key in keys {
            let key = key.expose_secret().trim();
            let is_new = redactor.wanted.iter().all(|known| known.expose_secret() != key);
            if key.chars().count() >= SHORTEST && is_new {
                redactor.wanted.push(SecretString::from(key));
                redactor.wanted.extend(forms::base64(key).into_iter().map(SecretString::from));
            }
        }
        redactor
    }

    /// Whether there is a credential.
    pub(crate) fn knows_a_key(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Strikes out what `other` does, too.
    pub fn add(&mut self, other: &Self) {
        for key in &other.wanted {
            if self.wanted.iter().all(|known| known.expose_secret() != key.expose_secret()) {
                self.wanted.push(key.clone());
            }
        }
    }

    /// The text with `[key]` for each credential.
    pub fn clean(&self, text: &str) -> String {
        if self.wanted.is_empty() {
            return text.to_owned();
        }
        let mut clean = String::new();
        let mut kept = 0;
        while let Some((begin, end)) = self.next(text, kept) {
            clean.push_str(text.get(kept..begin).unwrap_or_default());
            clean.push_str(PLACEHOLDER);
            kept = end;
        }
        clean.push_str(text.get(kept..).unwrap_or_default());
        clean
    }

    /// Where the next credential at or behind `from` begins and ends.
    fn next(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        text.get(from..)?.char_indices().find_map(|(place, c)| {
            let place = from + place;
            let rest = text.get(place..)?;
            let escaped = forms::ESCAPES.contains(&c);
            let keys = self.wanted.iter().map(ExposeSecret::expose_secret);
            let begun = keys.filter(|key| escaped || key.starts_with(c));
            let longest = begun.filter_map(|key| forms::length(rest, key)).max()?;
            Some((place, place + longest))
        })
    }

    /// The reply without credentials: neither in its text, nor in its thought, nor in the word for its end.
    pub(crate) fn reply(&self, reply: Reply) -> Reply {
        if self.wanted.is_empty() {
            return reply;
        }
        Reply {
            text: self.clean(&reply.text),
            thought: reply
                .thought
                .map(|thought| Thought { text: self.clean(&thought.text), ..thought }),
            finish: match reply.finish {
                Finish::Other(word) => Finish::Other(self.clean(&word)),
                known @ (Finish::Stop | Finish::Length | Finish::ContentFilter) => known,
            },
            ..reply
        }
    }

    /// Whether a credential comes in pieces: over several events of a stream, parts of a text, tokens of a list. Such a body cannot be
    /// cleaned, since none of its strings holds the credential.
    pub(crate) fn is_in_pieces(&self, values: &[Value]) -> bool {
        if self.wanted.is_empty() {
            return false;
        }
        let mut joined: BTreeMap<String, String> = BTreeMap::new();
        for value in values {
            self.join(value, &mut String::new(), &mut joined);
        }
        joined.values().any(|text| self.next(text, 0).is_some())
    }

    /// Joins the strings that stand at the same place, whatever their number in lists.
    fn join(&self, value: &Value, place: &mut String, joined: &mut BTreeMap<String, String>) {
        match value {
            Value::String(text) => {
                joined.entry(place.clone()).or_default().push_str(&self.clean(text));
            }
            Value::Array(parts) => parts.iter().for_each(|part| self.join(part, place, joined)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    let length = place.len();
                    place.push('/');
                    place.push_str(name);
                    self.join(field, place, joined);
                    place.truncate(length);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
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
pub fn without_secrets(url: &str) -> String {
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
    use serde_json::json;

    const KEY: &str = "sk-canary/1+23";

    fn redactor(key: &str) -> Redactor {
        Redactor::of([SecretString::from(key)])
    }

    #[test]
    fn a_key_across_the_cut_leaves_no_half() {
        let body = format!("{}sk-canary-123456 rest", "x".repeat(EXCERPT_CHARS - 5));
        assert!(!redactor("sk-canary-123456").excerpt(&body).contains("sk-"));
    }

    #[test]
    fn a_key_is_struck_out_in_every_form() {
        for form in [
            "sk-canary/1+23",
            r"sk-canary\/1+23",
            r"\u0073\u006b\u002d\u0063anary\u002f1\u002B23",
            r"\\u0073k-canary\\/1+23",
            "sk-canary%2F1%2b23",
            "%73%6B-canary%252F1+23",
            "sk-canary&#47;1&#x2b;23",
            // printf 'sk-canary/1+23' | base64; printf 'user:sk-canary/1+23' | base64; printf ':sk-canary/1+23:' | base64
            "c2stY2FuYXJ5LzErMjM=",
            "dXNlcjpzay1jYW5hcnkvMSsyMw==",
            "OnNrLWNhbmFyeS8xKzIzOg==",
        ] {
            let clean = redactor(KEY).clean(&format!("before {form} behind"));
            assert!(clean.starts_with("before ") && clean.ends_with(" behind"), "{clean}");
            assert!(clean.contains(PLACEHOLDER) && clean.chars().count() < 34, "{form}: {clean}");
        }
    }

    #[test]
    fn words_that_are_no_key_stay() {
        assert_eq!(redactor("EMPTY").clean("an EMPTY room"), "an EMPTY room");
        assert_eq!(redactor("").clean("whole"), "whole");
        assert_eq!(
            redactor(KEY).clean("sk-canary/1+2 \\u00zz %zz &#"),
            "sk-canary/1+2 \\u00zz %zz &#"
        );
        assert_eq!(Redactor::default().excerpt("\n"), "(nothing)");
        assert_eq!(redactor(KEY).excerpt("\u{1b}[31mred\n\n  end"), "[31mred end");
    }

    #[test]
    fn a_key_in_pieces_is_noticed() {
        let event = |text: &str| json!({ "choices": [{ "delta": { "content": text } }] });
        let redactor = redactor(KEY);
        assert!(redactor.is_in_pieces(&[event("a sk-can"), event("ary/1+23 b")]));
        assert!(
            redactor
                .is_in_pieces(&[json!({ "content": [{ "t": "sk-canary" }, { "t": "/1+23" }] })])
        );
        assert!(!redactor.is_in_pieces(&[event("a sk-canary/1+23 "), event("b")]));
        assert!(!redactor.is_in_pieces(&[event("sk-can"), json!({ "id": "ary/1+23" })]));
    }

    #[test]
    fn several_keys_are_struck_out() {
        let mut both = redactor("first-key-1");
        both.add(&redactor("second-key-2"));
        assert_eq!(both.clean("first-key-1, second-key-2"), "[key], [key]");
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

        #[test]
        fn json_keeps_no_key(before in "\\PC{0,20}", key in "[!-~]{8,40}", after in "\\PC{0,20}") {
            let text = format!("{before}{key}{after}");
            let clean = redactor(&key).clean(&serde_json::to_string(&text).unwrap());
            prop_assert!(!clean.contains(&key), "{}", clean);
        }
    }
}
