//! `trustmh tasks items`: items out of a table of one's own.

use std::path::Path;

use trustmh_core::codebook::Codebook;
use trustmh_data::mapped::{Mapping, read};

use crate::failure::{Exit, Failure};
use crate::screen;

/// A mapping as it was typed.
pub(super) fn mapping(
    kind: &str,
    map: &[String],
    set: &[String],
    id: Option<&str>,
    language: &str,
) -> Result<Mapping, Failure> {
    let parts = |typed: &str, option: &str| -> Result<(String, String), Failure> {
        typed
            .split_once('=')
            .map(|(field, value)| (field.trim().to_owned(), value.trim().to_owned()))
            .filter(|(field, value)| !field.is_empty() && !value.is_empty())
            .ok_or_else(|| {
                Failure::usage(format!("{option} {typed}: it has no form FIELD=..."))
                    .with_hint("`trustmh tasks schema --items` lists the fields of each kind")
            })
    };
    let columns = map.iter().map(|typed| {
        let (field, columns) = parts(typed, "--map")?;
        Ok((field, columns.split('|').map(|column| column.trim().to_owned()).collect()))
    });
    Ok(Mapping {
        kind: kind.to_owned(),
        id: id.map(str::to_owned),
        language: language.to_owned(),
        columns: columns.collect::<Result<_, Failure>>()?,
        constants: set.iter().map(|typed| parts(typed, "--set")).collect::<Result<_, _>>()?,
    })
}

pub(super) fn run(
    table: &Path,
    mapping: &Mapping,
    codebook: &Codebook,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    let items = read(table, mapping, codebook).map_err(|error| {
        Failure::from(error)
            .with_hint("`trustmh tasks schema --items` lists the fields of each kind")
    })?;
    let lines: Result<Vec<String>, _> = items.iter().map(serde_json::to_string).collect();
    let text = lines.map_err(|error| Failure::usage(error.to_string()))?.join("\n") + "\n";
    match output {
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Failure::io(path, "writing", &error))?
        }
        None => screen::print_json(&text),
    }
    screen::note(&format!("{} items", items.len()));
    Ok(Exit::Ok)
}
