//! Servers that speak the OpenAI chat-completions protocol.

mod read;
mod request;

use serde_json::value::RawValue;

use trustmh_core::call::CallSpec;

use super::dialect::{Declaration, Dialect, HOSTED};
use crate::error::Flaw;
use crate::http::KeyHeader;
use crate::reading::Body;
use crate::reading::reply::Outcome;
use crate::traits::Parameters;

const CHAT: &str = "/chat/completions";

const DECLARATION: Declaration = Declaration {
    prefix: "openai",
    summary: "OpenAI, or any server that speaks its protocol at `--base-url`",
    speaker: "an OpenAI-compatible server",
    base_url: "https://api.openai.com/v1",
    key_variable: Some("OPENAI_API_KEY"),
    key_header: KeyHeader::Bearer,
    headers: &[],
    parallel: HOSTED,
};

/// OpenAI, and whoever speaks as it does.
#[derive(Debug)]
pub(super) struct OpenAi;

impl Dialect for OpenAi {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn base_path(&self, given: &str) -> String {
        let path = given.trim_end_matches('/');
        match path.strip_suffix(CHAT) {
            // Whoever gives the whole path means it.
            Some(base) => base.trim_end_matches('/').to_owned(),
            None => match path.strip_suffix("/models").unwrap_or(path) {
                versionless @ ("" | "/api") => format!("{versionless}/v1"),
                base => base.to_owned(),
            },
        }
    }

    fn chat_path(&self, given: &str, _: &str) -> String {
        format!("{}{CHAT}", self.base_path(given))
    }

    fn request(
        &self,
        model: &str,
        parameters: Parameters,
        call: &CallSpec,
    ) -> serde_json::Result<Box<RawValue>> {
        serde_json::value::to_raw_value(&request::request(model, parameters, call))
    }

    fn read(&self, body: &Body) -> Result<Outcome, Flaw> {
        read::read(body)
    }
}
