//! Fields of a request that a server does not take.

use serde_json::Value;

use super::report::Report;

/// Fields without which nothing is asked.
const NEEDED: [&str; 9] = [
    "model",
    "messages",
    "contents",
    "system",
    "systemInstruction",
    "input",
    "prompt",
    "generationConfig",
    "options",
];

/// Objects whose fields are parameters, too.
const NESTED: [&str; 2] = ["generationConfig", "options"];

/// What a server says of a field that it does not take, whatever its value.
const NOT_TAKEN: [&str; 40] = [
    "unsupported parameter",
    "unsupported value",
    "unsupported_parameter",
    "unsupported_value",
    "unsupported field",
    "unsupported option",
    "not supported",
    "not support",
    "isn't supported",
    "unsupported",
    "deprecated",
    "unrecognized",
    "unrecognised",
    "unknown name",
    "unknown parameter",
    "unknown argument",
    "unknown field",
    "unknown key",
    "unexpected keyword",
    "unexpected parameter",
    "unexpected field",
    "extra inputs",
    "extra_forbidden",
    "extra fields",
    "extra field",
    "additional properties",
    "cannot find field",
    "not permitted",
    "not allowed",
    "only allowed",
    "not accept",
    "not applicable",
    "not available",
    "only the default",
    "cannot be set",
    "cannot be specified",
    "cannot both be",
    "is allowed for this model",
    "不支持",
    "未知参数",
];

/// The parameters of a request that may be left out, as dotted paths.
pub(crate) fn parameters(request: &Value) -> Vec<String> {
    let Some(fields) = request.as_object() else { return Vec::new() };
    let nested = NESTED.iter().filter_map(|name| Some((name, fields.get(*name)?.as_object()?)));
    let nested =
        nested.flat_map(|(name, inner)| inner.keys().map(move |key| format!("{name}.{key}")));
    let own = fields.keys().filter(|name| !NEEDED.contains(&name.as_str())).cloned();
    own.chain(nested).collect()
}

/// Which of `parameters` the report says is not taken; the one it blames by a field of its own before those it mentions.
pub(super) fn not_taken<'p>(report: &Report, parameters: &'p [String]) -> Option<&'p str> {
    if report.page || !report.says(&NOT_TAKEN) {
        return None;
    }
    let blamed = report.field.as_deref().map(plain);
    let blamed = blamed.and_then(|field| parameters.iter().find(|own| field.ends_with(&name(own))));
    let mentioned = || {
        let places =
            parameters.iter().filter_map(|own| Some((place(report.words.text(), own)?, own)));
        places.min().map(|(_, own)| own)
    };
    blamed.or_else(mentioned).map(String::as_str)
}

/// The last part of a path, as names are compared: services write `max_tokens` and `maxTokens`.
fn name(path: &str) -> String {
    plain(path.rsplit('.').next().unwrap_or(path))
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// Where a report first mentions a parameter, as a word of its own.
fn place(text: &str, path: &str) -> Option<usize> {
    let wanted = name(path);
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut start = None;
    for (at, sign) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_of_name(sign), start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                if text.get(begun..at).is_some_and(|word| plain(word) == wanted) {
                    return Some(begun);
                }
                start = None;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(message: &str) -> Option<String> {
        let request = json!({
            "model": "m", "messages": [], "temperature": 0.0, "max_tokens": 9, "seed": 1, "stream": true,
            "stream_options": {}, "top_p": 1.0, "generationConfig": { "thinkingConfig": {} },
        });
        not_taken(&Report::of(&message.into(), &[]), &parameters(&request)).map(str::to_owned)
    }

    #[test]
    fn the_field_is_found_in_whatever_words() {
        for (message, field) in [
            ("Unsupported parameter: 'seed' is not supported by this deployment.", "seed"),
            (
                "Unsupported value: 'temperature' does not support 0 here. Only the default (1) value is supported.",
                "temperature",
            ),
            ("`temperature` is deprecated for this model.", "temperature"),
            ("Unrecognized request argument supplied: seed", "seed"),
            ("stream_options: Extra inputs are not permitted", "stream_options"),
            ("temperature and top_p cannot both be specified for this model", "temperature"),
            (
                "Invalid JSON payload received. Unknown name \"thinkingConfig\" at 'generation_config': Cannot find field.",
                "generationConfig.thinkingConfig",
            ),
            (
                "Unsupported parameter: 'max_tokens' is not supported here. Use 'max_completion_tokens' instead.",
                "max_tokens",
            ),
            ("invalid temperature: only 1 is allowed for this model", "temperature"),
            ("模型不支持参数 seed", "seed"),
        ] {
            assert_eq!(found(message).as_deref(), Some(field), "{message}");
        }
    }

    #[test]
    fn values_out_of_range_and_other_faults_are_no_fault_of_a_field() {
        for message in [
            "max_tokens must be <= 8192",
            "temperature: must be between 0 and 1",
            "max_tokens is too large: 99999.",
            "Images are not supported.",
            "Invalid value for messages[0].content: characters are not allowed.",
            "The model m is not supported.",
        ] {
            assert_eq!(found(message), None, "{message}");
        }
    }
}
