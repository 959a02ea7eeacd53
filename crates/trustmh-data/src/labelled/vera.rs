//! VERA-MH's human validation (arXiv 2602.05088): clinicians' ratings of conversations on five dimensions.

use std::path::Path;

use super::files::{File, ending};
use super::{Judged, Labelled, LabelledReply, LabelledSet, label};
use crate::error::DataError;
use crate::record::{Beside, RecordFormat, RecordedRun};

pub(super) const SET: LabelledSet = LabelledSet { name: "vera-mh", folders: &["vera-mh"], read };

const FORMAT: &str = "vera-mh";

fn read(folder: &Path) -> Result<Labelled, DataError> {
    let mut found = Labelled::default();
    let tables = ending(folder, ".csv")?;
    let named = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        name.contains("ratings")
    };
    let conversations = folder.join("conversations");
    let (Some(ratings), Some(format), true) =
        (tables.iter().find(named), RecordFormat::named(FORMAT), conversations.is_dir())
    else {
        return Ok(found);
    };
    File::read(ratings)?.hash_into(&mut found.files);
    let beside = Beside { ratings: Some(ratings.clone()), ..Beside::default() };
    for run in format.read(&[conversations], &beside)? {
        found.files.extend(run.source.files.clone());
        found.warnings.extend(run.source.warnings.clone());
        add(&mut found, run);
    }
    found.warnings.sort();
    found.warnings.dedup();
    Ok(found)
}

fn add(found: &mut Labelled, run: RecordedRun) {
    for mut recorded in run.trials {
        let by: Vec<_> = run.ratings.iter().filter(|r| r.trial == recorded.trial.id).collect();
        // What clinicians said stands in the record as a verdict: whoever is held against it must not be given it.
        recorded
            .exchanges
            .retain(|one| !matches!(one.purpose, trustmh_core::call::Purpose::Judge { .. }));
        let dimensions = by.iter().flat_map(|rating| rating.values.keys());
        let dimensions: std::collections::BTreeSet<&String> = dimensions.collect();
        for dimension in dimensions {
            let given = by.iter().filter_map(|rating| {
                Some((rating.rater.clone(), label(&rating.values.get(dimension)?.to_lowercase())))
            });
            let reply = LabelledReply {
                id: recorded.trial.id.to_string(),
                item: recorded.trial.cluster().to_string(),
                subject: Some(run.model.to_string()),
                file: recorded.trial.item.id.to_string(),
                kind: None,
                judged: Judged::Conversation(Box::new(recorded.clone())),
                people: given.collect(),
                agreed: None,
                recorded: Default::default(),
            };
            found.rubrics.entry(dimension.clone()).or_default().push(reply);
        }
    }
}
