//! Credentials in the query of an address, as some gateways want them.
//!
//! Addresses are recorded with a run, so a credential must not stand in them. `?api-key=$NAME` or `?api-key=${NAME}` stands for the value of
//! the variable NAME, which is put in when the address is used and recorded by its name alone: a run can be resumed.

use secrecy::SecretString;

/// An address ready for use.
#[derive(Debug)]
pub struct Filled {
    /// The address with the values of its variables. It is not to be shown or recorded.
    pub url: String,
    /// The values that were put in, and credentials that are written out.
    pub keys: Vec<SecretString>,
}

/// A variable that an address names and that has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the variable {name}, which the address names, is not set")]
pub struct UnsetVariable {
    /// Its name.
    pub name: String,
}

/// Words that names of parameters for credentials have in them, without what joins them.
const NAMES: [&str; 10] = [
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "auth",
    "credential",
    "signature",
    "jwt",
];

/// Names that are whole ones.
const WHOLE_NAMES: [&str; 4] = ["sig", "code", "pass", "pw"];

/// What keys of known services begin with.
const BEGINNINGS: [&str; 9] = ["sk-", "sk_", "pk-", "AIza", "gsk_", "xai-", "hf_", "eyJ", "Bearer"];

/// The name of the first parameter in whose place a credential is written out, in any of several addresses separated by commas.
///
/// It goes by the parameter's name (`key`, `api-key`, `access_token`, `sig` ...) and by the look of its value: a known beginning, or a run of
/// 16 or more letters and digits with at least three digits and three letters.
pub fn written_out(urls: &str) -> Option<&str> {
    parameters(urls).find_map(|(name, value)| {
        (variable(value).is_none() && is_credential(name, value)).then_some(name)
    })
}

/// The addresses with the value of each variable they name, percent-encoded.
///
/// # Errors
/// [`UnsetVariable`] for the first variable that `look_up` does not know.
pub fn filled(
    urls: &str,
    look_up: impl Fn(&str) -> Option<String>,
) -> Result<Filled, UnsetVariable> {
    let mut keys = Vec::new();
    let mut url = urls.to_owned();
    for (parameter, value) in parameters(urls) {
        let Some(name) = variable(value) else {
            if is_credential(parameter, value) {
                keys.push(SecretString::from(value));
            }
            continue;
        };
        let key = look_up(name).ok_or_else(|| UnsetVariable { name: name.to_owned() })?;
        let (before, after) =
            (format!("{parameter}={value}"), format!("{parameter}={}", encoded(key.trim())));
        url = url.replacen(&before, &after, 1);
        keys.push(SecretString::from(key));
    }
    Ok(Filled { url, keys })
}

/// The parameters of the queries in several addresses.
fn parameters(urls: &str) -> impl Iterator<Item = (&str, &str)> {
    let queries = urls.split(',').filter_map(|url| url.split('#').next()?.split_once('?'));
    queries.flat_map(|(_, query)| query.split(['&', ';'])).filter_map(|part| part.split_once('='))
}

/// The variable that a value names.
fn variable(value: &str) -> Option<&str> {
    let name = value.trim().strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}

fn is_credential(name: &str, value: &str) -> bool {
    !value.is_empty() && (is_for_credentials(name, value) || looks_random(value))
}

fn is_for_credentials(name: &str, value: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    // A number, as of `max_tokens`, opens nothing.
    let is_count = value.parse::<u32>().is_ok() || ["true", "false"].contains(&value);
    !is_count
        && (WHOLE_NAMES.contains(&name.as_str()) || NAMES.iter().any(|word| name.contains(word)))
}

fn looks_random(value: &str) -> bool {
    let random = |run: &str| {
        let count = |of: fn(&char) -> bool| run.chars().filter(of).count();
        run.len() >= 16 && count(char::is_ascii_digit) >= 3 && count(char::is_ascii_alphabetic) >= 3
    };
    BEGINNINGS.iter().any(|beginning| value.starts_with(beginning))
        || value.split(|c: char| !c.is_ascii_alphanumeric()).any(random)
}

fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn credentials_in_a_query_are_told_from_other_parameters() {
        for (url, name) in [
            ("https://a.example/v1?api-key=QCANARYq666", "api-key"),
            ("https://a.example/v1?v=1&access_token=x1", "access_token"),
            ("http://a/v1,http://b/v1?sig=abc", "sig"),
            ("https://a.example/v1?k=sk-abc", "k"),
            ("https://a.example/v1?id=a1b2c3d4e5f6a7b8c9d0", "id"),
        ] {
            assert_eq!(written_out(url), Some(name), "{url}");
        }
        for url in [
            "https://a.example/v1",
            "https://a.example/v1?api-version=2024-10-21-preview&deployment=gpt-4o-mini-2024-07-18",
            "https://a.example/v1?max_tokens=100&token=",
            "https://a.example/v1?api-key=$GATEWAY_KEY",
            "https://a.example/v1?api-key=${GATEWAY_KEY}#key=x",
        ] {
            assert_eq!(written_out(url), None, "{url}");
        }
    }

    #[test]
    fn variables_are_put_in_where_they_stand() {
        let look_up = |name: &str| (name == "A_KEY").then(|| "a/b c\n".to_owned());
        let found = filled("http://a/v1?v=1&key=$A_KEY,http://b?k=${A_KEY}", look_up).unwrap();
        assert_eq!(found.url, "http://a/v1?v=1&key=a%2Fb%20c,http://b?k=a%2Fb%20c");
        assert_eq!(found.keys.len(), 2);
        assert_eq!(found.keys[0].expose_secret(), "a/b c\n");
        let missing = filled("http://a/v1?key=$B_KEY", look_up).unwrap_err();
        assert_eq!(missing.name, "B_KEY");
    }
}
