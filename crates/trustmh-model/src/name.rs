//! Model names as users write them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::ModelError;
use crate::scripted::Script;
use crate::service::Dialect;

/// A model's name, resolved to what serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelName {
    /// `openai/<name>`: a model of an OpenAI-compatible server; the name may hold slashes.
    OpenAi(String),
    /// `anthropic/<name>`, `gemini/<name>`, `ollama/<name>`: a model of that service.
    Service(Dialect, String),
    /// `command:<program> <arguments>`: a program that speaks JSON lines.
    Command(String),
    /// `scripted/<behaviour>`: a baseline.
    Scripted(Script),
    /// `local/<name>`: a model in this process.
    Local(String),
    /// `replay:<run path>`: the recorded replies of a run, by the path of its folder.
    Replay(PathBuf),
}

impl ModelName {
    /// The forms a name can take.
    pub const FORMS: [&str; 8] = [
        "openai/<name>",
        "anthropic/<name>",
        "gemini/<name>",
        "ollama/<name>",
        "command:<program> <arguments>",
        "local/<name>",
        "scripted/<behaviour>",
        "replay:<run path>",
    ];
}

impl FromStr for ModelName {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let unknown = |why: &str| {
            let forms = Self::FORMS.join(", ");
            ModelError::configuration(format!("no model `{text}`: {why}; models are {forms}"))
        };
        let named = |rest: &str| match rest.trim() {
            "" => Err(unknown("there is nothing after the prefix")),
            rest => Ok(rest.to_owned()),
        };
        if let Some(run) = text.strip_prefix("replay:") {
            return named(run).map(|run| Self::Replay(PathBuf::from(run)));
        }
        if let Some(line) = text.strip_prefix("command:") {
            return named(line).map(Self::Command);
        }
        let dialect = |prefix: &str| Dialect::ALL.into_iter().find(|d| d.prefix() == prefix);
        match text.split_once('/') {
            Some((prefix, rest)) if dialect(prefix).is_some() => {
                let name = named(rest)?;
                dialect(prefix)
                    .map(|d| Self::Service(d, name))
                    .ok_or_else(|| unknown("its prefix is unknown"))
            }
            Some(("openai", rest)) => named(rest).map(Self::OpenAi),
            Some(("local", rest)) => named(rest).map(Self::Local),
            Some(("scripted", rest)) => named(rest)?.parse().map(Self::Scripted),
            Some(_) => Err(unknown("its prefix is unknown")),
            None => Err(unknown("it has no prefix")),
        }
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenAi(name) => write!(f, "openai/{name}"),
            Self::Service(dialect, name) => write!(f, "{}/{name}", dialect.prefix()),
            Self::Command(line) => write!(f, "command:{line}"),
            Self::Scripted(behaviour) => write!(f, "scripted/{behaviour}"),
            Self::Local(name) => write!(f, "local/{name}"),
            Self::Replay(run) => write!(f, "replay:{}", run.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::Behaviour;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_read_and_written_back() {
        let openai = |name: &str| ModelName::OpenAi(name.to_owned());
        for (text, name) in [
            ("openai/gpt-4.1", openai("gpt-4.1")),
            ("openai/org/llama-3", openai("org/llama-3")),
            ("anthropic/claude-x", ModelName::Service(Dialect::Anthropic, "claude-x".to_owned())),
            ("ollama/llama3:8b", ModelName::Service(Dialect::Ollama, "llama3:8b".to_owned())),
            ("command:python3 bot.py", ModelName::Command("python3 bot.py".to_owned())),
            ("scripted/always-a", ModelName::Scripted(Behaviour::AlwaysA.into())),
            ("scripted/random:7", ModelName::Scripted(Behaviour::Random { seed: 7 }.into())),
            ("local/smollm2-135m", ModelName::Local("smollm2-135m".to_owned())),
            ("replay:runs/a/b", ModelName::Replay(PathBuf::from("runs/a/b"))),
        ] {
            assert_eq!(text.parse::<ModelName>(), Ok(name.clone()));
            assert_eq!(name.to_string(), text);
        }
    }

    #[test]
    fn errors_name_the_text_and_list_the_known_forms() {
        for text in ["gpt-5.1", "opnai/gpt-5.1", "openai/", "replay:", "local/ ", "sky/net", ""] {
            let error = text.parse::<ModelName>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
            for form in ModelName::FORMS {
                assert!(error.contains(form), "{error}");
            }
        }
        let error = "scripted/dance".parse::<ModelName>().unwrap_err().to_string();
        assert!(error.contains("always-refuse") && error.contains("`dance`"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(openai/|scripted/|replay:)?\\PC{0,40}") {
            let _ = text.parse::<ModelName>();
        }
    }
}
