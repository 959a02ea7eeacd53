//! Who speaks, by the words that others use.

use trustmh_core::item::Side;

/// What a word for a speaker means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// A side of the conversation.
    Side(Side),
    /// Neither: what the product is told, and what its tools say.
    Aside,
}

impl Speaker {
    /// What the word means; none for an unknown one.
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word.trim().to_lowercase().as_str() {
            "user" | "human" | "person" | "client" | "patient" | "customer" | "visitor"
            | "seeker" => Self::Side(Side::Client),
            "assistant" | "bot" | "chatbot" | "ai" | "gpt" | "chatgpt" | "model" | "agent" => {
                Self::Side(Side::Subject)
            }
            "system" | "developer" | "tool" | "function" | "function_call" | "observation" => {
                Self::Aside
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_a_side_or_neither_or_nothing() {
        assert_eq!(Speaker::of(" Human"), Some(Speaker::Side(Side::Client)));
        assert_eq!(Speaker::of("gpt"), Some(Speaker::Side(Side::Subject)));
        assert_eq!(Speaker::of("developer"), Some(Speaker::Aside));
        assert_eq!(Speaker::of("Ann"), None);
        assert_eq!(Speaker::of(""), None);
    }
}
