//! `trustmh view`: runs in the browser.

mod one_call;
mod outlook;
mod startable;

use clap::Args;
use serde_json::json;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

use trustmh_view::{Access, Ratings, Runs, Sample, Starting, Token, Viewer, router, serve};

use crate::arguments::{JsonOutput, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::running::how_to_resume;
use crate::runtime::runtime;
use crate::{screen, signals};
use startable::{DATA_VARIABLE, ThisProgram};

/// Browse runs in a web browser, and rate replies
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ViewArguments {
    /// Runs, or folders of runs
    #[arg(default_value = "runs")]
    runs: Vec<PathBuf>,
    /// Let people rate replies; ratings are saved beside the run
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
    /// Address to listen on; beyond this machine, --password-env is required
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Environment variable that holds a password, required in addition to the token
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh view runs/RUN --annotate --sample 60 --seed 7
  trustmh view --allow-runs
  trustmh view runs --listen 0.0.0.0:8080 --password-env VIEW_PASSWORD

It prints the address to open, which contains a token. docs/security.md describes the protection.";

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
        runs: Runs::of(arguments.runs.clone()),
        ratings,
        sample: match arguments.sample {
            Some(count) => Sample::Of { count: count.get(), seed: arguments.seed },
            None => Sample::All,
        },
        starting: starting.clone(),
    };
    let token = token()?;
    runtime()?.block_on(async {
        let failed = |error: std::io::Error| {
            Failure::usage(format!("cannot listen at {}: {error}", arguments.listen))
        };
        let listener = TcpListener::bind(arguments.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let url = format!("http://{address}/{}/", token.as_str());
        if arguments.output.json {
            // On one line, for scripts that read the first.
            screen::print_json_text(&format!("{}\n", json!({ "url": url })));
        } else {
            screen::print(&format!("{url}\n"));
            screen::note("open this address in a browser; press Ctrl-C to stop");
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
        serve(listener, router(viewer, token, access), ended).await.map_err(failed)?;
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
    if !arguments.listen.ip().is_loopback() || arguments.password_env.is_some() {
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

/// The password, which anything beyond this machine needs.
fn password(arguments: &ViewArguments) -> Result<Option<String>, Failure> {
    let Some(name) = &arguments.password_env else {
        if arguments.listen.ip().is_loopback() {
            return Ok(None);
        }
        return Err(Failure::usage(format!(
            "{} can be reached from other machines",
            arguments.listen
        ))
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

fn token() -> Result<Token, Failure> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::usage(format!("the system provides no random numbers: {error}"))
    })?;
    Ok(Token::of(random))
}
