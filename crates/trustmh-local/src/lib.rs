//! SmolLM2-135M-Instruct in this process: a small open model that answers without a network or an account.
//!
//! It is there so that the whole program can be tried anywhere. It is far too small to be asked about
//! anybody's mental health, and its scores say so.
//!
//! The model: Allal et al., *SmolLM2*, arXiv 2502.02737; Apache-2.0.

mod chat;
mod error;
mod instance;
mod model;
mod sampling;
mod threads;
mod weights;

pub use chat::{ChatMessage, ChatRole};
pub use error::LocalError;
pub use instance::{Finish, Generate, Generated};
pub use model::LocalModel;
pub use threads::one_thread_per_instance;
pub use weights::{Step, Weights};

/// Tokens that a local model takes in at once, prompt and reply together.
pub const CONTEXT: u32 = 4096;
