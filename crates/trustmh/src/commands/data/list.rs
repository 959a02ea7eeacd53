//! `trustmh data list`: all published sets.

use clap::Args;
use serde_json::json;

use trustmh_data::sources::{Card, FileState, Sources, Terms, verify};
use trustmh_report::sections::{self, Section};

use super::DataPlace;
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::screen;

/// List published sets: licence, size, and whether they are present
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    place: DataPlace,
}

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, Failure> {
    let sources = Sources::built_in();
    let folder = arguments.place.folder(sources)?;
    let mut rows = Vec::new();
    let mut objects = Vec::new();
    for card in &sources.sets {
        let states = verify(card, &folder)?;
        let there = states.iter().filter(|(_, state)| *state != FileState::Missing).count();
        let here = match there {
            0 => "no",
            all if all == states.len() => {
                match states.iter().any(|(_, of)| *of == FileState::Table) {
                    true => "as tables",
                    false => "yes",
                }
            }
            _ => "in part",
        };
        objects.push(json!({
            "id": card.id, "title": card.title, "licence": card.licence, "terms": card.terms,
            "records": card.records, "bytes": size(card), "here": here,
        }));
        rows.push(vec![
            card.id.clone(),
            card.records.to_string(),
            size(card).map_or_else(
                || "unknown".to_owned(),
                |bytes| format!("{} kB", bytes.div_ceil(1024)),
            ),
            card.licence.clone(),
            here.to_owned(),
            how_to_get(card.terms).to_owned(),
        ]);
    }
    if arguments.output.json {
        screen::print_json(&objects)?;
        return Ok(Exit::Ok);
    }
    let section = Section {
        title: format!("Published sets; data folder: {}", folder.display()),
        head: ["set", "records", "size", "licence", "here", "how to get it"]
            .map(str::to_owned)
            .into(),
        rows,
        notes: vec![
            "`trustmh data show SET` lists the known defects of a set and how to get it."
                .to_owned(),
        ],
    };
    screen::print(&sections::terminal(&[section], screen::width()));
    Ok(Exit::Ok)
}

const fn how_to_get(terms: Terms) -> &'static str {
    match terms {
        Terms::Open => "fetch",
        Terms::NonCommercial | Terms::NotStated => "fetch, licence accepted",
        Terms::ByHand => "by hand",
        Terms::Gated => "from its owners",
    }
}

fn size(card: &Card) -> Option<u64> {
    card.files.iter().map(|file| file.bytes).sum()
}
