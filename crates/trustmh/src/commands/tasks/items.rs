//! `trustmh tasks items`: a table becomes items.

use clap::Args;
use std::path::PathBuf;

use trustmh_data::hub::Choice;
use trustmh_data::mapped::{Mapping, read};

use crate::arguments::TaskSource;
use crate::benchmark;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Convert a table into items: CSV, JSON lines, Parquet, XLSX or a dataset's folder from Hugging Face
#[derive(Debug, Args)]
pub(crate) struct ItemsArguments {
    /// Table with named columns, or the folder of a dataset
    table: PathBuf,
    /// Kind of items, such as multiple-choice, labelled, rated, action or intent
    #[arg(long, value_name = "KIND")]
    kind: String,
    /// Field of the items and its column, such as question=Frage; several columns form a list:
    /// options=A|B|C|D; facets are tags.NAME
    #[arg(long, value_name = "FIELD=COLUMN", required = true)]
    map: Vec<String>,
    /// Field and the text it has in all items, such as scheme=posts
    #[arg(long, value_name = "FIELD=TEXT")]
    set: Vec<String>,
    /// Column with ids [default: file name and row number]
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Language of the texts, a BCP 47 tag
    #[arg(long, default_value = "en")]
    language: String,
    /// Configuration of the dataset, where its folder has several
    #[arg(long, value_name = "NAME")]
    config: Option<String>,
    /// Split of the dataset [default: all of them]
    #[arg(long, value_name = "NAME")]
    split: Option<String>,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    tasks_from: TaskSource,
}

/// Where the fields of items can be looked up.
const FIELDS: &str = "`trustmh tasks schema --items` lists the fields of each kind";

/// The mapping that was typed.
fn mapping(arguments: &ItemsArguments) -> Result<Mapping, Failure> {
    let ItemsArguments { kind, map, set, id, language, config, split, .. } = arguments;
    let parts = |typed: &str, option: &str| -> Result<(String, String), Failure> {
        typed
            .split_once('=')
            .map(|(field, value)| (field.trim().to_owned(), value.trim().to_owned()))
            .filter(|(field, value)| !field.is_empty() && !value.is_empty())
            .ok_or_else(|| {
                Failure::usage(format!("{option} {typed}: expected FIELD=...")).with_hint(FIELDS)
            })
    };
    let columns = map.iter().map(|typed| {
        let (field, columns) = parts(typed, "--map")?;
        Ok((field, columns.split('|').map(|column| column.trim().to_owned()).collect()))
    });
    Ok(Mapping {
        kind: kind.clone(),
        id: id.clone(),
        language: language.clone(),
        columns: columns.collect::<Result<_, Failure>>()?,
        constants: set.iter().map(|typed| parts(typed, "--set")).collect::<Result<_, _>>()?,
        part: Choice { config: config.clone(), split: split.clone() },
    })
}

pub(crate) fn run(arguments: &ItemsArguments) -> Result<Exit, Failure> {
    let shelf = benchmark::starter_sets(&arguments.tasks_from)?;
    if !arguments.table.is_dir() && (arguments.config.is_some() || arguments.split.is_some()) {
        let message = "--config and --split have an effect with the folder of a dataset only";
        return Err(Failure::usage(message));
    }
    let items = read(&arguments.table, &mapping(arguments)?, shelf.codebook())
        .map_err(|error| Failure::from(error).with_hint(FIELDS))?;
    let lines: Result<Vec<String>, _> = items.iter().map(serde_json::to_string).collect();
    let text = lines.map_err(|error| Failure::usage(error.to_string()))?.join("\n") + "\n";
    match &arguments.output {
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Failure::io(path, "writing", &error))?
        }
        None => screen::print_json_text(&text),
    }
    screen::note(&format!("{} items", items.len()));
    Ok(Exit::Ok)
}
