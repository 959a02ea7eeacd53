//! In which form results are printed.

use clap::Args;
use std::path::PathBuf;

use trustmh_report::figure::Figure;

use crate::failure::Failure;
use crate::figures;

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
    figures: Option<PathBuf>,
}

impl FiguresOption {
    /// Whether charts are asked for.
    pub(crate) fn is_asked(&self) -> bool {
        self.figures.is_some()
    }

    /// Draws and writes the charts, where they are asked for.
    pub(crate) fn write(&self, draw: impl FnOnce() -> Vec<Figure>) -> Result<(), Failure> {
        self.figures.as_ref().map_or(Ok(()), |folder| figures::write(folder, &draw()))
    }
}
