//! Generated supporter turns of an earlier dialogue model, with the human turns (`gen.json`).

use serde::Deserialize;
use std::collections::BTreeMap;

use trustmh_core::call::{CallEnd, Finish, Reply, Sampling};
use trustmh_core::id::ItemId;
use trustmh_core::item::{Dialogue, Item, ItemContent, Speaker, Turn};
use trustmh_core::trial::Variant;

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part};
use super::reply::subject;
use super::{Prompts, RecordFormat, RecordedRun};
use crate::error::DataError;

/// Generated turns on ESConv: `gen.json`, beside `metric.json`.
pub(super) const FORMAT: RecordFormat = RecordFormat {
    name: "esconv-generations",
    file_names: "gen.json",
    example: "gen.json",
    prompts: Prompts::Others,
    part,
    read: |outputs, _| read(outputs),
};

/// The record does not say which model spoke.
const MODEL: &str = "esconv-generations";

fn part(file: &str) -> Option<Part> {
    match file {
        "gen.json" => Some(Part::outputs(MODEL)),
        "metric.json" => Some(Part::beside(MODEL)),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Row {
    sample_id: u32,
    post: String,
    response: String,
    generation: String,
}

fn read(outputs: &[Output]) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new("reliability/emotional-support", "esconv-generations")?;
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let rows: Vec<Row> = source.json()?;
        let run = batch.run(&output.model);
        if run.claim(&source) {
            for rows in rows.chunk_by(|a, b| a.sample_id == b.sample_id) {
                dialogue(rows).into_iter().for_each(|asked| run.push(asked));
            }
            run.source.warnings.push(
                "the record names no model, and of each dialogue it has only the turns asked for and those before them".to_owned(),
            );
        }
    }
    Ok(batch.finish())
}

/// The recorded turns of one dialogue; what was said between them is not in the record.
fn dialogue(rows: &[Row]) -> Vec<Asked> {
    let turn = |speaker, text: &String| Turn { speaker, text: text.clone() };
    let turns: Vec<Turn> = rows
        .iter()
        .flat_map(|row| [turn(Speaker::Seeker, &row.post), turn(Speaker::Supporter, &row.response)])
        .collect();
    let asked = rows.iter().enumerate().map(|(index, row)| {
        let finish = Finish::Other("not recorded".to_owned());
        let reply = Reply::new(row.generation.clone(), finish, None);
        Asked {
            item: Item {
                id: ItemId::new(format!("esconv-generation-{:04}", row.sample_id)),
                language: "en".to_owned(),
                tags: BTreeMap::new(),
                content: ItemContent::Dialogue(Dialogue {
                    situation: String::new(),
                    turns: turns.clone(),
                }),
            },
            variant: Variant::Turn(2 * index + 1),
            prompt: None,
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: 0,
                seed: None,
                thinking_tokens: None,
            },
            exchanges: vec![subject(CallEnd::Replied(reply))],
            judge_prompt: None,
        }
    });
    asked.collect()
}
