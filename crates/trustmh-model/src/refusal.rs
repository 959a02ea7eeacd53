//! Responses that are not a success: what each status means.

use serde_json::Value;

use trustmh_core::call::{Finish, Reply};

use crate::error::ModelError;
use crate::http::{Answer, Link};
use crate::redact::without_secrets;

/// Who refused.
pub(crate) struct Refused<'a> {
    pub(crate) link: &'a Link,
    /// The model's name as sent.
    pub(crate) model: &'a str,
    /// What to do about a key that is not accepted.
    pub(crate) key_hint: String,
}

/// Turns a response that is no success into the error it stands for. A request that the provider's own
/// filter withheld is a reply without text: the provider is part of what is measured.
pub(crate) fn read(answer: &Answer, by: Refused<'_>) -> Result<Reply, ModelError> {
    let redactor = by.link.redactor();
    let endpoint = by.link.shown().to_owned();
    let status = answer.status.as_u16();
    let report = Report::read(&answer.body);
    let excerpt = redactor.excerpt(&report.message);
    let retry_after = answer.retry_after;
    if matches!(status, 400 | 403 | 422) && report.code.as_deref() == Some("content_filter") {
        return Ok(Reply::new(String::new(), Finish::ContentFilter, None));
    }
    Err(match status {
        300..=399 => {
            let to = answer.location.as_deref().unwrap_or("an unnamed place");
            let to = redactor.excerpt(&without_secrets(to));
            ModelError::Redirected { endpoint, status, to }
        }
        401 | 403 => ModelError::Unauthorized { endpoint, status, excerpt, hint: by.key_hint },
        402 => ModelError::NoCredit { endpoint, status, excerpt },
        429 if report.code.as_deref() == Some("insufficient_quota") => {
            ModelError::NoCredit { endpoint, status, excerpt }
        }
        404 | 405 | 410 => {
            ModelError::NotFound { endpoint, model: by.model.to_owned(), status, excerpt }
        }
        429 => ModelError::RateLimited { endpoint, retry_after, excerpt },
        408 | 409 | 500..=599 => {
            ModelError::Server { endpoint, status, retry_after, body_excerpt: excerpt }
        }
        _ => match report.too_long() {
            Some((tokens, limit)) => ModelError::PromptTooLong { tokens, limit },
            None => ModelError::BadRequest { status, message: excerpt },
        },
    })
}

/// What an error body says, in the several forms that servers use.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    message: String,
    code: Option<String>,
}

impl Report {
    fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let message =
            ["/error/message", "/error", "/message", "/detail"].into_iter().find_map(text);
        // Without a known form the body speaks for itself; only its start is ever shown.
        let whole = || String::from_utf8_lossy(body.get(..16 * 1024).unwrap_or(body)).into_owned();
        Self {
            message: message.unwrap_or_else(whole),
            code: ["/error/code", "/code"].into_iter().find_map(text),
        }
    }

    /// Tokens asked for and taken, from "maximum context length is L tokens ... T tokens".
    fn too_long(&self) -> Option<(u64, u64)> {
        let (_, rest) = self.message.split_once("maximum context length")?;
        let mut numbers = rest
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|digits| digits.parse::<u64>().ok());
        let limit = numbers.next()?;
        let tokens = numbers.next()?;
        (tokens > limit).then_some((tokens, limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_error_body_is_read() {
        for body in [
            r#"{"error":{"message":"no","type":"t","code":"c"}}"#,
            r#"{"error":"no","code":"c"}"#,
            r#"{"object":"error","message":"no","code":"c"}"#,
            r#"{"detail":"no","code":"c"}"#,
        ] {
            let report = Report::read(body.as_bytes());
            assert_eq!(report, Report { message: "no".to_owned(), code: Some("c".to_owned()) });
        }
        assert_eq!(Report::read(b"<html>").message, "<html>");
        assert_eq!(Report::read(br#"{"error":{"message":"no","code":400}}"#).code, None);
    }

    #[test]
    fn token_counts_are_read_where_they_make_sense() {
        let too_long =
            |message: &str| Report { message: message.to_owned(), code: None }.too_long();
        assert_eq!(
            too_long(
                "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion)."
            ),
            Some((5000, 4096))
        );
        assert_eq!(too_long("maximum context length is 4096 tokens, set stop to 1"), None);
        assert_eq!(too_long("maximum context length exceeded"), None);
        assert_eq!(too_long("temperature must be at most 2"), None);
    }

    proptest! {
        #[test]
        fn any_body_is_taken(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Report::read(&body).too_long();
        }
    }
}
