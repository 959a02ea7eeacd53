//! `trustmh models`: the models that go by short names.

use clap::Args;
use serde_json::json;
use std::path::PathBuf;

use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::models;
use crate::screen;

/// List the models that have short names, among them the 12 published ones
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ModelsArguments {
    /// Your own table, laid out like benchmark/models.toml
    #[arg(long, value_name = "FILE")]
    models: Option<PathBuf>,
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh models
  trustmh run --subject claude-sonnet-4.5 --judge gpt-4o-mini --data ~/trustmh-data";

pub(crate) fn run(arguments: &ModelsArguments) -> Result<Exit, Failure> {
    let presets = models::presets(arguments.models.as_deref())?;
    if arguments.output.json {
        screen::print_json(&json!({ "as_of": presets.as_of, "models": presets.models }))?;
        return Ok(Exit::Ok);
    }
    for (name, preset) in &presets.models {
        screen::print(&format!("{name:<20} {}\n", preset.model));
        let mut more = vec![("chats", preset.chat_format.as_str()), ("name", &preset.exact)];
        more.extend(preset.traits.thinks.map(|thinks| ("thinks", thinks.in_words())));
        more.extend(preset.base_url.as_deref().map(|url| ("at", url)));
        more.extend(preset.key_env.as_deref().map(|variable| ("key", variable)));
        for (what, text) in more {
            screen::print(&format!("{:20} {what}: {text}\n", ""));
        }
    }
    screen::print(&format!("\nChecked on {}; confirm names with your provider.\n", presets.as_of));
    Ok(Exit::Ok)
}
