//! `trustmh tasks`: tasks are listed, shown, checked and begun.

mod baselines;
mod check;
mod docs;
mod export;
mod items;
mod list;
mod measures;
mod new;
mod schema;
mod show;
mod version;

use clap::Args;

use crate::failure::{Exit, Failure};

/// List, show, check and create tasks
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TasksArguments {
    #[command(subcommand)]
    action: TasksAction,
}

const EXAMPLES: &str = r"Examples:
  trustmh tasks list
  trustmh tasks show ethics/reasoning
  trustmh tasks new reliability/sleep --like reliability/knowledge --dir my-tasks
  trustmh tasks check --tasks-dir my-tasks";

commands! { TasksAction:
    List => list::ListArguments,
    Show => show::ShowArguments,
    New => new::NewArguments,
    Items => items::ItemsArguments,
    Export => export::ExportArguments,
    Check => check::CheckArguments,
    Schema => schema::SchemaArguments,
    Docs => docs::DocsArguments,
    Version => version::VersionArguments,
}

pub(crate) fn run(arguments: &TasksArguments) -> Result<Exit, Failure> {
    arguments.action.run()
}
