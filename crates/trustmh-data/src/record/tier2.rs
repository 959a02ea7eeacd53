//! ConfAIde tier 2 as the TrustMH-Bench release recorded it: ratings already read from replies.

use serde::Deserialize;
use trustmh_core::call::{CallEnd, RecordedAnswer};
use trustmh_core::item::PrivacyTier;
use trustmh_core::trial::Variant;

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part, inner};
use super::reply::subject;
use super::tier1::SAMPLING;
use super::{Prompts, RecordFormat, RecordedRun};
use crate::error::DataError;
use crate::published::{rating, split_line};

/// ConfAIde tier 2 of that release: `final_report_<model>_data_tier_2a_nsamples_1.json` and the
/// same of 2b.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "trustmh-privacy-tier2",
    file_names: "final_report_<model>_data_tier_{2a,2b}_nsamples_<n>.json",
    example: "final_report_model_data_tier_2a_nsamples_1.json",
    prompts: Prompts::OfThePublication,
    part,
    read: |outputs, _| read(outputs),
};

/// What stands before the tier in file names.
const TIER: &str = "_data_tier_";

fn part(file: &str) -> Option<Part> {
    let (model, rest) = inner(file, "final_report_", ".json")?.split_once(TIER)?;
    ["2a", "2b"].iter().any(|tier| rest.starts_with(tier)).then(|| Part::outputs(model))
}

/// Items of tier 2a, and of 2b.
const ITEMS: usize = 98;

#[derive(Deserialize)]
struct Row {
    id: u32,
    info: String,
    human: f64,
    model: Option<f64>,
}

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("privacy/awareness", "confaide")?;
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let rows: Vec<Row> = source.json()?;
        let run = batch.run(&output.model);
        if run.claim(&source) {
            read_rows(run, rows, output);
        }
    }
    Ok(batch.finish())
}

fn read_rows(run: &mut RecordedRun, rows: Vec<Row>, output: &Output) {
    let story = output.file.contains(&format!("{TIER}2b"));
    let tier = if story { PrivacyTier::Story } else { PrivacyTier::Flow };
    if rows.len() < ITEMS {
        run.source.warnings.push(format!(
            "tier {}: {} of {ITEMS} items; the release ran tier 2 on the first 20 only",
            tier.label(),
            rows.len()
        ));
    }
    let unread = rows.iter().filter(|row| row.model.is_none()).count();
    if unread > 0 {
        run.source.warnings.push(format!("tier {}: {unread} answers were not read", tier.label()));
    }
    for row in rows {
        // The report of 2b keeps the whole line, that of 2a the statement without its beginning.
        let (instruction, statement) = match split_line(&row.info) {
            Some((instruction, statement)) => (Some(instruction), statement),
            None => (None, row.info.as_str()),
        };
        let answer = RecordedAnswer::Rating(row.model);
        run.push(Asked {
            item: rating(tier, row.id, instruction, statement, row.human),
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
        });
    }
}
