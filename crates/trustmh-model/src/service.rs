//! Services with a chat protocol of their own: Anthropic, Gemini, Ollama.

mod anthropic;
mod gemini;
mod ollama;

use futures_util::future::{BoxFuture, FutureExt};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::sync::Mutex;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;
use trustmh_core::message::Message;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;
use crate::exchange::{Exchange, Protocol};
use crate::habits::Habits;
use crate::http::{Link, Way};
use crate::learnt::Learnt;
use crate::limit::Quota;
use crate::openai::Address;
use crate::presets::Presets;
use crate::redact::Redactor;
use crate::traits::Parameters;

/// Which protocol a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Anthropic's messages (`/v1/messages`, version 2023-06-01).
    Anthropic,
    /// Google's Gemini (`/v1beta/models/<model>:generateContent`).
    Gemini,
    /// Ollama's chat (`/api/chat`).
    Ollama,
}

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::Gemini, Self::Ollama];

    /// The prefix of model names.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// Where the service is found unless the user says otherwise.
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Anthropic => "https://api.anthropic.com",
            Self::Gemini => "https://generativelanguage.googleapis.com",
            Self::Ollama => "http://127.0.0.1:11434",
        }
    }

    /// The environment variable that holds its key unless the user says otherwise; none where no key is due.
    pub const fn key_variable(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => Some("ANTHROPIC_API_KEY"),
            Self::Gemini => Some("GEMINI_API_KEY"),
            Self::Ollama => None,
        }
    }

    /// The path of a model below that of a base URL, which may hold the version, or the whole path, already.
    fn path(self, base: &str, model: &str) -> String {
        let base = base.trim_end_matches('/');
        let without = |ends: &[&str]| {
            ends.iter().fold(base, |base, end| base.strip_suffix(end).unwrap_or(base)).to_owned()
        };
        match self {
            Self::Anthropic => format!("{}/v1/messages", without(&["/messages", "/v1"])),
            Self::Gemini => {
                let base = base.split_once("/models").map_or(base, |(base, _)| base);
                let base = base.strip_suffix("/openai").unwrap_or(base);
                let version =
                    ["/v1beta", "/v1alpha", "/v1"].iter().find(|end| base.ends_with(*end));
                let version = if version.is_some() { "" } else { "/v1beta" };
                format!("{base}{version}/models/{model}:generateContent")
            }
            Self::Ollama => format!("{}/api/chat", without(&["/chat", "/generate", "/api", "/v1"])),
        }
    }

    pub(crate) const fn protocol(self) -> Protocol {
        match self {
            Self::Anthropic => {
                Protocol { speaker: "a server of Anthropic's messages", read: anthropic::read }
            }
            Self::Gemini => {
                Protocol { speaker: "a server of Gemini's generateContent", read: gemini::read }
            }
            Self::Ollama => Protocol { speaker: "an Ollama server", read: ollama::read },
        }
    }

    fn key_header(self) -> &'static str {
        match self {
            Self::Anthropic => "x-api-key",
            Self::Gemini => "x-goog-api-key",
            Self::Ollama => "authorization",
        }
    }

    fn request(self, model: &str, style: Parameters, call: &CallSpec) -> Value {
        let mut body = match self {
            Self::Anthropic => anthropic::request(model, style, call),
            Self::Gemini => gemini::request(style, call),
            Self::Ollama => ollama::request(model, style, call),
        };
        call.options.apply(&mut body);
        body
    }
}

/// A model of such a service.
#[derive(Debug)]
pub struct Service {
    id: ModelId,
    dialect: Dialect,
    style: Parameters,
    exchange: Exchange,
}

impl Service {
    /// A model that goes by `id` here and by `name` at the service. The key is sent in a header, and only if
    /// there is one; `key_variable` is what hints tell the user to set.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for an unusable base URL, or a key that fits no header.
    pub fn new(
        id: ModelId,
        name: String,
        dialect: Dialect,
        base_url: Option<&str>,
        key: Option<SecretString>,
        key_variable: &str,
        way: impl Into<Way>,
    ) -> Result<Self, ModelError> {
        let Address { mut url, transport, place } =
            Address::parse(base_url.unwrap_or(dialect.base_url()))?;
        let mut base = url.clone();
        base.set_query(None);
        let shown = base.as_str().trim_end_matches('/').to_owned();
        url.set_path(&dialect.path(base.path(), &name));
        let mut headers = HeaderMap::new();
        if dialect == Dialect::Anthropic {
            let version = HeaderValue::from_static("2023-06-01");
            headers.insert(HeaderName::from_static("anthropic-version"), version);
        }
        let key_hint = match &key {
            Some(_) => format!("check that {key_variable} holds a key that may use this model"),
            None => format!("no key was sent: set {key_variable}"),
        };
        if let Some(key) = &key {
            let key = match dialect {
                Dialect::Ollama => format!("Bearer {}", key.expose_secret().trim()),
                Dialect::Anthropic | Dialect::Gemini => key.expose_secret().trim().to_owned(),
            };
            let mut value = HeaderValue::from_str(&key).map_err(|_| {
                ModelError::configuration(
                    "the API key holds characters that no HTTP header can carry",
                )
            })?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(dialect.key_header()), value);
        }
        let link = Link::new(shown, transport, place, headers, way.into(), Redactor::of(key))?;
        let exchange = Exchange {
            link,
            url: url.to_string(),
            protocol: dialect.protocol(),
            model: name,
            key_hint,
            habits: Habits::default(),
            quota: Mutex::default(),
        };
        let style = Presets::embedded()?.traits(&id, None).parameters();
        Ok(Self { id, dialect, style, exchange })
    }

    /// Sends other fields than the table that comes with the program suggests.
    #[must_use]
    pub fn with_parameters(mut self, style: Parameters) -> Self {
        self.style = style;
        self
    }

    /// Strikes out the credentials that `others` knows, too, wherever they come back.
    #[must_use]
    pub fn with_secrets(mut self, others: &Redactor) -> Self {
        self.exchange.link.strike_out(others);
        self
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let body = self.dialect.request(&self.exchange.model, self.style, call).to_string();
        let request = RawValue::from_string(body).map_err(|error| {
            ModelError::configuration(format!("the request is no JSON: {error}"))
        })?;
        self.exchange.complete(request).await
    }
}

/// A conversation as most protocols have it.
pub(crate) fn chat(messages: &[Message]) -> Vec<Value> {
    let turn =
        |message: &Message| json!({ "role": message.role.name(), "content": message.content });
    messages.iter().map(turn).collect()
}

impl ModelApi for Service {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        match self.dialect {
            // A server at home answers one after the other.
            Dialect::Ollama => NonZeroUsize::MIN.saturating_add(1),
            Dialect::Anthropic | Dialect::Gemini => NonZeroUsize::MIN.saturating_add(31),
        }
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.call(call).boxed()
    }

    fn learnt(&self) -> Vec<Learnt> {
        self.exchange.learnt()
    }

    fn quota(&self) -> Option<Quota> {
        self.exchange.quota()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_may_hold_the_version_or_the_whole_path() {
        let path = |dialect: Dialect, base: &str| dialect.path(base, "m");
        for base in ["", "/", "/v1", "/v1/", "/v1/messages"] {
            assert_eq!(path(Dialect::Anthropic, base), "/v1/messages", "{base}");
        }
        assert_eq!(path(Dialect::Anthropic, "/api/anthropic"), "/api/anthropic/v1/messages");
        for base in [
            "",
            "/v1beta",
            "/v1beta/",
            "/v1beta/models",
            "/v1beta/openai/",
            "/v1beta/models/m:generateContent",
        ] {
            assert_eq!(path(Dialect::Gemini, base), "/v1beta/models/m:generateContent", "{base}");
        }
        assert_eq!(path(Dialect::Gemini, "/v1"), "/v1/models/m:generateContent");
        for base in ["", "/", "/api", "/api/", "/api/chat", "/v1", "/api/generate"] {
            assert_eq!(path(Dialect::Ollama, base), "/api/chat", "{base}");
        }
    }
}
