//! The credentials that this process was given, so that they can be kept out of what is recorded
//! and shown.

use secrecy::SecretString;

use trustmh_model::query;
use trustmh_model::redact::{Redactor, without_secrets};

use crate::arguments::EndpointArguments;
use crate::failure::Failure;

/// What names of variables for credentials end with.
const ENDINGS: [&str; 6] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS"];

/// What is shorter and holds no digit may be a word that replies hold, too.
const NO_WORD: usize = 16;

/// Strikes out the variables that hold keys by their name, and those that the user names as such. A
/// program that is asked as a model has them all in its environment, whichever it needs.
pub(super) fn redactor(endpoints: &EndpointArguments) -> Redactor {
    let named = [
        endpoints.key_env.as_deref(),
        endpoints.judge_key_env.as_deref(),
        endpoints.client_key_env.as_deref(),
    ];
    let named = named.into_iter().flatten().chain([endpoints.toxicity_key_env.as_str()]);
    let named = named.filter_map(|name| std::env::var(name).ok());
    let by_name = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?.to_uppercase(), value.into_string().ok()?);
        let is_for_key = ENDINGS.iter().any(|ending| name.ends_with(ending));
        // Neither a path nor a number opens anything.
        let is_path = value.starts_with(['/', '.']) || value.contains(":\\");
        let digits = value.chars().filter(char::is_ascii_digit).count();
        let is_word = digits == 0 && value.chars().count() < NO_WORD;
        let is_key = !is_path && !is_word && digits < value.chars().count();
        (is_for_key && is_key).then_some(value)
    });
    Redactor::of(named.chain(by_name).map(SecretString::from))
}

/// Refuses an address that would be recorded with a credential in its query.
pub(crate) fn recordable(option: &str, url: Option<&str>) -> Result<(), Failure> {
    let Some((url, parameter)) = url.and_then(|url| Some((url, query::written_out(url)?))) else {
        return Ok(());
    };
    let shown = without_secrets(url);
    Err(Failure::usage(format!(
        "{option} {shown}: its query holds a credential in `{parameter}`, and addresses are recorded with the run"
    ))
    .with_hint(format!(
        "put it in an environment variable and name that, in single quotes: {option} '{shown}?{parameter}=$NAME'"
    )))
}

/// The address with what its variables hold, and those values to be struck out.
pub(super) fn filled(url: &str) -> Result<(String, Redactor), Failure> {
    let look_up = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let query::Filled { url, keys } = query::filled(url, look_up).map_err(|error| {
        Failure::usage(format!("{}: {error}", without_secrets(url)))
            .with_hint("set it to the credential that the endpoint needs")
    })?;
    Ok((url, Redactor::of(keys)))
}
