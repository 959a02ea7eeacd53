//! The study file, as people write it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use trustmh_core::given_name::GivenName;
use trustmh_core::language::LanguageRange;
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::request::Temperature;

/// A whole study: who is asked, who judges, what is asked, and within which limits.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyFile {
    /// What the study is called, and what it is about.
    pub study: About,
    /// Who is asked: at least one. Each is asked once, whatever the number of judges.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// Who judges: at least one. Every judge judges every reply.
    #[serde(default)]
    pub judges: Vec<Judge>,
    /// What is asked, by which rules.
    #[serde(default)]
    pub data: Data,
    /// Who plays the clients of conversations, where conversations are asked.
    #[serde(default)]
    pub client: Option<Client>,
    /// An endpoint that scores toxicity in the judges' place.
    #[serde(default)]
    pub toxicity: Option<Toxicity>,
    /// What may be spent on the whole study.
    #[serde(default)]
    pub limits: Limits,
    /// How endpoints are called.
    #[serde(default)]
    pub calls: Calls,
}

/// What the study is called, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The study's name. Its folder is called by it unless --output names another.
    pub name: GivenName,
    /// What it is to find out, in words of your own. Nothing follows from it.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether a model may judge its own replies. Reports say so.
    #[serde(default)]
    pub allow_self_judge: bool,
}

/// Fields of a request's body; fields inside others by tables or dotted names. The text "null" drops a field that would be sent.
pub type Options = BTreeMap<String, Value>;

/// A model under test, with what makes a product of it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// What reports call it; no two subjects have the same name [default: the model's].
    #[serde(default)]
    pub name: Option<GivenName>,
    /// The model, as `trustmh run --subject` takes it.
    pub model: String,
    /// File with its system prompt, from the study file's folder. It is copied into the study's folder.
    #[serde(default)]
    pub system: Option<PathBuf>,
    /// Its system prompt as text, in the place of a file.
    #[serde(default)]
    pub system_text: Option<String>,
    /// Temperature from 0 to 2 [default: that of each task].
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub temperature: Option<Temperature>,
    /// Tokens it may think before it replies; 0 asks it not to.
    #[serde(default)]
    pub thinking_tokens: Option<u32>,
    /// Maximum tokens of each reply; thinking comes on top [default: that of each task].
    #[serde(default)]
    pub reply_tokens: Option<NonZeroU32>,
    /// Context window in tokens; longer inputs lose their oldest posts, and reports say so.
    #[serde(default)]
    pub context: Option<NonZeroU32>,
    /// Fields of its requests, such as top_p = 0.9.
    #[serde(default)]
    pub options: Options,
    /// Its endpoint; several of the same model, separated by commas, share the calls.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The environment variable that holds its API key [default: the provider's usual one].
    #[serde(default)]
    pub key_env: Option<String>,
    /// Times to ask each trial, up to 100 [default: 1].
    #[serde(default)]
    pub repeats: Repeats,
    /// Maximum concurrent calls.
    #[serde(default)]
    pub connections: Option<NonZeroUsize>,
    /// Maximum calls per minute.
    #[serde(default)]
    pub rpm: Option<NonZeroU32>,
    /// Maximum tokens per minute, prompts and replies together.
    #[serde(default)]
    pub tpm: Option<NonZeroU32>,
}

/// Who judges replies.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    /// What folders and this program's notes call the judge [default: the model's name].
    #[serde(default)]
    pub name: Option<GivenName>,
    /// A model, `embedded`, `offline` (phrase rules) or `none`.
    pub model: String,
    /// Tokens it may think before it judges; 0 asks it not to.
    #[serde(default)]
    pub thinking_tokens: Option<u32>,
    /// Fields of its requests.
    #[serde(default)]
    pub options: Options,
    /// Its endpoint.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The environment variable that holds its API key [default: the provider's usual one].
    #[serde(default)]
    pub key_env: Option<String>,
    /// Maximum concurrent calls to its endpoint, over all subjects.
    #[serde(default)]
    pub connections: Option<NonZeroUsize>,
    /// Maximum calls per minute to its endpoint, over all subjects.
    #[serde(default)]
    pub rpm: Option<NonZeroU32>,
    /// Maximum tokens per minute of its endpoint, over all subjects.
    #[serde(default)]
    pub tpm: Option<NonZeroU32>,
}

/// How much of the benchmark is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Everything.
    #[default]
    Full,
    /// At most 8 items and about 10 trials a task, with replies of 80 tokens.
    Quick,
}

/// What is asked, by which rules.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// Tasks, pillars or suites; `all` leaves the suites out that are asked by name.
    pub tasks: Vec<String>,
    /// Folder of published data, from the study file's folder [default: the starter items].
    pub folder: Option<PathBuf>,
    /// Folder laid out like benchmark/ with tasks of your own, from the study file's folder.
    pub tasks_folder: Option<PathBuf>,
    /// `reference` does what the benchmark's release did, quirks included; `corrected` asks the same question soundly.
    pub protocol: Protocol,
    /// Preset limits.
    pub profile: Profile,
    /// Maximum items per task, evenly spread.
    pub items: Option<NonZeroUsize>,
    /// Approximate maximum of trials per task, by whole items.
    pub trials: Option<NonZeroUsize>,
    /// Only items in these languages, such as `en` (with en-GB) or `zh`; none stands for all.
    #[schemars(with = "Vec<String>")]
    pub languages: Vec<LanguageRange>,
    /// Seed of orders, attack texts and resampling.
    pub seed: Option<u64>,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            tasks: vec!["all".to_owned()],
            folder: None,
            tasks_folder: None,
            protocol: Protocol::Corrected,
            profile: Profile::Full,
            items: None,
            trials: None,
            languages: Vec::new(),
            seed: None,
        }
    }
}

/// How judges are asked the questions of a decision tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Questions {
    /// All in one call.
    #[default]
    Together,
    /// Each in a call of its own.
    Apart,
}

/// Who plays the clients of conversations.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// A model, or `offline` (rules).
    pub model: String,
    /// Its temperature, from 0 to 2 [default: 0.7].
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub temperature: Option<Temperature>,
    /// Tokens it may think before it writes.
    #[serde(default)]
    pub thinking_tokens: Option<u32>,
    /// Fields of its requests.
    #[serde(default)]
    pub options: Options,
    /// Its endpoint.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The environment variable that holds its API key [default: the provider's usual one].
    #[serde(default)]
    pub key_env: Option<String>,
    /// Maximum calls per minute, over all subjects.
    #[serde(default)]
    pub rpm: Option<NonZeroU32>,
    /// Maximum tokens per minute, over all subjects.
    #[serde(default)]
    pub tpm: Option<NonZeroU32>,
    /// How judges are asked the questions of decision trees.
    #[serde(default)]
    pub judge_questions: Questions,
}

/// An endpoint of the Perspective API that scores toxicity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Toxicity {
    /// Its address, for example "https://host/v1alpha1/comments:analyze?key=$NAME" with the name of a variable.
    pub base_url: String,
    /// The environment variable that holds its key [default: PERSPECTIVE_API_KEY].
    #[serde(default)]
    pub key_env: Option<String>,
}

/// What may be spent on the whole study: over all its runs, and over all times that it is resumed.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// US dollars; the price table must list all models.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub max_cost: Option<f64>,
    /// Calls to subjects, judges and the client.
    pub max_calls: Option<NonZeroU64>,
    /// Tokens of prompts and replies, as endpoints count them; of a reply that nobody counts, an estimate from its length.
    pub max_tokens: Option<NonZeroU64>,
    /// Seconds, of each time that the study is run or resumed.
    pub max_time: Option<NonZeroU64>,
    /// Calls to the model that plays clients.
    pub max_client_calls: Option<NonZeroU64>,
    /// Tokens of the model that plays clients.
    pub max_client_tokens: Option<NonZeroU64>,
    /// Price table in the place of the one that is built in, from the study file's folder.
    pub prices: Option<PathBuf>,
}

/// How endpoints are called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Calls {
    /// Attempts per call on transient errors [default: 5].
    pub tries: Option<NonZeroU32>,
    /// Seconds that a whole call may take [default: 300].
    pub timeout: Option<NonZeroU64>,
    /// Seconds until a connection must be there [default: 10].
    pub connect_timeout: Option<NonZeroU64>,
    /// Seconds until a reply must begin [default: timeout].
    pub first_byte_timeout: Option<NonZeroU64>,
    /// Whether replies are streamed, where an OpenAI-compatible server requires it.
    pub stream: bool,
    /// Whether keys may be sent over plain http, where anybody on the way reads them.
    pub allow_plain_http: bool,
    /// Table of short model names, from the study file's folder [default: that of `trustmh models`].
    pub models: Option<PathBuf>,
}

/// A system prompt, as the file says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt<'f> {
    /// In a file.
    File(&'f PathBuf),
    /// As it stands.
    Text(&'f str),
}

impl Subject {
    /// What it is called.
    pub fn shown(&self) -> &str {
        self.name.as_ref().map_or(&self.model, GivenName::as_str)
    }

    /// Its system prompt, if it has one. Of two the file is taken; reading the study file refuses both.
    pub fn prompt(&self) -> Option<Prompt<'_>> {
        let file = self.system.as_ref().map(Prompt::File);
        file.or(self.system_text.as_deref().map(Prompt::Text))
    }

    /// Whether another subject is asked the very same, at the same place.
    pub(super) fn is_asked_like(&self, other: &Self) -> bool {
        let alone = |subject: &Self| Self {
            name: None,
            rpm: None,
            tpm: None,
            connections: None,
            ..subject.clone()
        };
        alone(self) == alone(other)
    }
}

impl Judge {
    /// What it is called.
    pub fn shown(&self) -> &str {
        self.name.as_ref().map_or(&self.model, GivenName::as_str)
    }
}

/// Options as they are typed on the command line: `KEY=VALUE` with the value as JSON, tables by dotted names.
pub(super) fn typed(options: &Options) -> Vec<String> {
    let mut all = Vec::new();
    for (name, value) in options {
        flat(name, value, &mut all);
    }
    all
}

fn flat(name: &str, value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(inner, value)| flat(&format!("{name}.{inner}"), value, all));
        }
        Value::String(text) if text == "null" => all.push(format!("{name}=null")),
        other => all.push(format!("{name}={other}")),
    }
}

macro_rules! with_options {
    ($($what:ident),+) => {
        $(impl $what {
            /// Its options as they are typed on the command line.
            pub fn typed_options(&self) -> Vec<String> {
                typed(&self.options)
            }
        })+
    };
}

with_options!(Subject, Judge, Client);

/// The JSON Schema of study files.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(StudyFile)
}
