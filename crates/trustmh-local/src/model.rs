//! Loading the weights, and handing conversations to instances.

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Content};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_transformers::models::quantized_llama::ModelWeights;
use std::fs::File;
use std::io::{BufReader, Cursor};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

use crate::chat::Chat;
use crate::error::LocalError;
use crate::instance::{Generate, Generated, Instance, Shared};

struct Job {
    request: Generate,
    reply: oneshot::Sender<Result<Generated, LocalError>>,
}

/// The model, with a thread for each instance. The threads end with it.
#[derive(Debug)]
pub struct LocalModel {
    jobs: Sender<Job>,
}

impl LocalModel {
    /// Loads the weights at `path` and starts `instances` threads.
    ///
    /// # Errors
    /// [`LocalError::Io`] or [`LocalError::Model`] for a file that cannot be read as this model.
    pub fn load(path: &Path, instances: NonZeroUsize) -> Result<Self, LocalError> {
        let shared = Arc::new(read(path)?);
        let (jobs, waiting) = mpsc::channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..instances.get() {
            let (shared, waiting) = (Arc::clone(&shared), Arc::clone(&waiting));
            std::thread::Builder::new()
                .name(format!("model-{number}"))
                .spawn(move || serve(shared, &waiting))
                .map_err(LocalError::io(path))?;
        }
        Ok(Self { jobs })
    }

    /// Answers a conversation as soon as an instance is free. Dropping the future gives it up.
    ///
    /// # Errors
    /// [`LocalError::PromptTooLong`], or whatever goes wrong in the computation.
    pub async fn generate(&self, request: Generate) -> Result<Generated, LocalError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job { request, reply }).map_err(|_| LocalError::Ended)?;
        answer.await.map_err(|_| LocalError::Ended)?
    }
}

fn serve(shared: Arc<Shared>, waiting: &Mutex<Receiver<Job>>) {
    let mut instance = Instance::new(shared);
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { request, reply }) = job else { return };
        if !reply.is_closed() {
            let generated = instance.answer(&request, || reply.is_closed());
            // Nobody may be waiting any more.
            let _ = reply.send(generated);
        }
    }
}

fn read(path: &Path) -> Result<Shared, LocalError> {
    let mut file = BufReader::new(File::open(path).map_err(LocalError::io(path))?);
    let content = Content::read(&mut file)?;
    let chat = Chat::read(&content)?;
    let mut faster = requantised(&content, &mut file)?;
    let content = Content::read(&mut faster)?;
    let weights = ModelWeights::from_gguf(content, &mut faster, &Device::Cpu)?;
    Ok(Shared { chat, weights })
}

/// The model file with its Q4_1 tensors as Q8_0, for which there are fast kernels; nothing is lost that
/// Q4_1 had. The vocabulary is left out.
fn requantised(
    content: &Content,
    file: &mut BufReader<File>,
) -> Result<Cursor<Vec<u8>>, LocalError> {
    let mut names: Vec<&String> = content.tensor_infos.keys().collect();
    names.sort();
    let mut tensors = Vec::with_capacity(names.len());
    for name in names {
        let tensor = content.tensor(file, name, &Device::Cpu)?;
        let tensor = match tensor.dtype() {
            GgmlDType::Q4_1 => {
                QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, GgmlDType::Q8_0)?
            }
            _ => tensor,
        };
        tensors.push((name.as_str(), tensor));
    }
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    let kept = content.metadata.iter().filter(|(key, _)| !key.starts_with("tokenizer."));
    let metadata: Vec<_> = kept.map(|(key, value)| (key.as_str(), value)).collect();
    let mut written = Cursor::new(Vec::new());
    gguf_file::write(&mut written, &metadata, &tensors)?;
    written.set_position(0);
    Ok(written)
}
