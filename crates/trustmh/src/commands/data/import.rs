//! `trustmh data import`: a file that a set's owners gave out.

use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

use trustmh_core::item::ItemContent;
use trustmh_data::Dataset;
use trustmh_data::published::{Decoding, PublishedSet};
use trustmh_data::sources::{Card, Sources};

use super::{DataPlace, card_of};
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::{atomic_file, screen};

/// Check a file that a set's owners gave you and copy it into the data folder
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// Set
    set: String,
    /// File
    file: PathBuf,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    place: DataPlace,
}

/// The reader that a set's file must please.
fn reader(card: &Card) -> Option<PublishedSet> {
    PublishedSet::on_card(card).filter(|_| card.terms.are_met_by_hand())
}

type Counts = std::collections::BTreeMap<String, u64>;

pub(crate) fn run(arguments: &ImportArguments) -> Result<Exit, Failure> {
    let sources = Sources::built_in();
    let card = card_of(sources, &arguments.set)?;
    let (file, folder) = (&arguments.file, arguments.place.folder(sources)?);
    let (Some(set), [wanted]) = (reader(card), card.files.as_slice()) else {
        return Err(Failure::usage(format!("{} is downloaded, not imported", card.id))
            .with_hint(format!("trustmh data fetch {}", card.id)));
    };
    let dataset = read_in_place(set, file, &folder, &wanted.path)?;
    let place = folder.join(&wanted.path);
    copy(file, &place)?;
    let mut labels = Counts::new();
    let mut tags = Counts::new();
    for item in &dataset.items {
        if let ItemContent::Labelled(labelled) = &item.content {
            let label = labelled.label.as_deref().unwrap_or("no label");
            let counted = format!("{}: {label}", labelled.scheme);
            *labels.entry(counted).or_default() += 1;
        }
        for (facet, value) in &item.tags {
            *tags.entry(format!("{facet} = {value}")).or_default() += 1;
        }
    }
    // Names of single records are no facets.
    tags.retain(|_, count| *count > 1);
    let found = json!({
        "set": card.id, "file": place.display().to_string(), "records": dataset.items.len(),
        "published_records": card.records, "labels": labels, "tags": tags, "warnings": dataset.source.warnings,
    });
    if arguments.output.json {
        screen::print_json(&found)?;
        return Ok(Exit::Ok);
    }
    let mut text = format!("{}: {} records", place.display(), dataset.items.len());
    text.push_str(&format!(" (the published set has {})\n", card.records));
    for (counted, count) in labels.iter().chain(&tags) {
        text.push_str(&format!("  {count:>6} {counted}\n"));
    }
    for warning in &dataset.source.warnings {
        text.push_str(&format!("  ! {warning}\n"));
    }
    screen::print(&text);
    Ok(Exit::Ok)
}

/// What readers make of the file where it would be, in a scratch folder, before anything of the
/// user's is touched.
fn read_in_place(
    set: PublishedSet,
    file: &Path,
    folder: &Path,
    path: &str,
) -> Result<Dataset, Failure> {
    let scratch = folder.join(".partial").join(format!("import-{}", std::process::id()));
    let read = copy(file, &scratch.join(path))
        .and_then(|()| set.read(&scratch, Decoding::Repaired).map_err(Failure::from));
    let removed = std::fs::remove_dir_all(&scratch);
    let dataset = read?;
    removed.map_err(|error| Failure::io(&scratch, "removing", &error))?;
    Ok(dataset)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let folder = to.parent().unwrap_or(to);
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::io(folder, "creating the folder", &error))?;
    let mut source =
        std::fs::File::open(from).map_err(|error| Failure::io(from, "reading", &error))?;
    atomic_file::write(to, |out| Ok(std::io::copy(&mut source, out).map(drop)?))
}
