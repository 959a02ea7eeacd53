//! Names of models as they were typed: with which option, and what is near to one that nobody serves.

use trustmh_core::request::holds_key;
use trustmh_model::name::ModelName;
use trustmh_model::presets::Presets;
use trustmh_model::provider::Provider;
use trustmh_model::scripted::Behaviour;

use crate::failure::Failure;
use crate::suggest;

/// Where a name was typed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typed {
    option: &'static str,
    /// Words that may stand there besides names of models.
    words: &'static [&'static str],
}

impl Typed {
    pub(crate) const SUBJECT: Self = Self { option: "--subject", words: &[] };
    pub(crate) const JUDGE: Self =
        Self { option: "--judge", words: &["embedded", "offline", "none"] };
    pub(crate) const CLIENT: Self = Self { option: "--client", words: &["offline"] };
    pub(crate) const SERVED: Self = Self { option: "--model-endpoint", words: &[] };
    pub(crate) const HELD_AGAINST_PEOPLE: Self =
        Self { option: "JUDGE", words: &["embedded", "offline", "recorded"] };

    /// Nothing is served by this short name.
    pub(super) fn unknown_short(self, name: &str, presets: &Presets) -> Failure {
        let known = presets.models.keys().map(String::as_str).chain(self.words.iter().copied());
        let otherwise = "`trustmh models` lists short names; docs/models.md explains full ones";
        Failure::usage(format!("{}: no model `{name}`", self.option))
            .with_hint(suggest::hint(name, known, otherwise))
    }

    /// The name as whoever serves it knows it. One that holds a key is refused and not repeated: names are recorded everywhere.
    pub(super) fn read(self, name: &str) -> Result<ModelName, Failure> {
        if holds_key(name) {
            return Err(Failure::usage(format!(
                "{}: the name holds what looks like a key",
                self.option
            ))
            .with_hint("put the key into an environment variable, and name that: --key-env NAME"));
        }
        name.parse::<ModelName>().map_err(|error| match near(name) {
            Some(near) => Failure::usage(format!("{}: no model `{name}`", self.option))
                .with_hint(format!("did you mean `{near}`? docs/models.md explains names")),
            None => Failure::usage(format!("{}: {error}", self.option)),
        })
    }
}

/// The nearest name that has a known prefix, and a known behaviour where it is scripted.
fn near(name: &str) -> Option<String> {
    let (prefix, rest) = name.split_once('/')?;
    let prefixes = Provider::all().map(Provider::prefix).chain(["callable", "local", SCRIPTED]);
    let prefix = suggest::nearest(prefix, prefixes)?;
    if rest.trim().is_empty() {
        return None;
    }
    if prefix != SCRIPTED {
        return Some(format!("{prefix}/{rest}"));
    }
    let (slug, seed) = match rest.split_once(':') {
        Some((slug, seed)) => (slug, format!(":{seed}")),
        None => (rest, String::new()),
    };
    let slug = suggest::nearest(slug, Behaviour::all().map(Behaviour::slug))?;
    let near = format!("{prefix}/{slug}{seed}");
    near.parse::<ModelName>().is_ok().then_some(near)
}

const SCRIPTED: &str = "scripted";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_prefixes_and_behaviours_are_near_to_what_is_served() {
        for (typed, meant) in [
            ("opena/gpt-5", Some("openai/gpt-5")),
            ("anthropc/claude-x", Some("anthropic/claude-x")),
            ("scripted/alway-refuse", Some("scripted/always-refuse")),
            ("scriptd/randm:7", Some("scripted/random:7")),
            ("scripted/dance", None),
            ("sky/net", None),
            ("opena/", None),
            ("gpt", None),
        ] {
            assert_eq!(near(typed).as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn errors_say_which_option() {
        let failure = Typed::JUDGE.unknown_short("ofline", Presets::built_in());
        assert_eq!(failure.message, "--judge: no model `ofline`");
        assert!(failure.hint.unwrap().starts_with("did you mean `offline`?"));
        let failure = Typed::SUBJECT.read("opena/x").unwrap_err();
        assert_eq!(failure.message, "--subject: no model `opena/x`");
        assert!(failure.hint.unwrap().starts_with("did you mean `openai/x`?"));
        let failure = Typed::CLIENT.read("sky/net").unwrap_err();
        assert!(failure.message.starts_with("--client: no model `sky/net`: "));
    }
}
