//! `trustmh worker`: make calls for coordinators.

use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::sync::watch;

use trustmh_cluster::access::Role;
use trustmh_cluster::quota::Allowance;
use trustmh_cluster::worker::{Endpoint, WorkerConfig, work};
use trustmh_model::api::ModelApi;
use trustmh_model::halt::Halt;

use super::{descriptors, link, runtime, stop};
use crate::arguments::WorkerArguments;
use crate::failure::{Exit, Failure};
use crate::models;
use crate::screen;

pub(super) fn run(arguments: &WorkerArguments) -> Result<Exit, Failure> {
    let access = link::access(&arguments.cluster, &arguments.server)?;
    let endpoints = endpoints(arguments)?;
    let name = arguments.name.clone().unwrap_or_else(link::whereabouts);
    let config = WorkerConfig { name };
    let served: Vec<String> =
        endpoints.iter().map(|endpoint| endpoint.model.id().to_string()).collect();
    let (stop, mut halt) = watch::channel(Halt::No);
    let _heeding = stop::heed(
        stop,
        "draining: no new calls; finishing those in hand; once more leaves at once",
    )?;
    let done = runtime()?.block_on(async {
        let (drain, stopped) = watch::channel(false);
        tokio::spawn(async move {
            if halt.wait_for(|halt| halt.is_asked()).await.is_ok() {
                let _ = drain.send(true);
                if halt.wait_for(|halt| *halt == Halt::AtOnce).await.is_ok() {
                    stop::leave();
                }
            }
        });
        let link = link::connect(&access, Role::Worker).await?;
        screen::note(&format!("worker {} serves {}", config.name, served.join(", ")));
        Ok::<_, Failure>(work(link, endpoints, config, stopped).await?)
    })?;
    screen::note(&format!(
        "{} results brought, {} of them without a reply",
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
        let (id, url) = models::resolved(name, url, &arguments.reach)?;
        let key_env = arguments.reach.key_env.as_deref();
        let model = models::open(&id, url.as_deref(), key_env, &arguments.reach)?;
        let variable = models::key_variable(&id, url.as_deref(), &arguments.reach)?;
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
        let model = models::open_toxicity(url, &arguments.reach)?;
        let at_once = at_once(arguments, &model)?;
        endpoints.push(Endpoint { at_once, model: Arc::new(model), allowance: None });
    }
    if let Some(unused) = used.iter().position(|used| !used) {
        let name = allowances.get(unused).map_or("", |allowance| &allowance.name);
        return Err(Failure::usage(format!(
            "--quota {name}: no model here is asked with that key"
        ))
        .with_hint("NAME is the environment variable that holds the key, or a model's name"));
    }
    Ok(endpoints)
}

fn at_once(arguments: &WorkerArguments, model: &dyn ModelApi) -> Result<usize, Failure> {
    descriptors::within(arguments.max_connections.map_or(model.parallel().get(), NonZeroUsize::get))
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
