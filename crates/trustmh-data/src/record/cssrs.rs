//! Levels of the Columbia scale that models gave to posts (arXiv 2505.13480): replies in one file, posts with
//! the levels people gave in another.

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::call::Sampling;
use trustmh_core::id::ItemId;
use trustmh_core::item::{Item, ItemContent, Labelled, ReleasedLabel};
use trustmh_core::trial::Variant;

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part};
use super::reply::{subject, text_only};
use super::{Beside, Prompts, RecordFormat, RecordedRun};
use crate::codebook::scheme;
use crate::error::{DataError, Place};
use crate::table;

/// Replies that give a level of the Columbia scale: `<model>_responses.jsonl`, with `labels.csv`.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "cssrs-llm",
    file_names: "<model>_responses.jsonl",
    example: "model_responses.jsonl",
    prompts: Prompts::Others,
    part: |file| file.strip_suffix("_responses.jsonl").map(Part::outputs),
    read,
};

/// A reply; fields in which the record keeps what it parsed itself are not looked at.
#[derive(Deserialize)]
struct Row {
    row: Option<u64>,
    response: Option<String>,
}

fn read(outputs: &[Output], beside: &Beside) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("crisis/severity", "cssrs-llm")?;
    let path = beside.labels.as_deref().ok_or(DataError::NoLabels { format: FORMAT.name })?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let labels = Source::read(path, &name.unwrap_or_default())?;
    let posts = posts(&labels)?;
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let rows: Vec<(Place, Row)> = source.json_lines()?;
        let run = batch.run(&output.model);
        if !run.claim(&source) {
            continue;
        }
        run.claim(&labels);
        let mut without_post = 0;
        for (place, row) in rows {
            let Some(number) = row.row else {
                without_post += 1;
                continue;
            };
            let item = posts.get(&number).cloned().ok_or_else(|| {
                let expected = format!("a row of {}", labels.file);
                DataError::value(place, "row", &number.to_string(), expected)
            })?;
            run.push(Asked {
                item,
                variant: Variant::Plain,
                prompt: None,
                sampling: Sampling {
                    temperature: 0.0,
                    max_tokens: 0,
                    seed: None,
                    thinking_tokens: None,
                },
                exchanges: vec![subject(text_only(row.response))],
                judge_prompt: None,
            });
        }
        if without_post > 0 {
            run.source.warnings.push(format!(
                "{}: {without_post} replies belong to no post of {} and are left out",
                output.file, labels.file
            ));
        }
    }
    Ok(batch.finish())
}

fn posts(labels: &Source) -> Result<BTreeMap<u64, Item>, DataError> {
    let mut posts = BTreeMap::new();
    for row in table::read(&labels.file, &labels.bytes, ["row", "content", "severity"])? {
        let [number, content, severity] = row.texts();
        let place = Place::line(&labels.file, row.line);
        let number: u64 = number
            .trim()
            .parse()
            .map_err(|_| DataError::value(place.clone(), "row", &number, "a whole number"))?;
        let columbia = scheme("columbia");
        let label = columbia
            .spelled(&severity)
            .ok_or_else(|| DataError::value(place, "severity", &severity, "a level from 0 to 6"))?;
        let content = ItemContent::Labelled(Labelled {
            scheme: columbia.name.clone(),
            earlier: Vec::new(),
            text: content,
            label: Some(label.to_owned()),
            released: ReleasedLabel::Same,
        });
        let id = ItemId::new(format!("cssrs-llm-{number:04}"));
        let language = "en".to_owned();
        posts.insert(number, Item { id, language, tags: BTreeMap::new(), content });
    }
    Ok(posts)
}
