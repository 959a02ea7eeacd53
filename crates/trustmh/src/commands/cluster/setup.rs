//! `trustmh cluster setup`: streams and buckets on a new server.

use clap::Args;
use std::num::NonZeroUsize;

use trustmh_cluster::setup::{StreamSettings, take_over};

use super::{Server, with_server};
use crate::failure::{Exit, Failure};
use crate::screen;

/// Create streams and buckets on a new server (the first run would do it, too)
#[derive(Debug, Args)]
pub(crate) struct SetupArguments {
    #[command(flatten)]
    server: Server,
    /// Servers that keep a copy of each message; 3 survive the loss of one
    #[arg(long, value_name = "N", default_value = "1")]
    replicas: NonZeroUsize,
}

pub(crate) fn run(arguments: &SetupArguments) -> Result<Exit, Failure> {
    let replicas = arguments.replicas.get();
    let settings = StreamSettings { replicas, ..StreamSettings::default() };
    with_server(&arguments.server, async |link| Ok(take_over(&link, &settings).await?))?;
    screen::print("streams and buckets are in place\n");
    Ok(Exit::Ok)
}
