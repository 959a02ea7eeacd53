//! `trustmh data`: published sets, from their publishers to a folder.

use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use trustmh_core::item::ItemContent;
use trustmh_data::published::{Decoding, PublishedSet};
use trustmh_data::sources::{Bounds, Card, Fetch, FileState, Got, Sources, Terms, verify};
use trustmh_report::sections::{self, Section};

use super::whole::whole;
use super::{data_card, shelf};
use crate::arguments::{DataAction, DataArguments, DataPlace};
use crate::failure::{Exit, Failure};
use crate::screen;
use crate::user_folders;

pub(super) fn run(arguments: &DataArguments) -> Result<Exit, Failure> {
    let sources = Sources::built_in();
    match &arguments.action {
        DataAction::List { json, place } => list(&sources, &folder(&sources, place)?, *json),
        DataAction::Show { set, json } => show(sources.card(set)?, *json),
        DataAction::Card { set, tasks_from } => {
            screen::print(&data_card::sheet(&sources, &shelf(tasks_from)?, set)?);
            Ok(Exit::Ok)
        }
        DataAction::Fetch { sets, accept_licence, mirror, stall_timeout, json, place } => {
            let bounds =
                Bounds { stall: Duration::from_secs((*stall_timeout).max(1)), ..Bounds::default() };
            let accepted = if *accept_licence { Accepted::All } else { Accepted::Asked };
            let asked =
                Asked { fetch: Fetch::new(mirror.as_deref(), bounds), accepted, json: *json };
            fetch(&asked, &chosen(&sources, sets)?, &folder(&sources, place)?)
        }
        DataAction::Verify { sets, json, place } => {
            let cards: Vec<&Card> = if sets.is_empty() {
                sources.sets.iter().collect()
            } else {
                chosen(&sources, sets)?
            };
            check(&cards, &folder(&sources, place)?, sets.is_empty(), *json)
        }
        DataAction::Import { set, file, json, place } => {
            import(sources.card(set)?, file, &folder(&sources, place)?, *json)
        }
        DataAction::Where { place } => {
            screen::print(&format!("{}\n", folder(&sources, place)?.display()));
            Ok(Exit::Ok)
        }
    }
}

fn folder(sources: &Sources, place: &DataPlace) -> Result<PathBuf, Failure> {
    match &place.data {
        Some(folder) => Ok(folder.clone()),
        None => Ok(user_folders::data()?.join(sources.edition.to_string())),
    }
}

fn chosen<'s>(sources: &'s Sources, names: &[String]) -> Result<Vec<&'s Card>, Failure> {
    if names.iter().any(|name| name == "all") {
        return Ok(sources.sets.iter().filter(|card| !card.terms.are_met_by_hand()).collect());
    }
    names.iter().map(|name| Ok(sources.card(name)?)).collect()
}

fn told<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::usage(format!("it cannot be written as JSON: {error}")))?;
    screen::print_json(&(text + "\n"));
    Ok(())
}

fn list(sources: &Sources, folder: &Path, json: bool) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    let mut objects = Vec::new();
    for card in &sources.sets {
        let states = verify(card, folder)?;
        let there = states.iter().filter(|(_, state)| *state != FileState::Missing).count();
        let here = match there {
            0 if card.terms == Terms::Gated => "by its owners",
            0 if card.terms == Terms::ByHand => "by hand",
            0 => "no",
            all if all == states.len() => "yes",
            _ => "in part",
        };
        objects.push(json!({
            "id": card.id, "title": card.title, "licence": card.licence, "terms": card.terms,
            "records": card.records, "bytes": size(card), "here": here,
        }));
        rows.push(vec![
            card.id.clone(),
            card.records.to_string(),
            size(card).map_or_else(
                || "unknown".to_owned(),
                |bytes| format!("{} kB", bytes.div_ceil(1024)),
            ),
            card.licence.clone(),
            here.to_owned(),
        ]);
    }
    if json {
        told(&objects)?;
        return Ok(Exit::Ok);
    }
    let section = Section {
        title: format!("Published sets; data folder: {}", folder.display()),
        head: ["set", "records", "size", "licence", "here"].map(str::to_owned).into(),
        rows,
        notes: vec![
            "trustmh data show SET tells what is wrong with one, and how to get it.".to_owned(),
        ],
    };
    screen::print(&sections::terminal(&[section], screen::width()));
    Ok(Exit::Ok)
}

fn size(card: &Card) -> Option<u64> {
    card.files.iter().map(|file| file.bytes).sum()
}

fn show(card: &Card, json: bool) -> Result<Exit, Failure> {
    if json {
        told(card)?;
        return Ok(Exit::Ok);
    }
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
    screen::print(&text);
    Ok(Exit::Ok)
}

/// Whose licences are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepted {
    /// All.
    All,
    /// Those that whoever sits at the terminal accepts.
    Asked,
}

struct Asked {
    fetch: Fetch,
    accepted: Accepted,
    json: bool,
}

fn fetch(asked: &Asked, cards: &[&Card], folder: &Path) -> Result<Exit, Failure> {
    let mut got: Vec<Value> = Vec::new();
    // All questions come first, so that nobody has to wait for them.
    for card in cards {
        accept(card, asked.accepted)?;
    }
    for card in cards {
        screen::note(&format!("{}: {}", card.id, card.licence));
        let done = asked.fetch.set(card, folder, &mut |file, how| {
            let (word, bytes) = match how {
                Got::There => ("there", 0),
                Got::Fetched(bytes) => ("fetched", bytes),
            };
            screen::note(&format!("  {word}: {}", file.path));
            got.push(json!({ "set": card.id, "file": file.path, "how": word, "bytes": bytes }));
        });
        done.map_err(Failure::from)?;
    }
    if asked.json {
        told(&json!({ "folder": folder.display().to_string(), "files": got }))?;
    } else {
        screen::print(&format!("{}\n", folder.display()));
        screen::note("run with: --data DIR, or set TRUSTMH_DATA to that folder");
    }
    Ok(Exit::Ok)
}

fn accept(card: &Card, accepted: Accepted) -> Result<(), Failure> {
    if !card.terms.must_be_accepted() || accepted == Accepted::All {
        return Ok(());
    }
    let why = format!("{}: licence: {}", card.id, card.licence);
    let hint = "read the licence at its source, then say --accept-licence";
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(why).with_hint(hint));
    }
    let mut err = std::io::stderr();
    let mut line = String::new();
    let typed = write!(err, "{why}. Type `yes` to fetch it nevertheless: ")
        .and_then(|()| err.flush())
        .and_then(|()| std::io::stdin().read_line(&mut line));
    match typed {
        Ok(_) if line.trim() == "yes" => Ok(()),
        _ => Err(Failure::usage(why).with_hint(hint)),
    }
}

fn check(cards: &[&Card], folder: &Path, only_there: bool, json: bool) -> Result<Exit, Failure> {
    let (mut exit, mut objects, mut text) = (Exit::Ok, Vec::new(), String::new());
    for card in cards {
        let states = verify(card, folder)?;
        if only_there && states.iter().all(|(_, state)| *state == FileState::Missing) {
            continue;
        }
        for (path, state) in &states {
            let word = match state {
                FileState::Published => "published".to_owned(),
                FileState::Unknown => "there; no sum is known".to_owned(),
                FileState::Missing => "missing".to_owned(),
                FileState::Changed { why } => format!("NOT the published file: {why}"),
            };
            if matches!(state, FileState::Changed { .. } | FileState::Missing) {
                exit = Exit::CheckFailed;
            }
            text.push_str(&format!("{:<20} {path}: {word}\n", card.id));
        }
        objects.push(json!({ "set": card.id, "files": states.iter().map(|(path, state)| json!({ "file": path, "is": state })).collect::<Vec<_>>() }));
    }
    if json {
        told(&objects)?;
    } else if text.is_empty() {
        screen::print(&format!("no set is in {}\n", folder.display()));
    } else {
        screen::print(&text);
    }
    Ok(exit)
}

/// The reader that a set's file must please.
fn reader(card: &Card) -> Option<PublishedSet> {
    PublishedSet::on_card(card).filter(|_| card.terms.are_met_by_hand())
}

type Counts = std::collections::BTreeMap<String, u64>;

fn import(card: &Card, file: &Path, folder: &Path, json: bool) -> Result<Exit, Failure> {
    let (Some(set), [wanted]) = (reader(card), card.files.as_slice()) else {
        return Err(Failure::usage(format!("{} is fetched, not imported", card.id))
            .with_hint(format!("trustmh data fetch {}", card.id)));
    };
    let place = folder.join(&wanted.path);
    // It is read where it would stand, in a folder of its own, before anything of the user's is touched.
    let trial = folder.join(".partial").join(format!("import-{}", std::process::id()));
    let read = copy(file, &trial.join(&wanted.path))
        .and_then(|()| set.read(&trial, Decoding::Repaired).map_err(Failure::from));
    let removed = std::fs::remove_dir_all(&trial);
    let dataset = read?;
    removed.map_err(|error| Failure::io(&trial, "removing", &error))?;
    copy(file, &place)?;
    let mut labels = Counts::new();
    let mut tags = Counts::new();
    for item in &dataset.items {
        if let ItemContent::Labelled(labelled) = &item.content {
            let label = labelled.label.as_deref().unwrap_or("no label");
            let counted = format!("{}: {label}", labelled.scheme);
            *labels.entry(counted).or_default() += 1;
        }
        for (facet, value) in &item.tags {
            *tags.entry(format!("{facet} = {value}")).or_default() += 1;
        }
    }
    // Names of single records are no facets.
    tags.retain(|_, count| *count > 1);
    let found = json!({
        "set": card.id, "file": place.display().to_string(), "records": dataset.items.len(),
        "published_records": card.records, "labels": labels, "tags": tags, "warnings": dataset.source.warnings,
    });
    if json {
        told(&found)?;
        return Ok(Exit::Ok);
    }
    let mut text = format!("{}: {} records", place.display(), dataset.items.len());
    text.push_str(&format!(" (the published set has {})\n", card.records));
    for (counted, count) in labels.iter().chain(&tags) {
        text.push_str(&format!("  {count:>6} {counted}\n"));
    }
    for warning in &dataset.source.warnings {
        text.push_str(&format!("  ! {warning}\n"));
    }
    screen::print(&text);
    Ok(Exit::Ok)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let folder = to.parent().unwrap_or(to);
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::io(folder, "creating the folder", &error))?;
    let mut source =
        std::fs::File::open(from).map_err(|error| Failure::io(from, "reading", &error))?;
    whole(to, |out| Ok(std::io::copy(&mut source, out).map(drop)?))
}
