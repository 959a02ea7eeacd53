//! Credentials that somebody typed into a study file: they are found before anything else is said of the file, and not repeated.

use toml::de::{DeTable, DeValue};

use trustmh_core::request::holds_key;

use super::error::StudyError;
use super::place::{Way, line_of};

/// Names of fields that people type keys into.
const NAMES: [&str; 10] = [
    "key",
    "apikey",
    "token",
    "accesstoken",
    "secret",
    "password",
    "authorization",
    "bearer",
    "auth",
    "credential",
];

/// Refuses a file in which a key stands.
pub(super) fn refuse(file: &str, text: &str) -> Result<(), StudyError> {
    // What is no TOML is told elsewhere, without its words.
    let Ok(table) = DeTable::parse(text) else { return Ok(()) };
    let whole = DeValue::Table(table.into_inner());
    let mut found = None;
    look(&whole, &Way::default(), 0, &mut found);
    match found {
        Some((way, byte)) => Err(StudyError::Credential {
            file: file.to_owned(),
            line: line_of(text, byte),
            field: way.to_string(),
        }),
        None => Ok(()),
    }
}

fn look(value: &DeValue<'_>, way: &Way, start: usize, found: &mut Option<(Way, usize)>) {
    if found.is_some() {
        return;
    }
    match value {
        DeValue::Table(table) => {
            for (key, value) in table {
                let start = key.span().start;
                // A name that is a key itself is not repeated either.
                if holds_key(key.get_ref()) {
                    found.get_or_insert((way.field("(a field's name)"), start));
                    return;
                }
                let way = way.field(key.get_ref());
                if is_key_by_name(key.get_ref()) && !matches!(value.get_ref(), DeValue::Table(_)) {
                    found.get_or_insert((way, start));
                    return;
                }
                look(value.get_ref(), &way, start, found);
            }
        }
        DeValue::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                look(value.get_ref(), &way.at(place), value.span().start, found);
            }
        }
        DeValue::String(text) if holds_key(text) => {
            *found = Some((way.clone(), start));
        }
        _ => {}
    }
}

fn is_key_by_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    NAMES.contains(&plain.as_str()) || plain.ends_with("apikey")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_key_is_found_and_not_repeated() {
        for (text, field) in [
            ("[[subjects]]\nmodel = \"a\"\napi_key = \"canary\"\n", "subjects[1].api_key"),
            (
                "[[judges]]\n\noptions = { \"x-api-key\" = \"canary\" }\n",
                "judges[1].options.x-api-key",
            ),
            ("\n\nkey_env = \"sk-canary-0123456789abcdef\"\n", "key_env"),
            (
                "[[subjects]]\nname = \"a\"\nmodel = \"openai/sk-canary-0123456789abcdef\"\n",
                "subjects[1].model",
            ),
            ("[calls]\ntries = 1\nsk-canary-0123456789abcdef = \"x\"\n", "calls.(a field's name)"),
            ("a = 1\n\n[data]\ntasks = [\"x\", \"sk-canary-0123456789abcdef\"]", "data.tasks[2]"),
        ] {
            let error = refuse("study.toml", text).unwrap_err();
            let told = format!("{error} {}", error.hint().unwrap());
            assert!(
                told.starts_with(&format!(
                    "study.toml:{}: `{field}`",
                    if text.starts_with('a') { 4 } else { 3 }
                )),
                "{told}"
            );
            assert!(told.contains("key_env = ") && !told.contains("canary"), "{told}");
        }
        let fine =
            "key_env = \"OPENAI_API_KEY\"\nsystem_text = \"Never ask for a password or a token.\"";
        assert!(refuse("study.toml", fine).is_ok());
    }
}
