//! Models by short names: the 12 of the publication, and those of a user's own file.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::id::ModelId;

use crate::error::ModelError;
use crate::openai::Delivery;

const EMBEDDED: &str = include_str!("../../../benchmark/models.toml");

/// A table of models.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presets {
    /// When names and addresses were looked up.
    pub as_of: String,
    /// Models by short name.
    pub models: BTreeMap<String, Preset>,
}

/// How one model is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What the publication calls it, if it is one of its 12.
    pub published: Option<String>,
    /// Its name with its prefix.
    pub model: ModelId,
    /// Where it is served, if not where its prefix says.
    pub base_url: Option<String>,
    /// The variable that holds the key, if not the usual one.
    pub key_env: Option<String>,
    /// How replies are to come.
    #[serde(default)]
    pub delivery: Delivery,
    /// How conversations become prompts, and by whom.
    pub chat_format: String,
    /// How sure the name is.
    pub exact: String,
}

impl Presets {
    /// The models of the publication.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] if the built-in table is no table.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::parse("benchmark/models.toml", EMBEDDED)
    }

    /// Reads a table; `file` names it in errors.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for text that is no such table, or a short name that looks like a full one.
    pub fn parse(file: &str, text: &str) -> Result<Self, ModelError> {
        let presets: Self = toml::from_str(text)
            .map_err(|error| ModelError::configuration(format!("{file}: {error}")))?;
        match presets.models.keys().find(|name| name.contains(['/', ':'])) {
            Some(name) => Err(ModelError::configuration(format!(
                "{file}: `{name}` has a slash or a colon, which full names of models have"
            ))),
            None => Ok(presets),
        }
    }

    /// The model with this short name.
    pub fn named(&self, name: &str) -> Option<&Preset> {
        self.models.get(&name.to_lowercase())
    }

    /// How a model with this full name at this address is reached, if it is in the table.
    pub fn reached(&self, model: &ModelId, base_url: Option<&str>) -> Option<&Preset> {
        let same =
            |preset: &&Preset| preset.model == *model && preset.base_url.as_deref() == base_url;
        self.models.values().find(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ModelName;

    #[test]
    fn the_twelve_published_models_are_there_and_their_names_are_names() {
        let presets = Presets::embedded().unwrap();
        assert_eq!(presets.models.len(), 12);
        for (name, preset) in &presets.models {
            assert!(preset.published.is_some(), "{name}");
            let full: Result<ModelName, _> = preset.model.as_str().parse();
            assert!(full.is_ok(), "{name}: {full:?}");
        }
        assert_eq!(presets.named("GPT-5.1").unwrap().model.as_str(), "openai/gpt-5.1");
        let qwen = presets.named("qwen3-235b").unwrap();
        assert_eq!(qwen.delivery, Delivery::Streamed);
        assert_eq!(presets.reached(&qwen.model, qwen.base_url.as_deref()), Some(qwen));
        assert_eq!(presets.reached(&qwen.model, None), None);
    }

    #[test]
    fn a_short_name_is_short() {
        let text = "as_of = \"x\"\n[models.\"openai/x\"]\nmodel = \"openai/x\"\nchat_format = \"\"\nexact = \"\"\n";
        let error = Presets::parse("own.toml", text).unwrap_err().to_string();
        assert!(error.contains("own.toml: `openai/x` has a slash"), "{error}");
    }
}
