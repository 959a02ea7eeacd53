//! Models by short names: the 12 of the publication, and those of a user's own file.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use trustmh_core::form_fault;
use trustmh_core::given_name::GivenName;
use trustmh_core::id::ModelId;
use trustmh_core::request::{SystemPrompt, Temperature};

use crate::error::ModelError;
use crate::traits::{Delivery, Family, ModelTraits};

const BUILT_IN: &str = include_str!("../../../benchmark/models.toml");

/// A table of models.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presets {
    /// When names and addresses were looked up.
    pub as_of: String,
    /// Models by short name.
    pub models: BTreeMap<String, Preset>,
    /// What is known of models by family; the first that fits goes.
    #[serde(default)]
    pub families: Vec<Family>,
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
    /// What is known of it beforehand.
    #[serde(default)]
    pub traits: ModelTraits,
    /// The instructions of the product that it stands for: the text itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemPrompt>,
    /// The temperature that the product asks it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Temperature>,
    /// What the product is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<GivenName>,
}

impl Preset {
    /// Whether its system prompt is one word with a file's ending.
    fn names_a_file(&self) -> bool {
        let text = self.system.as_ref().map_or("", |system| system.as_str().trim());
        let ends = [".txt", ".md", ".toml", ".json"].iter().any(|ending| text.ends_with(ending));
        ends && !text.contains(char::is_whitespace)
    }
}

impl Presets {
    /// The models of the publication.
    #[expect(clippy::expect_used, reason = "the text is a constant; a test reads it")]
    pub fn built_in() -> &'static Self {
        static TABLE: LazyLock<Presets> = LazyLock::new(|| {
            Presets::parse("benchmark/models.toml", BUILT_IN)
                .expect("benchmark/models.toml is sound")
        });
        &TABLE
    }

    /// Reads a table; `file` names it in errors.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for text that is no such table, or a short name that looks like a full one.
    pub fn parse(file: &str, text: &str) -> Result<Self, ModelError> {
        let presets: Self = toml::from_str(text)
            .map_err(|error| form_fault::with_place(&error))
            .map_err(|error| ModelError::configuration(format!("{file}: {error}")))?;
        if let Some(name) = presets.models.keys().find(|name| name.contains(['/', ':'])) {
            return Err(ModelError::configuration(format!(
                "{file}: `{name}` has a slash or a colon, which full names of models have"
            )));
        }
        match presets.models.iter().find(|(_, preset)| preset.names_a_file()) {
            Some((name, _)) => Err(ModelError::configuration(format!(
                "{file}: `system` of `{name}` looks like the name of a file: it holds the text itself, between triple quotes"
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

    /// What is known of a model with this full name: first what the table says of it, preferably at this address, then what it says
    /// of its family.
    pub fn traits(&self, model: &ModelId, base_url: Option<&str>) -> ModelTraits {
        let same = |preset: &&Preset| preset.model == *model;
        let own = self.reached(model, base_url).or_else(|| self.models.values().find(same));
        self.with_family(own, model)
    }

    /// The same of a model that goes by `typed`, which may be its short name.
    pub fn typed(&self, typed: &str, model: &ModelId, base_url: Option<&str>) -> ModelTraits {
        match self.named(typed) {
            Some(own) => self.with_family(Some(own), model),
            None => self.traits(model, base_url),
        }
    }

    fn with_family(&self, own: Option<&Preset>, model: &ModelId) -> ModelTraits {
        let family = self.families.iter().find(|family| family.has(model.as_str()));
        let family = family.map_or_else(ModelTraits::default, |family| family.traits.clone());
        own.map_or_else(|| family.clone(), |own| own.traits.over(&family))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ModelName;
    use crate::traits::{LimitField, Parameters, TemperatureField, ThinkingField, Thinks};

    #[test]
    fn the_twelve_published_models_are_there_and_their_names_are_names() {
        let presets = Presets::built_in();
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

    fn known(name: &str) -> ModelTraits {
        Presets::built_in().traits(&ModelId::new(name), None)
    }

    #[test]
    fn families_are_known_by_name() {
        for name in ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5.1", "gpt-5", "openai/gpt-5-mini"]
        {
            let known = known(&format!("openai/{name}"));
            assert_eq!(known.parameters(), Parameters::REASONING, "{name}");
            assert_eq!(known.usual_thinking_tokens(), Some(4096), "{name}");
        }
        for name in
            ["gpt-4.1", "gpt-4o", "gpt-5-chat-latest", "olmo-2", "o", "llama-3", "gpt-4o-mini"]
        {
            let known = known(&format!("openai/{name}"));
            assert_eq!(known.parameters(), Parameters::default(), "{name}");
            assert_eq!(known.usual_thinking_tokens(), None, "{name}");
        }
        for name in [
            "openai/deepseek-reasoner",
            "ollama/deepseek-r1:8b",
            "openai/Qwen/Qwen3-8B",
            "openai/Qwen/Qwen3-30B-A3B-Thinking-2507",
            "gemini/gemini-2.5-pro",
            "gemini/gemini-3-pro-preview",
            "ollama/gpt-oss:20b",
            "openai/moonshotai/kimi-k2-thinking",
        ] {
            assert_eq!(known(name).usual_thinking_tokens(), Some(4096), "{name}");
            assert_eq!(known(name).parameters(), Parameters::default(), "{name}");
        }
        for name in [
            "openai/Qwen/Qwen3-30B-A3B-Instruct-2507",
            "openai/qwen3-coder-plus",
            "openai/deepseek-chat",
            "openai/grok-4-fast-non-reasoning",
            "gemini/gemini-2.5-flash-lite",
            "anthropic/claude-opus-4-1",
        ] {
            assert_eq!(known(name).usual_thinking_tokens(), None, "{name}");
        }
        for name in ["anthropic/claude-opus-4-7", "openai/anthropic/claude-opus-4.8"] {
            let parameters = known(name).parameters();
            assert_eq!(parameters.temperature, TemperatureField::NotTaken, "{name}");
            assert_eq!(parameters.thinking, ThinkingField::Adaptive, "{name}");
        }
        let older = known("anthropic/claude-opus-4-20250514").parameters();
        assert_eq!(older, Parameters::default());
    }

    #[test]
    fn of_the_published_models_it_is_said_whether_they_think_and_none_loses_it_elsewhere() {
        let presets = Presets::built_in();
        for (name, preset) in &presets.models {
            assert!(preset.traits.thinks.is_some(), "{name}");
        }
        let flash = ModelId::new("gemini/gemini-2.5-flash");
        let elsewhere = presets.traits(&flash, Some("http://127.0.0.1:9"));
        assert_eq!(elsewhere.thinks, Some(Thinks::ByDefault));
    }

    #[test]
    fn a_table_has_its_own_word_on_traits() {
        let text = r#"
            as_of = "x"
            [models.mine]
            model = "openai/o3"
            chat_format = ""
            exact = ""
            traits = { temperature = "taken", options = { "reasoning.effort" = "low", top_p = 0.5 } }
            [[families]]
            name = '^o[0-9]'
            traits = { thinks = "always", limit = "max_completion_tokens", options = { top_p = 0.9 } }
        "#;
        let presets = Presets::parse("own.toml", text).unwrap();
        let known = presets.traits(&ModelId::new("openai/o3"), None);
        assert_eq!(known.parameters().limit, LimitField::MaxCompletionTokens);
        assert_eq!(known.parameters().temperature, TemperatureField::Taken);
        let options = known.options.in_words().unwrap();
        assert_eq!(options, "reasoning.effort=low, top_p=0.5");
        for (of, to, why) in [
            ("'^o[0-9]'", "'^o['", "the family `^o[`"),
            ("top_p = 0.9", "api_key = \"x\"", "looks like a credential"),
            ("\"always\"", "\"often\"", "unknown variant `often`"),
        ] {
            let error = Presets::parse("own.toml", &text.replace(of, to)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_table_names_products_and_how_they_ask() {
        let text = r#"
            as_of = "x"
            [models.coach]
            model = "openai/small"
            chat_format = ""
            exact = ""
            system = """You are a coach.
Be brief."""
            temperature = 0.7
            name = "Coach 3"
        "#;
        let presets = Presets::parse("own.toml", text).unwrap();
        let coach = presets.named("coach").unwrap();
        assert_eq!(coach.system.as_ref().unwrap().as_str(), "You are a coach.\nBe brief.");
        assert_eq!(coach.temperature.unwrap().get().to_bits(), 0.7_f64.to_bits());
        assert_eq!(coach.name.as_ref().unwrap().as_str(), "Coach 3");
        for (of, to, why) in [
            ("0.7", "2.5", "`2.5` is no temperature"),
            ("Coach 3", " ", "the name is empty"),
            ("You are a coach.\nBe brief.", " ", "the system prompt is empty"),
            ("You are a coach.\nBe brief.", "coach.txt", "looks like the name of a file"),
        ] {
            let error = Presets::parse("own.toml", &text.replace(of, to)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_short_name_is_short() {
        let text = "as_of = \"x\"\n[models.\"openai/x\"]\nmodel = \"openai/x\"\nchat_format = \"\"\nexact = \"\"\n";
        let error = Presets::parse("own.toml", text).unwrap_err().to_string();
        assert!(error.contains("own.toml: `openai/x` has a slash"), "{error}");
    }
}
