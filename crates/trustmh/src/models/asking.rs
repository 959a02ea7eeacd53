//! How a model is asked: what the user says, and else what the table of models knows.

use std::path::Path;

use trustmh_core::given_name::GivenName;
use trustmh_core::id::ModelId;
use trustmh_core::request::{Asking, OptionFault, RequestOptions, SystemPrompt, Temperature};
use trustmh_model::name::ModelName;
use trustmh_model::presets::Preset;
use trustmh_model::traits::{ModelTraits, TemperatureField, Thinks};
use trustmh_run::manifest::Manifest;

use super::presets;
use crate::arguments::{ClientArguments, EndpointArguments, ProductArguments, RequestArguments};
use crate::failure::Failure;

/// Whose requests they are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role<'p> {
    Subject(&'p ProductArguments),
    Judge,
    Client(&'p ClientArguments),
}

/// What the user says of one model's requests.
#[derive(Debug)]
struct Said<'r> {
    thinking_tokens: Option<u32>,
    options: &'r [String],
    thinking_option: &'static str,
    product: Product,
}

/// What makes a product of a model, in each request.
#[derive(Debug, Default)]
struct Product {
    system: Option<SystemPrompt>,
    temperature: Option<Temperature>,
}

impl<'p> Role<'p> {
    fn said(self, requests: &'p RequestArguments) -> Result<Said<'p>, Failure> {
        Ok(match self {
            Self::Subject(product) => Said {
                thinking_tokens: requests.thinking_tokens,
                options: &requests.subject_option,
                thinking_option: "--thinking-tokens",
                product: Product {
                    system: product.system.as_deref().map(system).transpose()?,
                    temperature: product.temperature,
                },
            },
            Self::Judge => Said {
                thinking_tokens: requests.judge_thinking_tokens,
                options: &requests.judge_option,
                thinking_option: "--judge-thinking-tokens",
                product: Product::default(),
            },
            Self::Client(player) => Said {
                thinking_tokens: player.client_thinking_tokens,
                options: &player.client_option,
                thinking_option: "--client-thinking-tokens",
                product: Product { system: None, temperature: player.client_temperature },
            },
        })
    }

    /// What the table says of the product that goes by this short name. A judge is no product.
    fn of_table(self, preset: Option<&Preset>) -> Product {
        match (self, preset) {
            (Self::Subject(_), Some(preset)) => {
                Product { system: preset.system.clone(), temperature: preset.temperature }
            }
            (Self::Subject(_), None) | (Self::Judge | Self::Client(_), _) => Product::default(),
        }
    }
}

impl Product {
    fn or(self, other: Self) -> Self {
        Self {
            system: self.system.or(other.system),
            temperature: self.temperature.or(other.temperature),
        }
    }
}

/// The system prompt in a file.
pub(crate) fn system(path: &Path) -> Result<SystemPrompt, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::io(path, "reading", &error))?;
    SystemPrompt::from_bytes(&bytes)
        .map_err(|fault| Failure::usage(format!("--system {}: {fault}", path.display())))
}

/// What the product that the user calls `typed` is named in reports, if it has a name.
pub(crate) fn given_name(
    typed: &str,
    product: &ProductArguments,
    endpoints: &EndpointArguments,
) -> Result<Option<GivenName>, Failure> {
    if product.name.is_some() {
        return Ok(product.name.clone());
    }
    let presets = presets(endpoints.models.as_deref())?;
    Ok(presets.named(typed).and_then(|preset| preset.name.clone()))
}

/// How the model `id`, which the user called `typed`, is asked. A `context` bounds what it gets to
/// think without being asked.
pub(crate) fn asking(
    typed: &str,
    id: &ModelId,
    base_url: Option<&str>,
    role: Role<'_>,
    requests: &RequestArguments,
    context: Option<u32>,
    endpoints: &EndpointArguments,
) -> Result<Asking, Failure> {
    let Said { thinking_tokens, options, thinking_option, product } = role.said(requests)?;
    let options = RequestOptions::parse(options.iter().map(String::as_str))?;
    let presets = presets(endpoints.models.as_deref())?;
    let Product { system, temperature } = product.or(role.of_table(presets.named(typed)));
    if temperature.is_some() && sets_temperature(&options) {
        return Err(Failure::usage("the temperature is set twice: by --temperature (or the table of models) and by an option")
            .with_hint("leave one of them out"));
    }
    let asking = match id.as_str().parse()? {
        ModelName::Scripted(_) | ModelName::Local(_) => {
            if options.is_empty() && thinking_tokens.is_none() {
                return Ok(Asking { system, temperature, ..Asking::USUAL });
            }
            let message =
                format!("{id} sends no requests: thinking tokens and options have no effect on it");
            return Err(Failure::usage(message));
        }
        // A recorded reply is found by how it was asked for.
        ModelName::Replay(run) => {
            let was = Manifest::read(&run)?.subject.asked;
            Asking {
                system: system.or(was.system),
                temperature: temperature.or(was.temperature),
                thinking_tokens: thinking_tokens.or(was.thinking_tokens),
                options: options.over(&was.options),
            }
        }
        ModelName::Remote(..) | ModelName::Command(_) | ModelName::Callable(_) => {
            let traits = presets.typed(typed, id, base_url);
            if temperature.is_some() && traits.temperature == Some(TemperatureField::NotTaken) {
                return Err(Failure::usage(format!(
                    "{id} takes no temperature: --temperature has no effect on it"
                )));
            }
            if traits.thinks == Some(Thinks::Always) && thinking_tokens == Some(0) {
                return Err(Failure::usage(format!(
                    "{id} always thinks: {thinking_option} 0 leaves it no tokens to do so"
                ))
                .with_hint(
                    "many services have an option for how much a model thinks: docs/models.md",
                ));
            }
            Asking {
                system,
                temperature,
                thinking_tokens: thinking_tokens.or_else(|| usual(&traits, context)),
                options: options.over(&traits.options),
            }
        }
    };
    Ok(asking)
}

/// Whether an option has a say in the temperature, by the names that services have for it.
fn sets_temperature(options: &RequestOptions) -> bool {
    let names = ["temperature", "generationConfig.temperature", "options.temperature"];
    options.iter().any(|(path, _)| names.contains(&path))
}

/// At most half of what the model takes in at once.
fn usual(traits: &ModelTraits, context: Option<u32>) -> Option<u32> {
    let most = context.map_or(u32::MAX, |context| context / 2);
    traits.usual_thinking_tokens().map(|tokens| tokens.min(most))
}

impl From<OptionFault> for Failure {
    fn from(fault: OptionFault) -> Self {
        Self::usage(fault.to_string())
    }
}
