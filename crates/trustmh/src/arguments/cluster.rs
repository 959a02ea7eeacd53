//! Many machines: the way to the server, workers, what a coordinator wants of them.

use clap::{Args, Subcommand};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use super::reach::Reach;

/// How the NATS server is reached. Credentials come from the environment: TRUSTMH_NATS_USER and TRUSTMH_NATS_PASSWORD,
/// TRUSTMH_NATS_TOKEN, or TRUSTMH_NATS_NKEY (a seed).
#[derive(Debug, Args)]
pub(crate) struct ServerAccess {
    /// A file with credentials (a JWT and its seed), as `nsc` writes it.
    #[arg(long, value_name = "FILE", env = "TRUSTMH_NATS_CREDS")]
    pub(crate) cluster_creds: Option<PathBuf>,
    /// Certificates of the authority that vouches for the server, PEM; insists on TLS.
    #[arg(long, value_name = "FILE")]
    pub(crate) cluster_ca: Option<PathBuf>,
    /// A certificate of our own, PEM.
    #[arg(long, value_name = "FILE", requires = "cluster_key")]
    pub(crate) cluster_cert: Option<PathBuf>,
    /// The key of --cluster-cert, PEM.
    #[arg(long, value_name = "FILE", requires = "cluster_cert")]
    pub(crate) cluster_key: Option<PathBuf>,
}

/// Workers elsewhere, instead of calls from this process.
#[derive(Debug, Args)]
pub(crate) struct Workers {
    /// Have the calls made by `trustmh worker` processes, through this NATS server: nats://HOST:4222, several comma separated, or
    /// tls://. Models and keys are declared where workers run.
    #[arg(long, value_name = "URL")]
    pub(crate) cluster: Option<String>,
    /// Seconds without a sign of life after which a worker's calls go to others.
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    pub(crate) lease: NonZeroU64,
    /// On how many servers each message is kept, when this is the first run there.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) cluster_replicas: NonZeroUsize,
    /// Seconds that the server may stay away, or full, before the run stops; `resume` goes on.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(crate) cluster_patience: u64,
    /// A call that was handed out so often without a result is given up.
    #[arg(long, value_name = "N", default_value = "5")]
    pub(crate) max_deliveries: NonZeroU32,
    /// Ask a second worker again for this share of the calls, above 0 and at most 1, and say how many replies differ. These calls are
    /// paid on top and enter no score; what they come to is kept in audit.jsonl beside the journal. They count for no bound of
    /// --max-calls and its like.
    #[arg(long, value_name = "P", requires = "cluster", value_parser = share)]
    pub(crate) audit_share: Option<f64>,
    #[command(flatten)]
    pub(crate) server: ServerAccess,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        Ok(_) | Err(_) => Err("write a share above 0 and at most 1, such as 0.05".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArguments {
    /// The NATS server: nats://HOST:4222, several comma separated, or tls://.
    #[arg(long, value_name = "URL")]
    pub(crate) cluster: String,
    /// A model that this worker serves, with its endpoint if it has no usual one: openai/llama-3.1-8b=http://127.0.0.1:8000/v1,
    /// claude-sonnet-4.5, local/smollm2-135m. May be given several times.
    #[arg(long, value_name = "NAME[=URL]", required_unless_present = "toxicity_url")]
    pub(crate) model_endpoint: Vec<String>,
    /// An endpoint that scores toxicity, by the address that the run names.
    #[arg(long, value_name = "URL")]
    pub(crate) toxicity_url: Option<String>,
    /// Calls at once to each model, at the most [default: what suits the model].
    #[arg(long, value_name = "N")]
    pub(crate) max_connections: Option<NonZeroUsize>,
    /// What all workers together may ask of one key in a minute: OPENAI_API_KEY=600, or OPENAI_API_KEY=600,90000 with tokens. NAME is
    /// the variable that holds the key, or a model. Say the same on every worker.
    #[arg(long, value_name = "NAME=CALLS[,TOKENS]")]
    pub(crate) quota: Vec<String>,
    /// What others see this worker as; unique [default: host and process].
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) reach: Reach,
    #[command(flatten)]
    pub(crate) server: ServerAccess,
}

#[derive(Debug, Args)]
pub(crate) struct ClusterArguments {
    #[command(subcommand)]
    pub(crate) action: ClusterAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClusterAction {
    /// Who is there and what waits: runs, workers, rates, queues, leases
    Status {
        /// The NATS server.
        #[arg(long, value_name = "URL")]
        cluster: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: ServerAccess,
    },
    /// Make streams and buckets on a new server; a run does the same by itself
    Setup {
        /// The NATS server.
        #[arg(long, value_name = "URL")]
        cluster: String,
        /// On how many servers each message is kept; 3 survive the loss of one.
        #[arg(long, value_name = "N", default_value = "1")]
        replicas: NonZeroUsize,
        #[command(flatten)]
        server: ServerAccess,
    },
}
