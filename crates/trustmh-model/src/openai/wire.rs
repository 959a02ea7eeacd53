//! The bodies of the protocol.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};

use super::Delivery;
use crate::error::{Flaw, ModelError};
use crate::redact::Redactor;
use crate::traits::{LimitField, Parameters, TemperatureField};

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<RequestMessage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct RequestMessage<'a> {
    role: &'static str,
    content: &'a str,
}

/// The request's body. The protocol has no field for a thinking budget: thought and reply share the limit.
pub(super) fn request(
    model: &str,
    style: Parameters,
    delivery: Delivery,
    call: &CallSpec,
) -> Result<Box<RawValue>, ModelError> {
    let sampling = call.sampling;
    let limit = Some(sampling.limit());
    let (max_tokens, max_completion_tokens) = match style.limit {
        LimitField::MaxTokens => (limit, None),
        LimitField::MaxCompletionTokens => (None, limit),
    };
    let messages = call
        .messages
        .iter()
        .map(|message| RequestMessage { role: message.role.name(), content: &message.content });
    let request = Request {
        model,
        messages: messages.collect(),
        temperature: match style.temperature {
            TemperatureField::Taken => Some(sampling.temperature),
            TemperatureField::NotTaken => None,
        },
        max_tokens,
        max_completion_tokens,
        seed: sampling.seed,
        stream: delivery == Delivery::Streamed,
        stream_options: (delivery == Delivery::Streamed)
            .then_some(StreamOptions { include_usage: true }),
    };
    let body = if call.options.is_empty() {
        serde_json::value::to_raw_value(&request)
    } else {
        serde_json::to_value(&request).and_then(|mut body| {
            call.options.apply(&mut body);
            serde_json::value::to_raw_value(&body)
        })
    };
    body.map_err(|error| ModelError::configuration(format!("the request is no JSON: {error}")))
}

// Providers add fields; none but these are looked at.
#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Option<ResponseUsage>,
    #[serde(default)]
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    message: ResponseMessage,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct ResponseMessage {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ResponseUsage {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

/// Reads the body of a successful response.
pub(super) fn read_reply(
    body: &[u8],
    content_type: Option<&str>,
    redactor: &Redactor,
) -> Result<Reply, ModelError> {
    let response: Response = decoded(body, content_type, redactor)?;
    let Some(choice) = response.choices.unwrap_or_default().into_iter().next() else {
        let flaw = if response.error.is_some() { Flaw::ReportsError } else { Flaw::NoChoice };
        return Err(unusable(flaw, body, redactor));
    };
    let finish = finish(choice.finish_reason);
    let refusal = choice.message.refusal.filter(|refusal| !refusal.trim().is_empty());
    let text = refusal.or(choice.message.content).unwrap_or_default();
    let may_be_empty = matches!(finish, Finish::Length | Finish::ContentFilter);
    if text.trim().is_empty() && !may_be_empty {
        return Err(ModelError::EmptyReply);
    }
    Ok(Reply::new(text, finish, response.usage.and_then(usage)))
}

/// A body as JSON. The content type is only asked when the body is no JSON: some servers name none, or a
/// wrong one.
pub(crate) fn decoded<T: DeserializeOwned>(
    body: &[u8],
    content_type: Option<&str>,
    redactor: &Redactor,
) -> Result<T, ModelError> {
    serde_json::from_slice(body).map_err(|error| {
        let json = content_type.is_none_or(|kind| kind.to_ascii_lowercase().contains("json"));
        let flaw = match content_type {
            Some(kind) if !json => Flaw::ContentType(redactor.excerpt(kind)),
            _ if error.is_eof() => Flaw::CutOff,
            _ => Flaw::Json(redactor.excerpt(&error.to_string())),
        };
        unusable(flaw, body, redactor)
    })
}

/// An answer that cannot be used, with its beginning.
pub(crate) fn unusable(what: Flaw, body: &[u8], redactor: &Redactor) -> ModelError {
    let start = body.get(..16 * 1024).unwrap_or(body);
    let excerpt = redactor.excerpt(&String::from_utf8_lossy(start));
    ModelError::BadResponse { what, excerpt }
}

pub(super) fn finish(reason: Option<String>) -> Finish {
    match reason.as_deref() {
        Some("stop") => Finish::Stop,
        Some("length") => Finish::Length,
        Some("content_filter") => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Other("no reason given".to_owned()),
    }
}

pub(super) fn usage(usage: ResponseUsage) -> Option<Usage> {
    match (usage.prompt_tokens, usage.completion_tokens) {
        (None, None) => None,
        (prompt, reply) => Some(Usage {
            prompt_tokens: prompt.unwrap_or_default(),
            reply_tokens: reply.unwrap_or_default(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> Result<Reply, ModelError> {
        read_reply(body.as_bytes(), Some("application/json"), &Redactor::default())
    }

    fn said(message: &str, finish: &str) -> Result<Reply, ModelError> {
        read(&format!(r#"{{"choices":[{{"message":{message},"finish_reason":{finish}}}]}}"#))
    }

    #[test]
    fn finish_reasons_are_mapped() {
        let finish = |reason| said(r#"{"content":"x"}"#, reason).unwrap().finish;
        assert_eq!(finish(r#""stop""#), Finish::Stop);
        assert_eq!(finish(r#""length""#), Finish::Length);
        assert_eq!(finish(r#""content_filter""#), Finish::ContentFilter);
        assert_eq!(finish(r#""tool_calls""#), Finish::Other("tool_calls".to_owned()));
        assert_eq!(finish("null"), Finish::Other("no reason given".to_owned()));
    }

    #[test]
    fn only_a_cut_or_filtered_reply_may_be_empty() {
        for message in [r#"{"content":null}"#, r#"{"content":""}"#, r#"{"content":" \n"}"#, "{}"] {
            assert_eq!(said(message, r#""stop""#), Err(ModelError::EmptyReply));
            assert_eq!(said(message, r#""length""#).unwrap().finish, Finish::Length);
            assert_eq!(said(message, r#""content_filter""#).unwrap().finish, Finish::ContentFilter);
        }
        assert_eq!(said(r#"{"content":null}"#, r#""length""#).unwrap().text, "");
    }

    #[test]
    fn a_refusal_is_the_text() {
        let reply = said(r#"{"content":null,"refusal":"I won't."}"#, r#""stop""#).unwrap();
        assert_eq!(reply.text, "I won't.");
        let reply = said(r#"{"content":"Gladly.","refusal":null}"#, r#""stop""#).unwrap();
        assert_eq!(reply.text, "Gladly.");
    }

    #[test]
    fn flaws_are_told_apart() {
        let flaw = |body: &str| match read(body) {
            Err(ModelError::BadResponse { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(flaw(r#"{"choices":[{"mess"#), Flaw::CutOff);
        assert_eq!(flaw(""), Flaw::CutOff);
        assert_eq!(flaw(r#"{"choices":[]}"#), Flaw::NoChoice);
        assert_eq!(flaw(r#"{"choices":null}"#), Flaw::NoChoice);
        assert_eq!(flaw(r#"{"error":{"message":"overloaded"}}"#), Flaw::ReportsError);
        assert!(matches!(flaw(r#"{"choices":3}"#), Flaw::Json(_)));
        assert_eq!(flaw("{}"), Flaw::NoChoice);
        assert!(matches!(flaw("[3]"), Flaw::Json(_)));
    }

    fn nearly_json() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just(r#"{"choices":"#),
            Just("[{"),
            Just(r#""message":"#),
            Just(r#"{"content":"#),
            Just("null"),
            Just(r#""x""#),
            Just("}"),
            Just("]"),
            Just(","),
            Just(r#""finish_reason":"stop""#),
            Just(r#""usage":{"prompt_tokens":-1}"#),
            Just("1e999"),
        ];
        prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(body in prop::collection::vec(any::<u8>(), 0..300), kind in "\\PC{0,20}") {
            let _ = read_reply(&body, Some(&kind), &Redactor::default());
        }

        #[test]
        fn any_scrap_of_json_is_taken(body in nearly_json()) {
            let _ = read(&body);
        }

        #[test]
        fn every_cut_of_a_good_body_is_an_error(cut in 0_usize..62) {
            let body = r#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}"#;
            prop_assert!(read(&body[..cut]).is_err());
        }
    }
}
