//! Google's Gemini.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use trustmh_core::call::{CallSpec, Usage};
use trustmh_core::message::Role;

use super::dialect::{Declaration, Dialect, HOSTED};
use crate::error::Flaw;
use crate::http::KeyHeader;
use crate::reading::Body;
use crate::reading::count::{count, usage};
use crate::reading::reply::{Form, Gathered, Outcome, withheld};
use crate::traits::{Parameters, TemperatureField};

const DECLARATION: Declaration = Declaration {
    prefix: "gemini",
    summary: "Google's generateContent",
    speaker: "a server of Gemini's generateContent",
    base_url: "https://generativelanguage.googleapis.com",
    key_variable: Some("GEMINI_API_KEY"),
    key_header: KeyHeader::Named("x-goog-api-key"),
    headers: &[],
    parallel: HOSTED,
};

/// Google's Gemini (`/v1beta/models/<model>:generateContent`).
#[derive(Debug)]
pub(super) struct Gemini;

impl Dialect for Gemini {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn chat_path(&self, given: &str, model: &str) -> String {
        let base = given.trim_end_matches('/');
        let base = base.split_once("/models").map_or(base, |(base, _)| base);
        let base = base.strip_suffix("/openai").unwrap_or(base);
        let versioned = ["/v1beta", "/v1alpha", "/v1"].iter().any(|end| base.ends_with(end));
        let version = if versioned { "" } else { "/v1beta" };
        format!("{base}{version}/models/{model}:generateContent")
    }

    fn request(
        &self,
        _: &str,
        parameters: Parameters,
        call: &CallSpec,
    ) -> serde_json::Result<Box<RawValue>> {
        to_raw_value(&request(parameters, call))
    }

    fn read(&self, body: &Body) -> Result<Outcome, Flaw> {
        read(body)
    }
}

/// What the model thinks counts towards the limit of its reply.
fn request(parameters: Parameters, call: &CallSpec) -> Value {
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
    if parameters.temperature == TemperatureField::Taken {
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

/// Puts a reply together, whole or in pieces. A prompt that is blocked brings no candidate.
fn read(body: &Body) -> Result<Outcome, Flaw> {
    let mut candidates: BTreeMap<u64, Gathered> = BTreeMap::new();
    let (mut error, mut tokens, mut blocked) = (Gathered::default(), None, None);
    for piece in &body.pieces {
        error.fail(piece.get("error"));
        tokens = counted(piece.get("usageMetadata")).or(tokens);
        blocked = piece.pointer("/promptFeedback/blockReason").and_then(Value::as_str).or(blocked);
        let listed = piece.get("candidates").and_then(Value::as_array);
        for (place, candidate) in listed.into_iter().flatten().enumerate() {
            let index = count(candidate.get("index")).unwrap_or(place as u64);
            let into = candidates.entry(index).or_default();
            into.form = Form::Reply;
            into.say(candidate.get("content"));
            into.end(candidate.get("finishReason").or_else(|| candidate.get("finish_reason")));
        }
    }
    let first = candidates.into_iter().next();
    if first.is_none() && blocked.is_some_and(|reason| reason != "BLOCK_REASON_UNSPECIFIED") {
        return Ok(Outcome::Reply(withheld(tokens)));
    }
    let mut gathered = first.map_or_else(Gathered::default, |(_, candidate)| candidate);
    gathered.error = error.error;
    gathered.usage = tokens;
    gathered.concluded(body)
}

/// Tokens. The service counts thoughts apart, and they are paid for like the rest of the reply.
fn counted(tokens: Option<&Value>) -> Option<Usage> {
    let of = |name: &str| count(tokens?.get(name));
    let reply = [of("candidatesTokenCount"), of("thoughtsTokenCount")];
    let reply = reply.into_iter().flatten().reduce(|said, thought| said + thought);
    usage(of("promptTokenCount"), reply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::call::{Finish, Reply, Unanswered};

    fn reply(body: &str) -> Reply {
        match read(&Body::read(body.as_bytes(), None).unwrap()) {
            Ok(Outcome::Reply(reply)) => reply,
            other => panic!("{other:?} of {body}"),
        }
    }

    fn silent(reason: &str) -> Reply {
        reply(&format!(r#"{{"candidates":[{{"finishReason":"{reason}"}}]}}"#))
    }

    #[test]
    fn every_reason_to_end_has_its_outcome() {
        for reason in [
            "SAFETY",
            "RECITATION",
            "LANGUAGE",
            "OTHER",
            "BLOCKLIST",
            "PROHIBITED_CONTENT",
            "SPII",
            "IMAGE_SAFETY",
        ] {
            assert_eq!(silent(reason).finish, Finish::ContentFilter, "{reason}");
        }
        assert_eq!(silent("MAX_TOKENS").unanswered(), Some(Unanswered::Cut));
        for reason in
            ["STOP", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "FINISH_REASON_UNSPECIFIED"]
        {
            assert_eq!(silent(reason).unanswered(), Some(Unanswered::Empty), "{reason}");
        }
        for reason in ["SAFETY", "OTHER", "PROHIBITED_CONTENT"] {
            let blocked = format!(r#"{{"promptFeedback":{{"blockReason":"{reason}"}}}}"#);
            assert_eq!(reply(&blocked).finish, Finish::ContentFilter, "{reason}");
        }
    }

    #[test]
    fn thoughts_are_kept_apart_and_their_tokens_count() {
        let body = r#"{"candidates":[{"finishReason":"STOP","content":{"parts":[{"text":"Hm.","thought":true},{"text":"B"},{"text":"!"}]}}],
            "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"thoughtsTokenCount":1000,"totalTokenCount":1013}}"#;
        let whole = reply(body);
        assert_eq!((whole.text.as_str(), whole.thought.unwrap().text.as_str()), ("B!", "Hm."));
        assert_eq!(whole.usage, Some(Usage { prompt_tokens: 9, reply_tokens: 1004 }));
        let only = reply(
            r#"{"candidates":[{"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":9,"thoughtsTokenCount":512}}"#,
        );
        assert_eq!(only.usage, Some(Usage { prompt_tokens: 9, reply_tokens: 512 }));
    }

    #[test]
    fn pieces_make_one_reply() {
        let body = r#"[{"candidates":[{"content":{"parts":[{"text":"B"}]}}]},{"candidates":[{"content":{"parts":[{"text":"!"}]},"finishReason":"STOP"}]}]"#;
        assert_eq!(reply(body).text, "B!");
    }
}
