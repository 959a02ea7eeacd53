//! What is wrong with the form of a TOML file, in plain words: its reader speaks of types, whoever wrote the file of what stands there.

/// What is wrong, without the place: `is the text "many"; expected a whole number of 1 or more`. Sentences that are not about a value of
/// another type come back as they are.
pub fn in_plain_words(error: &toml::de::Error) -> String {
    plain(error.message())
}

/// All that is said of the fault, with the line as it stands in the file.
pub fn with_place(error: &toml::de::Error) -> String {
    error.to_string().trim_end().replace(error.message(), &in_plain_words(error))
}

fn plain(message: &str) -> String {
    let rest = ["invalid type: ", "invalid value: "].iter().find_map(|of| message.strip_prefix(of));
    match rest.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((found, expected)) => format!("is {}; expected {}", value(found), wanted(expected)),
        // A word without quotation marks is taken for `true` or `false`.
        None if message.starts_with("invalid boolean") => {
            format!("{message}; a text stands in quotation marks")
        }
        None => message.to_owned(),
    }
}

/// What was found: serde says the type before the value, which stands between backticks unless it is a text.
fn value(found: &str) -> String {
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("boolean" | "integer", shown)) => shown.to_owned(),
        Some(("floating", shown)) => shown.trim_start_matches("point ").to_owned(),
        None if found == "sequence" => "a list".to_owned(),
        None if found == "map" => "a table".to_owned(),
        Some(_) | None => found.to_owned(),
    }
}

/// What is expected. Names of types are those of Rust; what a type of ours says of itself is plain already.
fn wanted(expected: &str) -> &str {
    match expected {
        "a nonzero u32" | "a nonzero u64" | "a nonzero usize" => "a whole number of 1 or more",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more",
        "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "a text in quotation marks",
        "path string" => "a path in quotation marks",
        "a sequence" => "a list, in square brackets or a [[heading]] an entry",
        "a map" => "a table",
        _ if expected.starts_with("struct ") => "a table",
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use std::collections::BTreeMap;
    use std::num::NonZeroU32;
    use std::path::PathBuf;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct File {
        text: String,
        path: PathBuf,
        texts: Vec<String>,
        count: u32,
        some: Option<NonZeroU32>,
        share: f64,
        is_so: bool,
        table: BTreeMap<String, String>,
        inner: Inner,
    }

    #[derive(Debug, Default, Deserialize)]
    struct Inner {}

    fn told(text: &str) -> String {
        in_plain_words(&toml::from_str::<File>(text).unwrap_err())
    }

    #[test]
    fn values_of_another_type_are_told_in_plain_words() {
        for (text, words) in [
            ("text = 5", "is `5`; expected a text in quotation marks"),
            ("text = true", "is `true`; expected a text in quotation marks"),
            ("text = 0.5", "is `0.5`; expected a text in quotation marks"),
            ("text = []", "is a list; expected a text in quotation marks"),
            ("text = {}", "is a table; expected a text in quotation marks"),
            ("path = 1", "is `1`; expected a path in quotation marks"),
            (
                "texts = \"all\"",
                "is the text \"all\"; expected a list, in square brackets or a [[heading]] an entry",
            ),
            ("count = \"many\"", "is the text \"many\"; expected a whole number of 0 or more"),
            ("count = -1", "is `-1`; expected a whole number of 0 or more"),
            ("some = 0", "is `0`; expected a whole number of 1 or more"),
            (
                "some = \"a, expected b\"",
                "is the text \"a, expected b\"; expected a whole number of 1 or more",
            ),
            ("share = \"half\"", "is the text \"half\"; expected a number"),
            ("is_so = \"yes\"", "is the text \"yes\"; expected true or false"),
            ("table = 1", "is `1`; expected a table"),
            ("inner = 1", "is `1`; expected a table"),
        ] {
            assert_eq!(told(text), words, "{text}");
        }
    }

    #[test]
    fn other_faults_are_told_as_they_were() {
        assert!(told("other = 1").starts_with("unknown field `other`"));
        assert!(told("text = Yes").contains("quot"), "{}", told("text = Yes"));
        assert!(told("text = true_ish").contains("quot"), "{}", told("text = true_ish"));
        let error = toml::from_str::<File>("\n\ncount = \"many\"").unwrap_err();
        let whole = with_place(&error);
        assert!(whole.contains("line 3") && whole.contains("is the text \"many\""), "{whole}");
        assert!(!whole.contains("invalid type"), "{whole}");
    }
}
