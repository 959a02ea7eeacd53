//! `trustmh data card`: a data sheet of a set (Gebru et al. 2021, doi 10.1145/3458723).

use clap::Args;
use std::collections::BTreeMap;

use trustmh_core::item::Item;
use trustmh_data::sources::{Card, Sources, Terms};
use trustmh_data::starter::{self, Shelf};

use crate::arguments::TaskSource;
use crate::benchmark::starter_sets;
use crate::failure::{Exit, Failure};
use crate::{screen, suggest};

/// Print a data sheet in Markdown, for a published set or a set of starter items
#[derive(Debug, Args)]
pub(crate) struct CardArguments {
    /// Set, such as psyleak or ethics-reasoning
    set: String,
    #[command(flatten)]
    tasks_from: TaskSource,
}

pub(crate) fn run(arguments: &CardArguments) -> Result<Exit, Failure> {
    let starter = starter_sets(&arguments.tasks_from)?;
    screen::print(&sheet(Sources::built_in(), &starter, &arguments.set)?);
    Ok(Exit::Ok)
}

fn sheet(sources: &Sources, shelf: &Shelf, set: &str) -> Result<String, Failure> {
    if let Ok(card) = sources.card(set) {
        return Ok(published(card));
    }
    if !shelf.names().contains(&set) {
        let published: Vec<&str> = sources.sets.iter().map(|card| card.id.as_str()).collect();
        let own = shelf.names();
        let listed =
            format!("published: {}; starter items: {}", published.join(", "), own.join(", "));
        let known = published.iter().chain(&own).copied();
        return Err(Failure::usage(format!("there is no set `{set}`"))
            .with_hint(suggest::hint(set, known, &listed)));
    }
    let card = shelf.card(set)?;
    Ok(own(&card, &shelf.read(set)?.items))
}

fn published(card: &Card) -> String {
    let mut text = format!("# {}\n\n", card.title);
    let terms = match card.terms {
        Terms::Open => "can be fetched",
        Terms::NonCommercial => {
            "can be fetched once its licence, which bars commercial use, is accepted"
        }
        Terms::NotStated => "can be fetched once it is accepted that no clear licence is stated",
        Terms::ByHand => "has to be taken out of its archive by hand",
        Terms::Gated => "is given out by its owners",
    };
    for (name, value) in [
        ("Set", card.id.clone()),
        ("Version", card.version.clone()),
        ("Licence", format!("{}; it {terms}", card.licence)),
        ("Described in", card.citation.clone()),
        ("Records", card.records.to_string()),
        (
            "Asked by",
            if card.tasks.is_empty() { "no task".to_owned() } else { card.tasks.join(", ") },
        ),
    ] {
        text.push_str(&format!("- **{name}:** {value}\n"));
    }
    if let Some(disclaimer) = &card.disclaimer {
        text.push_str(&format!("\n## Disclaimer\n\n{disclaimer}\n"));
    }
    text.push_str("\n## Known defects\n\n");
    card.defects.iter().for_each(|defect| text.push_str(&format!("- {defect}\n")));
    text.push_str("\n## Contamination\n\nThe set is public: models may have seen it in training, keys included.\n\n## Files\n\n");
    text.push_str("| file | bytes | sum |\n|---|---|---|\n");
    for file in &card.files {
        let bytes = file.bytes.map_or_else(|| "unknown".to_owned(), |bytes| bytes.to_string());
        let sum = [
            ("sha256", &file.sha256),
            ("sha256 begins", &file.sha256_begins),
            ("git blob", &file.git_blob),
        ]
        .into_iter()
        .find_map(|(kind, sum)| Some(format!("{kind} {}", sum.as_ref()?)))
        .unwrap_or_else(|| "not known".to_owned());
        text.push_str(&format!("| {} | {bytes} | {sum} |\n", file.path));
    }
    if let Some(how) = &card.how {
        text.push_str(&format!("\n## How to get it\n\n{how}\n"));
    }
    text
}

fn own(card: &starter::Card, items: &[Item]) -> String {
    let mut text = format!("# {}\n\n", card.title);
    for (name, value) in [
        ("Set", format!("{}, version {}", card.id, card.version)),
        ("Licence", card.licence.clone()),
        ("Languages", card.language.join(", ")),
        ("Items", items.len().to_string()),
        ("Written by", card.written_by.clone()),
    ] {
        text.push_str(&format!("- **{name}:** {value}\n"));
    }
    text.push_str(&format!("\n## What it is\n\n{}\n", card.description.trim()));
    text.push_str(&format!(
        "\n## Where its gold comes from\n\n{}\n\n## Limits\n\n",
        card.gold.trim()
    ));
    card.limits.iter().for_each(|limit| text.push_str(&format!("- {limit}\n")));
    text.push_str(&format!("\n## Sensitive matters\n\n{}\n", card.sensitive.trim()));
    text.push_str(
        "\n## Contamination\n\nThe items are in a public repository. Their file carries a canary: if you train models, please \
         leave out files with that line; if a model can recite it, its scores here mean little.\n",
    );
    let mut tags: BTreeMap<String, u64> = BTreeMap::new();
    for (facet, value) in items.iter().flat_map(|item| &item.tags) {
        *tags.entry(format!("{facet} = {value}")).or_default() += 1;
    }
    if !tags.is_empty() {
        text.push_str("\n## Items by facet\n\n| facet | items |\n|---|---|\n");
        tags.iter().for_each(|(tag, count)| text.push_str(&format!("| {tag} | {count} |\n")));
    }
    text
}
