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

use trustmh_core::call::{CallSpec, Finish, Reply};
use trustmh_core::id::ModelId;
use trustmh_core::message::Message;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;
use crate::http::{Link, Timeouts};
use crate::openai::{Address, raw};
use crate::presets::Presets;
use crate::redact::Redactor;
use crate::refusal::{self, Refused};
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

    fn path(self, model: &str) -> String {
        match self {
            Self::Anthropic => "/v1/messages".to_owned(),
            Self::Gemini => format!("/v1beta/models/{model}:generateContent"),
            Self::Ollama => "/api/chat".to_owned(),
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
    name: String,
    dialect: Dialect,
    style: Parameters,
    url: String,
    link: Link,
    key_hint: String,
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
        timeouts: Timeouts,
    ) -> Result<Self, ModelError> {
        let base = base_url.unwrap_or(dialect.base_url()).trim().trim_end_matches('/');
        let address = Address::parse(&format!("{base}{}", dialect.path(&name)))?;
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
        let (transport, place) = (address.transport, address.place);
        let link =
            Link::new(base.to_owned(), transport, place, headers, timeouts, Redactor::new(key))?;
        let style = Presets::embedded()?.traits(&id, None).parameters();
        Ok(Self { id, name, dialect, style, url: address.url.to_string(), link, key_hint })
    }

    /// Sends other fields than the table that comes with the program suggests.
    #[must_use]
    pub fn with_parameters(mut self, style: Parameters) -> Self {
        self.style = style;
        self
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let body = self.dialect.request(&self.name, self.style, call).to_string();
        let request = RawValue::from_string(body.clone()).ok();
        let answer = self.link.post(&self.url, body).await?;
        let redactor = self.link.redactor();
        let reply = if answer.status.is_success() {
            let (body, kind) = (answer.body.as_slice(), answer.content_type.as_deref());
            match self.dialect {
                Dialect::Anthropic => anthropic::read(body, kind, redactor),
                Dialect::Gemini => gemini::read(body, kind, redactor),
                Dialect::Ollama => ollama::read(body, kind, redactor),
            }?
        } else {
            let (link, model) = (&self.link, self.name.as_str());
            refusal::read(&answer, Refused { link, model, key_hint: self.key_hint.clone() })?
        };
        let may_be_empty = matches!(reply.finish, Finish::Length | Finish::ContentFilter);
        if reply.text.trim().is_empty() && !may_be_empty {
            return Err(ModelError::EmptyReply);
        }
        Ok(Completion { reply: withheld(reply), request, response: raw(&answer.body, redactor) })
    }
}

/// A conversation as most protocols have it.
pub(crate) fn chat(messages: &[Message]) -> Vec<Value> {
    let turn =
        |message: &Message| json!({ "role": message.role.name(), "content": message.content });
    messages.iter().map(turn).collect()
}

/// What stands beside a withheld reply is no reply.
fn withheld(mut reply: Reply) -> Reply {
    if reply.finish == Finish::ContentFilter && reply.text.trim().is_empty() {
        reply.text.clear();
    }
    reply
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
}
