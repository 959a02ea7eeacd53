//! What a model put out in a sample, and how its call ended.

use serde::Deserialize;
use serde_json::Value;

use trustmh_core::call::{CallEnd, Finish, RecordedAnswer, Reply, Usage};
use trustmh_core::thought::Thought;

use super::sample::Sample;
use super::scored::Reading;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ModelOutput {
    #[serde(default)]
    completion: String,
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Tokens>,
    /// What the service says where it would not answer.
    #[serde(default)]
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Said,
    #[serde(default)]
    stop_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Said {
    #[serde(default)]
    content: Value,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
}

impl ModelOutput {
    fn reply(&self) -> Reply {
        let first = self.choices.first();
        let text = if self.completion.is_empty() {
            first.map(|choice| text_of(&choice.message.content)).unwrap_or_default()
        } else {
            self.completion.clone()
        };
        let usage = self.usage.map(|tokens| Usage {
            prompt_tokens: tokens.input_tokens,
            reply_tokens: tokens.output_tokens,
        });
        let thought = first.and_then(|choice| thought_of(&choice.message.content));
        Reply::new(text, self.finish(), usage).with_thought(thought)
    }

    /// Why it stopped. An `error` is there only where a service withheld the reply.
    fn finish(&self) -> Finish {
        if self.error.as_ref().is_some_and(|error| !error.is_empty()) {
            return Finish::ContentFilter;
        }
        match self.choices.first().and_then(|choice| choice.stop_reason.as_deref()) {
            Some("stop") => Finish::Stop,
            // `length` is what the first logs said for `max_tokens`.
            Some("max_tokens" | "model_length" | "length") => Finish::Length,
            Some("content_filter") => Finish::ContentFilter,
            Some(other) => Finish::Other(other.to_owned()),
            None => Finish::Other("not recorded".to_owned()),
        }
    }
}

impl Sample {
    /// How the call ended: with Inspect's reading beside the reply where it recorded one, so that the same answers are right.
    ///
    /// A withheld reply stays a withheld one, and silence stays silence, whatever a scorer made of it.
    pub(super) fn end(&self, key: char, options: usize) -> CallEnd {
        if let Some(halt) = &self.error {
            return CallEnd::Broken { message: halt.message.clone() };
        }
        let reading = self.reading(key, options);
        let output = self.output.as_ref();
        let scored = !matches!(reading, Reading::None);
        // A limit may end a sample before its model was asked; Inspect scores it nevertheless.
        let Some(output) = output.filter(|output| scored || !output.is_blank()) else {
            return CallEnd::Broken { message: "the log has no reply".to_owned() };
        };
        let reply = output.reply();
        match reading {
            _ if reply.finish == Finish::ContentFilter => CallEnd::Replied(reply),
            _ if reply.text.trim().is_empty() => CallEnd::Replied(reply),
            Reading::Answer(letter) => CallEnd::Recorded {
                answer: RecordedAnswer::Choice(letter),
                text: reply.text,
                finish: Some(reply.finish),
                thought: reply.thought,
            },
            Reading::Unfit | Reading::None => CallEnd::Replied(reply),
        }
    }

    /// Whether a service withheld the reply.
    pub(super) fn withheld(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.finish() == Finish::ContentFilter)
    }

    /// Whether the model said nothing, or nothing outside a thought.
    pub(super) fn is_silent(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.reply().unanswered().is_some())
    }
}

impl ModelOutput {
    /// Whether there is nothing at all, not even an empty message.
    fn is_blank(&self) -> bool {
        self.choices.is_empty() && self.completion.is_empty() && self.error.is_none()
    }
}

/// The text of a message: a string, or parts of which some are text.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// What a message's parts of the type `reasoning` say; of a redacted one only its summary can be read.
fn thought_of(content: &Value) -> Option<Thought> {
    let parts = content.as_array()?.iter();
    let thoughts =
        parts.filter(|part| part.get("type").and_then(Value::as_str) == Some("reasoning"));
    let texts = thoughts.filter_map(|part| {
        let redacted = part.get("redacted").and_then(Value::as_bool) == Some(true);
        part.get(if redacted { "summary" } else { "reasoning" })?.as_str()
    });
    Thought::apart(texts.collect::<Vec<_>>().join("\n\n"))
}
