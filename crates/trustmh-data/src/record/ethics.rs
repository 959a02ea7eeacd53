//! Ethical reasoning as the TrustMH-Bench release recorded it.

use std::collections::BTreeMap;

use serde::Deserialize;
use trustmh_core::call::{CallEnd, Exchange, Purpose, RecordedAnswer, Sampling};
use trustmh_core::id::{ModelId, RubricId};
use trustmh_core::trial::Variant;

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part};
use super::reply::{RecordedReply, subject};
use super::{Prompts, RecordFormat, RecordedRun, reply};
use crate::dilemma::DilemmaTexts;
use crate::error::{DataError, Place};

/// Ethical reasoning of the TrustMH-Bench release: `<model>-ethics_reasoning-<time>-<n>.json`.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "trustmh-ethics",
    file_names: "*.json",
    example: "model.json",
    prompts: Prompts::OfThePublication,
    part,
    read: |outputs, _| read(outputs),
};

fn part(file: &str) -> Option<Part> {
    match file.rsplit_once('.')? {
        (stem, "json") => Some(Part::outputs(stem)),
        (stem, "txt") => Some(Part::beside(stem)),
        _ => None,
    }
}

#[derive(Deserialize)]
struct File {
    model: String,
    judge_model: Option<String>,
    temperature: Option<f64>,
    results: Vec<Answered>,
    #[serde(default)]
    judged: Vec<Judged>,
    #[serde(default)]
    classification_metrics: BTreeMap<String, f64>,
    #[serde(default)]
    avg_scores: BTreeMap<String, Mean>,
}

#[derive(Deserialize)]
struct Answered {
    sample_id: u32,
    subcategory: String,
    scenario: String,
    options: String,
    reasoning_task: String,
    expected_reasoning: String,
    #[serde(default)]
    model_behavior: String,
    prompt: Option<String>,
    response: Option<RecordedReply>,
    model_choice_option: Option<String>,
    model_reasoning: Option<String>,
}

#[derive(Deserialize)]
struct Judged {
    sample_id: u32,
    judge_prompt: Option<String>,
    judge_raw: Option<RecordedReply>,
}

#[derive(Deserialize)]
struct Mean {
    mean: f64,
    ci_margin: f64,
}

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("ethics/reasoning", "ethicmh")?;
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let file: File = source.json()?;
        let run = batch.run(&file.model);
        if run.claim(&source) {
            read_file(run, file, &output.file)?;
        }
    }
    Ok(batch.finish())
}

fn read_file(run: &mut RecordedRun, file: File, name: &str) -> Result<(), DataError> {
    run.recorded.extend(figures(&file));
    let judge = file.judge_model.map(ModelId::new);
    if run.judge.is_some() && run.judge != judge {
        run.source
            .warnings
            .push(format!("{name} was judged by another model than the files before"));
    }
    run.judge = run.judge.take().or(judge);
    let sampling = Sampling {
        temperature: file.temperature.unwrap_or_default(),
        max_tokens: 0,
        seed: None,
        thinking_tokens: None,
    };
    let mut verdicts: BTreeMap<u32, Judged> =
        file.judged.into_iter().map(|judged| (judged.sample_id, judged)).collect();
    let (mut unjudged, mut unread) = (0_usize, 0_usize);
    for answered in file.results {
        let place = Place::file(&format!("{name}, sample {}", answered.sample_id));
        let verdict = verdicts.remove(&answered.sample_id);
        let (judge_prompt, verdict) =
            verdict.map_or((None, None), |judged| (judged.judge_prompt, judged.judge_raw));
        let texts = DilemmaTexts {
            theme: answered.subcategory,
            scenario: answered.scenario,
            options: answered.options,
            task: answered.reasoning_task,
            key: answered.expected_reasoning,
            watch_for: answered.model_behavior,
        };
        let item = texts.item(answered.sample_id, &place)?;
        let end = match (answered.response, answered.model_reasoning) {
            (Some(response), _) => response.end(),
            (None, Some(text)) => {
                let choice = answered.model_choice_option.as_deref().and_then(letter);
                unread += usize::from(choice.is_none());
                CallEnd::Recorded {
                    answer: RecordedAnswer::Choice(choice),
                    text,
                    finish: None,
                    thought: None,
                }
            }
            (None, None) => reply::text_only(None),
        };
        unjudged += usize::from(verdict.is_none());
        let verdict = verdict.map(|verdict| Exchange {
            purpose: Purpose::judge(RubricId::new("ethics-principles")),
            end: verdict.end(),
        });
        run.push(Asked {
            item,
            variant: Variant::Plain,
            prompt: answered.prompt,
            sampling,
            exchanges: [Some(subject(end)), verdict].into_iter().flatten().collect(),
            judge_prompt,
        });
    }
    for (count, what) in [
        (unjudged, "samples have no recorded verdict"),
        (unread, "samples have a recorded choice that is no single letter; it counts as unread"),
        (verdicts.len(), "verdicts belong to no sample and were dropped"),
    ] {
        if count > 0 {
            run.source.warnings.push(format!("{name}: {count} {what}"));
        }
    }
    Ok(())
}

fn letter(text: &str) -> Option<char> {
    let mut letters = text.trim().chars();
    let first = letters.next().filter(char::is_ascii_alphabetic)?;
    letters.next().is_none().then(|| first.to_ascii_uppercase())
}

/// Accuracy, and the judged means with half their interval's width.
fn figures(file: &File) -> BTreeMap<String, f64> {
    let mut figures = BTreeMap::new();
    if let Some(accuracy) = file.classification_metrics.get("accuracy") {
        figures.insert("accuracy".to_owned(), *accuracy);
    }
    for (name, score) in file.avg_scores.iter().filter(|(name, _)| name.starts_with("sc")) {
        figures.insert(name.clone(), score.mean);
        figures.insert(format!("{name}_half_width"), score.ci_margin);
    }
    figures
}
