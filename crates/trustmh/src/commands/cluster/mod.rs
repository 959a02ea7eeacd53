//! `trustmh cluster`: the NATS server that runs and workers share.

mod setup;
mod status;

use clap::Args;

use trustmh_cluster::access::{Link, Role};

use crate::arguments::ServerAccess;
use crate::failure::{Exit, Failure};
use crate::nats;
use crate::runtime::runtime;

/// Show what happens on a NATS server, or set one up
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ClusterArguments {
    #[command(subcommand)]
    action: ClusterAction,
}

const EXAMPLES: &str = r"Examples:
  trustmh cluster status --cluster nats://queue:4222
  trustmh cluster setup --cluster nats://queue-1:4222,nats://queue-2:4222 --replicas 3";

commands! { ClusterAction:
    Status => status::StatusArguments,
    Setup => setup::SetupArguments,
}

pub(crate) fn run(arguments: &ClusterArguments) -> Result<Exit, Failure> {
    arguments.action.run()
}

/// The server, and how to log in.
#[derive(Debug, Args)]
struct Server {
    /// NATS server: nats://HOST:4222 or tls://, several separated by commas
    #[arg(long, value_name = "URL")]
    cluster: String,
    #[command(flatten)]
    access: ServerAccess,
}

/// Does something at the server, and closes the connection.
fn with_server<T>(
    server: &Server,
    act: impl AsyncFnOnce(Link) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let access = nats::access(&server.cluster, &server.access)?;
    runtime()?.block_on(async {
        let link = nats::connect(&access, Role::Coordinator).await?;
        act(link).await
    })
}
