//! From a model's name to something that answers.

use secrecy::SecretString;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use trustmh_core::call::CallEnd;
use trustmh_core::id::ModelId;
#[cfg(feature = "local")]
use trustmh_engine::judge::embedded::EMBEDDED_JUDGE;
use trustmh_model::api::ModelApi;
use trustmh_model::command::CommandModel;
use trustmh_model::http::{PlainHttp, Timeouts, Way};
use trustmh_model::name::ModelName;
use trustmh_model::perspective::Perspective;
use trustmh_model::pool::Pool;
use trustmh_model::presets::Presets;
use trustmh_model::provider::Provider;
use trustmh_model::remote::{Connection, RemoteModel};
use trustmh_model::replay::Replay;
use trustmh_model::scripted::Scripted;
use trustmh_model::traits::{Delivery, Parameters};
use trustmh_run::journal::{self, Event};

use crate::arguments::EndpointArguments;
use crate::failure::Failure;
use crate::proxies;
#[cfg(feature = "local")]
use crate::user_folders;

mod asking;
mod callable;
#[cfg(feature = "local")]
mod embedded;
#[cfg(feature = "local")]
mod local;
mod named;
mod on_demand;
pub(crate) mod place;
mod secrets;

pub(crate) use asking::{Role, asking, given_name, system};
#[cfg(feature = "local")]
pub(crate) use embedded::Vectors;
pub(crate) use named::Typed;
pub(crate) use on_demand::EncoderOnDemand;
pub(crate) use secrets::recordable;

/// Opens the model `id`, at each of the comma separated base URLs if there are several.
pub(crate) fn open(
    id: &ModelId,
    base_url: Option<&str>,
    key_env: Option<&str>,
    endpoints: &EndpointArguments,
) -> Result<Box<dyn ModelApi>, Failure> {
    let presets = presets(endpoints.models.as_deref())?;
    let preset = presets.reached(id, base_url);
    let key_env = key_env.or(preset.and_then(|preset| preset.key_env.as_deref()));
    let streamed = endpoints.stream || preset.is_some_and(|p| p.delivery == Delivery::Streamed);
    let delivery = if streamed { Delivery::Streamed } else { Delivery::Whole };
    let parameters = Parameters { delivery, ..presets.traits(id, base_url).parameters() };
    let urls: Vec<&str> = base_url.into_iter().flat_map(|urls| urls.split(',')).collect();
    if urls.len() < 2 {
        return open_one(id, base_url, key_env, parameters, endpoints);
    }
    let members =
        urls.iter().map(|url| open_one(id, Some(url.trim()), key_env, parameters, endpoints));
    Ok(Box::new(Pool::new(id.clone(), members.collect::<Result<_, _>>()?)))
}

/// A name as it was typed, with its address: a short name stands for what the table has.
pub(crate) fn resolved(
    typed: Typed,
    name: &str,
    base_url: Option<&str>,
    endpoints: &EndpointArguments,
) -> Result<(ModelId, Option<String>), Failure> {
    let given = base_url.map(str::to_owned);
    if name.contains(['/', ':']) {
        typed.read(name)?;
        return Ok((ModelId::new(name), given));
    }
    let presets = presets(endpoints.models.as_deref())?;
    match presets.named(name) {
        Some(preset) => Ok((preset.model.clone(), given.or_else(|| preset.base_url.clone()))),
        None => Err(typed.unknown_short(name, &presets)),
    }
}

/// The environment variable that holds the key of the model `id`, if it is reached with one.
pub(crate) fn key_variable(
    id: &ModelId,
    base_url: Option<&str>,
    endpoints: &EndpointArguments,
) -> Result<Option<String>, Failure> {
    let presets = presets(endpoints.models.as_deref())?;
    let of_preset = presets.reached(id, base_url).and_then(|preset| preset.key_env.as_deref());
    let usual = match id.as_str().parse()? {
        ModelName::Remote(provider, _) => provider.key_variable(),
        ModelName::Command(_)
        | ModelName::Callable(_)
        | ModelName::Scripted(_)
        | ModelName::Replay(_)
        | ModelName::Local(_) => return Ok(None),
    };
    Ok(endpoints.key_env.as_deref().or(of_preset).or(usual).map(str::to_owned))
}

/// The table of models.
pub(crate) fn presets(file: Option<&Path>) -> Result<Presets, Failure> {
    let Some(path) = file else { return Ok(Presets::built_in().clone()) };
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error))?;
    let mut presets = Presets::parse(&path.display().to_string(), &text)?;
    presets.families.extend(Presets::built_in().families.iter().cloned());
    Ok(presets)
}

fn open_one(
    id: &ModelId,
    base_url: Option<&str>,
    key_env: Option<&str>,
    parameters: Parameters,
    endpoints: &EndpointArguments,
) -> Result<Box<dyn ModelApi>, Failure> {
    let name: ModelName = id.as_str().parse().map_err(Failure::from)?;
    let mut redactor = secrets::redactor(endpoints);
    let base_url = base_url.map(secrets::filled).transpose()?;
    let base_url = base_url.map(|(url, keys)| {
        redactor.add(&keys);
        url
    });
    match name {
        ModelName::Remote(provider, name) => {
            let connection = connection(id, provider, base_url, key_env, endpoints)?;
            let model = RemoteModel::new(id.clone(), provider, name, connection)?;
            Ok(Box::new(model.with_parameters(parameters).with_secrets(&redactor)))
        }
        ModelName::Command(line) => {
            let timeout = Duration::from_secs(endpoints.timeout);
            let model = CommandModel::new(id.clone(), &line, timeout)?;
            Ok(Box::new(model.with_secrets(&redactor)))
        }
        ModelName::Callable(name) => {
            let model = callable::open(id, &name, timeouts(endpoints))?;
            Ok(Box::new(model.with_secrets(&redactor)))
        }
        ModelName::Scripted(behaviour) => Ok(Box::new(Scripted::new(id.clone(), behaviour))),
        ModelName::Replay(run) => Ok(Box::new(replay(id, &run)?)),
        ModelName::Local(name) => open_local(id, &name, endpoints),
    }
}

/// How a provider is reached. Its own service takes no calls without a key.
fn connection(
    id: &ModelId,
    provider: Provider,
    base_url: Option<String>,
    key_env: Option<&str>,
    endpoints: &EndpointArguments,
) -> Result<Connection, Failure> {
    let variable = key_env.or(provider.key_variable());
    let key = variable.and_then(key_from);
    if key.is_none()
        && base_url.is_none()
        && let (Some(_), Some(variable)) = (provider.key_variable(), variable)
    {
        return Err(Failure::usage(format!("no API key for {id}: {variable} is not set"))
            .with_hint("set it, name another variable with --key-env, or give --base-url"));
    }
    let key_variable = variable.map(str::to_owned);
    Ok(Connection { base_url, key, key_variable, way: way(endpoints)? })
}

/// Opens the endpoint that scores toxicity.
pub(crate) fn open_toxicity(
    url: &str,
    endpoints: &EndpointArguments,
) -> Result<Perspective, Failure> {
    let (url, keys) = secrets::filled(url)?;
    let mut redactor = secrets::redactor(endpoints);
    redactor.add(&keys);
    let endpoint = Perspective::new(&url, key_from(&endpoints.toxicity_key_env), way(endpoints)?)?;
    Ok(endpoint.with_secrets(&redactor))
}

fn way(endpoints: &EndpointArguments) -> Result<Way, Failure> {
    let plain_http =
        if endpoints.allow_plain_http { PlainHttp::Allowed } else { PlainHttp::Refused };
    Ok(Way { timeouts: timeouts(endpoints), plain_http, proxies: proxies::of_process()? })
}

fn timeouts(endpoints: &EndpointArguments) -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(endpoints.connect_timeout),
        first_byte: endpoints.first_byte_timeout.map(Duration::from_secs),
        total: Duration::from_secs(endpoints.timeout),
    }
}

fn key_from(variable: &str) -> Option<SecretString> {
    std::env::var(variable).ok().filter(|key| !key.trim().is_empty()).map(SecretString::from)
}

/// Answers from the calls a run has recorded, whatever model they were made to.
fn replay(id: &ModelId, run: &Path) -> Result<Replay, Failure> {
    let manifest = trustmh_run::manifest::Manifest::read(run)?;
    let mut replies = std::collections::HashMap::new();
    journal::scan(&run.join(journal::FILE), |event, _| {
        if let Event::Call(call) = event
            && let CallEnd::Replied(reply) = call.end
        {
            replies.insert(call.key, reply);
        }
    })?;
    Ok(Replay::new(id.clone(), manifest.subject.id, replies))
}

/// How many tokens the model takes in at once, where that is known.
pub(crate) fn context_of(id: &ModelId) -> Option<u32> {
    match id.as_str().parse::<ModelName>() {
        #[cfg(feature = "local")]
        Ok(ModelName::Local(_)) => Some(trustmh_local::CONTEXT),
        _ => None,
    }
}

#[cfg(feature = "local")]
fn open_local(
    id: &ModelId,
    name: &str,
    endpoints: &EndpointArguments,
) -> Result<Box<dyn ModelApi>, Failure> {
    let weights = user_folders::weights(endpoints.weights_dir.as_deref())?;
    if id.as_str().starts_with(EMBEDDED_JUDGE) {
        return embedded::open(id, &weights);
    }
    local::open(id, name, &weights, endpoints.connections)
}

/// Whether the weights of the embedded judge's encoder are at hand.
pub(crate) fn has_encoder(endpoints: &EndpointArguments) -> bool {
    encoder_is_in(endpoints.weights_dir.as_deref())
}

/// Whether they are in this folder, or where they usually are.
pub(crate) fn encoder_is_in(weights_dir: Option<&Path>) -> bool {
    #[cfg(feature = "local")]
    {
        user_folders::weights(weights_dir).is_ok_and(|folder| trustmh_local::MINILM.are_in(&folder))
    }
    #[cfg(not(feature = "local"))]
    {
        let _ = weights_dir;
        false
    }
}

/// Opens the embedded judge by the name under which its calls are recorded.
#[cfg(feature = "local")]
fn open_encoder(id: &ModelId, weights_dir: Option<&Path>) -> Result<Box<dyn ModelApi>, Failure> {
    embedded::open(id, &user_folders::weights(weights_dir)?)
}

/// This build has no encoder.
#[cfg(not(feature = "local"))]
fn open_encoder(id: &ModelId, _: Option<&Path>) -> Result<Box<dyn ModelApi>, Failure> {
    Err(Failure::usage(format!("{id}: this build has no local model"))
        .with_hint("build with the feature `local`"))
}

#[cfg(not(feature = "local"))]
fn open_local(id: &ModelId, _: &str, _: &EndpointArguments) -> Result<Box<dyn ModelApi>, Failure> {
    Err(Failure::usage(format!("{id}: this build has no local model"))
        .with_hint("build with the feature `local`"))
}

/// One instance per core unless told otherwise.
#[cfg(feature = "local")]
pub(crate) fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
