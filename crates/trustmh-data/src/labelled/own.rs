//! Users' own sets: tables with a row for each rating.
//!
//! Columns: `rubric` (the rubric's name, or one of its fields), `request`, `reply`, `rating`; and, where there are any, `rater`, `judge` (a
//! recorded judge gave the rating), `item`, `subject`, `kind` (the label of a message in crisis).

use std::collections::BTreeMap;
use std::path::Path;

use super::files::{File, ending};
use super::{Judged, Labelled, LabelledReply};
use crate::error::{DataError, Place};
use crate::ratings::Rating;
use crate::table;

const NEEDED: [&str; 4] = ["rubric", "request", "reply", "rating"];

/// The set in a folder; none if no table in it has the columns.
pub(super) fn read(folder: &Path) -> Result<Option<Labelled>, DataError> {
    let mut found = Labelled::default();
    let mut replies: BTreeMap<(String, String, String), LabelledReply> = BTreeMap::new();
    for path in ending(folder, ".csv")? {
        let file = File::read(&path)?;
        let Ok(header) = table::header(&file.name, &file.bytes) else { continue };
        let has = |column: &str| header.iter().any(|known| known == column);
        if !NEEDED.iter().all(|column| has(column)) {
            continue;
        }
        file.hash_into(&mut found.files);
        let rows = table::read(&file.name, &file.bytes, NEEDED)?;
        let mut beside = BTreeMap::new();
        for column in ["rater", "judge", "item", "subject", "kind"].into_iter().filter(|c| has(c)) {
            beside.insert(column, table::read(&file.name, &file.bytes, [column])?);
        }
        for (place, row) in rows.iter().enumerate() {
            let [rubric, request, reply, rating] = row.texts();
            let cell = |column: &str| {
                let [text] = beside.get(column)?.get(place)?.texts();
                Some(text.trim().to_owned()).filter(|text| !text.is_empty())
            };
            let Some(rating) = Rating::of(&rating) else {
                let place = Place::line(&file.name, row.line);
                return Err(DataError::value(place, "rating", &rating, "a number or a label"));
            };
            let key = (rubric.trim().to_owned(), request.clone(), reply.clone());
            let known = replies.entry(key).or_insert_with(|| LabelledReply {
                id: format!("{}:{}", file.name, row.line),
                item: cell("item").unwrap_or_else(|| request.clone()),
                subject: cell("subject"),
                file: file.name.clone(),
                kind: cell("kind"),
                judged: Judged::Reply { request, reply },
                people: BTreeMap::new(),
                agreed: None,
                recorded: BTreeMap::new(),
            });
            match cell("judge") {
                Some(judge) => drop(known.recorded.insert(judge, rating)),
                None => {
                    let rater = cell("rater").unwrap_or_else(|| "person".to_owned());
                    known.people.insert(rater, rating);
                }
            }
        }
    }
    for ((rubric, _, _), reply) in replies {
        if !reply.people.is_empty() {
            found.rubrics.entry(rubric).or_default().push(reply);
        }
    }
    Ok((!found.rubrics.is_empty()).then_some(found))
}
