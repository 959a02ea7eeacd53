//! In which form results are printed.

use clap::{Args, ValueEnum};

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

/// How tables are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextFormat {
    // For a terminal.
    Table,
    // For a document.
    Markdown,
}
