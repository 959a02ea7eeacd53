//! System prompts: what a product tells its model before any conversation.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::Digest;
use crate::message::{Message, Role};

/// A system prompt, whole and unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SystemPrompt(String);

/// Why a text cannot be a system prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SystemFault {
    /// Nothing, or nothing but blanks.
    #[error("the system prompt is empty: leave it out to ask without one")]
    Empty,
    /// Bytes that are no text.
    #[error("the system prompt is not UTF-8 (the first wrong byte is number {at})")]
    NotText {
        /// Counted from 1.
        at: usize,
    },
}

impl SystemPrompt {
    /// Takes the text as it is.
    ///
    /// # Errors
    /// [`SystemFault::Empty`].
    pub fn new(text: impl Into<String>) -> Result<Self, SystemFault> {
        let text = text.into();
        if text.trim().is_empty() { Err(SystemFault::Empty) } else { Ok(Self(text)) }
    }

    /// Takes a file's bytes as they are, but for the mark that some editors put before UTF-8.
    ///
    /// # Errors
    /// [`SystemFault`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SystemFault> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| SystemFault::NotText { at: error.valid_up_to() + 1 })?;
        Self::new(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The beginning of its blake3 hash, which is that of its file.
    pub fn short_hash(&self) -> String {
        Digest::of(self.0.as_bytes()).as_str().chars().take(8).collect()
    }

    /// Its length and hash, as reports have it.
    pub fn in_words(&self) -> String {
        let characters = self.0.chars().count();
        format!("a system prompt of {characters} characters, hash {}", self.short_hash())
    }

    /// Puts it above a conversation. There is one system message: one that stands there already follows in it after a blank line.
    pub fn above(&self, messages: &mut Vec<Message>) {
        match messages.first_mut() {
            Some(first) if first.role == Role::System => {
                first.content = format!("{}\n\n{}", self.0.trim_end(), first.content);
            }
            _ => messages.insert(0, Message::system(self.0.clone())),
        }
    }
}

impl TryFrom<String> for SystemPrompt {
    type Error = SystemFault;

    fn try_from(text: String) -> Result<Self, SystemFault> {
        Self::new(text)
    }
}

impl From<SystemPrompt> for String {
    fn from(prompt: SystemPrompt) -> Self {
        prompt.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_as_it_is_or_refused_with_a_reason() {
        let prompt = SystemPrompt::from_bytes("\u{feff}你是一位倾听者。\n".as_bytes()).unwrap();
        assert_eq!(prompt.as_str(), "你是一位倾听者。\n");
        assert_eq!(SystemPrompt::from_bytes(b""), Err(SystemFault::Empty));
        assert_eq!(SystemPrompt::from_bytes(b" \n\t"), Err(SystemFault::Empty));
        assert_eq!(SystemPrompt::from_bytes(b"ab\xff"), Err(SystemFault::NotText { at: 3 }));
        assert!(serde_json::from_str::<SystemPrompt>("\"\"").is_err());
    }

    #[test]
    fn there_is_one_system_message() {
        let prompt = SystemPrompt::new("You are a coach.\n").unwrap();
        let mut plain = vec![Message::user("hello")];
        prompt.above(&mut plain);
        assert_eq!(plain, [Message::system("You are a coach.\n"), Message::user("hello")]);
        let mut instructed = vec![Message::system("Reply briefly."), Message::user("hello")];
        prompt.above(&mut instructed);
        assert_eq!(instructed.len(), 2);
        assert_eq!(instructed[0].role, Role::System);
        assert_eq!(instructed[0].content, "You are a coach.\n\nReply briefly.");
    }
}
