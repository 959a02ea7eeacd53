//! By which rules recorded runs are scored.

use clap::Args;
use clap::builder::TypedValueParser;

use trustmh_core::protocol::Protocol;

use super::tasks::TaskSource;
use super::words::one_of;

/// The rules of scoring: a protocol and the task files.
#[derive(Debug, Args)]
pub(crate) struct ScoringRules {
    /// Protocol to score by [default: that of each run]
    #[arg(long, value_parser = protocols())]
    pub(crate) protocol: Option<Protocol>,
    #[command(flatten)]
    pub(crate) tasks_from: TaskSource,
}

/// The protocols by name.
pub(crate) fn protocols() -> impl TypedValueParser<Value = Protocol> {
    one_of(Protocol::ALL, Protocol::name)
}
