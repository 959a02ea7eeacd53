//! `trustmh tasks schema`: the JSON Schema of what authors of tasks write.

use clap::Args;

use crate::failure::{Exit, Failure};
use crate::screen;

/// Print the JSON Schema of task files or of items
#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// Print the schema of items instead, one line of any kind
    #[arg(long)]
    items: bool,
}

pub(crate) fn run(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    let schema = match arguments.items {
        true => trustmh_core::item::schema().to_value(),
        false => trustmh_engine::schema::task_file(),
    };
    screen::print_json(&schema)?;
    Ok(Exit::Ok)
}
