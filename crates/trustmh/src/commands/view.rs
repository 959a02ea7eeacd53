//! `trustmh view`: runs in the browser.

use serde_json::json;
use tokio::net::TcpListener;

use trustmh_view::{Access, Ratings, Runs, Sample, Token, Viewer, router, serve};

use super::{benchmark, runtime};
use crate::arguments::ViewArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &ViewArguments) -> Result<Exit, Failure> {
    for place in &arguments.runs {
        if !place.is_dir() {
            return Err(Failure::usage(format!("{} is no folder", place.display()))
                .with_hint("name a run or a folder of runs; `trustmh run` makes one"));
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
    };
    let token = token()?;
    runtime()?.block_on(async {
        let failed = |error: std::io::Error| {
            Failure::usage(format!("cannot listen at {}: {error}", arguments.listen))
        };
        let listener = TcpListener::bind(arguments.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let url = format!("http://{address}/{}/", token.as_str());
        if arguments.json {
            screen::print_json(&format!("{}\n", json!({ "url": url })));
        } else {
            screen::print(&format!("{url}\n"));
            screen::note("open this address in a browser; Ctrl-C ends");
        }
        let access = match password {
            Some(password) => Access::Password(password),
            None => Access::Loopback(address),
        };
        let ended = async {
            // Where the signal cannot be waited for, the process is ended from outside.
            let _ = tokio::signal::ctrl_c().await;
        };
        serve(listener, router(viewer, token, access), ended).await.map_err(failed)
    })?;
    Ok(Exit::Ok)
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
            "name a variable that holds a password: --password-env NAME; and put TLS before it",
        ));
    };
    match std::env::var(name) {
        Ok(password) if password.chars().count() >= 12 => Ok(Some(password)),
        Ok(_) => Err(Failure::usage(format!("the password in {name} is too short"))
            .with_hint("take 12 characters or more")),
        Err(_) => Err(Failure::usage(format!("the variable {name} is not set"))),
    }
}

fn token() -> Result<Token, Failure> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::usage(format!("the system gives no random numbers: {error}")))?;
    Ok(Token::of(random))
}
