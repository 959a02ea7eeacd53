//! Model names as users write them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::ModelError;
use crate::provider::Provider;
use crate::scripted::{Behaviour, Script};

/// A model's name, resolved to what serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelName {
    /// `<prefix>/<name>`: a model of that provider; the name may hold slashes.
    Remote(Provider, String),
    /// `command:<program> <arguments>`: a program that speaks JSON lines.
    Command(String),
    /// `callable/<name>`: a function of the process that started this one.
    Callable(String),
    /// `scripted/<behaviour>`: a baseline.
    Scripted(Script),
    /// `local/<name>`: a model in this process.
    Local(String),
    /// `replay:<run path>`: the recorded replies of a run, by the path of its folder.
    Replay(PathBuf),
}

/// Where a model answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In this process: scripts, records, local models.
    Process,
    /// In another process of this machine: programs, functions.
    Machine,
    /// Behind an address.
    Address,
}

/// A form that names of models can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// As it is typed, for example `openai/<name>`.
    pub pattern: String,
    /// What it names, in one line.
    pub meaning: &'static str,
    /// The environment variable that usually holds the key; `None` where no key is due.
    pub key_variable: Option<&'static str>,
}

impl ModelName {
    /// The forms a name can take: those of the providers, then the others.
    pub fn forms() -> Vec<Form> {
        let remote = Provider::all().map(|provider| Form {
            pattern: format!("{}/<name>", provider.prefix()),
            meaning: provider.summary(),
            key_variable: provider.key_variable(),
        });
        let others = [
            ("command:<program> <arguments>", "a program of your own that speaks JSON lines"),
            ("callable/<name>", "a Python function, served by `trustmh.run` (docs/python.md)"),
            (
                "local/<name>",
                "a small model in this process, for trying things out: `smollm2-135m`",
            ),
            ("scripted/<behaviour>", "a baseline that follows a rule"),
            ("replay:<run path>", "the recorded replies of a run"),
        ];
        let others = others.map(|(pattern, meaning)| Form {
            pattern: pattern.to_owned(),
            meaning,
            key_variable: None,
        });
        remote.chain(others).collect()
    }

    /// Where the model answers.
    pub const fn place(&self) -> Place {
        match self {
            Self::Scripted(_) | Self::Replay(_) | Self::Local(_) => Place::Process,
            Self::Command(_) | Self::Callable(_) => Place::Machine,
            Self::Remote(..) => Place::Address,
        }
    }

    /// The forms and the scripted behaviours, as help texts have them: a form a line, indented by
    /// two.
    pub fn help() -> String {
        let forms = Self::forms();
        let width = forms.iter().map(|form| form.pattern.len()).max().unwrap_or_default();
        let lines = forms.iter().map(|Form { pattern, meaning, .. }| {
            format!("  {pattern:width$}  {}\n", meaning.replace('`', ""))
        });
        let behaviours: Vec<&str> = Behaviour::all().map(Behaviour::slug).collect();
        let behaviours = behaviours.join(", ");
        format!("{}Behaviours: {behaviours}.", lines.collect::<String>())
    }
}

impl FromStr for ModelName {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let unknown = |why: &str| {
            let forms: Vec<_> = Self::forms().into_iter().map(|form| form.pattern).collect();
            let forms = forms.join(", ");
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
        match text.split_once('/') {
            Some(("local", rest)) => named(rest).map(Self::Local),
            Some(("callable", rest)) => named(rest).map(Self::Callable),
            Some(("scripted", rest)) => named(rest)?.parse().map(Self::Scripted),
            Some((prefix, rest)) => match Provider::with_prefix(prefix) {
                Some(provider) => named(rest).map(|name| Self::Remote(provider, name)),
                None => Err(unknown("its prefix is unknown")),
            },
            None => Err(unknown("it has no prefix")),
        }
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(provider, name) => write!(f, "{}/{name}", provider.prefix()),
            Self::Command(line) => write!(f, "command:{line}"),
            Self::Callable(name) => write!(f, "callable/{name}"),
            Self::Scripted(behaviour) => write!(f, "scripted/{behaviour}"),
            Self::Local(name) => write!(f, "local/{name}"),
            Self::Replay(run) => write!(f, "replay:{}", run.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_read_and_written_back() {
        let remote = |prefix: &str, name: &str| {
            ModelName::Remote(Provider::with_prefix(prefix).unwrap(), name.to_owned())
        };
        for (text, name) in [
            ("openai/gpt-4.1", remote("openai", "gpt-4.1")),
            ("openai/org/llama-3", remote("openai", "org/llama-3")),
            ("anthropic/claude-x", remote("anthropic", "claude-x")),
            ("ollama/llama3:8b", remote("ollama", "llama3:8b")),
            ("command:python3 bot.py", ModelName::Command("python3 bot.py".to_owned())),
            ("callable/my_bot", ModelName::Callable("my_bot".to_owned())),
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
            for form in ModelName::forms() {
                assert!(error.contains(&form.pattern), "{error}");
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
