//! What pieces of a response come to: a reply, an error that came with a status of success, or nothing that can be used.

use serde_json::{Map, Value, json};

use trustmh_core::call::{Fidelity, Finish, Reply, Usage};
use trustmh_core::thought::Thought;

use super::{Body, Close, Texts};
use crate::error::Flaw;

/// What was gathered from the pieces of one reply.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// What the model said.
    pub(crate) text: String,
    /// What it said where it declined, in a field of its own.
    pub(crate) refusal: String,
    /// What it thought.
    pub(crate) thought: String,
    /// The service's word for why it ended.
    pub(crate) reason: Option<String>,
    /// What was counted.
    pub(crate) usage: Option<Usage>,
    /// An error that came in the place of a reply, or in its middle.
    pub(crate) error: Option<Value>,
    /// Whether there was anything in the form of a reply.
    pub(crate) form: Form,
}

/// Whether a body has the form of a reply.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
    Missing,
    Reply,
}

/// What a response with a status of success is.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A reply; it may be empty or withheld.
    Reply(Reply),
    /// An error, whose meaning is to be found out.
    Error(Value),
}

impl Outcome {
    /// The text of a reply; none of an error.
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::Reply(reply) => Some(reply.text),
            Self::Error(_) => None,
        }
    }
}

impl Gathered {
    /// Takes a text, wherever it stands: a string, an object that holds one, a list of either. Parts that are thoughts are kept apart.
    pub(crate) fn say(&mut self, content: Option<&Value>) {
        match content {
            Some(Value::String(text)) => self.text.push_str(text),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.say(Some(part))),
            Some(Value::Object(part)) => self.part(part),
            Some(other @ (Value::Number(_) | Value::Bool(_))) => {
                self.text.push_str(&other.to_string())
            }
            Some(Value::Null) | None => {}
        }
    }

    fn part(&mut self, part: &Map<String, Value>) {
        const THOUGHTS: [&str; 3] = ["think", "reason", "thought"];
        const TEXTS: [&str; 6] =
            ["text", "value", "output_text", "content", "parts", "generated_text"];
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        let thought = part
            .get("thought")
            .is_some_and(|thought| *thought != Value::Bool(false) && !thought.is_null());
        if thought || THOUGHTS.iter().any(|word| kind.contains(word)) {
            self.think(Some(&Value::Object(part.clone())));
        } else if let Some(refusal) = part.get("refusal").and_then(Value::as_str) {
            self.refusal.push_str(refusal);
        } else if !["tool", "function", "image", "audio"].iter().any(|word| kind.contains(word)) {
            self.say(TEXTS.iter().find_map(|field| part.get(*field)));
        }
    }

    /// Takes a thought that stands apart, in whatever form.
    pub(crate) fn think(&mut self, thought: Option<&Value>) {
        const TEXTS: [&str; 8] = [
            "thinking",
            "reasoning",
            "reasoning_content",
            "text",
            "summary",
            "content",
            "thought",
            "value",
        ];
        match thought {
            Some(Value::String(text)) => self.thought.push_str(text),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.think(Some(part))),
            Some(Value::Object(part)) => {
                let texts = TEXTS.iter().filter_map(|field| part.get(*field));
                self.think(texts.clone().find(|text| !text.is_null() && !text.is_boolean()));
            }
            Some(Value::Null | Value::Bool(_) | Value::Number(_)) | None => {}
        }
    }

    /// Takes a reason to end; an empty word is none, a number is a word like any other.
    pub(crate) fn end(&mut self, reason: Option<&Value>) {
        let word = match reason {
            Some(Value::String(word)) if !word.trim().is_empty() => word.trim().to_owned(),
            Some(number @ Value::Number(_)) => number.to_string(),
            _ => return,
        };
        self.reason = Some(word);
    }

    /// Whether nothing was said.
    pub(crate) fn is_silent(&self) -> bool {
        self.text.trim().is_empty() && self.refusal.trim().is_empty()
    }

    /// Whether a word for the end says that the service kept the reply to itself.
    pub(crate) fn withholds(reason: Option<&Value>) -> bool {
        reason.and_then(Value::as_str).is_some_and(|word| End::of(word) == End::Withheld)
    }

    /// Takes an error, if there is one.
    pub(crate) fn fail(&mut self, error: Option<&Value>) {
        let is_one = error.is_some_and(|error| match error {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            Value::Array(several) => !several.is_empty(),
            Value::Bool(true) | Value::Number(_) => true,
        });
        if let (true, Some(error)) = (is_one, error) {
            self.error = Some(error.clone());
        }
    }

    /// What it all comes to.
    ///
    /// # Errors
    /// A [`Flaw`] where there is neither a reply nor an error.
    pub(crate) fn concluded(self, body: &Body) -> Result<Outcome, Flaw> {
        let silent = self.is_silent();
        let end = self.reason.as_deref().map(End::of);
        if let Some(error) = self.error
            && (silent || !matches!(end, Some(End::Said(_))))
        {
            return Ok(Outcome::Error(error));
        }
        let said = if self.refusal.trim().is_empty() { self.text } else { self.refusal };
        let finish = match end {
            Some(End::Withheld) => return Ok(Outcome::Reply(withheld(self.usage))),
            Some(End::WithheldIfSilent) if silent => {
                return Ok(Outcome::Reply(withheld(self.usage)));
            }
            Some(End::Broke) => {
                let word = self.reason.unwrap_or_default();
                return Ok(Outcome::Error(
                    json!({ "message": format!("the reply ended with `{word}`") }),
                ));
            }
            Some(End::Loading) if silent => {
                return Ok(Outcome::Error(
                    json!({ "message": "the model is still loading", "code": 503 }),
                ));
            }
            Some(End::Said(finish)) => finish,
            Some(End::WithheldIfSilent | End::Loading) => {
                Finish::Other(self.reason.unwrap_or_default())
            }
            None if self.form == Form::Missing && self.usage.is_none() => {
                return Err(if body.pieces.is_empty() { Flaw::CutOff } else { Flaw::NoChoice });
            }
            None if body.close == Close::Unseen => return Err(Flaw::CutOff),
            None => Finish::Other("no reason given".to_owned()),
        };
        let mut reply =
            Reply::new(said, finish, self.usage).with_thought(Thought::apart(self.thought));
        if body.texts == Texts::Mended && reply.text.contains('\u{fffd}') {
            reply.fidelity = Fidelity::Mended;
        }
        Ok(Outcome::Reply(reply))
    }
}

/// A reply that the service kept to itself, whole or from some point on: what came of it is no answer.
pub(crate) fn withheld(usage: Option<Usage>) -> Reply {
    Reply::new(String::new(), Finish::ContentFilter, usage)
}

/// What a word for the end of a reply means.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The model came to this end.
    Said(Finish),
    /// The service withheld the reply for what it says.
    Withheld,
    /// The service withheld it, if there is nothing of it.
    WithheldIfSilent,
    /// The service failed.
    Broke,
    /// There is no model there yet.
    Loading,
}

impl End {
    fn of(word: &str) -> Self {
        let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        let plain = plain.strip_prefix("finishreason").unwrap_or(&plain);
        match plain {
            "stop" | "endturn" | "stopsequence" | "eos" | "eostoken" | "eosfound" | "endoftext"
            | "complete" | "completed" | "finished" => Self::Said(Finish::Stop),
            "length"
            | "maxtokens"
            | "maxoutputtokens"
            | "maxnewtokens"
            | "maxcompletiontokens"
            | "maxlength"
            | "modellength"
            | "modelcontextwindowexceeded"
            | "contextlength"
            | "contextlengthexceeded"
            | "tokenlimit" => Self::Said(Finish::Length),
            "blocked" | "blocklist" | "spii" | "recitation" | "refusal" | "flagged"
            | "errortoxic" | "modelarmor" | "risk" | "violation" => Self::Withheld,
            "other" | "language" => Self::WithheldIfSilent,
            "error"
            | "networkerror"
            | "insufficientsystemresource"
            | "abort"
            | "aborted"
            | "cancelled"
            | "servererror"
            | "internalerror" => Self::Broke,
            "load" | "unload" | "loading" => Self::Loading,
            _ => {
                const WITHHELD: [&str; 11] = [
                    "contentfilter",
                    "contentpolicy",
                    "guardrail",
                    "safety",
                    "prohibited",
                    "imagerecitation",
                    "moderation",
                    "sensitive",
                    "policyviolation",
                    "unsafe",
                    "censor",
                ];
                if WITHHELD.iter().any(|part| plain.contains(part)) {
                    Self::Withheld
                } else {
                    Self::Said(Finish::Other(word.to_owned()))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(text: &str, reason: &str) -> Gathered {
        let mut gathered = Gathered { form: Form::Reply, ..Gathered::default() };
        gathered.say(Some(&Value::from(text)));
        gathered.end(Some(&Value::from(reason)));
        gathered
    }

    fn concluded(gathered: Gathered) -> Outcome {
        let body = Body { pieces: vec![json!({})], close: Close::Seen, texts: Texts::AsSent };
        gathered.concluded(&body).unwrap()
    }

    fn reply(text: &str, reason: &str) -> Reply {
        match concluded(gathered(text, reason)) {
            Outcome::Reply(reply) => reply,
            Outcome::Error(error) => panic!("{error}"),
        }
    }

    #[test]
    fn of_a_withheld_reply_nothing_counts_as_said() {
        for reason in [
            "content_filter",
            "SAFETY",
            "sensitive",
            "RECITATION",
            "IMAGE_SAFETY",
            "refusal",
            "guardrail_intervened",
            "ContentFiltered",
            "safety_stop",
            "policy_violation",
            "unsafe_content",
        ] {
            let reply = reply("Half of", reason);
            assert_eq!(
                (reply.text.as_str(), reply.finish),
                ("", Finish::ContentFilter),
                "{reason}"
            );
        }
        assert_eq!(reply("", "OTHER").finish, Finish::ContentFilter);
        assert_eq!(reply("All of it.", "OTHER").text, "All of it.");
    }

    #[test]
    fn words_for_the_end_are_known_in_any_case() {
        assert_eq!(reply("x", "END_TURN").finish, Finish::Stop);
        assert_eq!(reply("x", "eos_token").finish, Finish::Stop);
        assert_eq!(reply("x", "model_context_window_exceeded").finish, Finish::Length);
        assert_eq!(reply("x", "pause_turn").finish, Finish::Other("pause_turn".to_owned()));
        assert_eq!(
            reply("", "MALFORMED_FUNCTION_CALL").finish,
            Finish::Other("MALFORMED_FUNCTION_CALL".to_owned())
        );
        for reason in ["error", "network_error", "insufficient_system_resource"] {
            assert!(matches!(concluded(gathered("Half", reason)), Outcome::Error(_)), "{reason}");
        }
        assert!(matches!(concluded(gathered("", "load")), Outcome::Error(_)));
    }

    #[test]
    fn an_error_beside_a_whole_reply_takes_nothing_away() {
        let mut whole = gathered("Whole.", "stop");
        whole.fail(Some(&json!({ "message": "late" })));
        assert!(matches!(concluded(whole), Outcome::Reply(_)));
        let mut none = gathered("Whole.", "stop");
        none.fail(Some(&json!({})));
        assert!(none.error.is_none());
        let mut empty = gathered("", "stop");
        empty.fail(Some(&json!("busy")));
        assert!(matches!(concluded(empty), Outcome::Error(_)));
    }

    #[test]
    fn texts_and_thoughts_are_found_in_any_form() {
        let mut gathered = Gathered::default();
        gathered.say(Some(&json!([
            "One ",
            { "type": "thinking", "thinking": [{ "type": "text", "text": "Hm." }] },
            { "type": "text", "text": "two " },
            { "type": "output_text", "text": { "value": "three" } },
            { "text": " and a thought", "thought": true },
            { "type": "tool_use", "text": "no" },
            { "type": "text", "text": null },
            null,
        ])));
        assert_eq!(gathered.text, "One two three");
        assert_eq!(gathered.thought, "Hm. and a thought");
        gathered.say(Some(&json!([{ "type": "refusal", "refusal": "I won't." }])));
        assert_eq!(gathered.refusal, "I won't.");
    }
}
