//! Models behind one trait: OpenAI-compatible servers, Anthropic, Gemini, Ollama, programs that speak JSON lines,
//! functions of a Python process, scripted baselines, replay of recorded replies.
//!
//! The crate prints nothing and reads no variables; keys and addresses are handed in. (The TLS and proxy
//! code below it honours the usual `SSL_CERT_FILE`, `HTTPS_PROXY` and `NO_PROXY`.)

pub mod api;
pub mod callable;
pub mod command;
pub mod error;
mod exchange;
mod habits;
pub mod halt;
pub mod http;
pub mod learnt;
pub mod limit;
mod meaning;
pub mod name;
pub mod perspective;
pub mod pool;
pub mod presets;
pub mod provider;
pub mod query;
pub mod readers;
mod reading;
pub mod redact;
pub mod remote;
pub mod replay;
pub mod reread;
pub mod retry;
pub mod scripted;
pub mod traffic;
pub mod traits;
