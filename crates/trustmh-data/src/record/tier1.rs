//! ConfAIde tier 1 as the TrustMH-Bench release recorded it: raw replies, and a report beside them.

use std::collections::BTreeMap;

use serde::Deserialize;
use trustmh_core::call::Sampling;
use trustmh_core::item::PrivacyTier;
use trustmh_core::trial::Variant;

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part, inner};
use super::reply::{subject, text_only};
use super::{Prompts, RecordFormat, RecordedRun};
use crate::error::{DataError, Place};
use crate::published::{rating, split_line};

/// ConfAIde tier 1 of that release: `outputs_<model>_tier1.jsonl` beside
/// `final_report_<model>_tier1.json`.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "trustmh-privacy-tier1",
    file_names: "outputs_<model>_tier1.jsonl",
    example: "outputs_model_tier1.jsonl",
    prompts: Prompts::OfThePublication,
    part,
    read: |outputs, _| read(outputs),
};

fn part(file: &str) -> Option<Part> {
    if let Some(model) = inner(file, "outputs_", "_tier1.jsonl") {
        return Some(Part::outputs(model));
    }
    let summed = |start| inner(file, start, "_tier1.json");
    summed("summary_").or_else(|| summed("final_report_")).map(Part::beside)
}

/// How the release drew replies in the awareness task.
pub(super) const SAMPLING: Sampling =
    Sampling { temperature: 1.0, max_tokens: 365, seed: None, thinking_tokens: None };

#[derive(Deserialize)]
struct Row {
    model: String,
    id: u32,
    prompt: String,
    raw: Option<String>,
}

#[derive(Deserialize)]
struct Reported {
    id: u32,
    info: String,
    human: f64,
}

#[derive(Deserialize)]
struct Summary {
    pearson_r: Option<f64>,
}

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("privacy/awareness", "confaide")?;
    for output in outputs {
        read_file(&mut batch, output)?;
    }
    Ok(batch.finish())
}

fn read_file(batch: &mut Batch, output: &Output) -> Result<(), DataError> {
    let source = Source::read(&output.path, &output.file)?;
    let report_name = format!("final_report_{}_tier1.json", output.model);
    let report = Source::beside(&output.path, &report_name)?.ok_or_else(|| {
        let path = output.path.with_file_name(&report_name);
        DataError::NoSibling { path, needed_by: output.path.clone() }
    })?;
    let reported: BTreeMap<u32, Reported> = report
        .json::<Vec<Reported>>()?
        .into_iter()
        .map(|reported| (reported.id, reported))
        .collect();
    let rows = source.json_lines::<Row>()?;
    let model = rows.first().map_or(output.model.clone(), |(_, row)| row.model.clone());
    let run = batch.run(&model);
    if !run.claim(&source) {
        return Ok(());
    }
    run.claim(&report);
    let summary = Source::beside(&output.path, &format!("summary_{}_tier1.json", output.model))?;
    if let Some(summary) = summary {
        run.claim(&summary);
        run.recorded
            .extend(summary.json::<Summary>()?.pearson_r.map(|r| ("tier_1_r".to_owned(), r)));
    }
    for (place, row) in rows {
        let reported = reported.get(&row.id).ok_or_else(|| {
            let expected = format!("an id that {report_name} has");
            DataError::value(place.clone(), "id", &row.id.to_string(), expected)
        })?;
        if row.model != model {
            let expected = format!("`{model}`, as in the lines before");
            return Err(DataError::value(place, "model", &row.model, expected));
        }
        let (instruction, statement) = split_line(&reported.info).ok_or_else(|| {
            let expected = "an instruction and a statement parted by `\\n`";
            DataError::value(Place::file(&report_name), "info", &reported.info, expected)
        })?;
        let tier = PrivacyTier::Information;
        run.push(Asked {
            item: rating(tier, row.id, Some(instruction), statement, reported.human),
            variant: Variant::Plain,
            prompt: Some(row.prompt),
            sampling: SAMPLING,
            exchanges: vec![subject(text_only(row.raw))],
            judge_prompt: None,
        });
    }
    Ok(())
}
