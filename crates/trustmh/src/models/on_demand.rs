//! The embedded judge, its weights read only when it is asked for the first time: many tasks never ask it.

use futures_util::future::BoxFuture;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::OnceLock;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;

use crate::failure::Failure;

/// The embedded judge, by the name under which its calls are recorded.
pub(crate) struct EncoderOnDemand {
    id: ModelId,
    weights_dir: Option<PathBuf>,
    opened: OnceLock<Result<Box<dyn ModelApi>, String>>,
}

impl EncoderOnDemand {
    /// Makes sure that the weights are there, and reads none.
    pub(crate) fn new(id: ModelId, weights_dir: Option<PathBuf>) -> Result<Self, Failure> {
        if !super::encoder_is_in(weights_dir.as_deref()) {
            // What is missing is said best by whoever misses it.
            super::open_encoder(&id, weights_dir.as_deref())?;
        }
        Ok(Self { id, weights_dir, opened: OnceLock::new() })
    }

    fn opened(&self) -> Result<&dyn ModelApi, ModelError> {
        let opened = self.opened.get_or_init(|| {
            let opened = super::open_encoder(&self.id, self.weights_dir.as_deref());
            opened.map_err(|failure| failure.message)
        });
        match opened {
            Ok(model) => Ok(model.as_ref()),
            Err(message) => Err(ModelError::Local { message: message.clone() }),
        }
    }
}

impl ModelApi for EncoderOnDemand {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        Box::pin(async move { self.opened()?.complete(call).await })
    }
}
