//! What calls cost, by a dated table.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::call::Usage;
use trustmh_core::form_fault;
use trustmh_core::id::ModelId;
use trustmh_model::name::{ModelName, Place};

use crate::error::RunError;

const EMBEDDED: &str = include_str!("../../../../benchmark/prices.toml");

/// Tokens that a price is for.
const MILLION: f64 = 1e6;

/// Prices by model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// When the prices were looked up.
    pub as_of: String,
    models: BTreeMap<String, Price>,
}

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of prompts.
    pub prompt: f64,
    /// Of replies.
    pub reply: f64,
}

impl Price {
    /// What a call costs, in US dollars.
    pub fn of(&self, usage: Usage) -> f64 {
        (self.prompt * usage.prompt_tokens as f64 + self.reply * usage.reply_tokens as f64)
            / MILLION
    }
}

impl Prices {
    /// The table that comes with the program.
    ///
    /// # Errors
    /// As [`Prices::parse`].
    pub fn embedded() -> Result<Self, RunError> {
        Self::parse("prices.toml", EMBEDDED)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// [`RunError::Prices`] for broken TOML, or a price below 0.
    pub fn parse(path: &str, text: &str) -> Result<Self, RunError> {
        let faulty = |message: String| RunError::Prices { path: path.to_owned(), message };
        let prices: Self =
            toml::from_str(text).map_err(|error| faulty(form_fault::with_place(&error)))?;
        let wrong =
            |price: &Price| [price.prompt, price.reply].iter().any(|p| !p.is_finite() || *p < 0.0);
        match prices.models.iter().find(|(_, price)| wrong(price)) {
            Some((model, _)) => Err(faulty(format!("the price of {model} is no amount of money"))),
            None => Ok(prices),
        }
    }

    /// The price of a model: that of the table, or nothing for one that answers in this process. None for all others.
    pub fn of(&self, model: &ModelId) -> Option<Price> {
        let listed = self.models.get(model.as_str()).copied();
        listed.or_else(|| answers_in_process(model).then_some(Price { prompt: 0.0, reply: 0.0 }))
    }
}

/// Whether a model answers in this process, where no token costs anything. A name that is none does not.
pub(crate) fn answers_in_process(model: &ModelId) -> bool {
    let place = model.as_str().parse::<ModelName>().map(|name| name.place());
    matches!(place, Ok(Place::Process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_models_that_providers_sell_have_a_price() {
        let prices = Prices::embedded().unwrap();
        for model in [
            "openai/gpt-5.1",
            "openai/gpt-4o-mini",
            "anthropic/claude-sonnet-4-5-20250929",
            "gemini/gemini-2.5-flash",
        ] {
            assert!(prices.of(&ModelId::new(model)).is_some(), "{model}");
        }
    }

    #[test]
    fn calls_cost_what_their_tokens_do() {
        let prices = Prices::embedded().unwrap();
        let price = prices.of(&ModelId::new("openai/gpt-4.1")).unwrap();
        let usage = Usage { prompt_tokens: 500_000, reply_tokens: 250_000 };
        assert!((price.of(usage) - 3.0).abs() < 1e-12);
        // What answers in this process costs nothing; of what others do nothing is known.
        for own in ["local/small", "local/embedded-judge-b3464de79bcc", "scripted/random:7"] {
            assert_eq!(
                prices.of(&ModelId::new(own)),
                Some(Price { prompt: 0.0, reply: 0.0 }),
                "{own}"
            );
        }
        for other in ["openai/unlisted", "callable/bot", "command:bot"] {
            assert_eq!(prices.of(&ModelId::new(other)), None, "{other}");
        }
        let error =
            Prices::parse("own.toml", "as_of = \"x\"\n[models.\"a/b\"]\nprompt = -1\nreply = 0");
        assert!(error.unwrap_err().to_string().contains("own.toml: the price of a/b"));
    }
}
