//! Many machines: the NATS server, and what a coordinator asks of workers.

use clap::Args;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

/// Seconds after which a silent worker's calls go to another.
pub(crate) const LEASE: NonZeroU64 = NonZeroU64::new(30).unwrap();
/// Copies of each message on a new cluster.
pub(crate) const REPLICAS: NonZeroUsize = NonZeroUsize::MIN;
/// Seconds to wait for a server that is away.
pub(crate) const PATIENCE: u64 = 120;
/// Workers that may return no result before a call is given up.
pub(crate) const DELIVERIES: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// Credentials for the NATS server. They may also come from the environment: TRUSTMH_NATS_USER and
/// TRUSTMH_NATS_PASSWORD, TRUSTMH_NATS_TOKEN, or TRUSTMH_NATS_NKEY (a seed).
#[derive(Debug, Args)]
pub(crate) struct ServerAccess {
    /// NATS credentials file (a JWT and its seed), as written by `nsc`
    #[arg(long, value_name = "FILE", env = "TRUSTMH_NATS_CREDS", hide_env_values = true)]
    #[arg(hide_short_help = true)]
    pub(crate) cluster_creds: Option<PathBuf>,
    /// CA certificates to trust for the server (PEM); requires TLS
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) cluster_ca: Option<PathBuf>,
    /// Client certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cluster_key", hide_short_help = true)]
    pub(crate) cluster_cert: Option<PathBuf>,
    /// Key of the client certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cluster_cert", hide_short_help = true)]
    pub(crate) cluster_key: Option<PathBuf>,
}

/// Workers that make the calls instead of this process.
#[derive(Debug, Args)]
pub(crate) struct Workers {
    /// Have `trustmh worker` processes make the calls, through this NATS server: nats://HOST:4222
    /// or tls://, several separated by commas
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub(crate) cluster: Option<String>,
    /// Seconds until a silent worker's calls go to another
    #[arg(long, value_name = "SECS", default_value_t = LEASE, hide_short_help = true)]
    pub(crate) lease: NonZeroU64,
    /// Copies kept of each message, on a new cluster
    #[arg(long, value_name = "N", default_value_t = REPLICAS, hide_short_help = true)]
    pub(crate) cluster_replicas: NonZeroUsize,
    /// Seconds to wait for a server that is away or full
    #[arg(long, value_name = "SECS", default_value_t = PATIENCE, hide_short_help = true)]
    pub(crate) cluster_patience: u64,
    /// Give a call up after N workers returned no result
    #[arg(long, value_name = "N", default_value_t = DELIVERIES, hide_short_help = true)]
    pub(crate) max_deliveries: NonZeroU32,
    /// Repeat this share of the calls (above 0, at most 1) on a second worker and report how many
    /// replies differ; such calls cost extra, enter no score and are kept in audit.jsonl
    #[arg(long, value_name = "P", requires = "cluster", value_parser = share)]
    #[arg(hide_short_help = true)]
    pub(crate) audit_share: Option<f64>,
    #[command(flatten)]
    pub(crate) server: ServerAccess,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        Ok(_) | Err(_) => Err("give a share above 0 and at most 1, such as 0.05".to_owned()),
    }
}
