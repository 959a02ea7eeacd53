//! `trustmh score`: score recorded runs again, without calls.

mod by_card;

use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

use trustmh_core::id::TaskId;
use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::ratings;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::ending::Pointer;
use trustmh_report::number::{count, decimal, interval};
use trustmh_report::sections::{self, Section};
use trustmh_run::derived::annotations;
use trustmh_run::derived::calibrate::{
    Calibrated, Calibrating, Drawn, Labelled, People, Wanted, calibrate, measure_of,
};
use trustmh_run::derived::score::ScoredRun;
use trustmh_stats::prediction_powered::{FEW, TOO_FEW};

use crate::arguments::{ResultOutput, ScoringRules};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::run_folder::{RunFolder, exit_of};
use crate::{scorecards, screen};

/// Score recorded runs again, without making calls
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = ALL_EXAMPLES)]
pub(crate) struct ScoreArguments {
    /// Run folders or bundles
    #[arg(required_unless_present = "schema")]
    runs: Vec<PathBuf>,
    /// Score by `offline` rules or by no judge instead of the recorded verdicts
    #[arg(long, value_name = "offline|none")]
    judge: Option<JudgeName>,
    /// Correct a judged metric with people's ratings of some replies (prediction-powered
    /// inference): a table saved from the viewer, its annotations.jsonl, or a file as for
    /// `agreement`; or with the judge's card, by how often it errs
    #[arg(long, value_name = "FILE", requires = "task", help_heading = "Calibration")]
    calibration: Option<PathBuf>,
    /// Task to calibrate
    #[arg(long, value_name = "TASK", requires = "calibration", help_heading = "Calibration")]
    task: Option<String>,
    /// Metric to calibrate, a share or a mean [default: the task's primary metric]
    #[arg(long, value_name = "NAME", conflicts_with = "measure", requires = "calibration")]
    #[arg(help_heading = "Calibration", hide_short_help = true)]
    metric: Option<String>,
    /// Measure of each trial to calibrate, instead of a metric
    #[arg(long, value_name = "NAME", requires = "calibration", help_heading = "Calibration")]
    #[arg(hide_short_help = true)]
    measure: Option<String>,
    /// How the rated replies were chosen: at `random`, as the viewer shows them, or `chosen` by
    /// somebody; only a random part allows a correction with an interval
    #[arg(long, value_enum, value_name = "HOW", requires = "calibration")]
    #[arg(help_heading = "Calibration", hide_short_help = true)]
    rated: Option<RatedPart>,
    /// Print the JSON Schema of the --json output, and nothing else
    #[arg(long, conflicts_with = "runs")]
    schema: bool,
    #[command(flatten)]
    output: ResultOutput,
    #[command(flatten)]
    rules: ScoringRules,
}

const EXAMPLES: &str = r"Examples:
  trustmh score runs/* --json
  trustmh score runs/RUN --protocol reference";

const ALL_EXAMPLES: &str = r"Examples:
  trustmh score runs/* --json
  trustmh score runs/RUN --protocol reference
  trustmh score runs/RUN --calibration runs/RUN/annotations.jsonl \
      --task safety/jailbreak --metric resistance_rate --rated random
  trustmh score runs/RUN --calibration judge-card.json --task safety/jailbreak --metric resistance_rate";

/// How the replies that people rated were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RatedPart {
    // As the viewer shows them.
    Random,
    // By somebody.
    Chosen,
}

pub(crate) fn run(arguments: &ScoreArguments) -> Result<Exit, Failure> {
    if arguments.schema {
        screen::print_json(trustmh_core::scorecard::schema().as_value())?;
        return Ok(Exit::Ok);
    }
    let benchmark = benchmark(&arguments.rules.tasks_from)?;
    if let Some(JudgeName::Model(model) | JudgeName::Embedded(model)) = &arguments.judge {
        return Err(Failure::usage(format!("score makes no calls, so `{model}` cannot judge"))
            .with_hint(
                "--judge takes `offline` or `none` here; recorded verdicts need no option",
            ));
    }
    let mut cards = Vec::new();
    let mut corrected = Vec::new();
    let mut exit = Exit::Ok;
    if let Some(card) = arguments.calibration.as_deref().map(by_card::read).transpose()?.flatten() {
        return by_card::run(&benchmark, &card, arguments);
    }
    for given in &arguments.runs {
        let folder = RunFolder::open(given)?;
        let judge = arguments.judge.clone();
        let scored = folder.score(&benchmark, arguments.rules.protocol, judge)?;
        exit = exit_of([&scored], exit);
        if let Some(people) = &arguments.calibration {
            corrected.push(calibrated(&benchmark, &scored, people, arguments)?);
        }
        if !arguments.output.json {
            screen::print_painted(&shown(&scored, given, arguments));
            screen::print("\n");
            if let Some(found) = corrected.last() {
                screen::print(&told(found));
            }
        }
        cards.push(scored.scorecard);
    }
    match (arguments.output.json, &arguments.calibration) {
        (true, Some(_)) => screen::print_json(&corrected)?,
        (true, None) => screen::print_json_text(&scorecards::json(&cards)?),
        (false, _) => {}
    }
    Ok(exit)
}

/// The summary, or every metric where they are asked for or are to be corrected.
fn shown(scored: &ScoredRun, given: &Path, arguments: &ScoreArguments) -> String {
    if arguments.output.all || arguments.calibration.is_some() {
        return scorecards::terminal(scored);
    }
    let given = given.display();
    let pointers = [
        ("Next", format!("trustmh score {given} --all")),
        ("Report", format!("trustmh report {given}")),
    ];
    scorecards::summary(scored, &pointers.map(|(word, to)| Pointer { word, to }))
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
            "save the ratings of that field from the viewer, or give annotations.jsonl, which has all fields",
        ),
        Calibrating::NothingInCommon { .. } => Some(
            "ratings are matched by trial, by text, or by item and variant; `trustmh agreement RUN FILE` shows them",
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
        title: format!("{what}: by the judge, and corrected by people's ratings"),
        head: ["", "value", "95 % interval", "n"].map(str::to_owned).into(),
        rows: vec![
            row("by the judge", &found.raw, raw),
            row("corrected", &found.corrected, count(found.labelled, found.labelled_items)),
        ],
        notes: notes(found),
    };
    sections::terminal(&[section], screen::width())
}

fn notes(found: &Calibrated) -> Vec<String> {
    let mut notes = vec![match found.drawn {
        Drawn::Random => "Corrected by prediction-powered inference from a random part of the replies.".to_owned(),
        Drawn::NotSaid => "Corrected by prediction-powered inference: valid only if the rated replies are a random part (confirm with --rated random).".to_owned(),
        Drawn::Chosen => "The rated replies were chosen by somebody, so no interval is given: they may differ from the others.".to_owned(),
    }];
    match found.labels {
        Labelled::TooFew => notes.push(format!(
            "Replies of {} items were rated: below {TOO_FEW} there is no interval.",
            found.labelled_items
        )),
        Labelled::Few => notes.push(format!(
            "Replies of only {} items were rated: below {FEW} the interval is rough.",
            found.labelled_items
        )),
        Labelled::Enough => {}
    }
    if found.unlike
        && let Some(rest) = found.judge_of_rest
    {
        notes.push(format!(
            "The judge's mean is {} on the rated replies and {} on the others: they do not look like a random part.",
            decimal(found.judge_of_labelled.value),
            decimal(rest.value)
        ));
    }
    if found.field.is_none() {
        notes.push(format!("The file does not name what was rated; {} is assumed.", found.measure));
    }
    for (count, what) in [
        (found.unmatched, "ratings match no reply of the run."),
        (found.not_counted, "ratings belong to replies that the metric does not count."),
        (found.shared, "replies share a rating with a repeat, because the file names no trials."),
        (found.missing, "trials have no verdict and are left out of both."),
    ] {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    }
    notes
}
