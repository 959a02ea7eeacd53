//! ConfAIde tier 2 as the TrustMH-Bench release recorded it: ratings already read from replies.

use serde::Deserialize;
use trustmh_core::call::{CallEnd, RecordedAnswer};
use trustmh_core::item::PrivacyTier;
use trustmh_core::trial::Variant;

use super::RecordedRun;
use super::batch::{Asked, Batch, Source};
use super::path::{Output, TIER_2};
use super::reply::subject;
use super::tier1::SAMPLING;
use crate::error::DataError;
use crate::published::{rating, split_line};

/// Items of tier 2a, and of 2b.
const ITEMS: usize = 98;

#[derive(Deserialize)]
struct Row {
    id: u32,
    info: String,
    human: f64,
    model: Option<f64>,
}

pub(super) fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
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
    let story = output.file.contains(&format!("{TIER_2}2b"));
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
