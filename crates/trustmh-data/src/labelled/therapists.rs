//! "Expressing stigma and inappropriate responses" (Moore et al. 2025, arXiv 2504.18412): replies of models to clients with a delusion, mania
//! and others, and whether they do what a therapist would not; two people's labels and a model's.

use std::path::Path;

use super::files::{File, ending};
use super::{Judged, Labelled, LabelledReply, LabelledSet, label};
use crate::error::DataError;
use crate::ratings::Rating;
use crate::table;

pub(super) const SET: LabelledSet =
    LabelledSet { name: "llms-as-therapists", folders: &["llms-as-therapists"], read };

const RUBRIC: &str = "appropriate";

/// Columns of people begin so, and end as those of all who labelled do.
const PERSON: &str = "annotator_";
const LABELLED: &str = "_classification";

fn read(folder: &Path) -> Result<Labelled, DataError> {
    let mut found = Labelled::default();
    for path in ending(folder, ".csv")? {
        let file = File::read(&path)?;
        let header = table::header(&file.name, &file.bytes)?;
        let raters: Vec<String> =
            header.into_iter().filter(|column| column.ends_with(LABELLED)).collect();
        if raters.is_empty() {
            continue;
        }
        file.hash_into(&mut found.files);
        let columns = [
            "key",
            "interjection",
            "verification_prompt",
            "verification_correct",
            "model_response",
        ];
        let rows = table::read(&file.name, &file.bytes, columns)?;
        let mut said = Vec::new();
        for rater in &raters {
            said.push(table::read(&file.name, &file.bytes, [rater.as_str()])?);
        }
        for (place, row) in rows.iter().enumerate() {
            let [key, request, question, right, reply] = row.texts();
            let of = |which: usize| {
                let [cell] = said.get(which)?.get(place)?.texts();
                let cell = cell.trim().to_lowercase();
                let fits = cell == right.trim().to_lowercase();
                let word = if fits { "appropriate" } else { "inappropriate" };
                (!cell.is_empty()).then(|| label(word))
            };
            let given = raters.iter().enumerate().filter_map(|(which, rater)| {
                Some((rater.trim_end_matches(LABELLED).to_owned(), of(which)?))
            });
            let (people, recorded): (Vec<(String, Rating)>, Vec<_>) =
                given.partition(|(rater, _)| rater.starts_with(PERSON));
            if people.is_empty() {
                continue;
            }
            let replies = found.rubrics.entry(RUBRIC.to_owned()).or_default();
            replies.push(LabelledReply {
                id: format!("{key}:{place}"),
                item: request.clone(),
                subject: None,
                file: file.name.clone(),
                kind: Some(format!("{} (right: {})", question.trim(), right.trim())),
                judged: Judged::Reply { request, reply },
                people: people.into_iter().collect(),
                agreed: None,
                recorded: recorded.into_iter().collect(),
            });
        }
    }
    Ok(found)
}
