//! Keys: how they travel, and what to do where one is missing.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::error::ModelError;

/// The header that a key travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyHeader {
    /// `Authorization: Bearer <key>`
    Bearer,
    /// A header of this name, in small letters, that holds the key alone.
    Named(&'static str),
}

impl KeyHeader {
    /// Puts a key among the headers; `what` names it in errors.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for a key that fits no header.
    pub(crate) fn insert(
        self,
        headers: &mut HeaderMap,
        key: &SecretString,
        what: &str,
    ) -> Result<(), ModelError> {
        let (name, text) = match self {
            Self::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose_secret())),
            Self::Named(name) => (HeaderName::from_static(name), key.expose_secret().to_owned()),
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| {
            ModelError::configuration(format!(
                "the {what} holds characters that no HTTP header can carry"
            ))
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    }
}

/// A key without the blanks around it; `None` if nothing is left.
pub(crate) fn trimmed(key: Option<SecretString>) -> Option<SecretString> {
    key.map(|key| SecretString::from(key.expose_secret().trim()))
        .filter(|key| !key.expose_secret().is_empty())
}

/// What to do where a server does not accept the key, or none was sent; `variable` is the one that
/// holds it.
pub(crate) fn key_hint(key: Option<&SecretString>, variable: Option<&str>) -> String {
    match (key, variable) {
        (Some(_), Some(variable)) => {
            format!("check that {variable} holds a key that may use this model")
        }
        (Some(_), None) => "check that the key may use this model".to_owned(),
        (None, Some(variable)) => format!("no key was sent: set {variable}"),
        (None, None) => {
            "no key was sent: name the variable that holds it with --key-env".to_owned()
        }
    }
}
