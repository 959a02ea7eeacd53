//! What makes a product of a model: instructions, a temperature, a name.

use clap::Args;
use std::path::PathBuf;

use trustmh_core::given_name::GivenName;
use trustmh_core::request::{SystemPrompt, Temperature};

/// What the user says of the product under test.
#[derive(Debug, Default, Args)]
pub(crate) struct ProductArguments {
    /// File with the subject's system prompt; its text is recorded
    #[arg(long, value_name = "FILE")]
    pub(crate) system: Option<PathBuf>,
    /// The system prompt itself, where a study's file was read already.
    #[arg(skip)]
    pub(crate) system_text: Option<SystemPrompt>,
    /// Subject's temperature, from 0 to 2 [default: that of each task]
    #[arg(long, value_name = "T", hide_short_help = true)]
    pub(crate) temperature: Option<Temperature>,
    /// Name of the product under test, which reports show before its model
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) name: Option<GivenName>,
}
