//! Base URLs.

use reqwest::Url;

use super::{Place, Transport};
use crate::error::ModelError;
use crate::redact::without_secrets;

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

/// Whether what is sent to this base URL stays on this machine; not where it is none.
pub fn is_this_machine(url: &str) -> bool {
    Url::parse(url.trim()).is_ok_and(|url| is_loopback(&url))
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
    fn loopback_is_recognised() {
        for url in [
            "http://localhost:1/v1",
            "http://LOCALHOST./v1",
            "http://127.0.0.9/v1",
            "http://[::1]:8000",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0:8000",
        ] {
            assert_eq!(Address::parse(url).unwrap().place, Place::Loopback, "{url}");
        }
        for url in [
            "http://10.0.0.1",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://[::ffff:10.0.0.1]",
        ] {
            assert_eq!(Address::parse(url).unwrap().place, Place::Elsewhere, "{url}");
        }
        let https = Address::parse(" https://a.example ").unwrap();
        assert_eq!(https.transport, Transport::Encrypted);
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
            let error = Address::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
        let error = Address::parse("ftp://me:canary@a.example/v1?key=canary").unwrap_err();
        assert!(!format!("{error:?}").contains("canary"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(https?://)?\\PC{0,40}") {
            let _ = Address::parse(&text);
        }
    }
}
