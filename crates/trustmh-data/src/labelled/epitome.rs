//! EPITOME (Sharma et al. 2020, arXiv 2009.08441): peers' replies to posts of people who seek support, with the level of three ways to
//! show empathy.

use std::path::Path;

use super::files::{File, ending};
use super::{Judged, Labelled, LabelledReply, LabelledSet};
use crate::error::{DataError, Place};
use crate::ratings::Rating;
use crate::table;

pub(super) const SET: LabelledSet = LabelledSet { name: "epitome", folders: &["epitome"], read };

/// What names of tables begin with, which is what they rate.
const TABLES: [&str; 3] = ["emotional-reactions", "interpretations", "explorations"];

fn read(folder: &Path) -> Result<Labelled, DataError> {
    let mut found = Labelled::default();
    for path in ending(folder, ".csv")? {
        let file = File::read(&path)?;
        let Some(rubric) = TABLES.into_iter().find(|table| file.name.starts_with(table)) else {
            continue;
        };
        file.hash_into(&mut found.files);
        let columns = ["sp_id", "rp_id", "seeker_post", "response_post", "level"];
        for (number, row) in table::read(&file.name, &file.bytes, columns)?.into_iter().enumerate()
        {
            let [post, reply_id, request, reply, level] = row.texts();
            let level = level.trim();
            if !["0", "1", "2"].contains(&level) {
                let place = Place::line(&file.name, row.line);
                return Err(DataError::value(place, "level", level, "0, 1 or 2"));
            }
            let replies = found.rubrics.entry(rubric.to_owned()).or_default();
            replies.push(LabelledReply {
                // Some replies were rated twice.
                id: format!("{}:{post}:{reply_id}:{number}", file.name),
                item: post,
                subject: None,
                file: file.name.clone(),
                kind: None,
                judged: Judged::Reply { request, reply },
                people: Default::default(),
                agreed: Rating::of(level),
                recorded: Default::default(),
            });
        }
    }
    Ok(found)
}
