//! `trustmh score`: score recorded runs again, without calls.

use std::path::Path;

use trustmh_core::id::TaskId;
use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::ratings;
use trustmh_report::number::{decimal, interval};
use trustmh_report::sections::{self, Section};
use trustmh_run::calibrate::{Calibrated, calibrate};
use trustmh_run::score::ScoredRun;

use super::{benchmark, protocol, report, warn};
use crate::arguments::ScoreArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &ScoreArguments) -> Result<Exit, Failure> {
    if arguments.schema {
        screen::print(&format!("{:#}\n", trustmh_core::scorecard::schema().as_value()));
        return Ok(Exit::Ok);
    }
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
    let mut corrected = Vec::new();
    for folder in &arguments.runs {
        let scored = trustmh_run::score::score(
            &benchmark,
            folder,
            arguments.protocol.map(protocol),
            judge.clone(),
        )?;
        warn(&scored);
        if let Some(people) = &arguments.calibration {
            corrected.push(calibrated(&scored, people, arguments)?);
        }
        if !arguments.json {
            screen::print(&report::terminal(&scored));
            screen::print("\n");
            if let Some(found) = corrected.last() {
                screen::print(&told(found));
            }
        }
        cards.push(scored.scorecard);
    }
    if arguments.json && arguments.calibration.is_some() {
        let json = serde_json::to_string_pretty(&corrected).map_err(|error| {
            Failure::usage(format!("the corrected means cannot be written as JSON: {error}"))
        })?;
        screen::print(&format!("{json}\n"));
    } else if arguments.json {
        screen::print(&report::json(&cards)?);
    }
    Ok(Exit::Ok)
}

fn calibrated(
    scored: &ScoredRun,
    people: &Path,
    arguments: &ScoreArguments,
) -> Result<Calibrated, Failure> {
    let (task, measure) = (arguments.task.as_deref(), arguments.measure.as_deref());
    let task: TaskId = task
        .unwrap_or_default()
        .parse()
        .map_err(|error| Failure::usage(format!("--task: {error}")))?;
    let measure = measure.unwrap_or_default();
    let raters = ratings::read(people, &[])?;
    let rater = raters.first().ok_or_else(|| Failure::usage("the file has no rater"))?;
    calibrate(scored, &task, measure, rater)?.ok_or_else(|| {
        Failure::usage(format!("{}: no score of people is about a reply of {task} that has the measure {measure}", people.display()))
            .with_hint("units are matched by their text, or by item and variant; `trustmh agreement RUN FILE` shows them")
    })
}

/// The judge's mean and the corrected one, side by side.
fn told(found: &Calibrated) -> String {
    let row = |name: &str, estimate: &Estimate, n: u64| {
        let ends = estimate.interval;
        let ends = interval(ends.map(|ends| ends.low), ends.map(|ends| ends.high));
        vec![name.to_owned(), decimal(estimate.value), ends, n.to_string()]
    };
    let mut notes = vec![
        "Corrected by prediction-powered inference: valid if the replies that people scored were drawn at random.".to_owned(),
    ];
    if found.unmatched > 0 {
        notes.push(format!("{} scores of people are about no reply of the run.", found.unmatched));
    }
    let section = Section {
        title: format!("Mean {} of the judge, and put right by people's scores", found.measure),
        head: ["mean", "value", "95 % interval", "n"].map(str::to_owned).into(),
        rows: vec![
            row("the judge's", &found.raw, found.raw.n),
            row("corrected", &found.corrected, found.labelled),
        ],
        notes,
    };
    sections::terminal(&[section], screen::width())
}
