//! `trustmh data`: published sets, from their publishers to a folder.

mod card;
mod fetch;
mod import;
mod list;
mod show;
mod verify;
mod where_;

use clap::Args;
use std::path::PathBuf;

use trustmh_data::sources::{Card, SourceError, Sources};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::Task;

use crate::failure::{Exit, Failure};
use crate::suggest;
use crate::user_folders;

/// List, show, download, verify and import published data sets
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    action: DataAction,
}

const EXAMPLES: &str = r#"Examples:
  trustmh data list
  trustmh data fetch usmle-mental ethicmh
  trustmh data fetch all --accept-licence
  trustmh data import swmh train.csv
  trustmh run --subject openai/x --data "$(trustmh data where)""#;

commands! { DataAction:
    List => list::ListArguments,
    Show => show::ShowArguments,
    Card => card::CardArguments,
    Fetch => fetch::FetchArguments,
    Verify => verify::VerifyArguments,
    Import => import::ImportArguments,
    Where => where_::WhereArguments,
}

pub(crate) fn run(arguments: &DataArguments) -> Result<Exit, Failure> {
    arguments.action.run()
}

/// Where published data is kept.
#[derive(Debug, Args)]
struct DataPlace {
    /// Folder of published data [default: the user's data folder]
    #[arg(long, value_name = "DIR", env = "TRUSTMH_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
}

impl DataPlace {
    fn folder(&self, sources: &Sources) -> Result<PathBuf, Failure> {
        match &self.data {
            Some(folder) => Ok(folder.clone()),
            None => Ok(user_folders::data()?.join(sources.edition.to_string())),
        }
    }
}

/// The card of the set of this name, or a failure that names the nearest.
fn card_of<'s>(sources: &'s Sources, name: &str) -> Result<&'s Card, Failure> {
    sources.card(name).map_err(|error| match error {
        SourceError::Unknown { .. } => {
            let known = sources.sets.iter().map(|card| card.id.as_str());
            let hint = by_task(sources, name).unwrap_or_else(|| {
                suggest::hint(name, known, "`trustmh data list` shows all sets")
            });
            Failure::from(error).with_hint(hint)
        }
        error => error.into(),
    })
}

/// The sets that a name stands for which tasks have for their data; none of any other name.
fn by_task(sources: &Sources, name: &str) -> Option<String> {
    let benchmark = Benchmark::embedded().ok()?;
    let published = |task: &&Task| {
        task.file.dataset.published.as_ref().is_some_and(|data| data.as_str() == name)
    };
    let tasks: Vec<String> =
        benchmark.tasks().filter(published).map(|task| task.file.id.to_string()).collect();
    let asked = |card: &&Card| card.tasks.iter().any(|task| tasks.contains(task));
    let sets: Vec<String> =
        sources.sets.iter().filter(asked).map(|card| format!("`{}`", card.id)).collect();
    (!sets.is_empty())
        .then(|| format!("the data of {} comes from {}", tasks.join(" and "), sets.join(" and ")))
}
