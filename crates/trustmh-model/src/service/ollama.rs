//! Ollama's chat.

use serde::Deserialize;
use serde_json::{Value, json};

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};

use super::chat;
use crate::error::ModelError;
use crate::openai::wire::decoded;
use crate::redact::Redactor;
use crate::traits::{Parameters, TemperatureField};

/// The server can be asked to think, not for how long: thought and reply share the limit.
pub(super) fn request(model: &str, style: Parameters, call: &CallSpec) -> Value {
    let sampling = call.sampling;
    let mut options = json!({ "num_predict": sampling.limit() });
    if style.temperature == TemperatureField::Taken {
        options["temperature"] = Value::from(sampling.temperature);
    }
    if let Some(seed) = sampling.seed {
        options["seed"] = Value::from(seed);
    }
    let mut request = json!({
        "model": model, "messages": chat(&call.messages), "stream": false, "options": options,
    });
    if let Some(tokens) = sampling.thinking_tokens {
        request["think"] = Value::from(tokens > 0);
    }
    request
}

#[derive(Deserialize)]
struct Response {
    message: Message,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: String,
}

pub(super) fn read(
    body: &[u8],
    content_type: Option<&str>,
    redactor: &Redactor,
) -> Result<Reply, ModelError> {
    let response: Response = decoded(body, content_type, redactor)?;
    let finish = match response.done_reason.as_deref() {
        Some("stop") => Finish::Stop,
        Some("length") => Finish::Length,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Other("no reason given".to_owned()),
    };
    let usage = response.eval_count.map(|reply_tokens| Usage {
        // A prompt that is still in the server's cache is not counted again.
        prompt_tokens: response.prompt_eval_count.unwrap_or_default(),
        reply_tokens,
    });
    Ok(Reply::new(response.message.content, finish, usage))
}
