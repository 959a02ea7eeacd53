//! MentalAlign: clinicians' and a model's ratings, 1 to 5, of replies that are not given out.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

use super::files::{File, ending};
use super::{Judged, Labelled, LabelledReply, LabelledSet};
use crate::error::DataError;
use crate::mapped::sheet;
use crate::ratings::Rating;

pub(super) const SET: LabelledSet =
    LabelledSet { name: "mentalalign", folders: &["mentalalign"], read };

const ATTRIBUTES: [&str; 7] = [
    "Guidance",
    "Informativeness",
    "Relevance",
    "Safety",
    "Empathy",
    "Helpfulness",
    "Understanding",
];

/// Who rated, by how the file's name begins, and how its columns begin.
const HUMAN: (&str, &str) = ("Human", "human_response_");
const JUDGE: (&str, &str) = ("_llm_judge", "judge_response_");

type Cells = BTreeMap<(String, String), Map<String, Value>>;

fn read(folder: &Path) -> Result<Labelled, DataError> {
    let mut found = Labelled::default();
    let (mut people, mut judges): (Cells, Vec<(String, Cells)>) = (Cells::new(), Vec::new());
    for path in ending(folder, ".xlsx")? {
        let file = File::read(&path)?;
        let (is_human, judge) = (file.name.starts_with(HUMAN.0), file.name.split_once(JUDGE.0));
        if !is_human && judge.is_none() {
            continue;
        }
        file.hash_into(&mut found.files);
        let prefix = if is_human { HUMAN.1 } else { JUDGE.1 };
        let mut broken = 0;
        let cells = cells(&file, prefix, &mut broken)?;
        if broken > 0 {
            found.warnings.push(format!(
                "{}: {broken} cells are empty or no JSON, and are left out",
                file.name
            ));
        }
        match judge {
            Some((name, _)) => judges.push((name.to_owned(), cells)),
            None => people = cells,
        }
    }
    for ((conversation, subject), said) in &people {
        for attribute in ATTRIBUTES {
            let of = |cells: &Map<String, Value>| cells.get(attribute).and_then(Value::as_f64);
            let Some(score) = of(said) else { continue };
            let key = (conversation.clone(), subject.clone());
            let recorded = judges.iter().filter_map(|(judge, cells)| {
                Some((judge.clone(), Rating::Score(of(cells.get(&key)?)?)))
            });
            let recorded: BTreeMap<_, _> = recorded.collect();
            found.rubrics.entry(attribute.to_lowercase()).or_default().push(LabelledReply {
                id: format!("{conversation}:{subject}"),
                item: conversation.clone(),
                subject: Some(subject.clone()),
                file: "Human_judge.xlsx".to_owned(),
                kind: None,
                judged: Judged::RatingsAlone,
                people: BTreeMap::from([("clinician".to_owned(), Rating::Score(score))]),
                agreed: None,
                recorded,
            });
        }
    }
    Ok(found)
}

fn cells(file: &File, prefix: &str, broken: &mut u64) -> Result<Cells, DataError> {
    let mut found = Cells::new();
    for (_, row) in sheet::rows(&file.name, &file.bytes)? {
        let conversation = row.get("ConvID").cloned().unwrap_or_default();
        for (column, cell) in &row {
            let Some(subject) = column.trim().strip_prefix(prefix) else { continue };
            // Cells of the judge stand in a fence of Markdown.
            let bare = cell.trim().trim_start_matches("```json").trim_matches('`').trim();
            match serde_json::from_str::<Map<String, Value>>(bare) {
                Ok(said) => drop(found.insert((conversation.clone(), subject.to_owned()), said)),
                Err(_) => *broken += 1,
            }
        }
    }
    Ok(found)
}
