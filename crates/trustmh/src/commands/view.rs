//! `trustmh view`: runs in the browser.

mod browser;
mod door;
mod one_call;
mod outlook;
mod startable;

use clap::Args;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

use trustmh_view::{Access, Ratings, Runs, Sample, Starting, Viewer, router, serve};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::judge_cards;
use crate::running::how_to_resume;
use crate::runtime::runtime;
use crate::{screen, signals};
use door::{Door, Wanted};
use startable::{DATA_VARIABLE, ThisProgram};

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
    /// Let pages start, stop and resume runs; only on this machine
    #[arg(long)]
    allow_runs: bool,
    /// With --allow-runs: a folder of published data that runs may use [default: $TRUSTMH_DATA]
    #[arg(long, value_name = "DIR", requires = "allow_runs")]
    data: Option<PathBuf>,
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
  trustmh view --allow-runs
  trustmh view runs --listen 0.0.0.0:8080 --password-env VIEW_PASSWORD

It prints the address to open, which contains a token and is the same at the next start with the
same folders. docs/security.md describes the protection.";

pub(crate) fn run(arguments: &ViewArguments) -> Result<Exit, Failure> {
    let starting = starting(arguments)?;
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
        starting: starting.clone(),
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
            let _ = signals::asked_to_end().await;
            if let Some(starting) = &starting {
                starting.stop_all();
            }
        };
        let pages = router(viewer, door.token.clone(), once, access);
        serve(listener, pages, ended).await.map_err(|error| cannot_listen(&error))?;
        if let Some(starting) = &starting {
            end_runs(starting).await;
        }
        Ok::<(), Failure>(())
    })?;
    Ok(Exit::Ok)
}

/// What starts runs, if pages may. Only programs on this machine can reach it, and only by its address there.
fn starting(arguments: &ViewArguments) -> Result<Option<Arc<Starting>>, Failure> {
    if !arguments.allow_runs {
        return Ok(None);
    }
    let is_elsewhere = arguments.listen.is_some_and(|address| !address.ip().is_loopback());
    if is_elsewhere || arguments.password_env.is_some() {
        let why = "--allow-runs starts programs and spends money: it works only on this machine";
        return Err(Failure::usage(why).with_hint(
            "leave --listen and --password-env out; from elsewhere, reach it through a tunnel such as `ssh -L`",
        ));
    }
    let is_run = |place: &Path| place.join(trustmh_run::manifest::FILE).is_file();
    let place = arguments.runs.iter().find(|place| !is_run(place)).ok_or_else(|| {
        Failure::usage("--allow-runs needs a folder of runs, to put new ones into")
            .with_hint("name it, for example: trustmh view runs --allow-runs")
    })?;
    std::fs::create_dir_all(place)
        .map_err(|error| Failure::io(place, "creating the folder of runs", &error))?;
    let named = std::env::var_os(DATA_VARIABLE).filter(|value| !value.is_empty());
    let data = arguments.data.clone().or_else(|| named.map(PathBuf::from));
    let program = ThisProgram::new(place, &arguments.tasks_from, data)?;
    Ok(Some(Arc::new(Starting::by(Arc::new(program)))))
}

/// Waits for the runs that were started here and asked to stop; asked again, they leave at once.
async fn end_runs(starting: &Starting) {
    let runs = starting.under_way();
    if runs == 0 {
        return;
    }
    screen::note(&format!(
        "{runs} runs that were started here finish the calls in flight and stop; interrupt again to stop at once"
    ));
    let again = async {
        while signals::asked_to_end().await.is_ok() {
            starting.stop_all();
        }
        std::future::pending().await
    };
    let stopped = tokio::select! {
        stopped = starting.ended() => stopped,
        () = again => Vec::new(),
    };
    for folder in stopped {
        screen::note(&how_to_resume(&folder));
    }
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
