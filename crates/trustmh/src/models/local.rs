//! The in-process model behind the models' trait.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::num::NonZeroUsize;
use std::path::Path;

use trustmh_core::call::{CallSpec, Finish, Reply, Usage};
use trustmh_core::id::ModelId;
use trustmh_core::message::Role;
use trustmh_local::{ChatMessage, ChatRole, Generate, LocalError, LocalModel, SMOLLM2};
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::{ModelError, Size};

use super::cores;
use crate::failure::Failure;

const NAME: &str = "smollm2-135m";

struct Local {
    id: ModelId,
    model: LocalModel,
    instances: NonZeroUsize,
}

/// Loads the weights and starts one instance per core.
pub(super) fn open(
    id: &ModelId,
    name: &str,
    weights: &Path,
    connections: Option<NonZeroUsize>,
) -> Result<Box<dyn ModelApi>, Failure> {
    if name != NAME {
        return Err(Failure::usage(format!("no local model `{name}`; there is one: local/{NAME}")));
    }
    let paths = SMOLLM2.locate(weights).map_err(|error| {
        Failure::usage(error.to_string())
            .with_hint("download the weights with `trustmh weights fetch`")
    })?;
    let [path] = paths.as_slice() else {
        return Err(Failure::usage(format!("{} has other files than one", SMOLLM2.title)));
    };
    let instances = connections.unwrap_or_else(cores).min(cores());
    let model =
        LocalModel::load(path, instances).map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Box::new(Local { id: id.clone(), model, instances }))
}

impl ModelApi for Local {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        self.instances
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        async move {
            let generated = self.model.generate(request(call)).await.map_err(fault)?;
            let finish = match generated.finish {
                trustmh_local::Finish::Stop => Finish::Stop,
                trustmh_local::Finish::Length => Finish::Length,
            };
            let usage = Usage {
                prompt_tokens: u64::from(generated.prompt_tokens),
                reply_tokens: u64::from(generated.reply_tokens),
            };
            let reply = Reply::new(generated.text, finish, Some(usage));
            Ok(Completion { reply, request: None, response: None })
        }
        .boxed()
    }
}

fn request(call: &CallSpec) -> Generate {
    let messages = call.messages.iter().map(|message| ChatMessage {
        role: match message.role {
            Role::System => ChatRole::System,
            Role::User => ChatRole::User,
            Role::Assistant => ChatRole::Assistant,
        },
        content: message.content.clone(),
    });
    Generate {
        messages: messages.collect(),
        max_tokens: call.sampling.max_tokens,
        temperature: call.sampling.temperature as f32,
        // Repeats of one conversation must differ where sampling is random.
        seed: call.sampling.seed.unwrap_or_default() ^ u64::from(call.repeat),
    }
}

fn fault(error: LocalError) -> ModelError {
    match error {
        LocalError::PromptTooLong { tokens, limit } => {
            let size = Size { tokens: u64::from(tokens), limit: u64::from(limit) };
            ModelError::PromptTooLong { size: Some(size), excerpt: None }
        }
        other => ModelError::Local { message: other.to_string() },
    }
}
