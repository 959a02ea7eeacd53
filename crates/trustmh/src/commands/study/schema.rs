//! The schema of study files.

use clap::Args;

use crate::failure::{Exit, Failure};
use crate::screen;

/// Print the JSON Schema of study files
#[derive(Debug, Args)]
pub(crate) struct StudySchemaArguments {}

pub(crate) fn run(_: &StudySchemaArguments) -> Result<Exit, Failure> {
    screen::print_json(trustmh_run::study::schema().as_value())?;
    Ok(Exit::Ok)
}
