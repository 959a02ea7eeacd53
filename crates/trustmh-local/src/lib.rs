//! Two small open models in this process, without a network or an account.
//!
//! SmolLM2-135M-Instruct answers, so that the whole program can be tried anywhere. It is far too small to be asked about
//! anybody's mental health, and its scores say so. all-MiniLM-L6-v2 turns texts into vectors for the embedded judge.

mod chat;
mod encoder;
mod error;
mod instance;
mod model;
mod sampling;
mod threads;
mod weights;

pub use chat::{ChatMessage, ChatRole};
pub use encoder::{DIMENSIONS, Encoder, LAYERS, MOST_TOKENS};
pub use error::LocalError;
pub use instance::{Finish, Generate, Generated};
pub use model::LocalModel;
pub use threads::one_thread_per_instance;
pub use weights::{ALL_WEIGHTS, Action, MINILM, SMOLLM2, Step, Weights};

/// Tokens that a local model takes in at once, prompt and reply together.
pub const CONTEXT: u32 = 4096;
