//! Anthropic's messages.

use serde::Deserialize;
use serde_json::{Value, json};

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};
use trustmh_core::message::Role;

use super::chat;
use crate::error::ModelError;
use crate::openai::wire::decoded;
use crate::redact::Redactor;

pub(super) fn request(model: &str, call: &CallSpec) -> Value {
    let system: Vec<&str> = call
        .messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(|message| message.content.as_str())
        .collect();
    let mut turns = call.messages.clone();
    turns.retain(|message| message.role != Role::System);
    let mut request = json!({
        "model": model,
        "max_tokens": call.sampling.max_tokens,
        // The service takes no more than 1.
        "temperature": call.sampling.temperature.min(1.0),
        "messages": chat(&turns),
    });
    if !system.is_empty() {
        request["system"] = Value::from(system.join("\n\n"));
    }
    request
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    content: Vec<Block>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
}

pub(super) fn read(
    body: &[u8],
    content_type: Option<&str>,
    redactor: &Redactor,
) -> Result<Reply, ModelError> {
    let response: Response = decoded(body, content_type, redactor)?;
    let texts = response.content.into_iter().filter(|block| block.kind == "text");
    let finish = match response.stop_reason.as_deref() {
        Some("end_turn" | "stop_sequence") => Finish::Stop,
        Some("max_tokens") => Finish::Length,
        Some("refusal") => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Other("no reason given".to_owned()),
    };
    let usage = response.usage.map(|tokens| Usage {
        prompt_tokens: tokens.input_tokens,
        reply_tokens: tokens.output_tokens,
    });
    Ok(Reply::new(texts.map(|block| block.text).collect(), finish, usage))
}
