//! In which form results are printed.

use clap::Args;
use std::path::PathBuf;

/// Results for programs.
#[derive(Debug, Default, Args)]
pub(crate) struct JsonOutput {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The result of a run, for people or for programs.
#[derive(Debug, Default, Args)]
pub(crate) struct ResultOutput {
    /// Print every metric with its notes instead of the summary
    #[arg(long, conflicts_with = "json")]
    pub(crate) all: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Charts as files.
#[derive(Debug, Default, Args)]
pub(crate) struct FiguresOption {
    /// Also write every chart into this folder, as SVG and PNG
    #[arg(long, value_name = "DIR")]
    pub(crate) figures: Option<PathBuf>,
}
