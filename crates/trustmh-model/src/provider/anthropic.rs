//! Anthropic's messages.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use trustmh_core::call::CallSpec;
use trustmh_core::message::Role;

use super::dialect::{Declaration, Dialect, HOSTED, chat};
use crate::error::Flaw;
use crate::http::KeyHeader;
use crate::reading::Body;
use crate::reading::count::{count, usage};
use crate::reading::reply::{Form, Gathered, Outcome};
use crate::traits::{Parameters, TemperatureField, ThinkingField};

/// The service takes no smaller budget.
const SMALLEST_BUDGET: u32 = 1024;

const DECLARATION: Declaration = Declaration {
    prefix: "anthropic",
    summary: "Anthropic's messages",
    speaker: "a server of Anthropic's messages",
    base_url: "https://api.anthropic.com",
    key_variable: Some("ANTHROPIC_API_KEY"),
    key_header: KeyHeader::Named("x-api-key"),
    headers: &[("anthropic-version", "2023-06-01")],
    parallel: HOSTED,
};

/// Anthropic's messages (`/v1/messages`, version 2023-06-01).
#[derive(Debug)]
pub(super) struct Anthropic;

impl Dialect for Anthropic {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn chat_path(&self, given: &str, _: &str) -> String {
        let base = given.trim_end_matches('/');
        let base = base.strip_suffix("/messages").unwrap_or(base);
        format!("{}/v1/messages", base.strip_suffix("/v1").unwrap_or(base))
    }

    fn request(
        &self,
        model: &str,
        parameters: Parameters,
        call: &CallSpec,
    ) -> serde_json::Result<Box<RawValue>> {
        to_raw_value(&request(model, parameters, call))
    }

    fn read(&self, body: &Body) -> Result<Outcome, Flaw> {
        read(body)
    }
}

/// A model that is to think takes no temperature; what it thinks counts towards the limit of the reply.
fn request(model: &str, parameters: Parameters, call: &CallSpec) -> Value {
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
        request["thinking"] = match parameters.thinking {
            ThinkingField::Budget => json!({ "type": "enabled", "budget_tokens": tokens }),
            ThinkingField::Adaptive => json!({ "type": "adaptive" }),
        };
    }
    if parameters.temperature == TemperatureField::Taken && !thinks {
        // The service takes no more than 1.
        request["temperature"] = Value::from(sampling.temperature.min(1.0));
    }
    if !system.is_empty() {
        request["system"] = Value::from(system.join("\n\n"));
    }
    request
}

/// Puts a reply together, whole or streamed.
fn read(body: &Body) -> Result<Outcome, Flaw> {
    let mut gathered = Gathered::default();
    let (mut prompt, mut reply) = (None, None);
    for piece in &body.pieces {
        gathered.fail(piece.get("error"));
        let message = piece.get("message").filter(|message| message.is_object()).unwrap_or(piece);
        if let Some(content) = message.get("content") {
            gathered.form = Form::Reply;
            gathered.say(Some(content));
            gathered.think(thoughts(content).as_ref());
        }
        gathered.say(piece.get("content_block"));
        let delta = piece.get("delta");
        gathered.say(delta.and_then(|delta| delta.get("text")));
        gathered.think(delta.and_then(|delta| delta.get("thinking")));
        gathered.end(message.get("stop_reason").or_else(|| delta?.get("stop_reason")));
        let tokens = message.get("usage").or_else(|| piece.get("usage"));
        let of = |name: &str| count(tokens.and_then(|tokens| tokens.get(name)));
        (prompt, reply) = (of("input_tokens").or(prompt), of("output_tokens").or(reply));
    }
    gathered.usage = usage(prompt, reply);
    gathered.concluded(body)
}

/// The service hides some thoughts and says only that there were some.
fn thoughts(content: &Value) -> Option<Value> {
    let hidden =
        |block: &&Value| block.get("type").and_then(Value::as_str) == Some("redacted_thinking");
    content.as_array()?.iter().find(hidden).map(|_| Value::from("[redacted]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::call::{Finish, Reply, Unanswered, Usage};

    fn reply(body: &str) -> Reply {
        match read(&Body::read(body.as_bytes(), None).unwrap()) {
            Ok(Outcome::Reply(reply)) => reply,
            other => panic!("{other:?} of {body}"),
        }
    }

    fn ended(content: &str, reason: &str) -> Reply {
        reply(&format!(
            r#"{{"type":"message","content":{content},"stop_reason":"{reason}","usage":{{"input_tokens":9,"output_tokens":300}}}}"#
        ))
    }

    #[test]
    fn thoughts_are_kept_apart_and_their_tokens_count() {
        let reply = ended(
            r#"[{"type":"thinking","thinking":"Hm.","signature":"x"},{"type":"text","text":null},{"type":"text","text":"B"}]"#,
            "end_turn",
        );
        assert_eq!((reply.text.as_str(), reply.thought.unwrap().text.as_str()), ("B", "Hm."));
        assert_eq!(reply.usage, Some(Usage { prompt_tokens: 9, reply_tokens: 300 }));
    }

    #[test]
    fn every_reason_to_end_has_its_outcome() {
        let text = r#"[{"type":"text","text":"Half"}]"#;
        assert_eq!(ended("[]", "refusal").finish, Finish::ContentFilter);
        assert_eq!(ended(text, "refusal").text, "");
        assert_eq!(ended(text, "pause_turn").text, "Half");
        assert_eq!(ended("[]", "pause_turn").unanswered(), Some(Unanswered::Empty));
        assert_eq!(ended(text, "model_context_window_exceeded").finish, Finish::Length);
        assert_eq!(ended("[]", "max_tokens").unanswered(), Some(Unanswered::Cut));
        assert_eq!(ended("[]", "end_turn").unanswered(), Some(Unanswered::Empty));
    }

    #[test]
    fn a_stream_makes_the_same_reply() {
        let stream = concat!(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n",
            "event: ping\ndata: {\"type\":\"ping\"}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Hm.\"}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"B\"}}\n\n",
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":20}}\n\n",
        );
        let reply = reply(stream);
        assert_eq!((reply.text.as_str(), reply.finish), ("B", Finish::Stop));
        assert_eq!(reply.usage, Some(Usage { prompt_tokens: 9, reply_tokens: 20 }));
    }
}
