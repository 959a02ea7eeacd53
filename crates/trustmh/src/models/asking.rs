//! How a model is asked: what the user says, and else what the table of models knows.

use trustmh_core::id::ModelId;
use trustmh_core::request::{Asking, OptionFault, RequestOptions};
use trustmh_model::name::ModelName;
use trustmh_model::traits::{ModelTraits, Thinks};
use trustmh_run::manifest::Manifest;

use super::presets;
use crate::arguments::{ClientArguments, RequestArguments, RunRequest};
use crate::failure::Failure;

/// Whose requests they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Subject,
    Judge,
    Client,
}

/// What the user says of one model's requests.
#[derive(Debug, Clone, Copy)]
struct Said<'r> {
    thinking_tokens: Option<u32>,
    options: &'r [String],
    thinking_option: &'static str,
}

impl Role {
    fn said<'r>(self, requests: &'r RequestArguments, player: &'r ClientArguments) -> Said<'r> {
        let (thinking_tokens, options, thinking_option) = match self {
            Self::Subject => {
                (requests.thinking_tokens, &requests.subject_option, "--thinking-tokens")
            }
            Self::Judge => {
                (requests.judge_thinking_tokens, &requests.judge_option, "--judge-thinking-tokens")
            }
            Self::Client => {
                (player.client_thinking_tokens, &player.client_option, "--client-thinking-tokens")
            }
        };
        Said { thinking_tokens, options, thinking_option }
    }
}

/// How the model `id`, which the user called `typed`, is asked. A `context` bounds what it gets to
/// think without being asked.
pub(crate) fn asking(
    typed: &str,
    id: &ModelId,
    base_url: Option<&str>,
    role: Role,
    request: &RunRequest,
    context: Option<u32>,
) -> Result<Asking, Failure> {
    let said = role.said(&request.requests, &request.player);
    let endpoints = &request.calls.endpoints;
    let options = RequestOptions::parse(said.options.iter().map(String::as_str))?;
    match id.as_str().parse()? {
        ModelName::Scripted(_) | ModelName::Local(_) => {
            if options.is_empty() && said.thinking_tokens.is_none() {
                return Ok(Asking::USUAL);
            }
            let message =
                format!("{id} sends no requests: thinking tokens and options have no effect on it");
            Err(Failure::usage(message))
        }
        // A recorded reply is found by how it was asked for.
        ModelName::Replay(run) => {
            let was = Manifest::read(&run)?.subject.asked;
            Ok(Asking {
                thinking_tokens: said.thinking_tokens.or(was.thinking_tokens),
                options: options.over(&was.options),
            })
        }
        ModelName::Remote(..) | ModelName::Command(_) => {
            let presets = presets(endpoints.models.as_deref())?;
            let traits = presets.typed(typed, id, base_url);
            if traits.thinks == Some(Thinks::Always) && said.thinking_tokens == Some(0) {
                let option = said.thinking_option;
                return Err(Failure::usage(format!(
                    "{id} always thinks: {option} 0 leaves it no tokens to do so"
                ))
                .with_hint(
                    "many services have an option for how much a model thinks: docs/models.md",
                ));
            }
            Ok(Asking {
                thinking_tokens: said.thinking_tokens.or_else(|| usual(&traits, context)),
                options: options.over(&traits.options),
            })
        }
    }
}

/// At most half of what the model takes in at once.
fn usual(traits: &ModelTraits, context: Option<u32>) -> Option<u32> {
    let most = context.map_or(u32::MAX, |context| context / 2);
    traits.usual_thinking_tokens().map(|tokens| tokens.min(most))
}

impl From<OptionFault> for Failure {
    fn from(fault: OptionFault) -> Self {
        Self::usage(fault.to_string())
    }
}
