//! The way to endpoints.

use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// How endpoints are reached.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Calls at once, at the most; the run begins with a few and finds out what the endpoint bears
    /// [default: what suits the subject].
    #[arg(long, value_name = "N")]
    pub(crate) connections: Option<NonZeroUsize>,
    /// Ask OpenAI-compatible servers to stream replies, where they or a proxy before them need it.
    #[arg(long)]
    pub(crate) stream: bool,
    /// The environment variable that holds the API key [default: OPENAI_API_KEY, ANTHROPIC_API_KEY or
    /// GEMINI_API_KEY, as the model's prefix says].
    #[arg(long, value_name = "NAME")]
    pub(crate) key_env: Option<String>,
    /// The environment variable that holds the judge's API key [default: that of --key-env].
    #[arg(long, value_name = "NAME")]
    pub(crate) judge_key_env: Option<String>,
    /// The environment variable that holds the key of --toxicity-url.
    #[arg(long, value_name = "NAME", default_value = "PERSPECTIVE_API_KEY")]
    pub(crate) toxicity_key_env: String,
    /// Send keys over plain http to other machines, too: whoever is on the way can read them. To this machine they always may go.
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
    /// Folder of the local model's weights [default: the cache folder of the user].
    #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR")]
    pub(crate) weights_dir: Option<PathBuf>,
    /// A table of models by short names [default: benchmark/models.toml as built in, see `trustmh models`].
    #[arg(long, value_name = "FILE")]
    pub(crate) models: Option<PathBuf>,
    /// Seconds until a connection stands.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(crate) connect_timeout: u64,
    /// Seconds until an answer begins; servers that do not stream begin when they are done [default: no bound
    /// but --timeout].
    #[arg(long, value_name = "SECONDS")]
    pub(crate) first_byte_timeout: Option<u64>,
    /// Seconds a call may take in all.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) timeout: u64,
}
