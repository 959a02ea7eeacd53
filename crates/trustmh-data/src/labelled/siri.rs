//! SIRI-2 (Neimeyer & Bonnelle 1997): helpers' replies to remarks of clients, with the mean rating of experts, -3 to 3.

use std::path::Path;

use trustmh_core::id::DatasetId;
use trustmh_core::item::ItemContent;

use super::files::File;
use super::{Judged, Labelled, LabelledReply, LabelledSet};
use crate::error::DataError;
use crate::published::{Decoding, PublishedSet};
use crate::ratings::Rating;

pub(super) const SET: LabelledSet = LabelledSet { name: "siri-2", folders: &["siri-2"], read };

const FILES: [&str; 2] = ["siri2_items.json", "siri2_expert_scores.csv"];

const RUBRIC: &str = "helper-reply";

fn read(folder: &Path) -> Result<Labelled, DataError> {
    let mut found = Labelled::default();
    let paths = FILES.map(|name| folder.join(name));
    let all_there = paths.iter().all(|path| path.is_file());
    let (Some(set), Some(data), true) =
        (PublishedSet::with_id(&DatasetId::new("siri-2")), folder.parent(), all_there)
    else {
        return Ok(found);
    };
    for path in &paths {
        File::read(path)?.hash_into(&mut found.files);
    }
    let read = set.read(data, Decoding::Repaired)?;
    found.warnings = read.source.warnings;
    for item in read.items {
        let ItemContent::Rated(rated) = item.content else { continue };
        let Some(reply) = rated.reply else { continue };
        found.rubrics.entry(RUBRIC.to_owned()).or_default().push(LabelledReply {
            id: item.id.to_string(),
            item: rated.text.clone(),
            subject: None,
            file: "siri2_items.json".to_owned(),
            kind: None,
            judged: Judged::Reply { request: rated.text, reply },
            people: Default::default(),
            agreed: Some(Rating::Score(rated.key)),
            recorded: Default::default(),
        });
    }
    Ok(found)
}
