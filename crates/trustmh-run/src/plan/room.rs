//! How much room trials have for prompt, thought and reply.

use trustmh_core::request::Asking;
use trustmh_core::trial::Trial;
use trustmh_engine::expand::ContextBudget;

use crate::manifest::{Caps, Manifest};

/// Keeps the reply within the cap, where there is one.
pub(super) fn capped(mut trial: Trial, caps: &Caps) -> Trial {
    if let Some(most) = caps.reply_tokens {
        trial.sampling.max_tokens = trial.sampling.max_tokens.min(most);
    }
    trial
}

/// Gives the trial the room for thought and reply that the run has for all of them.
pub(super) fn with_room(mut trial: Trial, manifest: &Manifest) -> Trial {
    if let Some(tokens) = manifest.caps.reply_budget {
        trial.sampling.max_tokens = tokens;
    }
    trial.sampling.thinking_tokens = manifest.subject.asked.thinking_tokens;
    trial
}

/// How much the subject takes in at once.
pub(super) fn budget(caps: &Caps, asked: &Asking) -> ContextBudget {
    let Some(context) = caps.context else { return ContextBudget::Unbounded };
    let thinking = asked.thinking_tokens.unwrap_or_default();
    ContextBudget::Tokens { context, reply: caps.reply_budget, thinking }
}
