//! One instance of the model: it answers one conversation at a time.

use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::{MAX_SEQ_LEN, ModelWeights};
use std::sync::Arc;

use crate::chat::{Chat, ChatMessage};
use crate::error::LocalError;
use crate::sampling::Sampler;

/// What is asked of the model.
#[derive(Debug, Clone)]
pub struct Generate {
    /// The conversation.
    pub messages: Vec<ChatMessage>,
    /// The most tokens the reply may have.
    pub max_tokens: u32,
    /// 0 takes the likeliest token each time.
    pub temperature: f32,
    /// Where the temperature is above 0: the seed of the draws.
    pub seed: u64,
}

/// What the model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The text.
    pub text: String,
    /// Tokens of the conversation.
    pub prompt_tokens: u32,
    /// Tokens of the reply.
    pub reply_tokens: u32,
    /// Why it ends.
    pub finish: Finish,
}

/// Why a reply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model had said all.
    Stop,
    /// It reached the bound on tokens.
    Length,
}

/// The weights, shared by all instances.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) chat: Chat,
    pub(crate) weights: ModelWeights,
}

/// One instance, with what is left of the conversation it answered last.
#[derive(Debug)]
pub(crate) struct Instance {
    shared: Arc<Shared>,
    last: Option<Prefilled>,
}

/// A model that has read some tokens. Copies share weights and what was read.
#[derive(Debug, Clone)]
struct Prefilled {
    tokens: Vec<u32>,
    model: ModelWeights,
}

impl Instance {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, last: None }
    }

    /// Answers a conversation. `given_up` is asked between tokens.
    pub(crate) fn answer(
        &mut self,
        request: &Generate,
        given_up: impl Fn() -> bool,
    ) -> Result<Generated, LocalError> {
        let prompt = self.shared.chat.tokens(&request.messages)?;
        let prompt_tokens = count(prompt.len());
        let limit = count(MAX_SEQ_LEN).saturating_sub(request.max_tokens);
        if prompt_tokens > limit {
            return Err(LocalError::PromptTooLong { tokens: prompt_tokens, limit });
        }
        let (mut model, mut logits) = self.read(&prompt)?;
        let mut sampler = Sampler::new(request.temperature, request.seed);
        let mut reply: Vec<u32> = Vec::new();
        let mut finish = Finish::Length;
        while count(reply.len()) < request.max_tokens && !given_up() {
            let Some(token) = sampler.next(&logits) else { break };
            if self.shared.chat.ends(token) {
                finish = Finish::Stop;
                break;
            }
            reply.push(token);
            logits = forward(&mut model, &[token], prompt.len() + reply.len() - 1)?;
        }
        let text = self.shared.chat.reply(&reply)?;
        Ok(Generated { text, prompt_tokens, reply_tokens: count(reply.len()), finish })
    }

    /// Reads the prompt. A conversation that goes on from the last one (a question asked again) is not read
    /// from its beginning; what is left of any other goes with it, so memory does not grow.
    fn read(&mut self, prompt: &[u32]) -> Result<(ModelWeights, Vec<f32>), LocalError> {
        let goes_on = self
            .last
            .take()
            .filter(|last| prompt.len() > last.tokens.len() && prompt.starts_with(&last.tokens));
        let fresh = || Prefilled { tokens: Vec::new(), model: self.shared.weights.clone() };
        let Prefilled { tokens, mut model } = goes_on.unwrap_or_else(fresh);
        let unread = prompt.get(tokens.len()..).unwrap_or_default();
        let logits = forward(&mut model, unread, tokens.len())?;
        self.last = Some(Prefilled { tokens: prompt.to_vec(), model: model.clone() });
        Ok((model, logits))
    }
}

/// The logits after `tokens`, the first of which stands at `position`.
fn forward(
    model: &mut ModelWeights,
    tokens: &[u32],
    position: usize,
) -> Result<Vec<f32>, LocalError> {
    let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
    Ok(model.forward(&input, position)?.flatten_all()?.to_vec1()?)
}

fn count(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
