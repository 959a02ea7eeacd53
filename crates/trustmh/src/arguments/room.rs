//! How much room models have to think and to reply, and which fields their requests carry.

use clap::Args;

/// What of requests is up to the user.
#[derive(Debug, Default, Args)]
pub(crate) struct Room {
    /// Tokens a reply may have, whatever its task allows; what the model thinks before it comes on top.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) reply_tokens: Option<u32>,
    /// Tokens the subject may think before it replies, 0 to ask it not to think [default: 4096 for models that are known to think,
    /// see docs/models.md].
    #[arg(long, value_name = "N")]
    pub(crate) thinking_tokens: Option<u32>,
    /// The same of the judge.
    #[arg(long, value_name = "N")]
    pub(crate) judge_thinking_tokens: Option<u32>,
    /// A field of the requests to the subject, for example top_p=0.9 or reasoning.effort=low; the value is JSON where it is JSON, null
    /// leaves the field out; may be given several times. Recorded in the run, so never a key.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) subject_option: Vec<String>,
    /// The same of the requests to the judge.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) judge_option: Vec<String>,
}
