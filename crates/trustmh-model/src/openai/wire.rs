//! Requests of the protocol.

use serde::Serialize;
use serde_json::value::RawValue;

use trustmh_core::call::CallSpec;

use super::Delivery;
use crate::error::ModelError;
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
