//! Functions of the process that started this one, which serves them on loopback: the Python package's way to ask what a user wrote.
//!
//! A call is posted as the fields that a program on a pipe gets (`command`), with the function's name as `model`, and answered by the
//! same fields. Statuses tell the rest: 429 and 5xx ask for another try, 404 knows no such function, 400 tells of an exception. The
//! address changes from run to run, so that neither name nor key of a call, neither record nor error holds it.

use futures_util::future::{BoxFuture, FutureExt};
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::command::{Answer, answered, fields};
use crate::error::{Flaw, ModelError};
use crate::http::{self, Address, KeyHeader, Link, Place, Timeouts, Transport, Way, raw};
use crate::reading::value;
use crate::redact::Redactor;

/// The end of a conversation is told within this time or not at all: nothing depends on it.
const ENDING: Duration = Duration::from_secs(5);

/// Functions that a process serves.
#[derive(Debug)]
pub struct Served {
    /// Where: an http address on loopback.
    pub url: String,
    /// What shows that a call comes from us.
    pub token: SecretString,
    /// How many calls each function takes at once, by its name.
    pub functions: BTreeMap<String, NonZeroUsize>,
}

/// A function that answers calls.
#[derive(Debug)]
pub struct CallableModel {
    id: ModelId,
    name: String,
    url: String,
    parallel: NonZeroUsize,
    link: Link,
}

impl CallableModel {
    /// The function `name` of those that are served.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for an address that is not on loopback, a token that fits no header, and a function that is not
    /// served.
    pub fn new(
        id: ModelId,
        name: &str,
        served: &Served,
        timeouts: Timeouts,
    ) -> Result<Self, ModelError> {
        let Some(parallel) = served.functions.get(name) else {
            let known: Vec<&str> = served.functions.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(ModelError::configuration(format!(
                "no function `{name}` is served to `{id}`; served are: {known}"
            )));
        };
        let address = Address::parse(&served.url)?;
        let (Transport::Plain, Place::Loopback) = (address.transport, address.place) else {
            return Err(ModelError::configuration(format!(
                "{} leads to another machine: functions are served on loopback only, over http",
                address.shown()
            )));
        };
        let mut headers = HeaderMap::new();
        KeyHeader::Bearer.insert(&mut headers, &served.token, "token of the served functions")?;
        let redactor = Redactor::of([served.token.clone()]);
        let (shown, way) = (id.as_str().to_owned(), Way::from(timeouts));
        let link = Link::new(shown, address.transport, address.place, headers, way, redactor)?;
        let url = address.url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { id, name: name.to_owned(), url, parallel: *parallel, link })
    }

    /// Strikes out the credentials that `secrets` knows, wherever they come back: the process has them in its environment.
    #[must_use]
    pub fn with_secrets(mut self, secrets: &Redactor) -> Self {
        self.link.strike_out(secrets);
        self
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let mut request = fields(call);
        request["model"] = self.name.as_str().into();
        let request = to_raw_value(&request).map_err(|error| {
            ModelError::configuration(format!("the request is no JSON: {error}"))
        })?;
        let answer =
            self.link.post(&format!("{}/reply", self.url), request.get().to_owned()).await?;
        let reply = self.read(&answer)?;
        let redactor = self.link.redactor();
        let (reply, response) = (redactor.reply(reply), raw(&answer.body, redactor));
        Ok(Completion { reply, request: Some(request), response })
    }

    fn read(&self, answer: &http::Answer) -> Result<trustmh_core::call::Reply, ModelError> {
        let unusable = |why: String| {
            let excerpt = self.link.redactor().excerpt(&String::from_utf8_lossy(&answer.body));
            ModelError::BadResponse { from: self.id.to_string(), what: Flaw::Json(why), excerpt }
        };
        let (body, texts) = value(&answer.body).map_err(|error| unusable(error.to_string()))?;
        if answer.status.is_success() {
            return match answered(&body, texts) {
                Answer::Reply(reply) => Ok(*reply),
                Answer::Failed(message) => Err(self.failed(&message)),
                Answer::Unusable(why) => Err(unusable(why)),
            };
        }
        let message = body.get("error").and_then(Value::as_str).unwrap_or_default();
        Err(self.refused(answer, message))
    }

    fn refused(&self, answer: &http::Answer, message: &str) -> ModelError {
        let (endpoint, retry_after) = (self.id.to_string(), answer.retry_after);
        let excerpt = self.link.redactor().excerpt(message);
        match answer.status.as_u16() {
            429 => ModelError::RateLimited { endpoint, retry_after, excerpt },
            500.. => {
                ModelError::Server { endpoint, status: None, retry_after, body_excerpt: excerpt }
            }
            401 | 404 => ModelError::configuration(format!("{endpoint} is not served: {excerpt}")),
            _ => self.failed(message),
        }
    }

    fn failed(&self, message: &str) -> ModelError {
        let message = self.link.redactor().excerpt(message);
        ModelError::Function { model: self.id.to_string(), message }
    }

    async fn tell_end(&self, call: &CallSpec) {
        let session = call.trial.as_ref().map(|trial| trial.as_str());
        let told = json!({ "model": self.name, "session": session }).to_string();
        let url = format!("{}/ended", self.url);
        drop(tokio::time::timeout(ENDING, self.link.post(&url, told)).await);
    }
}

impl ModelApi for CallableModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        self.parallel
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.call(call).boxed()
    }

    fn ended<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, ()> {
        self.tell_end(call).boxed()
    }
}
