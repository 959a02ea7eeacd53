//! The schema of `pack.json`.

use clap::Args;

use crate::failure::{Exit, Failure};
use crate::screen;

/// Print the JSON Schema of pack.json
#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {}

pub(crate) fn run(_: &SchemaArguments) -> Result<Exit, Failure> {
    screen::print_json(trustmh_evidence::pack::schema().as_value())?;
    Ok(Exit::Ok)
}
