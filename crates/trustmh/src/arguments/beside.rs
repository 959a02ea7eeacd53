//! How runs beside each other are written.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

use trustmh_report::label::Label;

use super::output::{FiguresOption, JsonOutput};
use crate::failure::Failure;

/// How runs beside each other are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// Text for a terminal
    Table,
    /// Text for a document
    Markdown,
    /// Matrix of tasks and runs as one page, with plots and what changed
    Html,
    /// The matrix as a table for a paper
    Latex,
    /// A row for each run and metric, and one for each comparison
    Csv,
}

/// How runs beside each other are written, and what they are called.
#[derive(Debug, Args)]
pub(crate) struct BesideArguments {
    /// Layout
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Layout,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Call a run's subject by this name; RUN as given, or its folder's own name; repeatable
    #[arg(long = "name", value_name = "RUN=NAME")]
    pub(crate) names: Vec<String>,
    /// Label of the table in LaTeX, such as tab:trustmh
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<Label>,
    #[command(flatten)]
    pub(crate) figures: FiguresOption,
}

impl BesideArguments {
    /// Whether a matrix is behind what is written.
    pub(crate) fn shows_matrix(&self, output: &JsonOutput) -> bool {
        let by_layout = match self.format {
            Layout::Table | Layout::Markdown => false,
            Layout::Html | Layout::Latex | Layout::Csv => !output.json,
        };
        by_layout || self.figures.is_asked()
    }

    /// Refuses options that would have no effect.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match (&self.label, self.format) {
            (Some(_), Layout::Table | Layout::Markdown | Layout::Html | Layout::Csv) => {
                Err(Failure::usage("--label has an effect in LaTeX only")
                    .with_hint("add --format latex"))
            }
            (Some(_), Layout::Latex) | (None, _) => Ok(()),
        }
    }
}
