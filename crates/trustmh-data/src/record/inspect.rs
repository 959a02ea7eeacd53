//! Logs of Inspect AI (UK AI Security Institute), `.eval` and JSON: those that this program wrote come back whole; of others, samples
//! with choices and a letter as target, which mean the same as a question of reliability/knowledge.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use trustmh_core::call::{CallEnd, Exchange, Finish, Reply, Sampling};
use trustmh_core::id::{ItemId, ModelId, TaskId};
use trustmh_core::item::{Item, ItemContent, MultipleChoice};
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::{Trial, Variant};

use super::batch::{Asked, Batch, Source};
use super::path::Output;
use super::reply::subject;
use super::{RecordedRun, RecordedTrial};
use crate::error::{DataError, Place};

/// A log unpacked may be so large; what is larger is no log but an attack or a mistake.
const LARGEST: u64 = 4 << 30;

/// Foreign questions are recorded as questions of this task.
const KNOWLEDGE: &str = "reliability/knowledge";

/// What this program writes into the metadata of a sample, so that the trial comes back whole.
#[derive(Debug, Deserialize)]
struct Own {
    trial: Trial,
    exchanges: Vec<Exchange>,
    protocol: Protocol,
    judge: Option<ModelId>,
}

#[derive(Debug, Deserialize)]
struct Sample {
    id: Value,
    input: Value,
    #[serde(default)]
    choices: Option<Vec<String>>,
    target: Value,
    #[serde(default)]
    output: Option<ModelOutput>,
    #[serde(default)]
    metadata: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
struct ModelOutput {
    #[serde(default)]
    completion: String,
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Said,
}

#[derive(Debug, Deserialize)]
struct Said {
    content: Value,
}

/// The head of a log, in either form.
#[derive(Debug, Deserialize)]
struct Log {
    eval: Eval,
    #[serde(default)]
    samples: Vec<Sample>,
}

#[derive(Debug, Deserialize)]
struct Eval {
    model: String,
}

pub(super) fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut foreign = Batch::new(KNOWLEDGE, "inspect")?;
    let mut own: Vec<RecordedRun> = Vec::new();
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let log =
            if output.file.ends_with(".eval") { unpacked(&source)? } else { source.json()? };
        for sample in log.samples {
            let place = Place::file(&format!("{}, sample {}", output.file, named(&sample.id)));
            match sample.metadata.get("trustmh") {
                Some(trial) => {
                    let found: Own = serde_json::from_value(trial.clone())
                        .map_err(|error| DataError::malformed(place, error))?;
                    let run = own_run(&mut own, &log.eval.model, &found);
                    if run.source.files.is_empty() {
                        run.claim(&source);
                    }
                    run.trials.push(RecordedTrial {
                        trial: found.trial,
                        exchanges: found.exchanges,
                        judge_prompt: None,
                    });
                }
                None => {
                    let run = foreign.run(&log.eval.model);
                    if run.source.files.is_empty() {
                        run.claim(&source);
                    }
                    run.push(question(&sample, &place)?);
                }
            }
        }
    }
    let mut runs = foreign.finish();
    for run in &mut runs {
        run.source.warnings.push(
            "questions of another evaluation, read as those of reliability/knowledge: options as they stood, answers read anew"
                .to_owned(),
        );
    }
    for run in &mut own {
        let items: std::collections::BTreeSet<_> =
            run.trials.iter().map(|one| &one.trial.item.id).collect();
        run.source.records = items.len() as u64;
    }
    runs.extend(own);
    Ok(runs)
}

/// The run of a model, a task and a protocol, begun if there is none.
fn own_run<'r>(runs: &'r mut Vec<RecordedRun>, model: &str, found: &Own) -> &'r mut RecordedRun {
    let task: &TaskId = &found.trial.task;
    let at = runs
        .iter()
        .position(|run| {
            run.model.as_str() == model && run.task == *task && run.protocol == found.protocol
        })
        .unwrap_or_else(|| {
            runs.push(RecordedRun {
                judge: found.judge.clone(),
                protocol: found.protocol,
                ..RecordedRun::begun(ModelId::new(model), task.clone(), "inspect")
            });
            runs.len() - 1
        });
    &mut runs[at]
}

/// A `.eval` file: an archive with a head and a file for each sample.
fn unpacked(source: &Source) -> Result<Log, DataError> {
    let place = || Place::file(&source.file);
    let broken = |error: &dyn std::fmt::Display| DataError::Malformed {
        place: place(),
        message: error.to_string(),
    };
    let mut archive =
        zip::ZipArchive::new(Cursor::new(&source.bytes)).map_err(|error| broken(&error))?;
    let mut left = LARGEST;
    let mut text = |archive: &mut zip::ZipArchive<Cursor<&Vec<u8>>>, name: &str| {
        let entry = archive.by_name(name).map_err(|error| broken(&error))?;
        let mut bytes = Vec::new();
        let read = entry.take(left).read_to_end(&mut bytes).map_err(|error| broken(&error))?;
        left = left.saturating_sub(read as u64);
        if left == 0 {
            return Err(broken(&format!("it unpacks to more than {LARGEST} bytes")));
        }
        Ok(bytes)
    };
    let head = text(&mut archive, "header.json")?;
    let mut log: Log = serde_json::from_slice(&head).map_err(|error| broken(&error))?;
    let mut names: Vec<String> = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .filter(|name| name.starts_with("samples/") && name.ends_with(".json"))
        .collect();
    names.sort();
    for name in names {
        let bytes = text(&mut archive, &name)?;
        log.samples.push(serde_json::from_slice(&bytes).map_err(|error| DataError::Malformed {
            place: place(),
            message: format!("{name}: {error}"),
        })?);
    }
    Ok(log)
}

fn named(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn question(sample: &Sample, place: &Place) -> Result<Asked, DataError> {
    let options = sample.choices.clone().filter(|choices| choices.len() > 1).ok_or_else(|| {
        DataError::value(
            place.clone(),
            "choices",
            "nothing",
            "choices: only logs of this program, or of questions with choices, mean the same here",
        )
    })?;
    let letter = match &sample.target {
        Value::String(letter) => letter.trim().to_owned(),
        Value::Array(letters) => {
            letters.first().and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        other => other.to_string(),
    };
    let key = letter.chars().next().filter(|letter| {
        let index = u32::from(*letter).wrapping_sub(u32::from('A'));
        (index as usize) < options.len()
    });
    let key = key.filter(|_| letter.len() == 1).ok_or_else(|| {
        DataError::value(place.clone(), "target", &letter, "the letter of one of the choices")
    })?;
    let input = asked(&sample.input);
    let replied = sample.output.as_ref().map(completion).filter(|text| !text.is_empty());
    let end = match replied {
        Some(text) => CallEnd::Replied(Reply::new(text, Finish::Stop, None)),
        None => CallEnd::Broken { message: "the log has no reply".to_owned() },
    };
    Ok(Asked {
        item: Item {
            id: ItemId::new(format!("inspect-{}", named(&sample.id))),
            language: "en".to_owned(),
            tags: BTreeMap::new(),
            content: ItemContent::MultipleChoice(MultipleChoice {
                question: input.clone(),
                options,
                key,
                source: None,
            }),
        },
        variant: Variant::Plain,
        prompt: Some(input),
        sampling: Sampling { temperature: 0.0, max_tokens: 0, seed: None, thinking_tokens: None },
        exchanges: vec![subject(end)],
        judge_prompt: None,
    })
}

/// The input: a text, or messages.
fn asked(input: &Value) -> String {
    match input {
        Value::String(text) => text.clone(),
        Value::Array(messages) => {
            let contents = messages.iter().filter_map(|message| message.get("content"));
            contents.map(text_of).collect::<Vec<_>>().join("\n\n")
        }
        other => other.to_string(),
    }
}

fn completion(output: &ModelOutput) -> String {
    if output.completion.is_empty() {
        output.choices.first().map(|choice| text_of(&choice.message.content)).unwrap_or_default()
    } else {
        output.completion.clone()
    }
}

/// The text of a message: a string, or parts of which some are text.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
