//! Requests of the protocol.

use serde::Serialize;

use trustmh_core::call::CallSpec;

use crate::traits::{Delivery, LimitField, Parameters, TemperatureField};

/// A request, in the order in which its fields are sent.
#[derive(Serialize)]
pub(super) struct Request<'a> {
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
pub(super) fn request<'a>(
    model: &'a str,
    parameters: Parameters,
    call: &'a CallSpec,
) -> Request<'a> {
    let sampling = call.sampling;
    let limit = Some(sampling.limit());
    let (max_tokens, max_completion_tokens) = match parameters.limit {
        LimitField::MaxTokens => (limit, None),
        LimitField::MaxCompletionTokens => (None, limit),
    };
    let messages = call
        .messages
        .iter()
        .map(|message| RequestMessage { role: message.role.name(), content: &message.content });
    let streamed = parameters.delivery == Delivery::Streamed;
    Request {
        model,
        messages: messages.collect(),
        temperature: match parameters.temperature {
            TemperatureField::Taken => Some(sampling.temperature),
            TemperatureField::NotTaken => None,
        },
        max_tokens,
        max_completion_tokens,
        seed: sampling.seed,
        stream: streamed,
        stream_options: streamed.then_some(StreamOptions { include_usage: true }),
    }
}
