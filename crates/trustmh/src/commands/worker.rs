//! `trustmh worker`: make calls for coordinators.

use clap::Args;
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::sync::watch;

use trustmh_cluster::access::Role;
use trustmh_cluster::quota::Allowance;
use trustmh_cluster::worker::{Endpoint, WorkerConfig, work};
use trustmh_model::api::ModelApi;
use trustmh_model::halt::Halt;

use crate::arguments::{EndpointArguments, ServerAccess};
use crate::failure::{Exit, Failure};
use crate::models::Typed;
use crate::running::within_open_files;
use crate::runtime::runtime;
use crate::{models, nats, screen, signals};

/// Make calls for runs coordinated elsewhere (`run --cluster`), through a NATS server
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct WorkerArguments {
    /// NATS server: nats://HOST:4222 or tls://, several separated by commas
    #[arg(long, value_name = "URL")]
    cluster: String,
    /// Model to serve, with its endpoint unless it has a usual one, such as
    /// openai/llama-3.1-8b=http://127.0.0.1:8000/v1 or claude-sonnet-4.5; repeatable
    #[arg(long, value_name = "NAME[=URL]", required_unless_present = "toxicity_url")]
    model_endpoint: Vec<String>,
    /// Endpoint that scores toxicity, by the address that the run names
    #[arg(long, value_name = "URL")]
    toxicity_url: Option<String>,
    /// Maximum concurrent calls to each model [default: depends on the model]
    #[arg(long, value_name = "N")]
    max_connections: Option<NonZeroUsize>,
    /// Rate limit per minute of one API key, shared by all workers: OPENAI_API_KEY=600, or with
    /// tokens OPENAI_API_KEY=600,90000. NAME is the key's variable or a model; give every worker
    /// the same
    #[arg(long, value_name = "NAME=CALLS[,TOKENS]")]
    quota: Vec<String>,
    /// Unique name of this worker, shown to others [default: host and process]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten, next_help_heading = "Endpoints")]
    endpoints: EndpointArguments,
    #[command(flatten, next_help_heading = "Cluster")]
    server: ServerAccess,
}

const EXAMPLES: &str = r"Examples:
  trustmh worker --cluster tls://queue:4222 --model-endpoint gpt-4o-mini \
      --quota OPENAI_API_KEY=600,90000";

const NOTES: &str = r"Examples:
  trustmh worker --cluster nats://queue:4222 \
      --model-endpoint openai/llama-3.1-8b=http://127.0.0.1:8000/v1
  trustmh worker --cluster tls://queue:4222 --model-endpoint gpt-4o-mini \
      --quota OPENAI_API_KEY=600,90000
  trustmh worker --cluster nats://queue:4222 --model-endpoint local/smollm2-135m

On SIGTERM it accepts no new calls and exits once those in progress are done. docs/cluster.md
describes a whole setup. The credentials of the NATS server may also come from the environment:
TRUSTMH_NATS_USER and TRUSTMH_NATS_PASSWORD, TRUSTMH_NATS_TOKEN, or TRUSTMH_NATS_NKEY (a seed).";

pub(crate) fn run(arguments: &WorkerArguments) -> Result<Exit, Failure> {
    let access = nats::access(&arguments.cluster, &arguments.server)?;
    let endpoints = endpoints(arguments)?;
    let name = arguments.name.clone().unwrap_or_else(nats::whereabouts);
    let config = WorkerConfig { name };
    let served: Vec<String> =
        endpoints.iter().map(|endpoint| endpoint.model.id().to_string()).collect();
    let (stop, mut halt) = watch::channel(Halt::No);
    let _heeding = signals::heed(stop, || {
        "draining: no new calls; finishing those in progress; interrupt again to stop at once"
            .to_owned()
    })?;
    let done = runtime()?.block_on(async {
        let (drain, stopped) = watch::channel(false);
        tokio::spawn(async move {
            if halt.wait_for(|halt| halt.is_asked()).await.is_ok() {
                let _ = drain.send(true);
                if halt.wait_for(|halt| *halt == Halt::AtOnce).await.is_ok() {
                    signals::leave();
                }
            }
        });
        let link = nats::connect(&access, Role::Worker).await?;
        screen::note(&format!("worker {} serves {}", config.name, served.join(", ")));
        Ok::<_, Failure>(work(link, endpoints, config, stopped).await?)
    })?;
    screen::note(&format!(
        "{} results delivered, {} of them without a reply",
        done.made, done.broken
    ));
    Ok(Exit::Ok)
}

fn endpoints(arguments: &WorkerArguments) -> Result<Vec<Endpoint>, Failure> {
    let mut allowances: Vec<Allowance> = Vec::new();
    for text in &arguments.quota {
        allowances.push(text.parse()?);
    }
    let mut used = vec![false; allowances.len()];
    let mut endpoints = Vec::new();
    for declared in &arguments.model_endpoint {
        let (name, url) = split(declared);
        let (id, url) = models::resolved(Typed::SERVED, name, url, &arguments.endpoints)?;
        let key_env = arguments.endpoints.key_env.as_deref();
        let model = models::open(&id, url.as_deref(), key_env, &arguments.endpoints)?;
        let variable = models::key_variable(&id, url.as_deref(), &arguments.endpoints)?;
        let found = allowances.iter().position(|allowance| {
            allowance.name == id.as_str() || variable.as_deref() == Some(&allowance.name)
        });
        used.iter_mut().enumerate().for_each(|(place, used)| *used |= found == Some(place));
        endpoints.push(Endpoint {
            at_once: at_once(arguments, model.as_ref())?,
            model: Arc::from(model),
            allowance: found.and_then(|place| allowances.get(place)).cloned(),
        });
    }
    if let Some(url) = &arguments.toxicity_url {
        let model = models::open_toxicity(url, &arguments.endpoints)?;
        let at_once = at_once(arguments, &model)?;
        endpoints.push(Endpoint { at_once, model: Arc::new(model), allowance: None });
    }
    if let Some(unused) = used.iter().position(|used| !used) {
        let name = allowances.get(unused).map_or("", |allowance| &allowance.name);
        return Err(Failure::usage(format!("--quota {name}: no model here uses that key"))
            .with_hint(
                "NAME is the environment variable that holds the key, or the name of a model",
            ));
    }
    Ok(endpoints)
}

fn at_once(arguments: &WorkerArguments, model: &dyn ModelApi) -> Result<usize, Failure> {
    within_open_files(arguments.max_connections.map_or(model.parallel().get(), NonZeroUsize::get))
}

/// `NAME=URL` or `NAME`. A program's command line may hold an equals sign itself.
fn split(declared: &str) -> (&str, Option<&str>) {
    match declared.split_once('=') {
        Some((name, url)) if url.starts_with("http://") || url.starts_with("https://") => {
            (name, Some(url))
        }
        _ => (declared, None),
    }
}
