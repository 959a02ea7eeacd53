//! Posts of 500 users with a level of suicide risk (doi 10.1145/3308558.3313698, Zenodo record 2667859).

use std::collections::BTreeMap;

use trustmh_core::id::{ItemId, SchemeName};
use trustmh_core::item::{Item, ItemContent, Labelled, ReleasedLabel};

use super::PublishedSet;
use super::folder::Folder;
use crate::codebook::scheme;
use crate::error::{DataError, Place};
use crate::{literal, table};

/// Posts of 500 users with a level of suicide risk (C-SSRS).
pub(super) const SET: PublishedSet =
    PublishedSet { id: "c-ssrs", cards: &["c-ssrs"], read: |folder, _| read(folder) };

const FILES: [&str; 1] = ["500_Reddit_users_posts_labels.csv"];

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let [file] = FILES;
    let bytes = folder.bytes(file)?;
    let mut items = Vec::new();
    let mut cut = 0;
    for row in table::read(file, &bytes, ["User", "Post", "Label"])? {
        let [user, posts, label] = row.texts();
        let place = Place::line(file, row.line);
        let whole = literal::strings(&posts);
        cut += usize::from(whole.is_none());
        let mut posts = whole.or_else(|| literal::strings_of_cut(&posts)).ok_or_else(|| {
            DataError::value(place.clone(), "Post", &posts, "a list of posts in quotes")
        })?;
        posts.retain(|post| !post.trim().is_empty());
        let newest = posts.pop().ok_or_else(|| {
            DataError::value(place.clone(), "Post", "[]", "a list with at least one post")
        })?;
        let label = scheme("severity").spelled(&label).ok_or_else(|| {
            let known = scheme("severity").names().collect::<Vec<_>>().join(", ");
            DataError::value(place, "Label", &label, format!("one of {known}"))
        })?;
        items.push(Item {
            id: ItemId::new(format!("cssrs-{}", user.trim())),
            language: "en".to_owned(),
            tags: BTreeMap::new(),
            content: ItemContent::Labelled(Labelled {
                scheme: SchemeName::new("severity"),
                earlier: posts,
                text: newest,
                label: Some(label.to_owned()),
                released: ReleasedLabel::Same,
            }),
        });
    }
    if cut > 0 {
        folder.warnings.push(format!(
            "{file}: the posts of {cut} users are cut off at 32,759 characters by the publisher; the last post kept is broken off"
        ));
    }
    folder.warnings.push(format!(
        "{file}: words were replaced by concepts before publication, which garbles some (\"Drug abuse school\" for \"high school\"); personal marks are masked"
    ));
    Ok(items)
}
