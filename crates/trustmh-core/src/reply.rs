//! What a model said: its thought, its answer, why it ended, and what it took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::thought::{self, Thought, ThoughtEnd};

/// Tokens as the provider counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the reply.
    pub reply_tokens: u64,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// It was done.
    Stop,
    /// It ran into `max_tokens`.
    Length,
    /// The provider withheld the reply.
    ContentFilter,
    /// Anything else, in the provider's word.
    Other(String),
}

/// What the model said, parted into thought and answer where it entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenReply")]
pub struct Reply {
    /// The answer: what is read, judged, compared and sent on. Empty where the model said nothing.
    pub text: String,
    /// What the model thought before it answered, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thought: Option<Thought>,
    /// Why it ended.
    pub finish: Finish,
    /// Token counts, where the provider gave them.
    pub usage: Option<Usage>,
    /// Whether its text is as it was sent.
    #[serde(default, skip_serializing_if = "Fidelity::is_as_sent")]
    pub fidelity: Fidelity,
}

/// Whether the text of a reply is as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// To the letter.
    #[default]
    AsSent,
    /// Halves of characters, or bytes that are no text, were replaced by U+FFFD.
    Mended,
}

impl Fidelity {
    fn is_as_sent(&self) -> bool {
        *self == Self::AsSent
    }
}

/// A reply as journals have it. Those written before thoughts were parted hold them in the text.
#[derive(Deserialize)]
struct WrittenReply {
    text: String,
    #[serde(default)]
    thought: Option<Thought>,
    finish: Finish,
    usage: Option<Usage>,
    #[serde(default)]
    fidelity: Fidelity,
}

impl From<WrittenReply> for Reply {
    fn from(written: WrittenReply) -> Self {
        let WrittenReply { text, thought, finish, usage, fidelity } = written;
        match thought {
            Some(_) => Self { text, thought, finish, usage, fidelity },
            None => Self { fidelity, ..Self::new(text, finish, usage) },
        }
    }
}

/// Why a reply holds no answer.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Unanswered {
    /// The model ended and said nothing.
    Empty,
    /// The token limit came before the answer, or a thought never ended.
    Cut,
}

impl Unanswered {
    /// The word for it.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

impl Reply {
    /// Parts what came back: a thought that leads `text` is taken off it.
    pub fn new(text: String, finish: Finish, usage: Option<Usage>) -> Self {
        let (thought, text) = thought::parted(&text);
        Self { text, thought, finish, usage, fidelity: Fidelity::AsSent }
    }

    /// Adds a thought that the provider gave apart from the text; it stands before one that led the text.
    #[must_use]
    pub fn with_thought(mut self, apart: Option<Thought>) -> Self {
        self.thought = match (apart, self.thought) {
            (Some(apart), Some(led)) => Some(apart.followed_by(led)),
            (apart, led) => apart.or(led),
        };
        self
    }

    /// Why there is no answer; none if there is one, or if the provider withheld it.
    pub fn unanswered(&self) -> Option<Unanswered> {
        if !is_blank(&self.text) || self.finish == Finish::ContentFilter {
            return None;
        }
        let open = self.thought.as_ref().is_some_and(|thought| thought.end == ThoughtEnd::Open);
        Some(match self.finish {
            Finish::Length => Unanswered::Cut,
            Finish::Stop | Finish::ContentFilter | Finish::Other(_) if open => Unanswered::Cut,
            Finish::Stop | Finish::ContentFilter | Finish::Other(_) => Unanswered::Empty,
        })
    }
}

/// Whether there is nothing to see in a text.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || thought::INVISIBLE.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_parted_where_it_enters_and_where_an_older_journal_is_read() {
        let reply = Reply::new("<think>C?</think>B".to_owned(), Finish::Stop, None);
        assert_eq!((reply.text.as_str(), reply.unanswered()), ("B", None));
        let older = r#"{"text":"<think>C?</think>B","finish":"stop","usage":null}"#;
        assert_eq!(serde_json::from_str::<Reply>(older).unwrap(), reply);
        let written = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<Reply>(&written).unwrap(), reply);
        let plain = Reply::new(" B\n".to_owned(), Finish::Stop, None);
        let line = r#"{"text":" B\n","finish":"stop","usage":null}"#;
        assert_eq!(serde_json::to_string(&plain).unwrap(), line);
        let apart = Thought::apart("First.".to_owned());
        let both = reply.with_thought(apart).thought.unwrap();
        assert_eq!(both.text, "First.\n\nC?");
    }

    #[test]
    fn silence_has_a_reason_unless_the_provider_withheld_the_reply() {
        let silent = |text: &str, finish| Reply::new(text.to_owned(), finish, None).unanswered();
        assert_eq!(silent(" \n", Finish::Stop), Some(Unanswered::Empty));
        assert_eq!(silent("<think>x</think>", Finish::Stop), Some(Unanswered::Empty));
        assert_eq!(silent("\u{200b}\u{2060}\n", Finish::Stop), Some(Unanswered::Empty));
        assert_eq!(silent("<think>x", Finish::Stop), Some(Unanswered::Cut));
        assert_eq!(silent("", Finish::Length), Some(Unanswered::Cut));
        assert_eq!(silent("<think>x</think>", Finish::Length), Some(Unanswered::Cut));
        assert_eq!(silent("", Finish::Other("tool_calls".to_owned())), Some(Unanswered::Empty));
        assert_eq!(silent("", Finish::ContentFilter), None);
        assert_eq!(silent("B", Finish::Length), None);
    }
}
