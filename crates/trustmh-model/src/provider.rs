//! The services that models are asked at, by the prefix of their names. Each is one file, which
//! declares what is its own, and one line of the list.

mod anthropic;
mod dialect;
mod gemini;
mod ollama;
mod openai;

use std::fmt;

pub(crate) use dialect::{Dialect, chat};

/// All providers, in the order in which users see them.
const PROVIDERS: &[Provider] = &[
    Provider(&openai::OpenAi),
    Provider(&anthropic::Anthropic),
    Provider(&gemini::Gemini),
    Provider(&ollama::Ollama),
];

/// A service, or a kind of server, that speaks one chat protocol.
#[derive(Clone, Copy)]
pub struct Provider(&'static dyn Dialect);

impl Provider {
    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        PROVIDERS.iter().copied()
    }

    /// The provider whose models have names with this prefix.
    pub fn with_prefix(prefix: &str) -> Option<Self> {
        Self::all().find(|provider| provider.prefix() == prefix)
    }

    /// The provider of a model, and the model's name there, by the whole name.
    pub fn of_model(name: &str) -> Option<(Self, &str)> {
        let (prefix, name) = name.split_once('/')?;
        Some((Self::with_prefix(prefix)?, name))
    }

    /// The prefix of model names.
    pub fn prefix(self) -> &'static str {
        self.0.declaration().prefix
    }

    /// What it is, in one line for users.
    pub fn summary(self) -> &'static str {
        self.0.declaration().summary
    }

    /// Where it is found unless the user says otherwise.
    pub fn base_url(self) -> &'static str {
        self.0.declaration().base_url
    }

    /// The environment variable that holds its key unless the user says otherwise; `None` where no
    /// key is due.
    pub fn key_variable(self) -> Option<&'static str> {
        self.0.declaration().key_variable
    }

    /// What it speaks.
    pub(crate) fn dialect(self) -> &'static dyn Dialect {
        self.0
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.prefix() == other.prefix()
    }
}

impl Eq for Provider {}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Address;
    use std::collections::BTreeSet;

    #[test]
    fn every_declaration_is_one_that_can_be_used() {
        let mut prefixes = BTreeSet::from(["local", "scripted"]);
        for provider in Provider::all() {
            assert!(prefixes.insert(provider.prefix()), "{provider:?} is there twice");
            assert!(!provider.prefix().contains(['/', ':']), "{provider:?}");
            assert!(Address::parse(provider.base_url()).is_ok(), "{provider:?}");
            assert!(!provider.summary().contains('|'), "{provider:?}");
        }
        assert_eq!(Provider::of_model("gemini/a/b").map(|(_, name)| name), Some("a/b"));
        assert_eq!(Provider::of_model("scripted/echo"), None);
    }

    #[test]
    fn base_urls_may_hold_the_version_or_the_whole_path() {
        let path = |prefix: &str, base: &str| {
            Provider::with_prefix(prefix).unwrap().dialect().chat_path(base, "m")
        };
        for base in ["", "/", "/v1", "/v1/", "/v1/messages"] {
            assert_eq!(path("anthropic", base), "/v1/messages", "{base}");
        }
        assert_eq!(path("anthropic", "/api/anthropic"), "/api/anthropic/v1/messages");
        for base in [
            "",
            "/v1beta",
            "/v1beta/",
            "/v1beta/models",
            "/v1beta/openai/",
            "/v1beta/models/m:generateContent",
        ] {
            assert_eq!(path("gemini", base), "/v1beta/models/m:generateContent", "{base}");
        }
        assert_eq!(path("gemini", "/v1"), "/v1/models/m:generateContent");
        for base in ["", "/", "/api", "/api/", "/api/chat", "/v1", "/api/generate"] {
            assert_eq!(path("ollama", base), "/api/chat", "{base}");
        }
    }
}
