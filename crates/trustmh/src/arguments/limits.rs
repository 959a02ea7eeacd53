//! How many calls are made, how fast, and for how much.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Attempts per call.
pub(crate) const TRIES: u32 = 5;

/// How progress is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressChoice {
    // A bar on a terminal, a line every 30 seconds elsewhere.
    Text,
    // One JSON object a second.
    Json,
    // Nothing.
    None,
}

/// Limits on a run's calls, and calls that need not be made.
#[derive(Debug, Args)]
pub(crate) struct CallLimits {
    /// Maximum subject calls per minute
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) rpm: Option<u32>,
    /// Maximum judge calls per minute
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) judge_rpm: Option<u32>,
    /// Maximum subject tokens per minute, prompts and replies together
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) tpm: Option<u32>,
    /// Maximum judge tokens per minute
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) judge_tpm: Option<u32>,
    /// Maximum calls per minute to the model that plays clients
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) client_rpm: Option<u32>,
    /// Maximum tokens per minute of the model that plays clients
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) client_tpm: Option<u32>,
    /// Stop after N calls; continue with `resume`
    #[arg(long, value_name = "N")]
    pub(crate) max_calls: Option<u64>,
    /// Stop after N tokens: prompts and replies of subject, judge and client
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) max_tokens: Option<u64>,
    /// Stop after N calls to the model that plays clients
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) max_client_calls: Option<u64>,
    /// Stop after N tokens of the model that plays clients
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) max_client_tokens: Option<u64>,
    /// Stop after this many seconds
    #[arg(long, value_name = "SECS", hide_short_help = true)]
    pub(crate) max_time: Option<u64>,
    /// Stop after this many US dollars; the price table must list all models
    #[arg(long, value_name = "USD")]
    pub(crate) max_cost: Option<f64>,
    /// Price table [default: the built-in benchmark/prices.toml]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) prices: Option<PathBuf>,
    /// Reuse identical calls recorded in another run; repeatable
    #[arg(long, value_name = "RUN", hide_short_help = true)]
    pub(crate) reuse: Vec<PathBuf>,
    /// Reuse them even if the other run used another endpoint
    #[arg(long, requires = "reuse", hide_short_help = true)]
    pub(crate) reuse_any_endpoint: bool,
    /// Attempts per call on transient errors
    #[arg(long, value_name = "N", default_value_t = TRIES, hide_short_help = true)]
    pub(crate) tries: u32,
    /// How to report progress on stderr: a bar or plain lines, JSON lines, or not at all
    #[arg(long, value_enum, default_value = "text")]
    #[arg(help_heading = "Output", hide_short_help = true)]
    pub(crate) progress: ProgressChoice,
}
