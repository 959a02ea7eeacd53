//! What a provider declares of itself.

use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::num::NonZeroUsize;

use trustmh_core::call::CallSpec;
use trustmh_core::message::Message;

use crate::error::Flaw;
use crate::http::KeyHeader;
use crate::reading::Body;
use crate::reading::reply::Outcome;
use crate::traits::Parameters;

/// Calls at once that a hosted service can usefully serve.
pub(super) const HOSTED: NonZeroUsize = NonZeroUsize::new(32).unwrap();

/// What a provider says of itself.
#[derive(Debug)]
pub(crate) struct Declaration {
    /// The prefix of model names.
    pub(crate) prefix: &'static str,
    /// What it is, in one line of help and docs.
    pub(crate) summary: &'static str,
    /// Who speaks its protocol, as errors have it, for example "an Ollama server".
    pub(crate) speaker: &'static str,
    /// Where it is found unless the user says otherwise.
    pub(crate) base_url: &'static str,
    /// The environment variable that usually holds the key; `None` where no key is due.
    pub(crate) key_variable: Option<&'static str>,
    /// How a key travels.
    pub(crate) key_header: KeyHeader,
    /// Headers that go with every call, besides the key.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// How many calls it can usefully serve at once, where the user does not say.
    pub(crate) parallel: NonZeroUsize,
}

/// A chat protocol, and where it is spoken.
pub(crate) trait Dialect: Send + Sync {
    /// What the provider says of itself.
    fn declaration(&self) -> &'static Declaration;

    /// The path of the service below which all else lies, by that of a base URL; as errors show it.
    fn base_path(&self, given: &str) -> String {
        given.to_owned()
    }

    /// The path of a model's chat, by that of a base URL, which may hold the version, or the whole
    /// path, already.
    fn chat_path(&self, given: &str, model: &str) -> String;

    /// The body of a request, without the options of the user's, which are applied to it.
    ///
    /// # Errors
    /// What serialising says.
    fn request(
        &self,
        model: &str,
        parameters: Parameters,
        call: &CallSpec,
    ) -> serde_json::Result<Box<RawValue>>;

    /// Finds the reply in a body that came with a status of success, whole or streamed.
    ///
    /// # Errors
    /// A [`Flaw`] where there is neither a reply nor an error.
    fn read(&self, body: &Body) -> Result<Outcome, Flaw>;
}

/// A conversation as most protocols have it.
pub(crate) fn chat(messages: &[Message]) -> Vec<Value> {
    let turn =
        |message: &Message| json!({ "role": message.role.name(), "content": message.content });
    messages.iter().map(turn).collect()
}
