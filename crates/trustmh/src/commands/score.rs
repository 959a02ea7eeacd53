//! `trustmh score`: score recorded runs again, without calls.

use trustmh_core::scorecard::JudgeName;

use super::{benchmark, protocol, report};
use crate::arguments::ScoreArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &ScoreArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let judge = match arguments.judge.as_deref() {
        None => None,
        Some("offline") => Some(JudgeName::Offline),
        Some("none") => Some(JudgeName::None),
        Some(other) => {
            return Err(Failure::usage(format!("score makes no calls, so `{other}` cannot judge"))
                .with_hint(
                    "--judge takes `offline` or `none` here; recorded verdicts need no option",
                ));
        }
    };
    let mut cards = Vec::new();
    for folder in &arguments.runs {
        let scored = trustmh_run::score::score(
            &benchmark,
            folder,
            arguments.protocol.map(protocol),
            judge.clone(),
        )?;
        if let Some(warning) = &scored.trials.warning {
            screen::note(&format!("warning: {warning}"));
        }
        if !arguments.json {
            screen::print(&report::terminal(&scored));
            screen::print("\n");
        }
        cards.push(scored.scorecard);
    }
    if arguments.json {
        screen::print(&report::json(&cards)?);
    }
    Ok(Exit::Ok)
}
