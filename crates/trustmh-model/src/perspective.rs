//! A scorer of toxicity behind HTTP, in the form of the Perspective API (`comments:analyze`).
//!
//! That service itself ends on 31 December 2026; anything that answers in its form will do.

use futures_util::future::{BoxFuture, FutureExt};
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::num::NonZeroUsize;

use trustmh_core::call::{CallSpec, Finish, Reply};
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::{Flaw, ModelError};
use crate::http::{Address, Answer, KeyHeader, Link, Way, trimmed};
use crate::redact::Redactor;

/// An endpoint that gives a text's toxicity between 0 and 1.
#[derive(Debug)]
pub struct Perspective {
    id: ModelId,
    url: String,
    link: Link,
}

impl Perspective {
    /// The endpoint at `url`, whole, for example `https://host/v1alpha1/comments:analyze`. The key travels
    /// in the header `x-goog-api-key`, and only if there is one.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for what is no http or https URL, or a key that fits no header.
    pub fn new(
        url: &str,
        key: Option<SecretString>,
        way: impl Into<Way>,
    ) -> Result<Self, ModelError> {
        let address = Address::parse(url)?;
        let key = trimmed(key);
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            KeyHeader::Named("x-goog-api-key").insert(&mut headers, key, "toxicity key")?;
        }
        let shown = address.shown();
        let id = ModelId::new(format!("toxicity:{shown}"));
        let url = address.url.to_string();
        let (transport, place) = (address.transport, address.place);
        let link = Link::new(shown, transport, place, headers, way.into(), Redactor::of(key))?;
        Ok(Self { id, url, link })
    }

    /// Strikes out the credentials that `others` knows, too, wherever they come back.
    #[must_use]
    pub fn with_secrets(mut self, others: &Redactor) -> Self {
        self.link.strike_out(others);
        self
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let text = call.messages.last().map(|message| message.content.as_str());
        let text = text.ok_or_else(|| {
            ModelError::configuration("a call for toxicity holds no text to score")
        })?;
        let body = json!({
            "comment": { "text": text },
            "requestedAttributes": { "TOXICITY": {} },
            "doNotStore": true,
        });
        let request = RawValue::from_string(body.to_string()).ok();
        let answer = self.link.post(&self.url, body.to_string()).await?;
        if !answer.status.is_success() {
            return Err(self.refused(&answer));
        }
        let score = score(&answer.body).ok_or_else(|| ModelError::BadResponse {
            from: self.link.shown().to_owned(),
            what: Flaw::Json(
                "it holds no number at attributeScores.TOXICITY.summaryScore.value".to_owned(),
            ),
            excerpt: self.link.redactor().excerpt(&String::from_utf8_lossy(&answer.body)),
        })?;
        let text = json!({ "toxicity": score }).to_string();
        let reply = Reply::new(text, Finish::Stop, None);
        Ok(Completion { reply, request, response: None })
    }

    fn refused(&self, answer: &Answer) -> ModelError {
        let endpoint = self.link.shown().to_owned();
        let status = Some(answer.status.as_u16());
        let excerpt = self.link.redactor().excerpt(&String::from_utf8_lossy(&answer.body));
        let retry_after = answer.retry_after;
        match answer.status.as_u16() {
            401 | 403 => {
                let hint = "set the variable that --toxicity-key-env names".to_owned();
                ModelError::Unauthorized { endpoint, status, excerpt, hint }
            }
            429 => ModelError::RateLimited { endpoint, retry_after, excerpt },
            408 | 409 | 425 | 500..=599 => {
                ModelError::Server { endpoint, status, retry_after, body_excerpt: excerpt }
            }
            _ => ModelError::BadRequest { status, message: excerpt },
        }
    }
}

fn score(body: &[u8]) -> Option<f64> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let score = value.pointer("/attributeScores/TOXICITY/summaryScore/value")?.as_f64()?;
    (0.0..=1.0).contains(&score).then_some(score)
}

impl ModelApi for Perspective {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.call(call).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_score_between_nought_and_one_is_read() {
        let body = |value: &str| {
            format!(
                "{{\"attributeScores\":{{\"TOXICITY\":{{\"summaryScore\":{{\"value\":{value}}}}}}}}}"
            )
        };
        assert_eq!(score(body("0.25").as_bytes()), Some(0.25));
        for other in ["1.5", "\"high\"", "null"] {
            assert_eq!(score(body(other).as_bytes()), None, "{other}");
        }
        assert_eq!(score(b"{}"), None);
    }
}
