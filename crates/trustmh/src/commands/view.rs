//! `trustmh view`: runs in the browser.

mod browser;
mod door;

use clap::Args;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use tokio::net::TcpListener;

use trustmh_view::{Access, Ratings, Runs, Sample, Viewer, router, serve};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::judge_cards;
use crate::runtime::runtime;
use crate::screen;
use door::{Door, Wanted};

/// Browse runs in a web browser, and rate replies
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ViewArguments {
    /// Runs, or folders of runs
    #[arg(default_value = "runs")]
    runs: Vec<PathBuf>,
    /// Let people rate replies, flag trials and note what they see; all of it is saved beside the run
    #[arg(long)]
    annotate: bool,
    /// With --annotate: show everybody the same N random replies of each task
    #[arg(long, value_name = "N", requires = "annotate")]
    sample: Option<NonZeroUsize>,
    /// With --sample: seed of the draw [default: that of the run]
    #[arg(long, value_name = "S", requires = "sample")]
    seed: Option<u64>,
    /// Port to listen on [default: that of last time, or one that is free]
    #[arg(long, value_name = "N", conflicts_with = "listen")]
    port: Option<u16>,
    /// Address to listen on, in place of 127.0.0.1; beyond this machine, --password-env is required
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Open the address in the browser
    #[arg(long)]
    open: bool,
    /// Replace the token in the address: bookmarks and links of before no longer work
    #[arg(long)]
    new_token: bool,
    /// Environment variable that holds a password, required in addition to the token
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh view --open
  trustmh view runs/RUN --annotate --sample 60 --seed 7
  trustmh view runs --listen 0.0.0.0:8080 --password-env VIEW_PASSWORD

It prints the address to open, which contains a token and is the same at the next start with the
same folders. docs/security.md describes the protection.";

pub(crate) fn run(arguments: &ViewArguments) -> Result<Exit, Failure> {
    for place in &arguments.runs {
        if !place.is_dir() {
            return Err(Failure::usage(format!("{} is not a folder", place.display()))
                .with_hint("name a run or a folder of runs; `trustmh run` creates one"));
        }
    }
    let password = password(arguments)?;
    let ratings = if arguments.annotate { Ratings::Taken } else { Ratings::ReadOnly };
    let viewer = Viewer {
        benchmark: benchmark(&arguments.tasks_from)?,
        cards: judge_cards()?,
        runs: Runs::of(arguments.runs.clone()),
        ratings,
        sample: match arguments.sample {
            Some(count) => Sample::Of { count: count.get(), seed: arguments.seed },
            None => Sample::All,
        },
    };
    let door = Door::to(&arguments.runs, wanted(arguments))?;
    let once = if arguments.open { Some(door::fresh()?) } else { None };
    runtime()?.block_on(async {
        let listener = listen(arguments, door.port).await?;
        let address = listener.local_addr().map_err(|error| cannot_listen(&error))?;
        door.keep(address.port());
        let at = |token: &str| format!("http://{address}/{token}/");
        if arguments.output.json {
            // On one line, for scripts that read the first.
            screen::print_json_text(&format!("{}\n", json!({ "url": at(door.token.as_str()) })));
        } else {
            screen::print(&format!("{}\n", at(door.token.as_str())));
            screen::note("open this address in a browser; press Ctrl-C to stop");
        }
        // What a list of processes shows works a single time.
        if let Some(Err(error)) = once.as_ref().map(|once| browser::open(&at(once.as_str()))) {
            screen::note(&format!("no browser could be opened: {error}"));
        }
        let access = match password {
            Some(password) => Access::Password(password),
            None => Access::Loopback(address),
        };
        let ended = async {
            // Where the signal cannot be waited for, the process is ended from outside.
            let _ = tokio::signal::ctrl_c().await;
        };
        let pages = router(viewer, door.token.clone(), once, access);
        serve(listener, pages, ended).await.map_err(|error| cannot_listen(&error))
    })?;
    Ok(Exit::Ok)
}

/// An address that leaves this machine is not kept: more people come to see it.
fn wanted(arguments: &ViewArguments) -> Wanted {
    match arguments.listen {
        Some(address) if !address.ip().is_loopback() => Wanted::ForOnce,
        Some(_) | None if arguments.new_token => Wanted::New,
        Some(_) | None => Wanted::Kept,
    }
}

/// Listens where it was told to; where nothing was said, at the port of last time, or at a free one if that is taken.
async fn listen(arguments: &ViewArguments, last: Option<u16>) -> Result<TcpListener, Failure> {
    let here = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Some(address) = arguments.listen {
        let bound = TcpListener::bind(address).await;
        return bound
            .map_err(|error| Failure::usage(format!("cannot listen at {address}: {error}")));
    }
    if let Some(port) = arguments.port {
        let bound = TcpListener::bind(here(port)).await;
        return bound.map_err(|error| {
            Failure::usage(format!("cannot listen on port {port}: {error}"))
                .with_hint("name another one with --port, or leave it out")
        });
    }
    if let Some(port) = last
        && let Ok(listener) = TcpListener::bind(here(port)).await
    {
        return Ok(listener);
    }
    TcpListener::bind(here(0)).await.map_err(|error| cannot_listen(&error))
}

fn cannot_listen(error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot listen on this machine: {error}"))
}

/// The password, which anything beyond this machine needs.
fn password(arguments: &ViewArguments) -> Result<Option<String>, Failure> {
    let Some(name) = &arguments.password_env else {
        let Some(address) = arguments.listen.filter(|address| !address.ip().is_loopback()) else {
            return Ok(None);
        };
        return Err(Failure::usage(format!("{address} can be reached from other machines"))
        .with_hint(
            "name a variable that holds a password with --password-env NAME, and put a TLS proxy in front",
        ));
    };
    match std::env::var(name) {
        Ok(password) if password.chars().count() >= 12 => Ok(Some(password)),
        Ok(_) => Err(Failure::usage(format!("the password in {name} is too short"))
            .with_hint("use 12 characters or more")),
        Err(_) => Err(Failure::usage(format!("the variable {name} is not set"))),
    }
}
