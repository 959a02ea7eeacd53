//! `trustmh cite`: how to cite the program, the benchmark, and the data of runs.

use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::path::PathBuf;

use trustmh_core::scorecard::{ItemOrigin, ItemSource};
use trustmh_data::published::PublishedSet;
use trustmh_data::sources::Card;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::citation::{Reference, ReferenceKind, bibtex, text};
use trustmh_run::manifest::Manifest;

use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::run_folder::RunFolder;
use crate::screen;

/// Show how to cite the program, the benchmark and the data sets that runs used
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CiteArguments {
    /// Run folders or bundles whose data sets are cited too
    runs: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: CiteFormat,
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh cite
  trustmh cite runs/RUN --format bibtex > references.bib

What is not recorded, such as the authors of a set, is left out; the entry says where to find it.";

/// What references are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CiteFormat {
    /// For people
    Text,
    /// For LaTeX
    Bibtex,
    /// For programs
    Json,
}

/// Who made the program, and the paper of the benchmark.
const CITATION: &str = include_str!("../../../../CITATION.cff");

pub(crate) fn run(arguments: &CiteArguments) -> Result<Exit, Failure> {
    let mut references = vec![program(), benchmark()?];
    let mut cited = BTreeSet::new();
    let mut starter = BTreeSet::new();
    for run in &arguments.runs {
        let folder = RunFolder::open(run)?;
        let manifest = Manifest::read(folder.path())?;
        for source in manifest.tasks.values().map(|task| &task.source) {
            if source.origin == ItemOrigin::Starter {
                starter.insert(source.dataset.to_string());
            }
            for reference in data(source) {
                if cited.insert(reference.key.clone()) {
                    references.push(reference);
                }
            }
        }
    }
    references.extend(starter_items(&starter));
    let format = if arguments.output.json { CiteFormat::Json } else { arguments.format };
    match format {
        CiteFormat::Text => screen::print(&text(&references)),
        CiteFormat::Bibtex => screen::print(&bibtex(&references)),
        CiteFormat::Json => screen::print_json(&references)?,
    }
    Ok(Exit::Ok)
}

/// The value of a key of the citation file, at the depth of so many blanks.
fn said(depth: usize, key: &str) -> Option<&'static str> {
    CITATION.lines().find_map(|line| {
        let text = line.trim_start_matches([' ', '-']);
        let at = line.len() - text.len();
        let value = text.strip_prefix(key)?.strip_prefix(':')?.trim();
        (at == depth).then(|| value.trim_matches('"'))
    })
}

fn program() -> Reference {
    let title = said(0, "title").unwrap_or("TrustMH");
    Reference {
        authors: said(4, "name").map(str::to_owned),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        licence: said(0, "license").map(str::to_owned),
        ..Reference::new("trustmh", ReferenceKind::Program, title)
    }
}

fn benchmark() -> Result<Reference, Failure> {
    let release = Benchmark::embedded()?.release()?;
    let title = said(4, "title").unwrap_or("TrustMH-Bench");
    let number = said(8, "value").and_then(|value| value.strip_prefix("arXiv:"));
    let citation = number.map(|number| format!("arXiv {number}")).unwrap_or_default();
    let mut reference =
        Reference::new("trustmh-bench", ReferenceKind::Benchmark, title).described_in(&citation);
    reference.version = Some(format!("tasks of release {} of this program", release.in_words()));
    reference.notes.push(authors_of(&reference));
    Ok(reference)
}

/// Where authors and the full title stand that are not recorded here.
fn authors_of(reference: &Reference) -> String {
    match reference.place() {
        Some(place) => format!("authors and full title are not recorded here: see {place}"),
        None => "authors are not recorded here".to_owned(),
    }
}

/// The starter items: one work, of which a run uses some sets.
fn starter_items(sets: &BTreeSet<String>) -> Option<Reference> {
    if sets.is_empty() {
        return None;
    }
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    Some(Reference {
        licence: Some("CC BY 4.0".to_owned()),
        authors: said(4, "name").map(str::to_owned),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        notes: vec![format!("sets used: {}", sets.join(", "))],
        ..Reference::new(
            "trustmh-starter-items",
            ReferenceKind::DataSet,
            "Starter items of TrustMH",
        )
    })
}

/// The sets that a task's items are from; of starter items [`starter_items`] speaks.
fn data(source: &ItemSource) -> Vec<Reference> {
    let id = source.dataset.as_str();
    let unknown = |title: String, note: &str| {
        let mut reference = Reference::new(id, ReferenceKind::DataSet, &title);
        reference.notes.push(note.to_owned());
        vec![reference]
    };
    match (source.origin, PublishedSet::with_id(&source.dataset)) {
        (ItemOrigin::Published | ItemOrigin::Imported, Some(set)) => {
            let used: Vec<&Card> = set.cards().filter(|card| is_used(card, source)).collect();
            let cards = if used.is_empty() { set.cards().collect() } else { used };
            cards.into_iter().map(published).collect()
        }
        // They are one work, whichever sets of it were used.
        (ItemOrigin::Starter, _) => Vec::new(),
        (ItemOrigin::Own, _) => unknown(
            format!("Items of one's own: {id}"),
            "whoever made the run knows where they are from",
        ),
        (ItemOrigin::Observed, _) => unknown(
            "Conversations that took place".to_owned(),
            "read from transcripts; whoever made the run knows where they are from",
        ),
        (ItemOrigin::Published | ItemOrigin::Imported, None) => {
            unknown(format!("Data set {id}"), "nothing is recorded of where it is from")
        }
    }
}

/// Whether a run read a file of the card; a table in the place of one has the file's name without its ending.
fn is_used(card: &Card, source: &ItemSource) -> bool {
    let name = |path: &str| path.rsplit('/').next().map(str::to_lowercase).unwrap_or_default();
    let stem = |path: &str| name(path).split('.').next().map(str::to_owned).unwrap_or_default();
    let own: Vec<String> = card.files.iter().map(|file| stem(&file.path)).collect();
    source.files.keys().any(|file| {
        own.contains(&stem(file))
            || file.to_lowercase().split(['/', '-']).any(|part| own.contains(&part.to_owned()))
    })
}

fn published(card: &Card) -> Reference {
    let mut reference = Reference {
        version: Some(card.version.clone()),
        licence: Some(card.licence.clone()),
        ..Reference::new(&card.id, ReferenceKind::DataSet, &card.title)
    }
    .described_in(&card.citation);
    reference.notes.push(authors_of(&reference));
    reference.notes.extend(card.disclaimer.clone());
    reference
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_data::sources::Sources;

    #[test]
    fn the_citation_file_says_what_is_taken_from_it() {
        assert_eq!(said(0, "title"), Some("TrustMH"));
        assert_eq!(said(4, "name"), Some("TrustMH contributors"));
        assert_eq!(said(0, "version"), Some(env!("CARGO_PKG_VERSION")));
        let paper = benchmark().unwrap();
        assert_eq!((paper.arxiv.as_deref(), paper.year), (Some("2603.03047"), Some(2026)));
        assert_eq!(paper.title, "TrustMH-Bench");
    }

    #[test]
    fn every_published_set_says_where_it_is_described() {
        for card in &Sources::built_in().sets {
            let reference = published(card);
            let described = reference.notes.iter().any(|note| note.starts_with("described in: "));
            assert!(reference.place().is_some() || described, "{reference:?}");
        }
    }
}
