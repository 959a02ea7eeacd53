//! Requests of the protocol.

use serde::Serialize;
use serde_json::value::RawValue;

use trustmh_core::call::CallSpec;

use super::{Delivery, ParameterStyle};
use crate::error::ModelError;

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

/// The request's body.
pub(super) fn request(
    model: &str,
    style: ParameterStyle,
    delivery: Delivery,
    call: &CallSpec,
) -> Result<Box<RawValue>, ModelError> {
    let sampling = call.sampling;
    let (temperature, max_tokens, max_completion_tokens) = match style {
        ParameterStyle::Standard => (Some(sampling.temperature), Some(sampling.max_tokens), None),
        ParameterStyle::Reasoning => (None, None, Some(sampling.max_tokens)),
    };
    let messages = call
        .messages
        .iter()
        .map(|message| RequestMessage { role: message.role.name(), content: &message.content });
    let request = Request {
        model,
        messages: messages.collect(),
        temperature,
        max_tokens,
        max_completion_tokens,
        seed: sampling.seed,
        stream: delivery == Delivery::Streamed,
        stream_options: (delivery == Delivery::Streamed)
            .then_some(StreamOptions { include_usage: true }),
    };
    serde_json::value::to_raw_value(&request)
        .map_err(|error| ModelError::configuration(format!("the request is no JSON: {error}")))
}
