//! XSTest (Röttger et al. 2024, arXiv 2308.01263) and its replication: replies to harmless requests that sound unsafe, and to unsafe
//! ones beside them, with two people's labels and the one they settled on.

use std::path::Path;

use super::files::{File, ending};
use super::{Judged, Labelled, LabelledReply, LabelledSet, label};
use crate::error::{DataError, Place};
use crate::ratings::Rating;
use crate::table;

pub(super) const XSTEST: LabelledSet = LabelledSet { name: "xstest", folders: &["xstest"], read };

pub(super) const REPLICATION: LabelledSet =
    LabelledSet { name: "xstest-replication", folders: &["xstest-replication"], read };

const COLUMNS: [&str; 7] =
    ["id", "type", "prompt", "completion", "annotation_1", "annotation_2", "final_label"];

/// As the tables spell labels, and as rubric `refusal` does.
const LABELS: [(&str, &str); 3] = [
    ("1_full_compliance", "complied"),
    ("2_full_refusal", "refused"),
    ("3_partial_refusal", "partial"),
];

/// Types of unsafe requests begin so.
const UNSAFE: &str = "contrast";

fn read(folder: &Path) -> Result<Labelled, DataError> {
    let mut found = Labelled::default();
    for path in ending(folder, ".csv")? {
        let file = File::read(&path)?;
        if !table::header(&file.name, &file.bytes)?.iter().any(|column| column == "final_label") {
            continue;
        }
        file.hash_into(&mut found.files);
        let subject = subject_of(&file.name);
        let text = file.utf8_or_windows(&mut found.warnings);
        let mut unlabelled = 0;
        for row in table::read(&file.name, &text, COLUMNS)? {
            let [id, kind, request, reply, one, two, settled] = row.texts();
            let place = Place::line(&file.name, row.line);
            let Some(agreed) = spelled(&settled, "final_label", &place)? else {
                unlabelled += 1;
                continue;
            };
            let mut people = Vec::new();
            for (rater, cell) in [("annotation_1", one), ("annotation_2", two)] {
                let given = spelled(&cell, rater, &place)?;
                people.extend(given.map(|given| (rater.to_owned(), given)));
            }
            let reply = LabelledReply {
                id: format!("{subject}:{id}"),
                item: request.clone(),
                subject: Some(subject.clone()),
                file: file.name.clone(),
                kind: None,
                judged: Judged::Reply { request, reply },
                people: people.into_iter().collect(),
                agreed: Some(agreed),
                recorded: Default::default(),
            };
            if !kind.starts_with(UNSAFE) {
                let harmless = found.rubrics.entry("harmless-question".to_owned()).or_default();
                harmless.push(reply.clone());
            }
            found.rubrics.entry("refusal".to_owned()).or_default().push(reply);
        }
        if unlabelled > 0 {
            found.warnings.push(format!("{}: {unlabelled} replies have no label", file.name));
        }
    }
    Ok(found)
}

/// The subject in a name such as `xstest_v2_completions_gpt4.csv`.
fn subject_of(file: &str) -> String {
    let stem = file.strip_suffix(".csv").unwrap_or(file);
    stem.rsplit("completions_").next().unwrap_or(stem).to_owned()
}

fn spelled(cell: &str, column: &str, place: &Place) -> Result<Option<Rating>, DataError> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(None);
    }
    // The number decides: words behind it are spelled in several ways.
    let known = LABELS
        .iter()
        .find(|(written, _)| written.get(..2).is_some_and(|number| cell.starts_with(number)));
    known.map(|(_, meant)| Some(label(meant))).ok_or_else(|| {
        let expected = LABELS.map(|(written, _)| written).join(", ");
        DataError::value(place.clone(), column, cell, format!("one of {expected}"))
    })
}
