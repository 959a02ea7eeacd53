//! `trustmh score`: score recorded runs again, without calls.

use std::path::Path;

use trustmh_core::id::TaskId;
use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::ratings;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::number::{count, decimal, interval};
use trustmh_report::sections::{self, Section};
use trustmh_run::derived::annotations;
use trustmh_run::derived::calibrate::{
    Calibrated, Calibrating, Drawn, Labelled, People, Wanted, calibrate, measure_of,
};
use trustmh_run::derived::score::ScoredRun;
use trustmh_stats::prediction_powered::{FEW, TOO_FEW};

use super::folder::{Folder, ending};
use super::{benchmark, protocol, report};
use crate::arguments::{RatedPart, ScoreArguments};
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &ScoreArguments) -> Result<Exit, Failure> {
    if arguments.schema {
        screen::print_json(&format!("{:#}\n", trustmh_core::scorecard::schema().as_value()));
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
    let mut exit = Exit::Ok;
    for given in &arguments.runs {
        let folder = Folder::open(given)?;
        let scored = folder.score(&benchmark, arguments.protocol.map(protocol), judge.clone())?;
        exit = ending([&scored], exit);
        if let Some(people) = &arguments.calibration {
            corrected.push(calibrated(&benchmark, &scored, people, arguments)?);
        }
        if !arguments.json {
            screen::print_painted(&report::terminal(&scored));
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
        screen::print_json(&format!("{json}\n"));
    } else if arguments.json {
        screen::print_json(&report::json(&cards)?);
    }
    Ok(exit)
}

fn calibrated(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    file: &Path,
    arguments: &ScoreArguments,
) -> Result<Calibrated, Failure> {
    let task: TaskId = arguments
        .task
        .as_deref()
        .unwrap_or_default()
        .parse()
        .map_err(|error| Failure::usage(format!("--task: {error}")))?;
    let wanted = match (arguments.metric.as_deref(), arguments.measure.as_deref()) {
        (Some(metric), _) => Wanted::Metric(metric),
        (None, Some(measure)) => Wanted::Measure(measure),
        (None, None) => Wanted::Primary,
    };
    let drawn = match arguments.rated {
        Some(RatedPart::Random) => Drawn::Random,
        Some(RatedPart::Chosen) => Drawn::Chosen,
        None => Drawn::NotSaid,
    };
    let people = if ratings::is_annotations(file)? {
        People::Annotations(annotations::read_file(file)?)
    } else {
        let measure = measure_of(benchmark, scored, &task, wanted);
        let measure = measure.map_err(|error| failure(file, &error))?;
        People::Table(ratings::read_people(file, measure.as_str())?)
    };
    calibrate(benchmark, scored, &task, wanted, &people, drawn)
        .map_err(|error| failure(file, &error))
}

fn failure(file: &Path, error: &Calibrating) -> Failure {
    let hint = match error {
        Calibrating::OtherField { .. } => Some(
            "save the ratings of that field from the viewer, or give annotations.jsonl, which holds all",
        ),
        Calibrating::NothingInCommon { .. } => Some(
            "ratings are matched by their trial, or by the text, or by item and variant; `trustmh agreement RUN FILE` shows them",
        ),
        Calibrating::NoMetric { .. } | Calibrating::NoMeasure { .. } => {
            Some("`trustmh score RUN --json` shows the metrics of a run")
        }
        Calibrating::NoTask { .. }
        | Calibrating::OffScale { .. }
        | Calibrating::Run(_)
        | Calibrating::Engine(_) => None,
    };
    let failure = Failure::usage(format!("{}: {error}", file.display()));
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// The judge's mean and the corrected one, side by side.
fn told(found: &Calibrated) -> String {
    let row = |name: &str, estimate: &Estimate, n: String| {
        let ends = estimate.interval;
        let ends = interval(ends.map(|ends| ends.low), ends.map(|ends| ends.high));
        vec![name.to_owned(), decimal(estimate.value), ends, n]
    };
    let what = match &found.metric {
        Some(metric) => format!("{metric} of {}", found.task),
        None => format!("Mean {} of {}", found.measure, found.task),
    };
    let raw = count(found.raw.n, found.raw.clusters);
    let section = Section {
        title: format!("{what}: the judge's, and put right by people's scores"),
        head: ["", "value", "95 % interval", "n"].map(str::to_owned).into(),
        rows: vec![
            row("the judge's", &found.raw, raw),
            row("corrected", &found.corrected, count(found.labelled, found.labelled_items)),
        ],
        notes: notes(found),
    };
    sections::terminal(&[section], screen::width())
}

fn notes(found: &Calibrated) -> Vec<String> {
    let mut notes = vec![match found.drawn {
        Drawn::Random => "Corrected by prediction-powered inference, from a random part of the replies.".to_owned(),
        Drawn::NotSaid => "Corrected by prediction-powered inference: valid only if the replies that people scored are a random part (say so with --rated random).".to_owned(),
        Drawn::Chosen => "The replies that people scored were chosen, so no interval is given: they need not be like the others.".to_owned(),
    }];
    match found.labels {
        Labelled::TooFew => notes.push(format!(
            "People scored replies of {} items: below {TOO_FEW} there is no interval.",
            found.labelled_items
        )),
        Labelled::Few => notes.push(format!(
            "People scored replies of {} items only: below {FEW} the interval is rough.",
            found.labelled_items
        )),
        Labelled::Enough => {}
    }
    if found.unlike
        && let Some(rest) = found.judge_of_rest
    {
        notes.push(format!(
            "The judge's mean is {} on the replies that people scored and {} on the others: they do not look like a random part.",
            decimal(found.judge_of_labelled.value),
            decimal(rest.value)
        ));
    }
    if found.field.is_none() {
        notes.push(format!(
            "The file does not name what was rated; it is taken to be {}.",
            found.measure
        ));
    }
    for (count, what) in [
        (found.unmatched, "ratings are about no reply of the run."),
        (found.not_counted, "ratings are of replies that the metric does not count."),
        (found.shared, "replies share a rating with a repeat, since the file names no trials."),
        (found.missing, "trials have no verdict and are left out of both."),
    ] {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    }
    notes
}
