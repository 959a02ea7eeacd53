//! Ollama's chat.

use serde::Deserialize;
use serde_json::{Value, json};

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};

use super::chat;
use crate::error::ModelError;
use crate::openai::wire::decoded;
use crate::redact::Redactor;

pub(super) fn request(model: &str, call: &CallSpec) -> Value {
    let mut options = json!({
        "temperature": call.sampling.temperature,
        "num_predict": call.sampling.max_tokens,
    });
    if let Some(seed) = call.sampling.seed {
        options["seed"] = Value::from(seed);
    }
    json!({ "model": model, "messages": chat(&call.messages), "stream": false, "options": options })
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
