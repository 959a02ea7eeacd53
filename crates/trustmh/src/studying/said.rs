//! What is said of studies: faults by the names of fields, and what has changed since a lock.

use trustmh_run::study::{Lock, StudyError};

use crate::failure::{Exit, Failure};
use crate::suggest;

/// A failure of what a run was asked for, as one of a field in the study file at `place`.
pub(crate) fn as_fields(failure: Failure, place: &str) -> Failure {
    let failure = by_fields(failure);
    Failure { message: format!("{place}: {}", failure.message), ..failure }
}

/// The same of no field alone.
pub(super) fn by_fields(failure: Failure) -> Failure {
    let Failure { message, hint, exit } = failure;
    let hint = hint.map(|hint| without_dashes(&hint));
    Failure { message: without_dashes(&message), hint, exit }
}

/// Options as fields: `--judge-thinking-tokens` is `thinking_tokens` of a judge.
pub(super) fn without_dashes(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, after) = rest.split_at(at);
        let name: String = after
            .chars()
            .skip(2)
            .take_while(|sign| sign.is_ascii_lowercase() || *sign == '-')
            .collect();
        shown.push_str(before);
        let is_word = before.chars().next_back().is_none_or(|sign| !sign.is_alphanumeric());
        if name.is_empty() || !is_word {
            shown.push_str("--");
            rest = &after[2..];
            continue;
        }
        let field = field_of(&name).unwrap_or_else(|| format!("--{name}"));
        shown.push_str(&field);
        rest = &after[2 + name.len()..];
    }
    shown.push_str(rest);
    shown
}

/// The field that an option stands for in a study file; none where studies have no such field.
fn field_of(option: &str) -> Option<String> {
    let bare = ["subject-", "judge-", "client-"].iter().find_map(|part| option.strip_prefix(part));
    let name = bare.unwrap_or(option).replace('-', "_");
    Some(match option {
        "subject" | "judge" | "client" => "model".to_owned(),
        "subject-option" | "judge-option" | "client-option" => "options".to_owned(),
        "data" => "data.folder".to_owned(),
        "tasks-dir" => "data.tasks_folder".to_owned(),
        "language" => "data.languages".to_owned(),
        "toxicity-url" => "toxicity.base_url".to_owned(),
        "toxicity-key-env" => "toxicity.key_env".to_owned(),
        "judge-questions" => "client.judge_questions".to_owned(),
        _ => FIELDS.contains(&name.as_str()).then_some(name)?,
    })
}

/// Fields that are called as the options are, but for whose they are.
const FIELDS: [&str; 34] = [
    "allow_plain_http",
    "allow_self_judge",
    "base_url",
    "connect_timeout",
    "connections",
    "context",
    "first_byte_timeout",
    "items",
    "key_env",
    "max_calls",
    "max_client_calls",
    "max_client_tokens",
    "max_cost",
    "max_time",
    "max_tokens",
    "models",
    "name",
    "prices",
    "profile",
    "protocol",
    "repeats",
    "reply_tokens",
    "rpm",
    "seed",
    "stream",
    "system",
    "system_text",
    "tasks",
    "temperature",
    "thinking_tokens",
    "timeout",
    "tpm",
    "trials",
    "tries",
];

/// What has changed since a lock, a line each; none if nothing has.
pub(crate) fn changes_since(was: &Lock, now: &Lock) -> Vec<String> {
    was.changes_to(now).into_iter().map(|change| format!("since the lock: {change}")).collect()
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        let hint = match &error {
            StudyError::Malformed { unknown: Some((word, known)), .. } => {
                let otherwise = "docs/study.md has every field";
                Some(suggest::hint(word, known.iter().map(String::as_str), otherwise))
            }
            other => other.hint(),
        };
        match error {
            StudyError::Run(error) => error.into(),
            other => Self { message: other.to_string(), hint, exit: Exit::Usage },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_as_fields() {
        let told = |text| without_dashes(text);
        assert_eq!(
            told("--base-url has no effect: name one with --judge"),
            "base_url has no effect: name one with model"
        );
        assert_eq!(told("--judge-thinking-tokens 0"), "thinking_tokens 0");
        assert_eq!(told("--judge-questions apart"), "client.judge_questions apart");
        assert_eq!(told("--toxicity-key-env"), "toxicity.key_env");
        assert_eq!(told("--subject-option, --data DIR"), "options, data.folder DIR");
        assert_eq!(told("a--b and -- c"), "a--b and -- c");
        let fetch = "`trustmh data fetch all --accept-licence`";
        assert_eq!(told(fetch), fetch, "no study has it");
    }
}
