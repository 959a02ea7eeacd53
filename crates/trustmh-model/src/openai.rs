//! Servers that speak the OpenAI chat-completions protocol.

mod endpoint;
mod stream;
pub(crate) mod wire;

use futures_util::future::{BoxFuture, FutureExt};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use std::num::NonZeroUsize;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;
use crate::http::Link;
use crate::presets::Presets;
use crate::redact::Redactor;
use crate::refusal::{self, Refused};
use crate::traits::Parameters;

pub use crate::http::Timeouts;
pub(crate) use endpoint::Address;
pub use endpoint::Endpoint;

/// How replies are to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// In one piece.
    #[default]
    Whole,
    /// Piece by piece, which some models and some proxies with short time limits need.
    Streamed,
}

/// A model behind an OpenAI-compatible server.
#[derive(Debug)]
pub struct OpenAi {
    id: ModelId,
    name: String,
    style: Parameters,
    delivery: Delivery,
    chat_url: String,
    link: Link,
    key: KeyState,
    key_variable: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyState {
    Given,
    Missing,
}

impl OpenAi {
    /// A model that goes by `id` here and by `name` at the server. The key is sent as a bearer token,
    /// and only if there is one.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for a key that fits no header, or for https on a machine without
    /// trusted certificates.
    pub fn new(
        id: ModelId,
        name: String,
        endpoint: Endpoint,
        key: Option<SecretString>,
        timeouts: Timeouts,
    ) -> Result<Self, ModelError> {
        let key = key
            .map(|key| SecretString::from(key.expose_secret().trim()))
            .filter(|key| !key.expose_secret().is_empty());
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            let bearer = format!("Bearer {}", key.expose_secret());
            let mut value = HeaderValue::from_str(&bearer).map_err(|_| {
                ModelError::configuration(
                    "the API key holds characters that no HTTP header can carry",
                )
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let state = if key.is_some() { KeyState::Given } else { KeyState::Missing };
        let link = Link::new(
            endpoint.shown().to_owned(),
            endpoint.transport(),
            endpoint.place(),
            headers,
            timeouts,
            Redactor::new(key),
        )?;
        Ok(Self {
            style: Presets::embedded()?.traits(&id, None).parameters(),
            id,
            name,
            delivery: Delivery::default(),
            chat_url: endpoint.chat_url().to_owned(),
            link,
            key: state,
            key_variable: "OPENAI_API_KEY".to_owned(),
        })
    }

    /// Sends other fields than the table that comes with the program suggests.
    #[must_use]
    pub fn with_parameters(mut self, style: Parameters) -> Self {
        self.style = style;
        self
    }

    /// Asks for replies in one piece or streamed.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// Names the environment variable that hints tell the user to set, [`OPENAI_API_KEY`] if not said.
    ///
    /// [`OPENAI_API_KEY`]: https://platform.openai.com/docs/api-reference/authentication
    #[must_use]
    pub fn with_key_variable(mut self, variable: impl Into<String>) -> Self {
        self.key_variable = variable.into();
        self
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let request = wire::request(&self.name, self.style, self.delivery, call)?;
        let answer = self.link.post(&self.chat_url, request.get().to_owned()).await?;
        let redactor = self.link.redactor();
        let reply = if answer.status.is_success() {
            let kind = answer.content_type.as_deref();
            // A server may answer in one piece although it was asked to stream.
            if kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
                stream::read(&answer.body, redactor)?
            } else {
                wire::read_reply(&answer.body, kind, redactor)?
            }
        } else {
            let key_hint = self.key_hint();
            refusal::read(&answer, Refused { link: &self.link, model: &self.name, key_hint })?
        };
        Ok(Completion { reply, request: Some(request), response: raw(&answer.body, redactor) })
    }

    fn key_hint(&self) -> String {
        let variable = &self.key_variable;
        match self.key {
            KeyState::Given => format!("check that {variable} holds a key that may use this model"),
            KeyState::Missing => format!("no key was sent: set {variable}"),
        }
    }
}

impl ModelApi for OpenAi {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.call(call).boxed()
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN.saturating_add(31)
    }
}

/// The body without the key and on one line, as records of lines need it. A line break in JSON can only
/// stand between tokens, so nothing is lost.
pub(crate) fn raw(body: &[u8], redactor: &Redactor) -> Option<Box<RawValue>> {
    let text = redactor.clean(std::str::from_utf8(body).ok()?);
    let line = RawValue::from_string(text.replace(['\n', '\r'], " ").trim().to_owned());
    // Anything but JSON, such as a stream of events, is kept as one string.
    line.or_else(|_| serde_json::value::to_raw_value(&text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_bodies_are_one_line_without_the_key() {
        let redactor = Redactor::new(Some(SecretString::from("sk-canary-1")));
        let kept = raw(b"{\n  \"a\": \"sk-canary-1 \\n\"\r\n}\n", &redactor).unwrap();
        assert_eq!(kept.get(), "{   \"a\": \"[key] \\n\"  }");
        assert_eq!(raw(b"data: {}\n\n", &redactor).unwrap().get(), r#""data: {}\n\n""#);
        assert!(raw(&[0xff, 0xfe], &redactor).is_none());
    }

    #[test]
    fn an_impossible_key_is_refused_without_being_shown() {
        let key = Some(SecretString::from("sk-canary\n-two-lines"));
        let made = OpenAi::new(
            ModelId::new("openai/x"),
            "x".to_owned(),
            Endpoint::new("http://127.0.0.1:9/v1").unwrap(),
            key,
            Timeouts::default(),
        );
        let error = made.unwrap_err();
        assert!(matches!(error, ModelError::Configuration { .. }));
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
