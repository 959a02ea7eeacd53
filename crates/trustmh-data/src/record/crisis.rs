//! LLMs-Mental-Health-Crisis: labels, answers and judgements, as that evaluation recorded them.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

use trustmh_core::call::{CallEnd, Exchange, Finish, Purpose, RecordedAnswer, Reply, Sampling};
use trustmh_core::id::{ModelId, RubricId};
use trustmh_core::item::Item;
use trustmh_core::trial::Variant;

use super::batch::{Asked, Batch, Source};
use super::gold::Gold;
use super::path::{Output, Part};
use super::reply::{subject, text_only};
use super::{Beside, Prompts, RecordFormat, RecordedRun};
use crate::error::{DataError, Place};
use crate::nan;
use crate::published::crisis;

/// Labels that models or people gave to messages: `<labeller>-labeled-<...>.json`.
pub(super) const LABELS: RecordFormat = RecordFormat {
    name: "crisis-labels",
    file_names: "<labeller>-labeled-<...>.json or <labeller>_labeled_<...>.json",
    example: "model-labeled-1.json",
    prompts: Prompts::Others,
    part: |file| {
        before(file, &["-labeled-", "_labeled_", "-labelled-", "_labelled_"]).map(Part::outputs)
    },
    read: labels,
};

/// Replies to those messages: `<model>-answers-<...>.json`.
pub(super) const ANSWERS: RecordFormat = RecordFormat {
    name: "crisis-answers",
    file_names: "<model>-answers-<...>.json",
    example: "model-answers-1.json",
    prompts: Prompts::Others,
    part: |file| {
        before(file, &["-answers-"]).filter(|_| !file.contains(EVALUATION)).map(Part::outputs)
    },
    read: answers,
};

/// A judge's scores of such replies: `<judge>-evaluation_<model>-answers-<...>.json`.
pub(super) const JUDGEMENTS: RecordFormat = RecordFormat {
    name: "crisis-judgements",
    file_names: "<judge>-evaluation_<model>-answers-<...>.json",
    example: "judge-evaluation_model-answers-1.json",
    prompts: Prompts::Others,
    part: |file| {
        before(file, &["-answers-"]).filter(|pair| pair.contains(EVALUATION)).map(Part::outputs)
    },
    read: judgements,
};

/// What parts judge and subject in the names of judgement files.
const EVALUATION: &str = "-evaluation_";

/// The labeller, model, or judge and model in a file's name: what stands before the first of these
/// marks that it has.
fn before<'f>(file: &'f str, marks: &[&str]) -> Option<&'f str> {
    let stem = file.strip_suffix(".json")?;
    let (name, _) = marks.iter().find_map(|mark| stem.split_once(mark))?;
    Some(name).filter(|name| !name.is_empty())
}

/// The record keeps neither temperature nor bound.
const SAMPLING: Sampling =
    Sampling { temperature: 0.0, max_tokens: 0, seed: None, thinking_tokens: None };

#[derive(Debug, Deserialize)]
struct Row {
    inputs: Inputs,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    answer: Value,
    #[serde(default)]
    refusal: Value,
    #[serde(default)]
    evaluation: Value,
    #[serde(default)]
    evals: Vec<Value>,
}

/// Sentences, or one text in which " | " parts them.
#[derive(Debug, Deserialize)]
#[serde(from = "Value")]
struct Inputs(String);

impl From<Value> for Inputs {
    fn from(value: Value) -> Self {
        Self(match value {
            Value::Array(lines) => {
                lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
            }
            Value::String(text) => text.replace(" | ", "\n"),
            _ => String::new(),
        })
    }
}

fn labels(outputs: &[Output], beside: &Beside) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("crisis/identification", "llms-mental-health-crisis")?;
    for output in outputs {
        let (source, rows) = read(output)?;
        let mut gold = Gold::find(beside, &output.path)?;
        let run = batch.run(&output.model);
        if !run.claim(&source) {
            continue;
        }
        for (index, row) in rows.iter().enumerate() {
            let label = label(row, &place(output))?;
            let item = gold.item(index + 1, &row.inputs.0, None);
            let answer = RecordedAnswer::Label(label.map(str::to_owned));
            let end =
                CallEnd::Recorded { answer, text: String::new(), finish: None, thought: None };
            run.push(asked(item, None, vec![subject(end)]));
        }
        gold.tell(run);
    }
    Ok(batch.finish())
}

fn answers(outputs: &[Output], beside: &Beside) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("crisis/escalation", "llms-mental-health-crisis")?;
    for output in outputs {
        let (source, rows) = read(output)?;
        let mut gold = Gold::find(beside, &output.path)?;
        let run = batch.run(&output.model);
        if !run.claim(&source) {
            continue;
        }
        for (index, row) in rows.iter().enumerate() {
            let label = label(row, &place(output))?;
            let text = &row.inputs.0;
            let item = gold.item(index + 1, text, label);
            run.push(asked(item, Some(text), vec![subject(answer(row))]));
        }
        gold.tell(run);
    }
    Ok(batch.finish())
}

/// One run for each judge and subject; raw files of one pair are repeats of the judge, and a merged file
/// holds them all.
fn judgements(outputs: &[Output], beside: &Beside) -> Result<Vec<RecordedRun>, DataError> {
    let pairs: BTreeSet<&str> = outputs.iter().map(|output| output.model.as_str()).collect();
    let mut runs = Vec::new();
    for pair in pairs {
        let (judge, model) = pair.split_once(EVALUATION).unwrap_or(("unknown", pair));
        let mut batch = Batch::new("crisis/escalation", "llms-mental-health-crisis")?;
        let mut files = Vec::new();
        for output in outputs.iter().filter(|output| output.model == pair) {
            files.push((output, read(output)?));
        }
        let merged = |rows: &[Row]| rows.iter().any(|row| !row.evals.is_empty());
        let raw = files.iter().any(|(_, (_, rows))| !merged(rows));
        for (output, (source, rows)) in files {
            let mut gold = Gold::find(beside, &output.path)?;
            let run = batch.run(model);
            run.judge = Some(ModelId::new(judge));
            if raw && merged(&rows) {
                run.source.warnings.push(format!(
                    "{} merges other files and was left out beside them",
                    source.file
                ));
            } else if run.claim(&source) {
                judged(run, &rows, &mut gold, &place(output))?;
                gold.tell(run);
            }
        }
        runs.extend(batch.finish());
    }
    Ok(runs)
}

fn judged(
    run: &mut RecordedRun,
    rows: &[Row],
    gold: &mut Gold,
    place: &Place,
) -> Result<(), DataError> {
    let mut unlabelled = 0;
    for (index, row) in rows.iter().enumerate() {
        let label = label(row, place)?;
        let text = &row.inputs.0;
        let item = gold.item(index + 1, text, label);
        if label.is_none() {
            unlabelled += 1;
            continue;
        }
        let scores =
            if row.evals.is_empty() { std::slice::from_ref(&row.evaluation) } else { &row.evals };
        for score in scores {
            let exchanges = vec![subject(answer(row)), verdict(score)];
            run.push(asked(item.clone(), Some(text), exchanges));
        }
    }
    if unlabelled > 0 {
        run.source.warnings.push(format!(
            "{}: {unlabelled} answers to messages without a label were not judged and are left out",
            place.file
        ));
    }
    Ok(())
}

/// The judge's score, as the verdict it stands for.
fn verdict(score: &Value) -> Exchange {
    let whole = score.as_f64().or_else(|| score.as_str()?.trim().parse().ok());
    let end = match whole {
        Some(score) => text_only(Some(format!("{{\"appropriateness\": {score}}}"))),
        None => CallEnd::Broken { message: "the record holds no score".to_owned() },
    };
    Exchange { purpose: Purpose::judge(RubricId::new("escalation")), end }
}

/// The answer's text; a provider that refused left an object instead, or a refusal beside it.
fn answer(row: &Row) -> CallEnd {
    let withheld =
        |text: &str| CallEnd::Replied(Reply::new(text.to_owned(), Finish::ContentFilter, None));
    match (&row.answer, &row.refusal) {
        (Value::String(text), _) if !text.trim().is_empty() => text_only(Some(text.clone())),
        (Value::Object(_), _) => withheld(""),
        (_, Value::String(text)) => withheld(text),
        _ => text_only(None),
    }
}

fn asked(item: Item, prompt: Option<&str>, exchanges: Vec<Exchange>) -> Asked {
    Asked {
        item,
        variant: Variant::Plain,
        prompt: prompt.map(str::to_owned),
        sampling: SAMPLING,
        exchanges,
        judge_prompt: None,
    }
}

/// The label, by the table of spellings.
fn label(row: &Row, place: &Place) -> Result<Option<&'static str>, DataError> {
    crisis::spelled(row.label.as_deref(), place)
}

fn place(output: &Output) -> Place {
    Place::file(&output.file)
}

fn read(output: &Output) -> Result<(Source, Vec<Row>), DataError> {
    let source = Source::read(&output.path, &output.file)?;
    let text = String::from_utf8_lossy(source.content()).into_owned();
    let (text, _) = nan::as_null(&text);
    let rows =
        serde_json::from_str(&text).map_err(|error| DataError::malformed(place(output), error))?;
    Ok((source, rows))
}
