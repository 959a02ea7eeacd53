//! The protocols that the fake provider speaks.

use serde_json::{Value, json};

use trustmh_core::call::{CallSpec, Finish, Purpose, Reply, Sampling, Usage};
use trustmh_core::message::{Message, Role};
use trustmh_core::request::RequestOptions;

use super::ThoughtsChoice;

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    OpenAi,
    Anthropic,
    Gemini,
    Ollama,
}

/// A reply as it goes over the wire.
pub(super) struct Sent {
    pub(super) text: String,
    /// A thought that stands apart.
    pub(super) thought: Option<String>,
    pub(super) finish: Finish,
    pub(super) usage: Usage,
}

impl Sent {
    /// A reply without a thought.
    pub(super) fn plain(text: &str, finish: Finish, prompt_tokens: u64, reply_tokens: u64) -> Self {
        let usage = Usage { prompt_tokens, reply_tokens };
        Self { text: text.to_owned(), thought: None, finish, usage }
    }

    /// A scripted reply, its thought where `thoughts` says.
    pub(super) fn of(reply: Reply, thoughts: ThoughtsChoice) -> Self {
        let usage = reply.usage.unwrap_or_default();
        let thought = reply.thought.map(|thought| thought.text);
        let (text, thought) = match (thought, thoughts) {
            (Some(thought), ThoughtsChoice::Tags) => {
                (format!("<think>\n{thought}\n</think>\n\n{}", reply.text), None)
            }
            (thought, _) => (reply.text, thought),
        };
        Self { text, thought, finish: reply.finish, usage }
    }
}

impl Dialect {
    /// The call that a request makes.
    pub(super) fn call_of(self, request: &Value) -> Option<CallSpec> {
        let number = |path: &str| request.pointer(path).and_then(Value::as_u64);
        let (messages, limit, temperature, seed) = match self {
            Self::OpenAi => (chat(request)?, "/max_tokens", "/temperature", "/seed"),
            Self::Anthropic => {
                let system = request.get("system").and_then(Value::as_str);
                let system =
                    system.map(|text| Message { role: Role::System, content: text.to_owned() });
                let messages = system.into_iter().chain(chat(request)?).collect();
                (messages, "/max_tokens", "/temperature", "/seed")
            }
            Self::Gemini => (
                contents(request)?,
                "/generationConfig/maxOutputTokens",
                "/generationConfig/temperature",
                "/generationConfig/seed",
            ),
            Self::Ollama => {
                (chat(request)?, "/options/num_predict", "/options/temperature", "/options/seed")
            }
        };
        let max_tokens = number(limit).or_else(|| number("/max_completion_tokens")).unwrap_or(1024);
        Some(CallSpec {
            purpose: Purpose::Subject { turn: 0 },
            messages,
            sampling: Sampling {
                temperature: request
                    .pointer(temperature)
                    .and_then(Value::as_f64)
                    .unwrap_or_default(),
                max_tokens: u32::try_from(max_tokens).unwrap_or(u32::MAX),
                seed: number(seed),
                thinking_tokens: None,
            },
            repeat: 0,
            options: RequestOptions::default(),
            trial: None,
        })
    }

    /// A reply in one piece.
    pub(super) fn whole(self, sent: &Sent) -> Value {
        let Sent { text, thought, finish, usage: Usage { prompt_tokens, reply_tokens } } = sent;
        let reason = self.reason(finish);
        match self {
            Self::OpenAi => {
                let mut message = json!({ "role": "assistant", "content": text });
                if let Some(thought) = thought {
                    message["reasoning_content"] = json!(thought);
                }
                json!({
                    "object": "chat.completion",
                    "model": "fake-provider",
                    "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
                    "usage": {
                        "prompt_tokens": prompt_tokens,
                        "completion_tokens": reply_tokens,
                        "total_tokens": prompt_tokens + reply_tokens,
                    },
                })
            }
            Self::Anthropic => {
                let thought =
                    thought.iter().map(|text| json!({ "type": "thinking", "thinking": text }));
                let blocks = thought.chain([json!({ "type": "text", "text": text })]);
                json!({
                    "type": "message",
                    "role": "assistant",
                    "model": "fake-provider",
                    "content": blocks.collect::<Vec<_>>(),
                    "stop_reason": reason,
                    "usage": { "input_tokens": prompt_tokens, "output_tokens": reply_tokens },
                })
            }
            Self::Gemini => {
                let thought = thought.iter().map(|text| json!({ "text": text, "thought": true }));
                let parts = thought.chain([json!({ "text": text })]);
                let content = json!({ "role": "model", "parts": parts.collect::<Vec<_>>() });
                json!({
                    "candidates": [{ "index": 0, "content": content, "finishReason": reason }],
                    "usageMetadata": { "promptTokenCount": prompt_tokens, "candidatesTokenCount": reply_tokens },
                    "modelVersion": "fake-provider",
                })
            }
            Self::Ollama => {
                let mut message = json!({ "role": "assistant", "content": text });
                if let Some(thought) = thought {
                    message["thinking"] = json!(thought);
                }
                json!({
                    "model": "fake-provider",
                    "message": message,
                    "done": true,
                    "done_reason": reason,
                    "prompt_eval_count": prompt_tokens,
                    "eval_count": reply_tokens,
                })
            }
        }
    }

    fn reason(self, finish: &Finish) -> &'static str {
        match (self, finish) {
            (Self::OpenAi | Self::Ollama, Finish::Length) => "length",
            (Self::Anthropic, Finish::Length) => "max_tokens",
            (Self::Gemini, Finish::Length) => "MAX_TOKENS",
            (Self::OpenAi | Self::Ollama, Finish::ContentFilter) => "content_filter",
            (Self::Anthropic, Finish::ContentFilter) => "refusal",
            (Self::Gemini, Finish::ContentFilter) => "SAFETY",
            (Self::OpenAi | Self::Ollama, Finish::Stop | Finish::Other(_)) => "stop",
            (Self::Anthropic, Finish::Stop | Finish::Other(_)) => "end_turn",
            (Self::Gemini, Finish::Stop | Finish::Other(_)) => "STOP",
        }
    }
}

fn chat(request: &Value) -> Option<Vec<Message>> {
    let messages = request.get("messages")?.as_array()?.iter();
    messages.map(|message| said(message.get("role")?, message.get("content")?)).collect()
}

fn contents(request: &Value) -> Option<Vec<Message>> {
    let system = request.pointer("/systemInstruction/parts").and_then(Value::as_array);
    let system = system.into_iter().flatten().map(|part| said(&json!("system"), part.get("text")?));
    let contents = request.get("contents")?.as_array()?.iter();
    let contents = contents.map(|turn| said(turn.get("role")?, turn.pointer("/parts/0/text")?));
    system.chain(contents).collect()
}

fn said(role: &Value, content: &Value) -> Option<Message> {
    let role = match role.as_str()? {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" | "model" => Role::Assistant,
        _ => return None,
    };
    Some(Message { role, content: content.as_str()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clients that read usage strictly take no reply without a total.
    #[test]
    fn usage_of_the_openai_protocol_has_a_total() {
        let whole = Dialect::OpenAi.whole(&Sent::plain("A", Finish::Stop, 3, 2));
        assert_eq!(whole["usage"]["total_tokens"], 5);
    }
}
