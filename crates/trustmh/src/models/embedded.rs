//! The embedded judge behind the models' trait: every verdict is a call like any other, journalled and made once.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use trustmh_core::call::{CallSpec, Finish, Reply};
use trustmh_core::id::ModelId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::error::EngineError;
use trustmh_engine::judge::embedded::Encode;
use trustmh_local::{Encoder, MINILM};
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;

use super::cores;
use crate::failure::Failure;

/// The encoder as the engine wants it.
pub(crate) struct Vectors(Encoder);

impl Vectors {
    /// Loads the weights in a folder.
    pub(crate) fn load(weights: &Path) -> Result<Self, Failure> {
        let paths = MINILM.locate(weights).map_err(|error| {
            Failure::usage(error.to_string())
                .with_hint("download the weights with `trustmh weights fetch minilm`")
        })?;
        let [model, vocabulary] = paths.as_slice() else {
            return Err(Failure::usage(format!("{} has other files than two", MINILM.title)));
        };
        let loaded = Encoder::load(model, vocabulary);
        loaded.map(Self).map_err(|error| Failure::usage(error.to_string()))
    }
}

impl Encode for Vectors {
    fn vector(&self, text: &str, tokens: usize, layers: usize) -> Result<Vec<f32>, EngineError> {
        let vector = self.0.vector(text, tokens, layers);
        vector.map_err(|error| EngineError::Encoder { message: error.to_string() })
    }
}

struct Embedded {
    id: ModelId,
    judging: Arc<(Benchmark, Vectors)>,
}

/// Loads the encoder; the heads are the program's own.
pub(super) fn open(id: &ModelId, weights: &Path) -> Result<Box<dyn ModelApi>, Failure> {
    let benchmark = Benchmark::embedded()?;
    let own = benchmark.heads().model();
    if own != *id {
        return Err(Failure::usage(format!("this program has the embedded judge {own}, not {id}"))
            .with_hint("use the version of the program that the run was planned with"));
    }
    let judging = Arc::new((benchmark, Vectors::load(weights)?));
    Ok(Box::new(Embedded { id: id.clone(), judging }))
}

impl ModelApi for Embedded {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        cores()
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        let (judging, call) = (Arc::clone(&self.judging), call.clone());
        async move {
            let judged = tokio::task::spawn_blocking(move || {
                let (benchmark, vectors) = &*judging;
                benchmark.heads().answer(&call, benchmark.offline(), vectors)
            });
            let failed = |message: String| ModelError::Local { message };
            let answer = judged.await.map_err(|error| failed(error.to_string()))?;
            let text = answer.map_err(|error| failed(error.to_string()))?;
            Ok(Completion::local(Reply::new(text, Finish::Stop, None)))
        }
        .boxed()
    }
}
