//! How a run's calls are made.

use clap::Args;

use super::cluster::Workers;
use super::endpoints::EndpointArguments;
use super::limits::CallLimits;

/// How calls are made: within which limits, to which endpoints, by this process or by workers.
#[derive(Debug, Args)]
pub(crate) struct CallArguments {
    #[command(flatten, next_help_heading = "Limits")]
    pub(crate) limits: CallLimits,
    #[command(flatten, next_help_heading = "Endpoints")]
    pub(crate) endpoints: EndpointArguments,
    #[command(flatten, next_help_heading = "Cluster")]
    pub(crate) workers: Workers,
}
