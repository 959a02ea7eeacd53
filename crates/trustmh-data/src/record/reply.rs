//! Replies as chat completion services give them, and as records keep them.

use serde::Deserialize;
use serde_json::Value;

use trustmh_core::call::{CallEnd, Exchange, Finish, Purpose, Reply, Usage};

/// A recorded reply: its text, and the service's whole answer where it was kept.
#[derive(Deserialize)]
pub(super) struct RecordedReply {
    content: Option<String>,
    #[serde(default)]
    raw: Value,
}

impl RecordedReply {
    /// How the call ended. A reply without text is broken, unless the provider withheld it.
    pub(super) fn end(self) -> CallEnd {
        let finish = finish(self.raw.pointer("/choices/0/finish_reason").and_then(Value::as_str));
        let tokens = |name: &str| self.raw.get("usage")?.get(name)?.as_u64();
        let usage = match (tokens("prompt_tokens"), tokens("completion_tokens")) {
            (Some(prompt_tokens), Some(reply_tokens)) => {
                Some(Usage { prompt_tokens, reply_tokens })
            }
            _ => None,
        };
        match self.content {
            Some(text) => CallEnd::Replied(Reply::new(text, finish, usage)),
            None if finish == Finish::ContentFilter => {
                CallEnd::Replied(Reply::new(String::new(), finish, usage))
            }
            None => without_reply(),
        }
    }
}

/// A reply of which only the text was kept.
pub(super) fn text_only(text: Option<String>) -> CallEnd {
    match text {
        Some(text) => CallEnd::Replied(Reply::new(text, finish(None), None)),
        None => without_reply(),
    }
}

/// The subject's first exchange.
pub(super) fn subject(end: CallEnd) -> Exchange {
    Exchange { purpose: Purpose::Subject { turn: 0 }, end }
}

fn without_reply() -> CallEnd {
    CallEnd::Broken { message: "the record holds no reply".to_owned() }
}

fn finish(word: Option<&str>) -> Finish {
    match word {
        Some("stop") => Finish::Stop,
        Some("length") => Finish::Length,
        Some("content_filter") => Finish::ContentFilter,
        Some(other) => Finish::Other(other.to_owned()),
        None => Finish::Other("not recorded".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(json: &str) -> CallEnd {
        serde_json::from_str::<RecordedReply>(json).unwrap().end()
    }

    #[test]
    fn finish_and_usage_are_taken_where_they_are() {
        let full = r#"{"content":"x","raw":{"choices":[{"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}}"#;
        let CallEnd::Replied(reply) = end(full) else { panic!("must be a reply") };
        assert_eq!(reply.finish, Finish::Length);
        assert_eq!(reply.usage, Some(Usage { prompt_tokens: 3, reply_tokens: 2 }));
        let CallEnd::Replied(bare) = end(r#"{"content":"x"}"#) else { panic!("must be a reply") };
        assert_eq!(bare.finish, Finish::Other("not recorded".to_owned()));
        assert_eq!(bare.usage, None);
    }

    #[test]
    fn withheld_is_a_reply_and_missing_is_broken() {
        let withheld = r#"{"content":null,"raw":{"choices":[{"finish_reason":"content_filter"}]}}"#;
        assert!(matches!(end(withheld), CallEnd::Replied(reply) if reply.text.is_empty()));
        assert!(matches!(
            end(r#"{"content":null,"raw":{"choices":null}}"#),
            CallEnd::Broken { .. }
        ));
    }
}
