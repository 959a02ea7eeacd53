//! SIRI-2: replies of helpers to remarks of clients, with mean ratings of experts (Neimeyer and Bonnelle 1997).

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::id::{ItemId, ScaleName};
use trustmh_core::item::{Item, ItemContent, Rated};

use super::folder::Folder;
use super::{PublishedSet, is_blank};
use crate::codebook::built_in;
use crate::error::{DataError, Place};
use crate::items::used_twice;
use crate::table;

/// 24 remarks with two replies each; a 25th, item 14, has no means of experts and is not scored.
pub(super) const SET: PublishedSet =
    PublishedSet { id: "siri-2", cards: &["siri-2"], read: |folder, _| read(folder) };

const ITEMS: &str = "siri2_items.json";
const EXPERTS: &str = "siri2_expert_scores.csv";

/// The scale of the instrument: `benchmark/scales/appropriateness.toml`.
const SCALE: &str = "appropriateness";

#[derive(Deserialize)]
struct Remark {
    item_id: String,
    client: String,
    helper_a: String,
    helper_b: String,
}

fn read(folder: &mut Folder) -> Result<Vec<Item>, DataError> {
    let text = folder.text(ITEMS)?;
    let remarks: Vec<Remark> =
        serde_json::from_str(&text).map_err(|error| DataError::json(ITEMS, &error))?;
    let means = experts(folder)?;
    let mut items: Vec<Item> = Vec::new();
    let (mut unrated, mut found) = (Vec::new(), BTreeSet::new());
    let mut empty = 0;
    for Remark { item_id, client, helper_a, helper_b } in remarks {
        for (helper, reply) in [("a", helper_a), ("b", helper_b)] {
            let key = format!("{}{}", item_id.trim_start_matches('0'), helper.to_uppercase());
            let Some(mean) = means.get(&key) else {
                unrated.push(key);
                continue;
            };
            let is_empty = is_blank(&client) || is_blank(&reply);
            let item = item((&item_id, helper), &client, reply, *mean);
            if !found.insert(key) {
                let place = Place::file(&format!("{ITEMS}, item {item_id}"));
                return Err(used_twice(place, &item));
            }
            if is_empty {
                empty += 1;
                continue;
            }
            items.push(item);
        }
    }
    folder.without_text(ITEMS, "replies", empty);
    if let Some(reply) = means.keys().find(|reply| !found.contains(*reply)) {
        let expected = format!("a reply of {ITEMS}");
        return Err(DataError::value(Place::file(EXPERTS), "Item", reply, expected));
    }
    if !unrated.is_empty() {
        folder.warnings.push(format!(
            "{EXPERTS} has no means for {}: these replies are left out",
            unrated.join(", ")
        ));
    }
    Ok(items)
}

/// The experts' means by reply, such as `1A`.
fn experts(folder: &mut Folder) -> Result<BTreeMap<String, f64>, DataError> {
    let bytes = folder.bytes(EXPERTS)?;
    let (low, high) =
        built_in().scale(&ScaleName::new(SCALE)).map_or((-3.0, 3.0), |scale| scale.range());
    let mut means = BTreeMap::new();
    for row in table::read(EXPERTS, &bytes, ["Item", "M"])? {
        let [reply, mean] = row.texts().map(|cell| cell.trim().to_owned());
        let place = Place::line(EXPERTS, row.line);
        let number = mean.parse().ok().filter(|number| (low..=high).contains(number));
        let number = number.ok_or_else(|| {
            DataError::value(place.clone(), "M", &mean, format!("a number from {low} to {high}"))
        })?;
        if means.insert(reply.clone(), number).is_some() {
            return Err(DataError::value(place, "Item", &reply, "a reply not rated before"));
        }
    }
    Ok(means)
}

fn item((remark, helper): (&str, &str), client: &str, reply: String, mean: f64) -> Item {
    let rated = if mean > 0.0 { "appropriate" } else { "inappropriate" };
    let tags = [("remark", remark), ("helper", helper), ("rated", rated)];
    Item {
        id: ItemId::new(format!("siri-2-{remark}-{helper}")),
        language: "en".to_owned(),
        tags: tags.map(|(facet, value)| (facet.to_owned(), value.to_owned())).into(),
        content: ItemContent::Rated(Rated {
            scale: ScaleName::new(SCALE),
            text: client.to_owned(),
            reply: Some(reply),
            key: mean,
        }),
    }
}
