//! Anthropic's messages.

use serde::Deserialize;
use serde_json::{Value, json};

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};
use trustmh_core::message::Role;

use super::chat;
use crate::error::ModelError;
use crate::openai::wire::decoded;
use crate::redact::Redactor;
use crate::traits::{Parameters, TemperatureField, ThinkingField};

/// The service takes no smaller budget.
const SMALLEST_BUDGET: u32 = 1024;

/// A model that is to think takes no temperature; what it thinks counts towards the limit of the reply.
pub(super) fn request(model: &str, style: Parameters, call: &CallSpec) -> Value {
    let sampling = call.sampling;
    let system: Vec<&str> = call
        .messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(|message| message.content.as_str())
        .collect();
    let mut turns = call.messages.clone();
    turns.retain(|message| message.role != Role::System);
    let budget = sampling.thinking_tokens.filter(|tokens| *tokens > 0);
    let budget = budget.map(|tokens| tokens.max(SMALLEST_BUDGET));
    let mut request = json!({
        "model": model,
        "max_tokens": sampling.max_tokens.saturating_add(budget.unwrap_or_default()),
        "messages": chat(&turns),
    });
    // Options that speak of thinking say all of it.
    let thinks = budget.is_some() || call.options.touch("thinking");
    if let Some(tokens) = budget.filter(|_| !call.options.touch("thinking")) {
        request["thinking"] = match style.thinking {
            ThinkingField::Budget => json!({ "type": "enabled", "budget_tokens": tokens }),
            ThinkingField::Adaptive => json!({ "type": "adaptive" }),
        };
    }
    if style.temperature == TemperatureField::Taken && !thinks {
        // The service takes no more than 1.
        request["temperature"] = Value::from(sampling.temperature.min(1.0));
    }
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
