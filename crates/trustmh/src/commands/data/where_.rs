//! `trustmh data where`: the data folder.

use clap::Args;

use trustmh_data::sources::Sources;

use super::DataPlace;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Print the folder of published data
#[derive(Debug, Args)]
pub(crate) struct WhereArguments {
    #[command(flatten)]
    place: DataPlace,
}

pub(crate) fn run(arguments: &WhereArguments) -> Result<Exit, Failure> {
    let folder = arguments.place.folder(Sources::built_in())?;
    screen::print(&format!("{}\n", folder.display()));
    Ok(Exit::Ok)
}
