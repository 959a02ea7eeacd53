//! `trustmh tasks new`: a new task modelled on an existing one.

use clap::Args;
use std::path::PathBuf;

use trustmh_core::id::TaskId;
use trustmh_core::item::Item;
use trustmh_data::starter::Card;
use trustmh_engine::task::TaskFile;

use crate::arguments::TaskSource;
use crate::benchmark::{benchmark, starter_sets};
use crate::failure::{Exit, Failure};
use crate::{screen, suggest};

/// Create a new task modelled on an existing one: a task file, a card and two items to replace
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// New task, as pillar/task
    task: String,
    /// Task to copy: its kind of items, prompt, parser, scorer and metrics
    #[arg(long, value_name = "TASK")]
    like: String,
    /// Folder to use with --tasks-dir; created if missing
    #[arg(long, value_name = "DIR", default_value = "my-tasks")]
    dir: PathBuf,
    #[command(flatten)]
    tasks_from: TaskSource,
}

/// Items copied from the pattern, to be replaced.
const EXAMPLES: usize = 2;

pub(crate) fn run(arguments: &NewArguments) -> Result<Exit, Failure> {
    let NewArguments { task, like, dir, tasks_from } = arguments;
    let (benchmark, starter) = (benchmark(tasks_from)?, starter_sets(tasks_from)?);
    let id: TaskId = task.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    if benchmark.task(&id).is_ok() {
        return Err(Failure::usage(format!("task {id} exists already"))
            .with_hint("choose another name, or change a copy of its file with --tasks-dir"));
    }
    let pattern = suggest::task(&benchmark, like)?;
    let set = id.to_string().replace('/', "-");
    let mut items = starter.read(&pattern.file.dataset.starter)?.items;
    items.retain(|item| pattern.file.dataset.fits(item));
    items.truncate(EXAMPLES);
    let task = toml::to_string_pretty(&file(&pattern.file, &id, &set));
    let card = toml::to_string_pretty(&card(&set, &items));
    let broken =
        |error: toml::ser::Error| Failure::usage(format!("it cannot be written as TOML: {error}"));
    let lines: Result<Vec<String>, _> = items.iter().map(serde_json::to_string).collect();
    let lines = lines.map_err(|error| Failure::usage(format!("items: {error}")))?;
    let written = [
        (dir.join(format!("{id}.toml")), task.map_err(broken)?),
        (dir.join("starter").join(format!("{set}.jsonl")), lines.join("\n") + "\n"),
        (dir.join("starter").join(format!("{set}.card.toml")), card.map_err(broken)?),
    ];
    if let Some((path, _)) = written.iter().find(|(path, _)| path.exists()) {
        return Err(Failure::usage(format!("{} exists already", path.display())));
    }
    for (path, text) in &written {
        let folder = path.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::io(folder, "creating the folder", &error))?;
        std::fs::write(path, text).map_err(|error| Failure::io(path, "writing", &error))?;
        screen::print(&format!("{}\n", path.display()));
    }
    screen::note(&format!(
        "next: replace the examples with your items, set their number in the card, and run: trustmh tasks check --tasks-dir {}",
        dir.display()
    ));
    Ok(Exit::Ok)
}

/// The pattern's rules, with placeholders for the author's words.
fn file(pattern: &TaskFile, id: &TaskId, set: &str) -> TaskFile {
    let mut file = pattern.clone();
    file.id = id.clone();
    file.version = 1;
    file.title = format!("A title for {id}");
    file.question = "What the task asks of a model, in words a clinician would use.".to_owned();
    file.sources = vec!["Where the items come from, and what they rest on.".to_owned()];
    file.caveats = vec!["What the data and the metric cannot show; reports say it.".to_owned()];
    file.dataset.published = None;
    set.clone_into(&mut file.dataset.starter);
    file.protocols.reference.also.clear();
    file.protocols.corrected.also.clear();
    (file.protocols.reference.basis, file.protocols.reference.basis_note) = (None, None);
    file
}

fn card(set: &str, items: &[Item]) -> Card {
    let mut language: Vec<String> = items.iter().map(|item| item.language.clone()).collect();
    language.sort();
    language.dedup();
    Card {
        id: set.to_owned(),
        title: format!("A title for {set}"),
        version: 1,
        licence: "The licence of your items".to_owned(),
        language,
        records: items.len() as u64,
        written_by: "Who wrote them".to_owned(),
        description: "What the items are.".to_owned(),
        gold: "Where keys and ratings come from, and who checked them.".to_owned(),
        limits: vec!["What the items cannot show.".to_owned()],
        sensitive: "Which hard matters they touch on.".to_owned(),
    }
}
