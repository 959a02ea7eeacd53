//! `trustmh attack`: wrap intents in the eight attack styles.

use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

use trustmh_core::item::{AttackMethod, Intent, ItemContent};

use crate::arguments::{SEED, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::{screen, suggest};

/// Wrap requests in the eight attack styles
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AttackArguments {
    /// JSONL file of items of kind `intent`, or a text file with one request per line
    intents: PathBuf,
    /// Method, or `all`; repeatable
    #[arg(long, value_name = "METHOD", default_value = "all")]
    method: Vec<String>,
    /// Seed that picks among a method's texts
    #[arg(long, value_name = "N", default_value_t = SEED)]
    seed: u64,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh attack intents.jsonl --method all > attacked.jsonl
  trustmh attack intents.txt --method scenario --method step-by-step

The output is JSONL: id, objective, method, prompt.";

#[derive(Serialize)]
struct Attacked<'a> {
    id: &'a str,
    objective: &'a str,
    method: &'a str,
    prompt: String,
}

pub(crate) fn run(arguments: &AttackArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let methods = methods(&arguments.method)?;
    let mut lines = String::new();
    for (id, intent) in intents(&arguments.intents)? {
        for method in &methods {
            let attacked = Attacked {
                id: &id,
                objective: &intent.objective,
                method: method.slug(),
                prompt: benchmark.attacks().apply(*method, &intent.text, arguments.seed),
            };
            let line = serde_json::to_string(&attacked)
                .map_err(|error| Failure::usage(format!("{id}: {error}")))?;
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    screen::print_json_text(&lines);
    Ok(Exit::Ok)
}

fn methods(asked: &[String]) -> Result<Vec<AttackMethod>, Failure> {
    if asked.iter().any(|method| method == "all") {
        return Ok(AttackMethod::ALL.to_vec());
    }
    asked
        .iter()
        .map(|slug| {
            slug.parse().map_err(|_| {
                let known = AttackMethod::ALL.map(AttackMethod::slug);
                let listed = format!("methods: {}, all", known.join(", "));
                Failure::usage(format!("no attack method `{slug}`"))
                    .with_hint(suggest::hint(slug, known, &listed))
            })
        })
        .collect()
}

/// Items of kind `intent` from JSONL, or one intent a line from plain text.
fn intents(path: &Path) -> Result<Vec<(String, Intent)>, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error))?;
    let file = path.display().to_string();
    if path.extension().is_none_or(|ending| ending != "jsonl") {
        let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        return Ok(lines
            .map(|(index, line)| {
                let intent = Intent {
                    objective: "unspecified".to_owned(),
                    text: line.to_owned(),
                    attacked: std::collections::BTreeMap::new(),
                };
                (format!("line-{}", index + 1), intent)
            })
            .collect());
    }
    trustmh_data::items::read_jsonl(&text, &file, trustmh_data::codebook::built_in())?
        .into_iter()
        .map(|item| match item.content {
            ItemContent::Intent(intent) => Ok((item.id.as_str().to_owned(), intent)),
            other => Err(Failure::usage(format!(
                "{file}: item {} is of kind `{}`, not `intent`",
                item.id,
                other.kind().slug()
            ))),
        })
        .collect()
}
