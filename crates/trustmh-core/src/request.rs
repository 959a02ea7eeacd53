//! What of a request a user decides besides what tasks ask: a system prompt, a temperature, room to think, fields of the body.

mod options;
mod system;
mod temperature;

pub use options::{OptionFault, RequestOptions, holds_key};
pub use system::{SystemFault, SystemPrompt};
pub use temperature::{Temperature, TemperatureFault};

use serde::{Deserialize, Serialize};

/// How a model is asked, beyond what tasks and rubrics say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// Instructions that stand above every conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemPrompt>,
    /// The temperature of its replies, in the place of each task's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Temperature>,
    /// Tokens it may think before it answers, on top of those of its reply; none if nothing is said of thinking, 0 if it is not to
    /// think.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking_tokens: Option<u32>,
    /// Fields of the request's body.
    #[serde(default, skip_serializing_if = "RequestOptions::is_empty")]
    pub options: RequestOptions,
}

impl Asking {
    /// Nothing is asked beyond what tasks say.
    pub const USUAL: Self = Self {
        system: None,
        temperature: None,
        thinking_tokens: None,
        options: RequestOptions::NONE,
    };

    /// Whether nothing is asked beyond what tasks say.
    pub fn is_usual(&self) -> bool {
        *self == Self::USUAL
    }

    /// As a sentence would have it; none if it is as usual.
    pub fn in_words(&self) -> Option<String> {
        let system = self.system.as_ref().map(SystemPrompt::in_words);
        let temperature = self.temperature.map(|temperature| format!("temperature {temperature}"));
        let parts: Vec<String> =
            system.into_iter().chain(temperature).chain(self.request_in_words()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// The same of thinking and of fields alone.
    pub fn request_in_words(&self) -> Option<String> {
        let thinking = self.thinking_tokens.map(|tokens| match tokens {
            0 => "no thinking".to_owned(),
            tokens => format!("{tokens} tokens to think"),
        });
        let parts: Vec<String> = thinking.into_iter().chain(self.options.in_words()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_written_and_read_back() {
        let asking = Asking {
            system: Some(SystemPrompt::new("You are a coach.\n").unwrap()),
            temperature: Some(Temperature::new(0.7).unwrap()),
            thinking_tokens: Some(4096),
            options: RequestOptions::parse(["top_p=0.9", "reasoning.effort=low"]).unwrap(),
        };
        let text = serde_json::to_string(&asking).unwrap();
        assert_eq!(serde_json::from_str::<Asking>(&text).unwrap(), asking);
        let hash = asking.system.as_ref().unwrap().short_hash();
        let words = format!(
            "a system prompt of 17 characters, hash {hash}; temperature 0.7; \
             4096 tokens to think; reasoning.effort=low, top_p=0.9"
        );
        assert_eq!(asking.in_words().unwrap(), words);
    }

    /// Manifests of older runs keep their bytes and their hash.
    #[test]
    fn what_is_not_set_is_not_written() {
        assert_eq!(serde_json::to_string(&Asking::USUAL).unwrap(), "{}");
        let options = RequestOptions::parse(["top_p=0.9"]).unwrap();
        let asking = Asking { thinking_tokens: Some(0), options, ..Asking::USUAL };
        let written = r#"{"thinking_tokens":0,"options":{"top_p":0.9}}"#;
        assert_eq!(serde_json::to_string(&asking).unwrap(), written);
        assert_eq!(asking.in_words().unwrap(), "no thinking; top_p=0.9");
    }
}
