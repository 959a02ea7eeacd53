//! Servers that speak the OpenAI chat-completions protocol.

mod endpoint;
mod read;
mod wire;

use futures_util::future::{BoxFuture, FutureExt};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::num::NonZeroUsize;
use std::sync::Mutex;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;
use crate::exchange::{Exchange, Protocol};
use crate::habits::Habits;
use crate::http::Link;
use crate::learnt::Learnt;
use crate::limit::Quota;
use crate::presets::Presets;
use crate::redact::Redactor;
use crate::traits::Parameters;

pub use crate::http::{PlainHttp, Timeouts, Way};
pub(crate) use endpoint::Address;
pub use endpoint::Endpoint;

pub(crate) const PROTOCOL: Protocol =
    Protocol { speaker: "an OpenAI-compatible server", read: read::read };

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
    style: Parameters,
    delivery: Delivery,
    exchange: Exchange,
    key: KeyState,
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
        way: impl Into<Way>,
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
            way.into(),
            Redactor::of(key),
        )?;
        let exchange = Exchange {
            link,
            url: endpoint.chat_url().to_owned(),
            protocol: PROTOCOL,
            model: name,
            key_hint: String::new(),
            habits: Habits::default(),
            quota: Mutex::default(),
        };
        let model = Self {
            style: Presets::embedded()?.traits(&id, None).parameters(),
            id,
            delivery: Delivery::default(),
            exchange,
            key: state,
        };
        Ok(model.with_key_variable("OPENAI_API_KEY"))
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

    /// Strikes out the credentials that `others` knows, too, wherever they come back.
    #[must_use]
    pub fn with_secrets(mut self, others: &Redactor) -> Self {
        self.exchange.link.strike_out(others);
        self
    }

    /// Names the environment variable that hints tell the user to set, [`OPENAI_API_KEY`] if not said.
    ///
    /// [`OPENAI_API_KEY`]: https://platform.openai.com/docs/api-reference/authentication
    #[must_use]
    pub fn with_key_variable(mut self, variable: &str) -> Self {
        self.exchange.key_hint = match self.key {
            KeyState::Given => format!("check that {variable} holds a key that may use this model"),
            KeyState::Missing => format!("no key was sent: set {variable}"),
        };
        self
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let request = wire::request(&self.exchange.model, self.style, self.delivery, call)?;
        self.exchange.complete(request).await
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
