//! Base URLs.

use reqwest::Url;

use crate::error::ModelError;
use crate::http::{Place, Transport};
use crate::redact::without_secrets;

const OPENAI: &str = "https://api.openai.com/v1";
const CHAT: &str = "/chat/completions";

/// Where an OpenAI-compatible server is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    shown: String,
    chat_url: String,
    transport: Transport,
    place: Place,
}

impl Endpoint {
    /// OpenAI's own server.
    ///
    /// # Errors
    /// None; it is made like any other endpoint.
    pub fn openai() -> Result<Self, ModelError> {
        Self::new(OPENAI)
    }

    /// Reads a base URL such as `http://127.0.0.1:8000/v1`, with or without its version, a slash at its end or the path of the chat
    /// endpoint. A query is sent along and never shown.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for what is no http or https URL, or holds a user name or password.
    pub fn new(base_url: &str) -> Result<Self, ModelError> {
        let Address { mut url, transport, place } = Address::parse(base_url)?;
        let path = url.path().trim_end_matches('/');
        let path = match path.strip_suffix(CHAT) {
            // Whoever gives the whole path means it.
            Some(base) => base.trim_end_matches('/').to_owned(),
            None => match path.strip_suffix("/models").unwrap_or(path) {
                versionless @ ("" | "/api") => format!("{versionless}/v1"),
                base => base.to_owned(),
            },
        };
        url.set_path(&format!("{path}{CHAT}"));
        let chat_url = url.to_string();
        url.set_query(None);
        url.set_path(&path);
        let shown = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { shown, chat_url, transport, place })
    }

    /// The base URL, without its query.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    pub(super) fn chat_url(&self) -> &str {
        &self.chat_url
    }

    pub(super) fn transport(&self) -> Transport {
        self.transport
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }
}

/// A URL that can be called.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) url: Url,
    pub(crate) transport: Transport,
    pub(crate) place: Place,
}

impl Address {
    /// Reads an http or https URL without credentials in it.
    pub(crate) fn parse(url: &str) -> Result<Self, ModelError> {
        let text = url.trim();
        let unusable = |why: &str| {
            let url = without_secrets(text);
            ModelError::configuration(format!("the base URL `{url}` cannot be used: {why}"))
        };
        let transport = match text.split_once("://") {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => Transport::Encrypted,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => Transport::Plain,
            _ => return Err(unusable("it begins with neither http:// nor https://")),
        };
        let mut url = Url::parse(text).map_err(|error| unusable(&error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable("it holds credentials; keys are given apart from it"));
        }
        let place = if is_loopback(&url) { Place::Loopback } else { Place::Elsewhere };
        url.set_fragment(None);
        Ok(Self { url, transport, place })
    }

    /// The URL as errors name it, without its query.
    pub(crate) fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.to_string()
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let here = |ip: std::net::IpAddr| ip.to_canonical().is_loopback() || ip.is_unspecified();
    host.trim_end_matches('.') == "localhost" || host.parse().is_ok_and(here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base_urls_lead_to_the_chat_endpoint() {
        for (given, shown, chat) in [
            (
                "http://127.0.0.1:8000/v1",
                "http://127.0.0.1:8000/v1",
                "http://127.0.0.1:8000/v1/chat/completions",
            ),
            (
                " https://a.example/v1/ ",
                "https://a.example/v1",
                "https://a.example/v1/chat/completions",
            ),
            ("https://a.example", "https://a.example/v1", "https://a.example/v1/chat/completions"),
            (
                "https://a.example/api/",
                "https://a.example/api/v1",
                "https://a.example/api/v1/chat/completions",
            ),
            (
                "https://a.example/api/paas/v4",
                "https://a.example/api/paas/v4",
                "https://a.example/api/paas/v4/chat/completions",
            ),
            (
                "https://a.example/chat/completions",
                "https://a.example",
                "https://a.example/chat/completions",
            ),
            (
                "https://a.example/v1/chat/completions",
                "https://a.example/v1",
                "https://a.example/v1/chat/completions",
            ),
            (
                "https://a.example/v1?version=2",
                "https://a.example/v1",
                "https://a.example/v1/chat/completions?version=2",
            ),
        ] {
            let endpoint = Endpoint::new(given).unwrap();
            assert_eq!(endpoint.shown(), shown);
            assert_eq!(endpoint.chat_url(), chat);
        }
        let openai = Endpoint::openai().unwrap();
        assert_eq!(openai.chat_url(), "https://api.openai.com/v1/chat/completions");
        assert_eq!(openai.transport(), Transport::Encrypted);
    }

    #[test]
    fn loopback_is_recognised() {
        for url in [
            "http://localhost:1/v1",
            "http://LOCALHOST./v1",
            "http://127.0.0.9/v1",
            "http://[::1]:8000",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0:8000",
        ] {
            assert_eq!(Endpoint::new(url).unwrap().place(), Place::Loopback, "{url}");
        }
        for url in [
            "http://10.0.0.1",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://[::ffff:10.0.0.1]",
        ] {
            assert_eq!(Endpoint::new(url).unwrap().place(), Place::Elsewhere, "{url}");
        }
    }

    #[test]
    fn what_cannot_be_called_is_refused_without_showing_secrets() {
        for url in [
            "localhost:8000/v1",
            "ftp://a.example",
            "",
            "http://",
            "https://canary:canary@a.example/v1",
        ] {
            let error = Endpoint::new(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
        let error = Endpoint::new("ftp://me:canary@a.example/v1?key=canary").unwrap_err();
        assert!(!format!("{error:?}").contains("canary"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(https?://)?\\PC{0,40}") {
            let _ = Endpoint::new(&text);
        }
    }
}
