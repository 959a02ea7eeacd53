//! A local web viewer: runs, their trials and verdicts, two runs side by side, and ratings by people.
//!
//! What it promises about who can reach it and what of a model's output can do harm is written in docs/security.md.

pub mod error;
pub mod index;

mod asked;
mod compared;
mod glance;
mod listen;
mod pages;
mod runs;
mod saved;
mod security;
mod server;
mod starting;
mod viewer;

pub use listen::serve;
pub use runs::Runs;
pub use security::{Access, Token};
pub use server::router;
pub use starting::{
    Check, CheckState, DataFolder, KeyState, Offers, Outlook, Program, Refusal, SetHere, Starting,
    StopRequest, TestResult,
};
pub use viewer::{Ratings, Sample, Viewer};
