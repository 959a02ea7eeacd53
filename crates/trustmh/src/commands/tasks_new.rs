//! `trustmh tasks new`: a task of one's own, after the pattern of another.

use std::path::Path;

use trustmh_core::id::TaskId;
use trustmh_core::item::Item;
use trustmh_data::starter::{Card, Shelf};
use trustmh_engine::benchmark::{Benchmark, FileOrigin};
use trustmh_engine::task::TaskFile;

use crate::failure::{Exit, Failure};
use crate::screen;

/// So many items of the pattern are written, to be replaced.
const EXAMPLES: usize = 2;

pub(super) fn run(
    benchmark: &Benchmark,
    shelf: &Shelf,
    id: &str,
    like: &str,
    dir: &Path,
) -> Result<Exit, Failure> {
    let named = |text: &str| -> Result<TaskId, Failure> {
        text.parse().map_err(|error| Failure::usage(format!("{error}")))
    };
    let id = named(id)?;
    if benchmark.task(&id).is_ok() {
        return Err(Failure::usage(format!("there is a task {id} already"))
            .with_hint("choose another name, or change a copy of its file with --tasks-dir"));
    }
    let pattern = benchmark.task(&named(like)?)?;
    let set = id.to_string().replace('/', "-");
    let mut items = shelf.read(&pattern.file.dataset.starter)?.items;
    items.retain(|item| pattern.file.dataset.fits(item));
    items.truncate(EXAMPLES);
    let task = toml::to_string_pretty(&file(&pattern.file, &id, &set));
    let card = toml::to_string_pretty(&card(&set, &items));
    let broken =
        |error: toml::ser::Error| Failure::usage(format!("it cannot be written as TOML: {error}"));
    let lines: Result<Vec<String>, _> = items.iter().map(serde_json::to_string).collect();
    let lines = lines.map_err(|error| Failure::usage(format!("items: {error}")))?;
    let mut written = vec![
        (dir.join(format!("{id}.toml")), task.map_err(broken)?),
        (dir.join("starter").join(format!("{set}.jsonl")), lines.join("\n") + "\n"),
        (dir.join("starter").join(format!("{set}.card.toml")), card.map_err(broken)?),
    ];
    // Prompts, rubrics, schemes and scales that are not built in go along, where they are not there already.
    let along = benchmark.materials([&pattern.file.id])?.into_iter().filter_map(|material| {
        let path = dir.join(&material.file.path);
        let own = material.origin == FileOrigin::Own && material.file.path != pattern.path;
        (own && !path.exists()).then_some((path, material.file.text))
    });
    written.extend(along);
    if let Some((path, _)) = written.iter().find(|(path, _)| path.exists()) {
        return Err(Failure::usage(format!("{} is there already", path.display())));
    }
    for (path, text) in &written {
        let folder = path.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::io(folder, "creating the folder", &error))?;
        std::fs::write(path, text).map_err(|error| Failure::io(path, "writing", &error))?;
        screen::print(&format!("{}\n", path.display()));
    }
    screen::note(&format!(
        "now write your items in the place of the examples, tell the card how many there are, and look: trustmh tasks check --tasks-dir {}",
        dir.display()
    ));
    Ok(Exit::Ok)
}

/// The pattern's rules with words of one's own to be written.
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
