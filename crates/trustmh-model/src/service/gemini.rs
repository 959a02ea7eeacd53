//! Google's Gemini.

use serde::Deserialize;
use serde_json::{Value, json};

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};
use trustmh_core::message::Role;

use crate::error::{Flaw, ModelError};
use crate::openai::wire::{decoded, unusable};
use crate::redact::Redactor;
use crate::traits::{Parameters, TemperatureField};

/// What the model thinks counts towards the limit of its reply.
pub(super) fn request(style: Parameters, call: &CallSpec) -> Value {
    let sampling = call.sampling;
    let mut system = Vec::new();
    let mut contents = Vec::new();
    for message in &call.messages {
        let part = json!({ "text": message.content });
        match message.role {
            Role::System => system.push(part),
            Role::User => contents.push(json!({ "role": "user", "parts": [part] })),
            Role::Assistant => contents.push(json!({ "role": "model", "parts": [part] })),
        }
    }
    let mut config = json!({ "maxOutputTokens": sampling.limit() });
    if style.temperature == TemperatureField::Taken {
        config["temperature"] = Value::from(sampling.temperature);
    }
    // The service refuses a budget beside a level: options that speak of thinking say all of it.
    let told = call.options.touch("generationConfig.thinkingConfig");
    if let Some(tokens) = sampling.thinking_tokens.filter(|_| !told) {
        config["thinkingConfig"] = json!({ "thinkingBudget": tokens });
    }
    if let Some(seed) = sampling.seed {
        config["seed"] = Value::from(seed);
    }
    let mut request = json!({ "contents": contents, "generationConfig": config });
    if !system.is_empty() {
        request["systemInstruction"] = json!({ "parts": system });
    }
    request
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<Tokens>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
    /// What the model thought, which is no part of its answer.
    #[serde(default)]
    thought: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    #[serde(default)]
    prompt_token_count: u64,
    #[serde(default)]
    candidates_token_count: u64,
}

pub(super) fn read(
    body: &[u8],
    content_type: Option<&str>,
    redactor: &Redactor,
) -> Result<Reply, ModelError> {
    let response: Response = decoded(body, content_type, redactor)?;
    let usage = response.usage_metadata.map(|tokens| Usage {
        prompt_tokens: tokens.prompt_token_count,
        reply_tokens: tokens.candidates_token_count,
    });
    let blocked = response.prompt_feedback.and_then(|feedback| feedback.block_reason).is_some();
    let Some(candidate) = response.candidates.into_iter().next() else {
        if blocked {
            return Ok(Reply::new(String::new(), Finish::ContentFilter, usage));
        }
        return Err(unusable(Flaw::NoChoice, body, redactor));
    };
    let finish = match candidate.finish_reason.as_deref() {
        Some("STOP") => Finish::Stop,
        Some("MAX_TOKENS") => Finish::Length,
        Some("SAFETY" | "PROHIBITED_CONTENT" | "BLOCKLIST" | "SPII") => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Other("no reason given".to_owned()),
    };
    let parts = candidate.content.map(|content| content.parts).unwrap_or_default();
    let said = parts.into_iter().filter(|part| !part.thought).map(|part| part.text);
    Ok(Reply::new(said.collect(), finish, usage))
}
