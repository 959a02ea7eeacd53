//! How a run asks all its trials: its system prompt, its temperature, and how much room they have for prompt, thought and reply.

use trustmh_core::request::Asking;
use trustmh_core::trial::Trial;
use trustmh_engine::expand::{ContextBudget, estimated_tokens};

use crate::manifest::{Caps, Manifest};

/// Keeps the reply within the cap, where there is one.
pub(super) fn capped(mut trial: Trial, caps: &Caps) -> Trial {
    if let Some(most) = caps.reply_tokens {
        trial.sampling.max_tokens = trial.sampling.max_tokens.min(most);
    }
    trial
}

/// Asks the trial as the run asks all of them: under its system prompt, at its temperature, with its room for thought and reply.
pub(super) fn as_asked(mut trial: Trial, manifest: &Manifest) -> Trial {
    let asked = &manifest.subject.asked;
    if let Some(system) = &asked.system {
        system.above(&mut trial.messages);
    }
    if let Some(temperature) = asked.temperature {
        trial.sampling.temperature = temperature.get();
    }
    if let Some(tokens) = manifest.caps.reply_budget {
        trial.sampling.max_tokens = tokens;
    }
    trial.sampling.thinking_tokens = asked.thinking_tokens;
    trial
}

/// How much the subject takes in at once besides the run's system prompt.
pub(super) fn budget(caps: &Caps, asked: &Asking) -> ContextBudget {
    let Some(context) = caps.context else { return ContextBudget::Unbounded };
    let system = asked.system.as_ref().map_or(0, |system| estimated_tokens(system.as_str()));
    let context = context.saturating_sub(u32::try_from(system).unwrap_or(u32::MAX));
    let thinking = asked.thinking_tokens.unwrap_or_default();
    ContextBudget::Tokens { context, reply: caps.reply_budget, thinking }
}
