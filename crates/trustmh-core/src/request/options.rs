//! Fields of a request's body that a user sets.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use thiserror::Error;

/// Fields of a request's body by dotted path. A null leaves a field out that would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Value>", into = "BTreeMap<String, Value>")]
pub struct RequestOptions(BTreeMap<String, Value>);

/// Why an option cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionFault {
    /// No `=`.
    #[error("`{0}` is no option: options are KEY=VALUE, for example top_p=0.9")]
    NoValue(String),
    /// An empty name, or an empty part of one.
    #[error("`{0}` names no field: write reasoning.effort=low for a field inside another")]
    NoName(String),
    /// Twice the same field.
    #[error("the option `{0}` is given twice")]
    Twice(String),
    /// A field that the program fills in.
    #[error(
        "the field `{0}` cannot be set: the program fills it in from the task, the model's name and its own options"
    )]
    Reserved(String),
    /// A field of a client library, which no server knows.
    #[error(
        "`{0}` belongs to a client library and is no field of a request: name the field itself, for example top_k=5"
    )]
    OfClient(String),
    /// A credential, or what looks like one. The value is not repeated.
    #[error(
        "`{0}` looks like a credential or a header: options are recorded with the run, keys are taken from the environment (--key-env)"
    )]
    Credential(String),
}

/// Fields that make a call the call it is.
const RESERVED: [&str; 12] = [
    "model",
    "messages",
    "stream",
    "system",
    "contents",
    "systeminstruction",
    "prompt",
    "input",
    "id",
    "trial",
    "session",
    "turn",
];
/// What client libraries take beside the body.
const OF_CLIENTS: [&str; 3] = ["extrabody", "extraquery", "timeout"];
/// Names of credentials and of what carries them, without case and signs.
const CREDENTIALS: [&str; 21] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "auth",
    "authorization",
    "authtoken",
    "bearer",
    "bearertoken",
    "clientsecret",
    "cookie",
    "credential",
    "credentials",
    "defaultheaders",
    "extraheaders",
    "header",
    "headers",
    "key",
    "passwd",
    "password",
    "secret",
    "token",
];
/// How keys of well-known services begin.
const KEY_BEGINNINGS: [&str; 9] =
    ["sk-", "sk_", "Bearer ", "Basic ", "AIza", "hf_", "gsk_", "xai-", "ghp_"];

/// Whether a word begins as keys of well-known services do, and is as long as they are.
fn looks_like_key(word: &str) -> bool {
    const SHORTEST: usize = 20;
    let bare = word.trim_matches(['"', '\'', ',', ';', '(', ')']);
    bare.len() >= SHORTEST && KEY_BEGINNINGS.iter().any(|begin| bare.starts_with(begin))
}

/// Whether something in a text looks like a key, behind a prefix such as that of a provider as well.
pub fn holds_key(text: &str) -> bool {
    let parts =
        |sign: char| sign.is_whitespace() || matches!(sign, '/' | ':' | ',' | '=' | '?' | '&');
    text.split(parts).any(looks_like_key)
}

impl RequestOptions {
    /// No options.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Reads options as they are typed: `KEY=VALUE`, the value as JSON where it is JSON, else as text.
    ///
    /// # Errors
    /// [`OptionFault`].
    pub fn parse<'t>(typed: impl IntoIterator<Item = &'t str>) -> Result<Self, OptionFault> {
        let mut options = BTreeMap::new();
        for text in typed {
            let (path, value) =
                text.split_once('=').ok_or_else(|| OptionFault::NoValue(text.to_owned()))?;
            let (path, value) = (path.trim(), value.trim());
            let value =
                serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
            allowed(path, &value)?;
            if options.insert(path.to_owned(), value).is_some() {
                return Err(OptionFault::Twice(path.to_owned()));
            }
        }
        Ok(Self(options))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Paths and values, in the order in which they are set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// Whether the field at `path`, one inside it or one around it is set.
    pub fn touch(&self, path: &str) -> bool {
        self.0.keys().any(|own| own == path || is_inside(own, path) || is_inside(path, own))
    }

    /// These options, and those of `others` that they do not replace.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        let mut all = self.0.clone();
        for (path, value) in &others.0 {
            if !self.0.keys().any(|own| own == path || is_inside(path, own)) {
                all.insert(path.clone(), value.clone());
            }
        }
        Self(all)
    }

    /// Sets the fields in a request's body.
    pub fn apply(&self, body: &mut Value) {
        // A path sorts before those inside it, so that a whole object never covers its own fields.
        for (path, value) in &self.0 {
            set(body, path, value);
        }
    }

    /// As they are typed; none if there are none.
    pub fn in_words(&self) -> Option<String> {
        let shown = self.0.iter().map(|(path, value)| match value {
            Value::String(text) if !text.is_empty() => format!("{path}={text}"),
            other => format!("{path}={other}"),
        });
        let shown: Vec<String> = shown.collect();
        (!shown.is_empty()).then(|| shown.join(", "))
    }
}

impl TryFrom<BTreeMap<String, Value>> for RequestOptions {
    type Error = OptionFault;

    fn try_from(options: BTreeMap<String, Value>) -> Result<Self, OptionFault> {
        for (path, value) in &options {
            allowed(path, value)?;
        }
        Ok(Self(options))
    }
}

impl From<RequestOptions> for BTreeMap<String, Value> {
    fn from(options: RequestOptions) -> Self {
        options.0
    }
}

fn is_inside(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

/// Goes down the path and makes objects where there are none; a null takes a field away and makes none.
fn set(body: &mut Value, path: &str, value: &Value) {
    let mut place = body;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        if value.is_null() && place.get(name).is_none() {
            return;
        }
        if !place.is_object() {
            *place = Value::Object(serde_json::Map::new());
        }
        let Some(fields) = place.as_object_mut() else { return };
        if names.peek().is_none() {
            if value.is_null() {
                fields.remove(name);
            } else {
                fields.insert(name.to_owned(), value.clone());
            }
            return;
        }
        place = fields.entry(name).or_insert(Value::Null);
    }
}

fn allowed(path: &str, value: &Value) -> Result<(), OptionFault> {
    let mut names = path.split('.').map(folded).peekable();
    if names.clone().any(|name| name.is_empty()) {
        return Err(OptionFault::NoName(path.to_owned()));
    }
    let first = names.peek().map_or("", String::as_str);
    if RESERVED.contains(&first) {
        return Err(OptionFault::Reserved(path.to_owned()));
    }
    if OF_CLIENTS.contains(&first) {
        return Err(OptionFault::OfClient(path.to_owned()));
    }
    if names.any(|name| is_credential(&name)) || holds_credential(value) {
        return Err(OptionFault::Credential(path.to_owned()));
    }
    Ok(())
}

fn is_credential(name: &str) -> bool {
    let bare = name.strip_prefix('x').unwrap_or(name);
    let known = |name: &str| CREDENTIALS.contains(&name) || name.ends_with("apikey");
    known(name) || known(bare)
}

fn holds_credential(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            KEY_BEGINNINGS.iter().any(|begin| text.starts_with(begin) && text.len() > 12)
        }
        Value::Array(values) => values.iter().any(holds_credential),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| is_credential(&folded(name)) || holds_credential(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A name without case and without signs between its words.
fn folded(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn options(typed: &[&str]) -> RequestOptions {
        RequestOptions::parse(typed.iter().copied()).unwrap()
    }

    fn fault(typed: &str) -> OptionFault {
        RequestOptions::parse([typed]).unwrap_err()
    }

    #[test]
    fn fields_are_set_replaced_nested_and_left_out() {
        let mut body = json!({
            "temperature": 0.0, "max_tokens": 5, "think": true, "generationConfig": { "seed": 1 },
        });
        options(&[
            "temperature=null",
            "top_p=0.9",
            "reasoning.effort=low",
            "provider.order=[\"x\", \"y\"]",
            "generationConfig.topK=5",
            "generationConfig.seed=null",
            "think.level=high",
            "stop=a=b",
            "not.there=null",
        ])
        .apply(&mut body);
        let expected = json!({
            "max_tokens": 5, "top_p": 0.9, "reasoning": { "effort": "low" },
            "provider": { "order": ["x", "y"] }, "generationConfig": { "topK": 5 },
            "think": { "level": "high" }, "stop": "a=b",
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_whole_object_and_its_fields_go_together() {
        let mut body = json!({ "reasoning": { "effort": "high", "exclude": true } });
        options(&["reasoning.max_tokens=9", "reasoning={\"effort\": \"low\"}"]).apply(&mut body);
        assert_eq!(body, json!({ "reasoning": { "effort": "low", "max_tokens": 9 } }));
        let (table, own) = (options(&["a.b=1", "c=2", "d.e=3"]), options(&["a=5", "c=null"]));
        assert_eq!(own.over(&table), options(&["a=5", "c=null", "d.e=3"]));
        assert!(table.touch("a") && table.touch("a.b") && table.touch("a.b.c"));
        assert!(!table.touch("ab") && !table.touch("a.c"));
    }

    #[test]
    fn what_cannot_be_an_option_is_refused_and_no_secret_is_repeated() {
        assert!(matches!(fault("top_p"), OptionFault::NoValue(_)));
        for typed in ["=1", "a..b=1", ".a=1", "a.=1"] {
            assert!(matches!(fault(typed), OptionFault::NoName(_)), "{typed}");
        }
        for typed in ["model=x", "messages=[]", "stream=true", "Model=x", "system_instruction=x"] {
            assert!(matches!(fault(typed), OptionFault::Reserved(_)), "{typed}");
        }
        assert!(matches!(fault("extra_body.top_k=5"), OptionFault::OfClient(_)));
        for typed in [
            "authorization=abc",
            "api_key=abc",
            "X-API-Key=abc",
            "azure.apiKey=abc",
            "extra_headers={\"a\": 1}",
            "provider={\"api-key\": \"abc\"}",
            "user=sk-canary-0123456789",
            "openai_api_key=abc",
            "access_token=abc",
        ] {
            let fault = fault(typed);
            assert!(matches!(fault, OptionFault::Credential(_)), "{typed}");
            assert!(!fault.to_string().contains("canary"));
        }
        let twice = RequestOptions::parse(["a=1", " a =2"]).unwrap_err();
        assert_eq!(twice, OptionFault::Twice("a".to_owned()));
        let fine =
            ["max_tokens=5", "reasoning.max_tokens=5", "stream_options=null", "keep_alive=5m"];
        assert_eq!(options(&fine).iter().len(), 4);
    }

    #[test]
    fn credentials_are_refused_in_files_too() {
        assert!(serde_json::from_str::<RequestOptions>(r#"{"api_key": "x"}"#).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(typed in "\\PC{0,60}") {
            if let Ok(options) = RequestOptions::parse([typed.as_str()]) {
                let mut body = json!({ "a": [1], "b": { "c": 2 } });
                options.apply(&mut body);
                prop_assert!(body.is_object());
            }
        }
    }
}
