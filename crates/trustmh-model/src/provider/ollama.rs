//! Ollama's chat.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::num::NonZeroUsize;

use trustmh_core::call::CallSpec;

use super::dialect::{Declaration, Dialect, chat};
use crate::error::Flaw;
use crate::http::KeyHeader;
use crate::reading::Body;
use crate::reading::count::{count, usage};
use crate::reading::reply::{Form, Gathered, Outcome};
use crate::traits::{Parameters, TemperatureField};

/// A server at home answers one after the other.
const AT_HOME: NonZeroUsize = NonZeroUsize::new(2).unwrap();

const DECLARATION: Declaration = Declaration {
    prefix: "ollama",
    summary: "Ollama's chat, on this machine unless `--base-url` says otherwise",
    speaker: "an Ollama server",
    base_url: "http://127.0.0.1:11434",
    key_variable: None,
    key_header: KeyHeader::Bearer,
    headers: &[],
    parallel: AT_HOME,
};

/// Ollama's chat (`/api/chat`).
#[derive(Debug)]
pub(super) struct Ollama;

impl Dialect for Ollama {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn chat_path(&self, given: &str, _: &str) -> String {
        let base = given.trim_end_matches('/');
        let base = ["/chat", "/generate", "/api", "/v1"]
            .iter()
            .fold(base, |base, end| base.strip_suffix(end).unwrap_or(base));
        format!("{base}/api/chat")
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

/// The server can be asked to think, not for how long: thought and reply share the limit.
fn request(model: &str, parameters: Parameters, call: &CallSpec) -> Value {
    let sampling = call.sampling;
    let mut options = json!({ "num_predict": sampling.limit() });
    if parameters.temperature == TemperatureField::Taken {
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

/// Puts a reply together, whole or line by line.
fn read(body: &Body) -> Result<Outcome, Flaw> {
    let mut gathered = Gathered::default();
    let (mut prompt, mut reply) = (None, None);
    for piece in &body.pieces {
        gathered.fail(piece.get("error"));
        if let Some(message) = piece.get("message").or_else(|| piece.get("response")) {
            gathered.form = Form::Reply;
            gathered.say(message.get("content").or_else(|| message.is_string().then_some(message)));
            gathered.think(message.get("thinking").or_else(|| piece.get("thinking")));
        }
        gathered.end(piece.get("done_reason"));
        if piece.get("done") == Some(&Value::Bool(true)) && gathered.reason.is_none() {
            gathered.end(Some(&Value::from("no reason given")));
        }
        // A prompt that is still in the server's cache is not counted again.
        prompt = count(piece.get("prompt_eval_count")).or(prompt);
        reply = count(piece.get("eval_count")).or(reply);
    }
    gathered.usage = usage(prompt, reply);
    gathered.concluded(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::call::{Finish, Unanswered, Usage};

    fn outcome(body: &str) -> Outcome {
        read(&Body::read(body.as_bytes(), None).unwrap()).unwrap()
    }

    #[test]
    fn whole_or_in_lines_a_reply_is_read() {
        let whole = r#"{"message":{"content":"B!","thinking":"Hm."},"done":true,"done_reason":"stop","prompt_eval_count":9.0,"eval_count":7.0}"#;
        let lines = "{\"message\":{\"content\":\"\",\"thinking\":\"Hm.\"},\"done\":false}\n{\"message\":{\"content\":\"B!\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":9,\"eval_count\":7}\n";
        for body in [whole, lines] {
            let Outcome::Reply(reply) = outcome(body) else { panic!("{body}") };
            assert_eq!((reply.text.as_str(), reply.finish), ("B!", Finish::Stop));
            assert_eq!(reply.thought.unwrap().text, "Hm.");
            assert_eq!(reply.usage, Some(Usage { prompt_tokens: 9, reply_tokens: 7 }));
        }
    }

    #[test]
    fn silence_and_loading_are_told_apart() {
        let Outcome::Reply(cut) = outcome(
            r#"{"message":{"content":"","thinking":"Hm"},"done":true,"done_reason":"length"}"#,
        ) else {
            panic!()
        };
        assert_eq!(cut.unanswered(), Some(Unanswered::Cut));
        let loading = r#"{"message":{"content":""},"done":true,"done_reason":"load"}"#;
        assert!(matches!(outcome(loading), Outcome::Error(_)));
        assert!(matches!(outcome(r#"{"error":"model is busy"}"#), Outcome::Error(_)));
    }
}
