//! Which items of a task are asked, and where they come from.

use std::collections::BTreeMap;

use trustmh_core::id::DatasetId;
use trustmh_core::item::ARM;
use trustmh_core::language::UNKNOWN;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};
use trustmh_data::Dataset;
use trustmh_data::error::DataError;
use trustmh_data::published::{Decoding, PublishedSet};
use trustmh_data::sources::Terms;
use trustmh_data::stock::{LineFile, Stock};
use trustmh_engine::task::{Task, TextDecoding};

use super::{Chosen, Request, Transcripts};
use crate::error::RunError;
use crate::observed::{DATASET, TRANSCRIPTS};

/// The items with all tags that the task asks for, and the starter items that are asked too.
pub(super) fn chosen(task: &Task, request: &Request) -> Result<(Chosen, ItemSource), RunError> {
    let (stock, mut source) = stock(task, request)?;
    let mut chosen = Chosen::in_languages(&request.caps.languages);
    let all = chosen.add(stock, |item| task.file.dataset.fits(item))?;
    let tags = &task.file.dataset.select;
    let fit = chosen.met().values().sum::<usize>();
    if !tags.is_empty() {
        let wanted: Vec<String> =
            tags.iter().map(|(facet, value)| format!("{facet} = {value}")).collect();
        source
            .warnings
            .push(format!("{fit} of {all} items are asked: those with {}", wanted.join(", ")));
    }
    let own = source.origin == ItemOrigin::Starter;
    for name in task.also(request.protocol, own.then_some(&task.file.dataset.starter)) {
        let (aside, of_aside) = request.starter.open(name)?;
        let arm = aside.get(0)?.and_then(|item| item.tags.get(ARM).cloned());
        source.warnings.push(format!(
            "{} starter items of this project are asked too (arm {})",
            aside.len(),
            arm.as_ref().unwrap_or(name)
        ));
        source.files.extend(of_aside.files);
        chosen.add_aside(aside)?;
    }
    source.warnings.extend(other_languages(&chosen));
    Ok((chosen, source))
}

/// How many items were left out for their language, and which those are.
fn other_languages(chosen: &Chosen) -> Option<String> {
    let all: usize = chosen.met().values().sum();
    let left = all.checked_sub(chosen.len()).filter(|left| *left > 0)?;
    let met = chosen.met().iter().map(|(language, count)| match language.as_str() {
        "" | UNKNOWN => format!("{count} in no known language"),
        language => format!("{count} in {language}"),
    });
    Some(format!(
        "{left} of {all} items are left out for their language ({})",
        met.collect::<Vec<_>>().join(", ")
    ))
}

/// The conversations of transcripts.
fn of_transcripts(
    transcripts: &Transcripts,
    request: &Request,
) -> Result<(Stock, ItemSource), RunError> {
    let codebook = request.starter.shared_codebook();
    let (file, digest) = LineFile::open(&transcripts.path, TRANSCRIPTS, codebook)?;
    let stock = Stock::File(file);
    let source = ItemSource {
        dataset: DatasetId::new(DATASET),
        origin: ItemOrigin::Observed,
        records: stock.len() as u64,
        warnings: transcripts.warnings.clone(),
        files: BTreeMap::from([(TRANSCRIPTS.to_owned(), digest.to_string())]),
        labelled_by: Vec::new(),
    };
    Ok((stock, source))
}

fn stock(task: &Task, request: &Request) -> Result<(Stock, ItemSource), RunError> {
    if let Some(transcripts) = &request.observed {
        return of_transcripts(transcripts, request);
    }
    let (Some(folder), Some(published)) = (&request.data, &task.file.dataset.published) else {
        return Ok(request.starter.open(&task.file.dataset.starter)?);
    };
    let set = PublishedSet::with_id(published).ok_or_else(|| RunError::NoReader {
        task: task.file.id.clone(),
        dataset: published.clone(),
    })?;
    let decoding = match task.rule(request.protocol).decoding {
        TextDecoding::AsReleased => Decoding::AsReleased,
        TextDecoding::Repaired => Decoding::Repaired,
    };
    match set.read(folder, decoding) {
        // Whoever lacks a set that nobody can just fetch can still run everything else.
        Err(DataError::NoFile { name, .. }) if set.terms().are_met_by_hand() => {
            let why = match set.terms() {
                Terms::Gated => "is given out by its owners only",
                Terms::ByHand | Terms::Open | Terms::NonCommercial | Terms::NotStated => {
                    "has to be taken out of its archive by hand"
                }
            };
            let (stock, mut source) = request.starter.open(&task.file.dataset.starter)?;
            source.warnings.push(format!(
                "{published} {why} and {name} is not in the data folder: the starter items are asked instead"
            ));
            Ok((stock, source))
        }
        read => {
            let Dataset { items, source } = read?;
            Ok((Stock::Held(items), source))
        }
    }
}
