//! How endpoints are reached.

use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Seconds until a connection must be there.
pub(crate) const CONNECT_TIMEOUT: u64 = 10;
/// Seconds that a whole call may take.
pub(crate) const TIMEOUT: u64 = 300;
/// The variable with the key of the endpoint that scores toxicity.
pub(crate) const TOXICITY_KEY_ENV: &str = "PERSPECTIVE_API_KEY";

/// Whether the key of the subject's endpoint is also that of others there for which none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum KeySharing {
    /// It is.
    #[default]
    Shared,
    /// Each endpoint gets its own key or none.
    Apart,
}

/// How endpoints are reached.
#[derive(Debug, Args)]
pub(crate) struct EndpointArguments {
    /// Maximum concurrent calls; a run starts with a few and adapts to what the endpoint can handle
    /// [default: depends on the model]
    #[arg(long, value_name = "N")]
    pub(crate) connections: Option<NonZeroUsize>,
    /// Maximum concurrent calls to the judge, where a study says it.
    #[arg(skip)]
    pub(crate) judge_connections: Option<NonZeroUsize>,
    /// Stream replies, where an OpenAI-compatible server requires it
    #[arg(long, hide_short_help = true)]
    pub(crate) stream: bool,
    /// Variable with the API key [default: OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, by
    /// the model's prefix]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) key_env: Option<String>,
    /// Variable with the judge's API key [default: that of --key-env at the subject's endpoint, else
    /// by the model's prefix]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) judge_key_env: Option<String>,
    /// Variable with the client's API key [default: as for the judge]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) client_key_env: Option<String>,
    /// Studies name keys endpoint by endpoint.
    #[arg(skip)]
    pub(crate) key_sharing: KeySharing,
    /// Environment variable that holds the key of --toxicity-url
    #[arg(
        long,
        value_name = "NAME",
        default_value = TOXICITY_KEY_ENV,
        hide_short_help = true
    )]
    pub(crate) toxicity_key_env: String,
    /// Send keys over plain http, where anybody on the way reads them
    #[arg(long, hide_short_help = true)]
    pub(crate) allow_plain_http: bool,
    /// Folder of the local model's weights [default: the user's cache folder]
    #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR", hide_env_values = true)]
    #[arg(hide_short_help = true)]
    pub(crate) weights_dir: Option<PathBuf>,
    /// Table of short model names [default: that of `trustmh models`]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) models: Option<PathBuf>,
    /// Connection timeout in seconds
    #[arg(long, value_name = "SECS", default_value_t = CONNECT_TIMEOUT, hide_short_help = true)]
    pub(crate) connect_timeout: u64,
    /// Seconds until a reply must begin; servers that do not stream begin when they are done
    /// [default: --timeout]
    #[arg(long, value_name = "SECS", hide_short_help = true)]
    pub(crate) first_byte_timeout: Option<u64>,
    /// Timeout of a whole call in seconds
    #[arg(long, value_name = "SECS", default_value_t = TIMEOUT, hide_short_help = true)]
    pub(crate) timeout: u64,
}
