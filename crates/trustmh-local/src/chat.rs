//! From a conversation to tokens, in the form the model was trained on (ChatML).

use candle_core::quantized::gguf_file::Content;
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use tokenizers::Tokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;

use crate::error::LocalError;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatRole {
    /// Instructions.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessage {
    /// Who says it.
    pub role: ChatRole,
    /// What is said.
    pub content: String,
}

/// What the model was trained to find first where the conversation brings no instructions.
const SYSTEM: &str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

/// Turns conversations into tokens and tokens into text.
#[derive(Debug)]
pub(crate) struct Chat {
    tokenizer: Tokenizer,
    begin: u32,
    end: u32,
    end_of_text: u32,
}

impl Chat {
    /// The tokenizer a model file carries.
    pub(crate) fn read(content: &Content) -> Result<Self, LocalError> {
        let mut tokenizer = Tokenizer::from_gguf(content)?;
        // The file's reader falls back to GPT-2's way of splitting for a name it does not know; this
        // model takes digits one by one and puts no space before the first word.
        tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![
            Digits::new(true).into(),
            ByteLevel::new(false, true, true).into(),
        ])));
        // A marker inside somebody's text must stay text: nobody else may end a message.
        tokenizer.set_encode_special_tokens(true);
        let id = |token: &str| {
            tokenizer
                .token_to_id(token)
                .ok_or_else(|| LocalError::Tokenizer(format!("the vocabulary lacks {token}")))
        };
        let (begin, end, end_of_text) =
            (id("<|im_start|>")?, id("<|im_end|>")?, id("<|endoftext|>")?);
        Ok(Self { tokenizer, begin, end, end_of_text })
    }

    /// The conversation, up to where the model begins to speak.
    pub(crate) fn tokens(&self, messages: &[ChatMessage]) -> Result<Vec<u32>, LocalError> {
        let mut tokens = Vec::new();
        if messages.first().is_none_or(|first| first.role != ChatRole::System) {
            self.message("system", SYSTEM, &mut tokens)?;
        }
        for message in messages {
            let role = match message.role {
                ChatRole::System => "system",
                ChatRole::User => "user",
                ChatRole::Assistant => "assistant",
            };
            self.message(role, &message.content, &mut tokens)?;
        }
        tokens.push(self.begin);
        self.text("assistant\n", &mut tokens)?;
        Ok(tokens)
    }

    fn message(&self, role: &str, content: &str, to: &mut Vec<u32>) -> Result<(), LocalError> {
        to.push(self.begin);
        // Apart, as the model itself begins a reply, so that a reply sent back has the same tokens before it.
        self.text(&format!("{role}\n"), to)?;
        self.text(content, to)?;
        to.push(self.end);
        self.text("\n", to)
    }

    fn text(&self, text: &str, to: &mut Vec<u32>) -> Result<(), LocalError> {
        let encoding = self
            .tokenizer
            .encode_fast(text, false)
            .map_err(|error| LocalError::Tokenizer(error.to_string()))?;
        to.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    /// Whether the model has said all it had to say.
    pub(crate) fn ends(&self, token: u32) -> bool {
        token == self.end || token == self.end_of_text
    }

    /// Tokens as text.
    pub(crate) fn reply(&self, tokens: &[u32]) -> Result<String, LocalError> {
        self.tokenizer
            .decode(tokens, true)
            .map_err(|error| LocalError::Tokenizer(error.to_string()))
    }
}
