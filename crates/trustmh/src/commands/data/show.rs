//! `trustmh data show`: a set's card.

use clap::Args;

use trustmh_data::sources::{Card, Sources};

use super::card_of;
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Show a set's card: version, licence, files with checksums, citation, known defects
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Set
    set: String,
    #[command(flatten)]
    output: JsonOutput,
}

pub(crate) fn run(arguments: &ShowArguments) -> Result<Exit, Failure> {
    let sources = Sources::built_in();
    let card = card_of(sources, &arguments.set)?;
    if arguments.output.json {
        screen::print_json(card)?;
    } else {
        screen::print(&told(card));
    }
    Ok(Exit::Ok)
}

fn told(card: &Card) -> String {
    let mut text = format!("{}\n{}\n\n", card.id, card.title);
    let tasks = if card.tasks.is_empty() { "none".to_owned() } else { card.tasks.join(", ") };
    for (name, value) in [
        ("version", card.version.as_str()),
        ("licence", &card.licence),
        ("citation", &card.citation),
        ("records", &card.records.to_string()),
        ("tasks", &tasks),
    ] {
        text.push_str(&format!("{name:<10} {value}\n"));
    }
    if let Some(disclaimer) = &card.disclaimer {
        text.push_str(&format!("\nDisclaimer: {disclaimer}\n"));
    }
    text.push_str("\nKnown defects:\n");
    card.defects.iter().for_each(|defect| text.push_str(&format!("  - {defect}\n")));
    text.push_str("\nFiles:\n");
    for file in &card.files {
        text.push_str(&format!("  {}\n", file.path));
        let bytes = file.bytes.map(|bytes| format!("{bytes} bytes"));
        let sum = file.sha256.as_ref().map(|sum| format!("sha256 {sum}"));
        let begins = file.sha256_begins.as_ref().map(|sum| format!("sha256 begins {sum}"));
        let blob = file.git_blob.as_ref().map(|sum| format!("git blob {sum}"));
        let from = file.url.clone();
        let inside = file.member.as_ref().map(|member| format!("inside as {member}"));
        for line in [bytes, sum, begins, blob, from, inside].into_iter().flatten() {
            text.push_str(&format!("      {line}\n"));
        }
    }
    if let Some(how) = &card.how {
        text.push_str(&format!("\nHow to get it: {how}\n"));
    }
    text
}
