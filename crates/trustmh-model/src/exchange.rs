//! One call to a service: asked, and asked again at once without what it turns out not to take; then read.

use parking_lot::Mutex;
use serde_json::Value;
use serde_json::value::RawValue;

use trustmh_core::call::Reply;

use crate::api::Completion;
use crate::error::{Flaw, ModelError};
use crate::habits::Habits;
use crate::http::{Answer, Link, raw};
use crate::learnt::Learnt;
use crate::limit::Quota;
use crate::meaning::report::Report;
use crate::meaning::{self, Meaning, parameter};
use crate::provider::Provider;
use crate::reading::Body;
use crate::reading::reply::{Outcome, withheld};
use crate::redact::without_secrets;

/// An endpoint that answers calls, and what it taught.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) link: Link,
    pub(crate) url: String,
    pub(crate) provider: Provider,
    /// The model's name as sent.
    pub(crate) model: String,
    /// What to do about a key that is not accepted.
    pub(crate) key_hint: String,
    pub(crate) habits: Habits,
    /// What the last answer said of limits, until it is asked for.
    pub(crate) quota: Mutex<Option<Quota>>,
}

/// What came of one request.
enum Came {
    Reply(Reply, Keeping),
    /// A parameter was in the way that is not sent any more.
    Learnt,
}

/// What is kept of a body.
enum Keeping {
    /// All but the key.
    Cleaned,
    /// Nothing: the key stands in it in pieces, which cannot be struck out.
    Nothing,
}

impl Exchange {
    /// What the endpoint taught.
    pub(crate) fn learnt(&self) -> Vec<Learnt> {
        self.habits.learnt(self.link.shown())
    }

    /// What the last answer said of limits, once.
    pub(crate) fn quota(&self) -> Option<Quota> {
        self.quota.lock().take()
    }

    fn note(&self, answer: &Answer, came: Option<&Came>) {
        let usage = match came {
            Some(Came::Reply(reply, _)) => reply.usage,
            Some(Came::Learnt) | None => None,
        };
        let tokens = usage.map(|usage| usage.prompt_tokens.saturating_add(usage.reply_tokens));
        if let Some(left) = answer.quotas.in_calls(tokens) {
            *self.quota.lock() = Some(left);
        }
    }

    /// Makes the call. What is learnt from a refusal is no failure: the call is made again at once.
    pub(crate) async fn complete(&self, request: Box<RawValue>) -> Result<Completion, ModelError> {
        loop {
            let sent = self.habits.applied(&request);
            let answer = self.link.post(&self.url, sent.get().to_owned()).await?;
            let came = self.came(&answer, &sent);
            self.note(&answer, came.as_ref().ok());
            match came? {
                Came::Learnt => {}
                Came::Reply(reply, keeping) => {
                    let redactor = self.link.redactor();
                    let response = match keeping {
                        Keeping::Cleaned => raw(&answer.body, redactor),
                        Keeping::Nothing => None,
                    };
                    let reply = redactor.reply(reply);
                    return Ok(Completion { reply, request: Some(sent), response });
                }
            }
        }
    }

    fn came(&self, answer: &Answer, sent: &RawValue) -> Result<Came, ModelError> {
        let status = answer.status.as_u16();
        let request = || {
            serde_json::from_str::<Value>(sent.get()).map_err(|error| {
                ModelError::configuration(format!("the request is no JSON: {error}"))
            })
        };
        if !answer.status.is_success() {
            let request = request()?;
            let report = Report::of_body(&answer.body, &texts(&request));
            return self.refused(Some(status), &report, answer, &request);
        }
        let kind = answer.content_type.as_deref();
        let read = Body::read(&answer.body, kind)
            .and_then(|body| Ok((self.provider.dialect().read(&body)?, body.pieces)));
        match read {
            Ok((Outcome::Reply(reply), pieces)) => {
                let split = self.link.redactor().is_in_pieces(&pieces);
                let keeping = if split { Keeping::Nothing } else { Keeping::Cleaned };
                Ok(Came::Reply(reply, keeping))
            }
            Ok((Outcome::Error(error), _)) => {
                let request = request()?;
                let report = Report::of(&error, &texts(&request));
                self.refused(report.status, &report, answer, &request)
            }
            Err(flaw) => Err(self.unusable(flaw, &answer.body)),
        }
    }

    fn refused(
        &self,
        status: Option<u16>,
        report: &Report,
        answer: &Answer,
        request: &Value,
    ) -> Result<Came, ModelError> {
        let redactor = self.link.redactor();
        let endpoint = self.link.shown().to_owned();
        let excerpt = redactor.excerpt(&report.message);
        let present = parameter::parameters(request);
        let mut parameters = present.clone();
        parameters.extend(self.habits.fields());
        let retry_after = || {
            answer
                .retry_after
                .or_else(|| meaning::wait(&answer.body, report))
                .or(answer.reset_after)
        };
        Err(match meaning::of(status.unwrap_or(meaning::IN_BAND), report, &parameters) {
            Meaning::Withheld => return Ok(Came::Reply(withheld(None), Keeping::Cleaned)),
            Meaning::NotTaken { field } => {
                // What was not even sent cannot be left out.
                if present.contains(&field) {
                    self.habits.learn(&field, &excerpt);
                    return Ok(Came::Learnt);
                }
                ModelError::NotTaken { endpoint, field, status, excerpt }
            }
            Meaning::TooLong(size) => ModelError::PromptTooLong { size, excerpt: Some(excerpt) },
            Meaning::NoCredit => ModelError::NoCredit { endpoint, status, excerpt },
            Meaning::KeyRefused => {
                ModelError::Unauthorized { endpoint, status, excerpt, hint: self.key_hint.clone() }
            }
            Meaning::NotFound => {
                let (protocol, model) =
                    (self.provider.dialect().declaration().speaker, self.model.clone());
                ModelError::NotFound { endpoint, protocol, model, status, excerpt }
            }
            Meaning::Redirected => {
                let to = answer.location.as_deref().unwrap_or("an unnamed place");
                let to = redactor.excerpt(&without_secrets(to));
                ModelError::Redirected { endpoint, status, to }
            }
            Meaning::TooFast => {
                ModelError::RateLimited { endpoint, retry_after: retry_after(), excerpt }
            }
            Meaning::Passing => {
                let retry_after = retry_after();
                ModelError::Server { endpoint, status, retry_after, body_excerpt: excerpt }
            }
            Meaning::Wrong => ModelError::BadRequest { status, message: excerpt },
        })
    }

    fn unusable(&self, what: Flaw, body: &[u8]) -> ModelError {
        let redactor = self.link.redactor();
        let start = body.get(..16 * 1024).unwrap_or(body);
        let what = match what {
            Flaw::ContentType(kind) => Flaw::ContentType(redactor.excerpt(&kind)),
            Flaw::Json(why) => Flaw::Json(redactor.excerpt(&why)),
            what @ (Flaw::TooLarge { .. } | Flaw::CutOff | Flaw::NoChoice) => what,
        };
        let excerpt = redactor.excerpt(&String::from_utf8_lossy(start));
        ModelError::BadResponse {
            from: self.provider.dialect().declaration().speaker.to_owned(),
            what,
            excerpt,
        }
    }
}

/// All texts of a request that are longer than a name.
fn texts(request: &Value) -> Vec<&str> {
    const NAME: usize = 24;
    let mut texts = Vec::new();
    let mut open = vec![request];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if text.len() >= NAME => texts.push(text.as_str()),
            Value::Array(parts) => open.extend(parts),
            Value::Object(fields) => open.extend(fields.values()),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    texts
}
