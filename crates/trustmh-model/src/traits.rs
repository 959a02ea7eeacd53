//! What is known of a model beforehand: whether it thinks, and which fields it takes. From the table of models, by name or by family.

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use trustmh_core::request::RequestOptions;

use crate::error::ModelError;
use crate::provider::Provider;

/// Room to think for models that are known to do it, where the user does not say.
pub const DEFAULT_THINKING_TOKENS: u32 = 4096;

/// Whether a model thinks before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thinks {
    /// It does not.
    Never,
    /// If it is asked to.
    OnRequest,
    /// Unless it is asked not to.
    ByDefault,
    /// Whatever it is asked.
    Always,
}

impl Thinks {
    /// As people read it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Never => "it does not think",
            Self::OnRequest => "it thinks if it is asked to",
            Self::ByDefault => "it thinks unless it is asked not to",
            Self::Always => "it always thinks",
        }
    }
}

/// Which name the limit of a reply has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LimitField {
    /// `max_tokens`, or what a service of its own calls it.
    #[default]
    #[serde(rename = "max_tokens")]
    MaxTokens,
    /// `max_completion_tokens`, which OpenAI's reasoning models ask for.
    #[serde(rename = "max_completion_tokens")]
    MaxCompletionTokens,
}

/// Whether a model takes a temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemperatureField {
    /// It does.
    #[default]
    Taken,
    /// It refuses calls with one.
    NotTaken,
}

/// How thinking is asked for where a service has a field for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThinkingField {
    /// With a number of tokens.
    #[default]
    Budget,
    /// Without one: the model finds its own measure within the limit of the reply.
    Adaptive,
}

/// How replies are to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// In one piece.
    #[default]
    Whole,
    /// Piece by piece, which some models and some proxies with short time limits need.
    Streamed,
}

/// Which fields a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parameters {
    /// The name of the limit.
    pub limit: LimitField,
    /// Whether a temperature is sent.
    pub temperature: TemperatureField,
    /// How thinking is asked for.
    pub thinking: ThinkingField,
    /// How replies are to come; only OpenAI-compatible servers are asked to stream.
    pub delivery: Delivery,
}

impl Parameters {
    /// Those of OpenAI's reasoning models.
    pub const REASONING: Self = Self {
        limit: LimitField::MaxCompletionTokens,
        temperature: TemperatureField::NotTaken,
        thinking: ThinkingField::Budget,
        delivery: Delivery::Whole,
    };
}

/// What is known of a model; what is not said is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelTraits {
    /// Whether it thinks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinks: Option<Thinks>,
    /// Room to think, where the user does not say; of a model that thinks on request it is the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking_tokens: Option<u32>,
    /// The name of the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitField>,
    /// Whether it takes a temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<TemperatureField>,
    /// How thinking is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking: Option<ThinkingField>,
    /// Fields of the request's body; those the user sets go before.
    #[serde(default, skip_serializing_if = "RequestOptions::is_empty")]
    pub options: RequestOptions,
}

impl ModelTraits {
    /// These, and of `others` what these do not say.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        Self {
            thinks: self.thinks.or(others.thinks),
            thinking_tokens: self.thinking_tokens.or(others.thinking_tokens),
            limit: self.limit.or(others.limit),
            temperature: self.temperature.or(others.temperature),
            thinking: self.thinking.or(others.thinking),
            options: self.options.over(&others.options),
        }
    }

    /// Which fields it takes; where nothing is known, the usual ones.
    pub fn parameters(&self) -> Parameters {
        Parameters {
            limit: self.limit.unwrap_or_default(),
            temperature: self.temperature.unwrap_or_default(),
            thinking: self.thinking.unwrap_or_default(),
            delivery: Delivery::default(),
        }
    }

    /// The room to think that it gets if the user says nothing.
    pub fn usual_thinking_tokens(&self) -> Option<u32> {
        let thinks = match self.thinks {
            Some(Thinks::ByDefault | Thinks::Always) => Some(DEFAULT_THINKING_TOKENS),
            Some(Thinks::Never | Thinks::OnRequest) | None => None,
        };
        self.thinking_tokens.or(thinks)
    }
}

/// Models that go by alike names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// A regular expression that is looked for in the model's name after its last slash, whatever the case.
    pub name: String,
    /// What is known of them.
    pub traits: ModelTraits,
}

impl Family {
    /// Whether the model is one of them. A pattern that is none, which a table cannot hold, fits nobody.
    pub fn has(&self, model: &str) -> bool {
        let Some((_, name)) = Provider::of_model(model) else { return false };
        let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        self.pattern().is_ok_and(|pattern| pattern.is_match(&name))
    }

    /// Reads the pattern.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] if it is no regular expression.
    pub(crate) fn pattern(&self) -> Result<Regex, ModelError> {
        Regex::new(&self.name).map_err(|error| {
            ModelError::configuration(format!("the family `{}`: {error}", self.name))
        })
    }
}
