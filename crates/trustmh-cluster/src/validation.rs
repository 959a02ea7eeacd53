//! What workers say, looked at before anything is done with it. A worker is somebody else's machine.

use serde_json::Value;
use serde_json::value::RawValue;

use trustmh_core::call::CallKey;
use trustmh_core::inert::inert;
use trustmh_model::learnt::{Learnt, Lesson};

use crate::wire::{Job, Outcome, OutcomeEnd};

/// A name is no longer than this, in characters.
const NAME: usize = 100;
/// What an error or a lesson says.
const SAID: usize = 2_000;
/// Lessons that a worker may tell with one result.
const LESSONS: usize = 64;
/// A response, and a reply's text: twice what is read of a service.
const RESPONSE: usize = 16 * 1024 * 1024;
/// How much longer a request may be than what is asked.
const REQUEST: usize = 1024 * 1024;
/// How deep a body may be nested; readers of journals go no deeper.
const DEPTH: usize = 120;
/// Usage beyond this is no usage.
const TOKENS: u64 = 1 << 40;

/// A name or text of a worker as it may be shown anywhere: on one line, bounded, without anything that a terminal would act on.
pub(crate) fn said(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    inert(&shown.replace(['\n', '\r', '\t'], " "))
}

/// A worker's name.
pub(crate) fn name(text: &str) -> String {
    said(text, NAME)
}

/// A result that is fit to be recorded as that of `job`; else what is wrong with it.
pub(crate) fn outcome(outcome: Outcome, key: &CallKey, job: &Job) -> Result<Outcome, String> {
    if outcome.learnt.len() > LESSONS {
        return Err(format!("it tells more than {LESSONS} lessons"));
    }
    let end = match outcome.end {
        OutcomeEnd::Replied { reply, request, response } => {
            let texts =
                [Some(reply.text.as_str()), reply.thought.as_ref().map(|t| t.text.as_str())];
            if texts.into_iter().flatten().any(|text| text.len() > RESPONSE) {
                return Err(format!("its text is longer than {RESPONSE} bytes"));
            }
            if let Some(usage) = reply.usage
                && usage.prompt_tokens.max(usage.reply_tokens) > TOKENS
            {
                return Err("it counts more tokens than there can be".to_owned());
            }
            let asked: usize = job.messages.iter().map(|message| message.content.len()).sum();
            // Each byte may be escaped by six.
            let request = body("request", request, asked * 6 + REQUEST)?;
            let response = body("response", response, RESPONSE)?;
            if let Some(request) = &request {
                belongs(request, key, job)?;
            }
            OutcomeEnd::Replied { reply, request, response }
        }
        OutcomeEnd::Failed { fault, message } => {
            OutcomeEnd::Failed { fault, message: said(&message, SAID) }
        }
    };
    let learnt = outcome.learnt.into_iter().map(lesson).collect();
    Ok(Outcome { end, learnt, ..outcome })
}

fn lesson(learnt: Learnt) -> Learnt {
    let said = |text: String| said(&text, SAID);
    let lesson = match learnt.lesson {
        Lesson::LeftOut { field, said: why } => {
            Lesson::LeftOut { field: said(field), said: said(why) }
        }
        Lesson::Renamed { field, to, said: why } => {
            Lesson::Renamed { field: said(field), to: said(to), said: said(why) }
        }
        Lesson::SkippedLines { first } => Lesson::SkippedLines { first: said(first) },
    };
    Learnt { endpoint: said(learnt.endpoint), lesson }
}

/// A body on one line: the line is what a journal is made of. Line breaks can only stand between the tokens of JSON, never in a string.
fn body(
    what: &str,
    body: Option<Box<RawValue>>,
    most: usize,
) -> Result<Option<Box<RawValue>>, String> {
    let Some(body) = body else { return Ok(None) };
    let text = body.get();
    if text.len() > most {
        return Err(format!("its {what} is longer than {most} bytes"));
    }
    if depth(text) > DEPTH {
        return Err(format!("its {what} is nested deeper than {DEPTH}"));
    }
    if !text.contains(['\n', '\r']) {
        return Ok(Some(body));
    }
    let line = RawValue::from_string(text.replace(['\n', '\r'], " "));
    line.map(Some).map_err(|error| format!("its {what} is no JSON: {error}"))
}

/// How deep JSON is nested.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (true | false, _) => {}
        }
    }
    deepest
}

/// Whether a request asks this call's model what this call says.
fn belongs(request: &RawValue, key: &CallKey, job: &Job) -> Result<(), String> {
    let request: Value = serde_json::from_str(request.get())
        .map_err(|error| format!("its request cannot be read: {error}"))?;
    if !request.is_object() {
        return Err("its request is no JSON object".to_owned());
    }
    let name = job.model.as_str();
    if let Some(asked) = request.get("model").and_then(Value::as_str)
        && name != asked
        && !name.strip_suffix(asked).is_some_and(|before| before.ends_with(['/', ':']))
    {
        return Err(format!("its request asks the model {}, not {name}", said(asked, NAME)));
    }
    let last = job.messages.last().map_or("", |message| message.content.as_str());
    if !holds(&request, last) {
        return Err(format!("its request does not ask what call {key} asks"));
    }
    Ok(())
}

/// Whether a string in `value` holds `text`.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(all) => all.iter().any(|one| holds(one, text)),
        Value::Object(all) => all.values().any(|one| holds(one, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a job is the one that its key names, of a model that is served here; else what is wrong.
pub(crate) fn job(key: &CallKey, job: &Job) -> Result<(), String> {
    if CallKey::of(&job.model, &job.call()) == *key {
        Ok(())
    } else {
        Err(format!("call {}: it does not ask what its key says", said(key.as_str(), 64)))
    }
}

#[cfg(test)]
mod tests;
