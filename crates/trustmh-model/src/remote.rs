//! A model at a provider.

use futures_util::future::{BoxFuture, FutureExt};
use parking_lot::Mutex;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::num::NonZeroUsize;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;
use crate::exchange::Exchange;
use crate::habits::Habits;
use crate::http::{Address, Link, Way, key_hint, trimmed};
use crate::learnt::Learnt;
use crate::limit::Quota;
use crate::presets::Presets;
use crate::provider::Provider;
use crate::redact::Redactor;
use crate::traits::Parameters;

/// Where a provider is reached, and with which key.
#[derive(Debug, Default)]
pub struct Connection {
    /// The base URL, if it is another than the provider's own, with or without its version, a slash
    /// at its end or the path of the chat endpoint. A query is sent along and never shown.
    pub base_url: Option<String>,
    /// The key. It travels in a header; none is sent if there is none.
    pub key: Option<SecretString>,
    /// The variable that hints tell the user to set, if it is another than the provider's own.
    pub key_variable: Option<String>,
    /// How the server is reached.
    pub way: Way,
}

/// A model at a provider.
#[derive(Debug)]
pub struct RemoteModel {
    id: ModelId,
    parameters: Parameters,
    exchange: Exchange,
}

impl RemoteModel {
    /// A model that goes by `id` here and by `name` at its provider.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for what is no http or https URL or holds a user name or
    /// password, for a key that fits no header, or for https on a machine without trusted
    /// certificates.
    pub fn new(
        id: ModelId,
        provider: Provider,
        name: String,
        connection: Connection,
    ) -> Result<Self, ModelError> {
        let Connection { base_url, key, key_variable, way } = connection;
        let (dialect, declared) = (provider.dialect(), provider.dialect().declaration());
        let address = Address::parse(base_url.as_deref().unwrap_or(declared.base_url))?;
        let Address { mut url, transport, place } = address;
        let given = url.path().to_owned();
        url.set_path(&dialect.chat_path(&given, &name));
        let mut shown = url.clone();
        shown.set_query(None);
        shown.set_path(&dialect.base_path(&given));
        let shown = shown.as_str().trim_end_matches('/').to_owned();
        let key = trimmed(key);
        let mut headers = HeaderMap::new();
        for (name, value) in declared.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if let Some(key) = &key {
            declared.key_header.insert(&mut headers, key, "API key")?;
        }
        let key_hint = key_hint(key.as_ref(), key_variable.as_deref().or(declared.key_variable));
        let link = Link::new(shown, transport, place, headers, way, Redactor::of(key))?;
        let exchange = Exchange {
            link,
            url: url.to_string(),
            provider,
            model: name,
            key_hint,
            habits: Habits::default(),
            quota: Mutex::default(),
        };
        let parameters = Presets::built_in().traits(&id, None).parameters();
        Ok(Self { id, parameters, exchange })
    }

    /// Sends other fields than the table that comes with the program suggests.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// Strikes out the credentials that `others` knows, too, wherever they come back.
    #[must_use]
    pub fn with_secrets(mut self, others: &Redactor) -> Self {
        self.exchange.link.strike_out(others);
        self
    }

    /// The body of a request, with the options of the user's.
    fn request(&self, call: &CallSpec) -> serde_json::Result<Box<RawValue>> {
        let dialect = self.exchange.provider.dialect();
        let body = dialect.request(&self.exchange.model, self.parameters, call)?;
        if call.options.is_empty() {
            return Ok(body);
        }
        let mut body: Value = serde_json::from_str(body.get())?;
        call.options.apply(&mut body);
        to_raw_value(&body)
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let request = self.request(call).map_err(|error| {
            ModelError::configuration(format!("the request is no JSON: {error}"))
        })?;
        self.exchange.complete(request).await
    }
}

impl ModelApi for RemoteModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        self.exchange.provider.dialect().declaration().parallel
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
    use proptest::prelude::*;

    fn opened(base_url: Option<&str>, key: Option<&str>) -> Result<RemoteModel, ModelError> {
        let openai = Provider::with_prefix("openai").unwrap();
        let connection = Connection {
            base_url: base_url.map(str::to_owned),
            key: key.map(SecretString::from),
            ..Connection::default()
        };
        RemoteModel::new(ModelId::new("openai/x"), openai, "x".to_owned(), connection)
    }

    #[test]
    fn an_impossible_key_is_refused_without_being_shown() {
        let error = opened(Some("http://127.0.0.1:9/v1"), Some("sk-canary\n-two-lines"));
        let error = error.unwrap_err();
        assert!(matches!(error, ModelError::Configuration { .. }));
        assert!(!format!("{error} {error:?}").contains("canary"));
    }

    #[test]
    fn base_urls_lead_to_the_chat_endpoint() {
        for (given, shown, chat) in [
            (
                "http://127.0.0.1:8000/v1",
                "http://127.0.0.1:8000/v1",
                "http://127.0.0.1:8000/v1/chat/completions",
            ),
            (
                " https://a.example/v1/ ",
                "https://a.example/v1",
                "https://a.example/v1/chat/completions",
            ),
            ("https://a.example", "https://a.example/v1", "https://a.example/v1/chat/completions"),
            (
                "https://a.example/api/",
                "https://a.example/api/v1",
                "https://a.example/api/v1/chat/completions",
            ),
            (
                "https://a.example/api/paas/v4",
                "https://a.example/api/paas/v4",
                "https://a.example/api/paas/v4/chat/completions",
            ),
            (
                "https://a.example/chat/completions",
                "https://a.example",
                "https://a.example/chat/completions",
            ),
            (
                "https://a.example/v1/chat/completions",
                "https://a.example/v1",
                "https://a.example/v1/chat/completions",
            ),
            (
                "https://a.example/v1?version=2",
                "https://a.example/v1",
                "https://a.example/v1/chat/completions?version=2",
            ),
        ] {
            let model = opened(Some(given), None).unwrap();
            assert_eq!(model.exchange.link.shown(), shown);
            assert_eq!(model.exchange.url, chat);
        }
        let openai = opened(None, None).unwrap();
        assert_eq!(openai.exchange.url, "https://api.openai.com/v1/chat/completions");
    }

    proptest! {
        #[test]
        fn any_path_is_taken(path in "\\PC{0,40}") {
            for provider in Provider::all() {
                prop_assert!(provider.dialect().chat_path(&path, "m").contains('/'));
            }
        }
    }
}
