//! How much models may think and reply, and which fields their requests carry.

use clap::Args;

/// What the user may say about requests.
#[derive(Debug, Default, Args)]
pub(crate) struct RequestArguments {
    /// Maximum tokens of each reply; thinking comes on top
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(hide_short_help = true)]
    pub(crate) reply_tokens: Option<u32>,
    /// Tokens the subject may think before it replies; 0 asks it not to
    /// [default: see docs/models.md]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) thinking_tokens: Option<u32>,
    /// The same for the judge
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) judge_thinking_tokens: Option<u32>,
    /// Set a field of the subject's requests, such as top_p=0.9 or reasoning.effort=low; null drops
    /// the field. Repeatable; recorded in the run, so never put a key here
    #[arg(long, value_name = "KEY=VALUE", hide_short_help = true)]
    pub(crate) subject_option: Vec<String>,
    /// The same for the judge
    #[arg(long, value_name = "KEY=VALUE", hide_short_help = true)]
    pub(crate) judge_option: Vec<String>,
}
