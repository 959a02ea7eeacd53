//! `trustmh tasks new`: a new task modelled on an existing one.

use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

use trustmh_core::id::{ItemId, TaskId};
use trustmh_core::item::Item;
use trustmh_data::starter::Card;
use trustmh_engine::benchmark::{Benchmark, FileOrigin};
use trustmh_engine::fit::{self, Misfit, TaskItems};
use trustmh_engine::score::PERTURBED;
use trustmh_engine::task::{MetricRule, Task, TaskFile};

use super::check;
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

/// Items of the pattern that are written at least, to be replaced.
const EXAMPLES: usize = 2;

/// The ids of examples, before their number.
const EXAMPLE: &str = "example-";

/// What is written where words of one's own belong; the check finds it.
const TITLE: &str = "A title for ";
const QUESTION: &str = "What the task asks of a model, in words a clinician would use.";
const SOURCE: &str = "Where the items come from, and what they rest on.";
const CAVEAT: &str = "What the data and the metric cannot show; reports say it.";
const LICENCE: &str = "The licence of your items";
const WRITTEN_BY: &str = "Who wrote them";
const DESCRIPTION: &str = "What the items are.";
const GOLD: &str = "Where keys and ratings come from, and who checked them.";
const LIMIT: &str = "What the items cannot show.";
const SENSITIVE: &str = "Which hard matters they touch on.";

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
    let items = examples(&pattern.file, check::items(pattern, &starter)?);
    let file = fitting(&benchmark, pattern, file(&pattern.file, &id, &set), &items)?;
    let task = toml::to_string_pretty(&file);
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
        "next: write the question, sources, caveats and card in your own words, replace the examples with your items, and run: trustmh tasks check --tasks-dir {}",
        dir.display()
    ));
    Ok(Exit::Ok)
}

/// The pattern's rules, with placeholders for the author's words.
fn file(pattern: &TaskFile, id: &TaskId, set: &str) -> TaskFile {
    let mut file = pattern.clone();
    file.id = id.clone();
    file.version = 1;
    file.title = format!("{TITLE}{id}");
    file.question = QUESTION.to_owned();
    file.sources = vec![SOURCE.to_owned()];
    file.caveats = vec![CAVEAT.to_owned()];
    file.dataset.published = None;
    set.clone_into(&mut file.dataset.starter);
    file.protocols.reference.also.clear();
    file.protocols.corrected.also.clear();
    (file.protocols.reference.basis, file.protocols.reference.basis_note) = (None, None);
    // Tags of the pattern's items are not those of the new ones.
    let scorer = file.scorer.scorer();
    let of_trials: Vec<&str> =
        scorer.facets.iter().chain(&PERTURBED).map(|facet| facet.name).collect();
    for metric in &mut file.metrics {
        metric.groups.retain(|facet| of_trials.contains(&facet.as_str()));
    }
    file
}

/// The first items of a pattern, and one more of each kind that a metric selects.
fn examples(pattern: &TaskFile, mut all: TaskItems) -> Vec<Item> {
    let mut rest: Vec<Item> = all.own.split_off(EXAMPLES.min(all.own.len()));
    rest.extend(all.also.into_values().flatten());
    let mut kept = all.own;
    for (facet, value) in pattern.metrics.iter().flat_map(|metric| &metric.select) {
        let has = |item: &Item| item.tags.get(facet) == Some(value);
        if let (false, Some(one)) = (kept.iter().any(has), rest.iter().find(|item| has(item))) {
            kept.push(one.clone());
        }
    }
    for (number, item) in kept.iter_mut().enumerate() {
        item.id = ItemId::new(format!("{EXAMPLE}{}", number + 1));
    }
    kept
}

/// The task without metrics that none of its items could yield: those of arms that only the pattern's published set has.
fn fitting(
    benchmark: &Benchmark,
    pattern: &Task,
    mut file: TaskFile,
    items: &[Item],
) -> Result<TaskFile, Failure> {
    let items = TaskItems { own: items.to_vec(), ..TaskItems::default() };
    let text = toml::to_string(&file)
        .map_err(|error| Failure::usage(format!("it cannot be written as TOML: {error}")))?;
    let mut task = Task::parse(&format!("{}.toml", file.id), &text)?;
    task.codebook = Arc::clone(&pattern.codebook);
    let misfits = fit::check_items(benchmark, &task, &items)?;
    let of_metric = |metric: &MetricRule| {
        let field = format!("metrics.{}.", metric.name);
        misfits.iter().any(|misfit| misfit.field.starts_with(&field))
    };
    file.metrics.retain(|metric| !of_metric(metric));
    Ok(file)
}

/// What is left as it was written here, with what belongs there.
pub(super) fn unwritten(task: &Task, card: &Card, items: &[Item]) -> Vec<Misfit> {
    let file = &task.file;
    let set = &file.dataset.starter;
    let mut found = Vec::new();
    let mut left = |path: &str, field: &str, text: &str, placeholder: &str| {
        if text.trim() == placeholder {
            found.push(Misfit {
                file: path.to_owned(),
                field: field.to_owned(),
                message: format!(
                    "`{placeholder}` is placeholder text: replace it with your own words"
                ),
            });
        }
    };
    left(&task.path, "title", &file.title, &format!("{TITLE}{}", file.id));
    left(&task.path, "question", &file.question, QUESTION);
    file.sources.iter().for_each(|source| left(&task.path, "sources", source, SOURCE));
    file.caveats.iter().for_each(|caveat| left(&task.path, "caveats", caveat, CAVEAT));
    let path = format!("starter/{set}.card.toml");
    left(&path, "title", &card.title, &format!("{TITLE}{}", card.id));
    left(&path, "licence", &card.licence, LICENCE);
    left(&path, "written_by", &card.written_by, WRITTEN_BY);
    left(&path, "description", &card.description, DESCRIPTION);
    left(&path, "gold", &card.gold, GOLD);
    card.limits.iter().for_each(|limit| left(&path, "limits", limit, LIMIT));
    left(&path, "sensitive", &card.sensitive, SENSITIVE);
    let examples: Vec<&str> =
        items.iter().map(|item| item.id.as_str()).filter(|id| is_example(id)).collect();
    if !examples.is_empty() {
        found.push(Misfit {
            file: format!("starter/{set}.jsonl"),
            field: "id".to_owned(),
            message: format!(
                "`{}` are examples of the pattern: write your own items in their place",
                examples.join(", ")
            ),
        });
    }
    found
}

fn is_example(id: &str) -> bool {
    let number = id.strip_prefix(EXAMPLE);
    number.is_some_and(|number| number.parse::<usize>().is_ok())
}

fn card(set: &str, items: &[Item]) -> Card {
    let mut language: Vec<String> = items.iter().map(|item| item.language.clone()).collect();
    language.sort();
    language.dedup();
    Card {
        id: set.to_owned(),
        title: format!("{TITLE}{set}"),
        version: 1,
        licence: LICENCE.to_owned(),
        language,
        records: items.len() as u64,
        written_by: WRITTEN_BY.to_owned(),
        description: DESCRIPTION.to_owned(),
        gold: GOLD.to_owned(),
        limits: vec![LIMIT.to_owned()],
        sensitive: SENSITIVE.to_owned(),
    }
}
