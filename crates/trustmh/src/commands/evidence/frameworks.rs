//! The frameworks that packs can be made for, and what they ask.

use clap::Args;
use serde_json::{Value, json};

use trustmh_evidence::framework::Framework;

use super::framework;
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::screen;

/// List the frameworks, or the duties of one
#[derive(Debug, Args)]
pub(crate) struct FrameworksArguments {
    /// Framework whose duties to list
    #[arg(long = "for", value_name = "FRAMEWORK")]
    framework: Option<String>,
    #[command(flatten)]
    output: JsonOutput,
}

pub(crate) fn run(arguments: &FrameworksArguments) -> Result<Exit, Failure> {
    match &arguments.framework {
        Some(name) => one(arguments, &framework(name)?),
        None => all(arguments, &Framework::all()?),
    }?;
    Ok(Exit::Ok)
}

fn all(arguments: &FrameworksArguments, frameworks: &[Framework]) -> Result<(), Failure> {
    if arguments.output.json {
        return screen::print_json(&frameworks.iter().map(head).collect::<Vec<_>>());
    }
    let lines = frameworks.iter().map(|framework| {
        let Framework { id, title, kind, in_force, .. } = framework;
        format!(
            "{id:<14} {title}\n{:<14} {}, from {in_force}, {} duties\n",
            "",
            kind.word(),
            framework.duties.len()
        )
    });
    screen::print(&lines.collect::<String>());
    Ok(())
}

fn one(arguments: &FrameworksArguments, framework: &Framework) -> Result<(), Failure> {
    if arguments.output.json {
        let duties: Vec<Value> = framework
            .duties
            .iter()
            .map(|duty| {
                json!({
                    "id": duty.id,
                    "section": duty.section,
                    "title": duty.title,
                    "says": duty.says,
                    "since": duty.since,
                    "needs": duty.needs,
                    "at_most": duty.at_most,
                    "because": duty.because,
                    "note": duty.note,
                })
            })
            .collect();
        let mut shown = head(framework);
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("duties".to_owned(), json!(duties));
        }
        return screen::print_json(&shown);
    }
    let mut text = format!(
        "{}\n{}\nVersion: {}. Read on {}.\n\n",
        framework.title, framework.source, framework.version, framework.read_on
    );
    for duty in &framework.duties {
        text.push_str(&format!("{}  {} (from {})\n", duty.section, duty.title, duty.since));
        text.push_str(&format!("  {}\n", duty.says.trim()));
    }
    screen::print(&text);
    Ok(())
}

fn head(framework: &Framework) -> Value {
    json!({
        "id": framework.id,
        "title": framework.title,
        "kind": framework.kind,
        "jurisdiction": framework.jurisdiction,
        "source": framework.source,
        "url": framework.url,
        "version": framework.version,
        "in_force": framework.in_force,
        "read_on": framework.read_on,
        "applies": framework.applies,
        "not_proved": framework.not_proved,
    })
}
