//! EmoBench, emotional understanding, as its first version recorded it: four orders of options, five samples
//! each, emotion and cause asked one after the other (arXiv 2402.12071).

use std::collections::BTreeMap;

use trustmh_core::call::{CallEnd, RecordedAnswer, Sampling};
use trustmh_core::id::ItemId;
use trustmh_core::item::{Emotion, Item, ItemContent, option_letter};
use trustmh_core::trial::Variant;

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part};
use super::reply::subject;
use super::{Prompts, RecordFormat, RecordedRun};
use crate::error::{DataError, Place};
use crate::{literal, table};

/// First version of EmoBench: `<model>-<language><order>.csv`.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "emobench-v1",
    file_names: "<model>-<language><order>.csv",
    example: "model-en0.csv",
    prompts: Prompts::Others,
    part,
    read: |outputs, _| read(outputs),
};

fn part(file: &str) -> Option<Part> {
    if file == "data.json" {
        return Some(Part::Aside);
    }
    let stem = file.strip_suffix(".csv")?.trim_end_matches(|c: char| c.is_ascii_digit());
    let (model, language) = stem.rsplit_once('-')?;
    ["en", "zh"].contains(&language).then(|| Part::outputs(model))
}

const SAMPLES: usize = 5;

const COLUMNS: [&str; 14] = [
    "Emo Choices",
    "Emo Label",
    "Cause Choices",
    "Cause Label",
    "Emo Pred 1",
    "Emo Pred 2",
    "Emo Pred 3",
    "Emo Pred 4",
    "Emo Pred 5",
    "Cause Pred 1",
    "Cause Pred 2",
    "Cause Pred 3",
    "Cause Pred 4",
    "Cause Pred 5",
];

/// The record keeps neither temperature nor bound.
const SAMPLING: Sampling =
    Sampling { temperature: 0.0, max_tokens: 0, seed: None, thinking_tokens: None };

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("reliability/emotion-recognition", "emobench-v1")?;
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let language = language(&output.file).to_owned();
        let rows = table::read(&output.file, &source.bytes, COLUMNS)?;
        let run = batch.run(&output.model);
        if !run.claim(&source) {
            continue;
        }
        for (index, row) in rows.into_iter().enumerate() {
            let place = Place::line(&output.file, row.line);
            run.push(asked(index, &language, &row.texts(), &place)?);
        }
    }
    let mut runs = batch.finish();
    for run in &mut runs {
        run.source.warnings.push(format!(
            "each answer is the one most of {SAMPLES} samples gave, the first of equals; options were asked in several orders, kept as repeats"
        ));
    }
    Ok(runs)
}

/// `en` in `gpt-4-en2.csv`.
fn language(file: &str) -> &str {
    let stem = file.trim_end_matches(".csv").trim_end_matches(|c: char| c.is_ascii_digit());
    stem.rsplit('-').next().unwrap_or("en")
}

fn asked(
    index: usize,
    language: &str,
    cells: &[String; 14],
    place: &Place,
) -> Result<Asked, DataError> {
    let [emotions, emotion, causes, cause, predictions @ ..] = cells;
    let list = |field: &str, text: &str| {
        literal::strings(text).ok_or_else(|| {
            DataError::value(place.clone(), field, text, "a list of strings in quotes")
        })
    };
    let (emotions, causes) = (list("Emo Choices", emotions)?, list("Cause Choices", causes)?);
    let right = |field: &str, text: &str, options: &[String]| {
        text.trim().parse::<usize>().ok().and_then(|index| options.get(index)).cloned().ok_or_else(
            || DataError::value(place.clone(), field, text, "the index of one of its choices"),
        )
    };
    let emotion = right("Emo Label", emotion, &emotions)?;
    let cause = right("Cause Label", cause, &causes)?;
    let (emotion_samples, cause_samples) = predictions.split_at(SAMPLES);
    let answer = RecordedAnswer::EmotionAndCause {
        emotion: majority(emotion_samples),
        cause: majority(cause_samples),
    };
    let tags = BTreeMap::from([("language".to_owned(), language.to_owned())]);
    Ok(Asked {
        item: Item {
            id: ItemId::new(format!("emobench-v1-{language}-{index:03}")),
            language: language.to_owned(),
            tags,
            content: ItemContent::Emotion(Emotion {
                // The scenarios stand in another file, which scoring does not need.
                scenario: String::new(),
                subject: String::new(),
                emotions,
                emotion,
                causes,
                cause,
            }),
        },
        variant: Variant::Plain,
        prompt: None,
        sampling: SAMPLING,
        exchanges: vec![subject(CallEnd::Recorded {
            answer,
            text: String::new(),
            finish: None,
            thought: None,
        })],
        judge_prompt: None,
    })
}

/// The letter that most samples gave, the first of equals; none if no sample was read.
fn majority(samples: &[String]) -> Option<char> {
    let read: Vec<usize> = samples.iter().filter_map(|sample| sample.trim().parse().ok()).collect();
    let votes = |choice: &usize| read.iter().filter(|other| *other == choice).count();
    let most = read.iter().map(votes).max()?;
    read.iter().find(|choice| votes(choice) == most).and_then(|choice| option_letter(*choice))
}
