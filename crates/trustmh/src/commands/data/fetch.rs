//! `trustmh data fetch`: sets from their publishers.

use clap::Args;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use trustmh_data::sources::{Bounds, Card, Fetch, Got, Sources};

use super::{DataPlace, card_of};
use crate::arguments::JsonOutput;
use crate::failure::{Exit, Failure};
use crate::{proxies, screen};

/// Download sets from their publishers and verify their checksums
#[derive(Debug, Args)]
pub(crate) struct FetchArguments {
    /// Sets, or `all` for all that can be downloaded
    #[arg(required = true)]
    sets: Vec<String>,
    /// Accept licences that forbid commercial use, and sets that state none
    #[arg(long)]
    accept_licence: bool,
    /// Download from a mirror that keeps files below this address by the paths of their originals
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// Give up after this many seconds without data
    #[arg(long, value_name = "SECS", default_value_t = 30)]
    stall_timeout: u64,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    place: DataPlace,
}

pub(crate) fn run(arguments: &FetchArguments) -> Result<Exit, Failure> {
    let sources = Sources::built_in();
    let cards: Vec<&Card> = match arguments.sets.iter().any(|name| name == "all") {
        true => sources.sets.iter().filter(|card| !card.terms.are_met_by_hand()).collect(),
        false => {
            arguments.sets.iter().map(|set| card_of(sources, set)).collect::<Result<_, _>>()?
        }
    };
    // All questions come first, so that nobody has to wait for them.
    accept(&cards, arguments)?;
    fetch(arguments, &cards, &arguments.place.folder(sources)?)
}

fn fetch(arguments: &FetchArguments, cards: &[&Card], folder: &Path) -> Result<Exit, Failure> {
    let stall = Duration::from_secs(arguments.stall_timeout.max(1));
    let bounds = Bounds { stall, ..Bounds::default() };
    let fetch = Fetch::new(arguments.mirror.as_deref(), bounds, proxies::of_process()?)?;
    let mut got: Vec<Value> = Vec::new();
    for card in cards {
        screen::note(&format!("{}: {}", card.id, card.licence));
        let done = fetch.set(card, folder, &mut |file, how| {
            let (word, bytes) = match how {
                Got::There => ("there", 0),
                Got::Fetched(bytes) => ("fetched", bytes),
            };
            screen::note(&format!("  {word}: {}", file.path));
            got.push(json!({ "set": card.id, "file": file.path, "how": word, "bytes": bytes }));
        });
        done.map_err(Failure::from)?;
    }
    if arguments.output.json {
        screen::print_json(&json!({ "folder": folder.display().to_string(), "files": got }))?;
    } else {
        screen::print(&format!("{}\n", folder.display()));
        screen::note("to use them, pass this folder with --data or set TRUSTMH_DATA to it");
    }
    Ok(Exit::Ok)
}

/// Licences that must be accepted are, by the option or by whoever sits at the terminal. Where nobody can be asked, all are named.
fn accept(cards: &[&Card], arguments: &FetchArguments) -> Result<(), Failure> {
    if arguments.accept_licence {
        return Ok(());
    }
    let asking: Vec<&Card> =
        cards.iter().copied().filter(|card| card.terms.must_be_accepted()).collect();
    let named = |cards: &[&Card]| {
        let named: Vec<String> =
            cards.iter().map(|card| format!("{}: licence: {}", card.id, card.licence)).collect();
        named.join("; ")
    };
    let refused = |cards: &[&Card]| {
        Failure::usage(format!("not accepted, and nothing was downloaded: {}", named(cards)))
            .with_hint("read each licence at its source (`trustmh data show SET`), then add --accept-licence; or name only sets that need none")
    };
    if !asking.is_empty() && !std::io::stdin().is_terminal() {
        return Err(refused(&asking));
    }
    for card in asking {
        let mut err = std::io::stderr();
        let mut line = String::new();
        let question = format!("{}. Type `yes` to download it anyway: ", named(&[card]));
        let typed = write!(err, "{question}")
            .and_then(|()| err.flush())
            .and_then(|()| std::io::stdin().read_line(&mut line));
        match typed {
            Ok(_) if line.trim() == "yes" => {}
            _ => return Err(refused(&[card])),
        }
    }
    Ok(())
}
