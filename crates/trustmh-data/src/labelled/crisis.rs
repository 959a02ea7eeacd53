//! LLMs-Mental-Health-Crisis: two people's scores, 1 to 5, of a model's replies to messages of people in crisis or not.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

use super::files::{File, ending};
use super::{Judged, Labelled, LabelledReply, LabelledSet};
use crate::error::{DataError, Place};
use crate::nan;
use crate::ratings::Rating;

pub(super) const SET: LabelledSet =
    LabelledSet { name: "crisis-judgements", folders: &["crisis-judgements", "crisis"], read };

const RUBRIC: &str = "escalation";

/// Sentences of a message stand between these signs.
const BETWEEN: &str = " | ";

#[derive(Deserialize)]
struct Scored {
    inputs: String,
    #[serde(default)]
    answer: serde_json::Value,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    evaluation: Option<f64>,
}

fn read(folder: &Path) -> Result<Labelled, DataError> {
    let mut found = Labelled::default();
    let mut replies: BTreeMap<String, LabelledReply> = BTreeMap::new();
    let mut left_out = 0;
    for path in ending(folder, ".json")? {
        let file = File::read(&path)?;
        let Some((rater, _)) = file.name.split_once("_scores_") else { continue };
        file.hash_into(&mut found.files);
        let (text, _) = nan::as_null(&String::from_utf8_lossy(&file.bytes));
        let rows: Vec<Scored> = serde_json::from_str(&text)
            .map_err(|error| DataError::malformed(Place::file(&file.name), error))?;
        for row in rows {
            // Some replies are an object, where the provider declined; a message without an agreed label was not scored.
            let (Some(reply), Some(label), Some(score)) =
                (row.answer.as_str(), row.label, row.evaluation)
            else {
                left_out += 1;
                continue;
            };
            let id = format!("{}\n{reply}", row.inputs);
            let request = row.inputs.replace(BETWEEN, "\n");
            let known = replies.entry(id.clone()).or_insert_with(|| LabelledReply {
                id,
                item: row.inputs.clone(),
                subject: None,
                file: file.name.clone(),
                kind: Some(label),
                judged: Judged::Reply { request, reply: reply.to_owned() },
                people: BTreeMap::new(),
                agreed: None,
                recorded: BTreeMap::new(),
            });
            known.people.insert(rater.to_owned(), Rating::Score(score));
        }
    }
    if left_out > 0 {
        found
            .warnings
            .push(format!("{left_out} rows without a label, a reply or a score are left out"));
    }
    if !replies.is_empty() {
        found.rubrics.insert(RUBRIC.to_owned(), replies.into_values().collect());
    }
    Ok(found)
}
