//! `trustmh agreement`: labellers, judges and people against each other.

mod offline;

use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trustmh_core::id::TaskId;
use trustmh_data::ratings::{
    self, ByUnit, Columns, LongColumns, Matched, Rated, RatedFile, Rating,
};
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::agreement as tables;
use trustmh_run::derived::score;
use trustmh_stats::raters::dimensions::{Dimensions, Given, of_dimensions};
use trustmh_stats::raters::{Agreement, Clusters, Rater, of_labels, of_numbers};

use crate::arguments::{JsonOutput, SEED, TaskSource};
use crate::benchmark::benchmark;
use crate::failure::{Exit, Failure};
use crate::screen;

/// Measure agreement between labellers, judges and people: kappa, alpha, confusion
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = NOTES)]
pub(crate) struct AgreementArguments {
    /// Files with ratings, or run folders: at least two, or one that holds several raters
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Columns of a table, each a rater
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    columns: Vec<String>,
    /// Column that names what was rated
    #[arg(long, value_name = "COLUMN")]
    unit: Option<String>,
    /// Column that names the rater, in a table with one row per unit and rater
    #[arg(
        long,
        value_name = "COLUMN",
        requires = "unit",
        requires = "dimensions",
        conflicts_with = "columns"
    )]
    rater: Option<String>,
    /// Columns with ratings in such a table, each a dimension
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "rater")]
    dimensions: Vec<String>,
    /// Restrict runs to this task
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    /// Measure of each trial to compare in runs [default: the subject's labels], or field of
    /// annotations
    #[arg(long, value_name = "NAME")]
    measure: Option<String>,
    /// Score the replies in the files by the offline rules for escalation, and compare with
    /// people's scores there
    #[arg(long, hide_short_help = true)]
    offline_judge: bool,
    /// Seed of resampling
    #[arg(long, value_name = "N", default_value_t = SEED, hide_short_help = true)]
    seed: u64,
    #[command(flatten)]
    output: JsonOutput,
    #[command(flatten)]
    tasks_from: TaskSource,
}

const EXAMPLES: &str = r"Examples:
  trustmh agreement H1_labeled.json H2_labeled.json
  trustmh agreement runs/RUN/annotations.jsonl";

const NOTES: &str = r"Examples:
  trustmh agreement H1_labeled.json H2_labeled.json
  trustmh agreement table.csv --columns annotator_1,annotator_2
  trustmh agreement runs/A runs/B --task crisis/escalation --measure appropriateness --json
  trustmh agreement ratings.csv
  trustmh agreement runs/RUN/annotations.jsonl
  trustmh agreement runs/*/annotations.jsonl
  trustmh agreement table.csv --unit conversation --rater clinician --dimensions warmth,safety
  trustmh agreement --offline-judge H1_scores.json H2_scores.json

Files are a JSON array, JSON lines or CSV. Units are matched by --unit, or by the first of the fields
inputs, text, id, item, row and key; ratings are the first of evaluation, score, rating, severity,
label and verdict, or --columns. Tables saved by the viewer and its annotations.jsonl are recognised
by their form. Missing cells are left out.";

pub(crate) fn run(arguments: &AgreementArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    if arguments.offline_judge {
        return show_groups(&offline::offline(&benchmark, arguments)?, arguments);
    }
    let width = screen::width();
    match rated(&benchmark, arguments)? {
        Rated::One(raters) => {
            let found = compared(&raters, arguments.seed)?;
            show(&found, arguments, || tables::agreement(&found, width))?;
        }
        Rated::Several { dimensions, missing } => {
            let found = of_several(&dimensions, missing)?;
            show(&found, arguments, || tables::dimensions(&found.found, missing, width))?;
        }
    }
    Ok(Exit::Ok)
}

/// What was found, as JSON or as a table.
fn show(
    found: &impl serde::Serialize,
    arguments: &AgreementArguments,
    table: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if arguments.output.json {
        return screen::print_json(found);
    }
    screen::print(&table());
    Ok(())
}

fn show_groups(
    groups: &[(String, Agreement)],
    arguments: &AgreementArguments,
) -> Result<Exit, Failure> {
    match (groups, arguments.output.json) {
        ([(_, agreement)], true) => screen::print_json(agreement)?,
        (several, true) => {
            let objects: Vec<serde_json::Value> = several
                .iter()
                .map(|(of, agreement)| serde_json::json!({ "of": of, "agreement": agreement }))
                .collect();
            screen::print_json(&objects)?;
        }
        (several, false) => {
            for (of, agreement) in several {
                let table = tables::agreement(agreement, screen::width());
                screen::print(&format!("{of}\n{table}"));
            }
        }
    }
    Ok(Exit::Ok)
}

/// Dimensions, and how many cells hold no rating.
#[derive(serde::Serialize)]
struct Several {
    #[serde(flatten)]
    found: Dimensions,
    missing: u64,
}

fn of_several(
    dimensions: &BTreeMap<String, Vec<RatedFile>>,
    missing: u64,
) -> Result<Several, Failure> {
    let mut items = BTreeMap::new();
    let mut given = BTreeMap::new();
    for (name, files) in dimensions {
        if files.iter().all(|file| file.units.iter().all(|unit| unit.rating.is_none())) {
            return Err(Failure::usage(format!("{name}: no ratings found")));
        }
        for unit in files.iter().flat_map(|file| &file.units) {
            items.extend(unit.item.clone().map(|item| (unit.unit.clone(), item)));
        }
        let by_unit: Vec<ByUnit> = files
            .iter()
            .map(|file| {
                let rated = file.units.iter().cloned();
                rated.filter_map(|unit| Some((unit.unit, unit.rating?))).collect()
            })
            .collect();
        given.insert(name.clone(), as_given(files, &by_unit));
    }
    let found = of_dimensions(&given, &clusters(items));
    if found.dimensions.values().all(|dimension| dimension.units == 0) {
        return Err(nobody_else());
    }
    Ok(Several { found, missing })
}

fn clusters(items: BTreeMap<String, String>) -> Clusters {
    if items.is_empty() { Clusters::Units } else { Clusters::Of(items) }
}

/// What the inputs hold: one file may hold several dimensions.
fn rated(benchmark: &Benchmark, arguments: &AgreementArguments) -> Result<Rated, Failure> {
    let columns = Columns { raters: &arguments.columns, unit: arguments.unit.as_deref() };
    match (arguments.inputs.as_slice(), columns.unit, arguments.rater.as_deref()) {
        ([path], Some(unit), Some(rater)) => {
            let dimensions = &arguments.dimensions;
            Ok(ratings::read_long(path, LongColumns { unit, rater, dimensions })?)
        }
        (_, _, Some(_)) => Err(Failure::usage("--rater works with a single table")),
        ([path], _, None) if !path.is_dir() && arguments.measure.is_none() => {
            match ratings::read_rated(path, columns)? {
                Rated::One(files) => Ok(Rated::One(at_least_two(files)?)),
                several => Ok(several),
            }
        }
        (several, None, None) if arguments.measure.is_none() && are_annotations(several)? => {
            match ratings::read_annotations(several)? {
                Rated::One(files) => Ok(Rated::One(at_least_two(files)?)),
                several => Ok(several),
            }
        }
        (_, _, None) => raters(benchmark, arguments, columns).map(Rated::One),
    }
}

/// Whether all of these are the viewer's annotations, which are put together.
fn are_annotations(paths: &[PathBuf]) -> Result<bool, Failure> {
    for path in paths {
        if path.is_dir() || !ratings::is_annotations(path)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The raters of a file: of annotations those of the field that `measure` names.
fn of_file(
    path: &Path,
    columns: Columns<'_>,
    measure: Option<&str>,
) -> Result<Vec<RatedFile>, Failure> {
    match (ratings::read_rated(path, columns)?, measure) {
        (Rated::One(files), _) => Ok(files),
        (Rated::Several { mut dimensions, .. }, measure) => {
            let names = dimensions.keys().cloned().collect::<Vec<_>>().join(", ");
            measure.and_then(|name| dimensions.remove(name)).ok_or_else(|| {
                Failure::usage(format!("{}: holds ratings of {names}", path.display()))
                    .with_hint("name one of them with --measure, or give the file alone")
            })
        }
    }
}

fn raters(
    benchmark: &Benchmark,
    arguments: &AgreementArguments,
    columns: Columns<'_>,
) -> Result<Vec<RatedFile>, Failure> {
    let task = arguments.task.as_deref().map(str::parse::<TaskId>).transpose();
    let task = task.map_err(|error| Failure::usage(error.to_string()))?;
    let mut raters: Vec<RatedFile> = Vec::new();
    for path in &arguments.inputs {
        let mut found = if path.is_dir() {
            let scored = score::score(benchmark, path, None, None)?;
            let units = trustmh_run::derived::ratings::of_run(
                &scored,
                task.as_ref(),
                arguments.measure.as_deref(),
            )?;
            vec![RatedFile { rater: scored.manifest.subject.id.to_string(), units }]
        } else {
            of_file(path, columns, arguments.measure.as_deref())?
        };
        for rater in &mut found {
            while raters.iter().any(|known| known.rater == rater.rater) {
                rater.rater.push_str(" (another)");
            }
            if rater.units.iter().all(|unit| unit.rating.is_none()) {
                let hint = "name the task with --task and a measure with --measure, for example appropriateness";
                let message = format!("{}: no ratings found", path.display());
                return Err(Failure::usage(message).with_hint(hint));
            }
        }
        raters.append(&mut found);
    }
    at_least_two(raters)
}

fn at_least_two(raters: Vec<RatedFile>) -> Result<Vec<RatedFile>, Failure> {
    if raters.len() < 2 {
        return Err(Failure::usage("at least two raters are needed").with_hint(
            "give two or more files or runs, several --columns of one table, or --unit, --rater and --dimensions of a table with one row per rater",
        ));
    }
    Ok(raters)
}

fn compared(files: &[RatedFile], seed: u64) -> Result<Agreement, Failure> {
    let Matched { raters, items, by_place } = ratings::matched(files);
    if by_place > 0 {
        screen::note(&format!(
            "warning: {by_place} units have different names at the same position in the files and were matched by position"
        ));
    }
    let clusters = clusters(items);
    let agreement = match as_given(files, &raters) {
        Given::Numbers(raters) => of_numbers(&raters, &clusters, seed),
        Given::Labels(raters) => of_labels(&raters, &clusters, seed),
    };
    if agreement.units == 0 {
        return Err(nobody_else());
    }
    Ok(agreement)
}

fn nobody_else() -> Failure {
    Failure::usage("no unit was rated by two raters").with_hint(
        "units are matched by --unit, or the first of the fields inputs, text, id, item, row and key that a file has",
    )
}

/// Ratings are compared as numbers only if all are numbers.
fn as_given(files: &[RatedFile], raters: &[ByUnit]) -> Given {
    let names = || files.iter().map(|file| file.rater.clone());
    let numbers: Option<Vec<BTreeMap<String, f64>>> = raters.iter().map(as_numbers).collect();
    match numbers {
        Some(numbers) => {
            let raters = names().zip(numbers).map(|(name, ratings)| Rater { name, ratings });
            Given::Numbers(raters.collect())
        }
        None => {
            let labels = raters.iter().map(as_labels);
            let raters = names().zip(labels).map(|(name, ratings)| Rater { name, ratings });
            Given::Labels(raters.collect())
        }
    }
}

fn as_numbers(ratings: &ByUnit) -> Option<BTreeMap<String, f64>> {
    let numbers = ratings.iter().map(|(unit, rating)| match rating {
        Rating::Score(score) => Some((unit.clone(), *score)),
        Rating::Label(_) => None,
    });
    numbers.collect()
}

fn as_labels(ratings: &ByUnit) -> BTreeMap<String, String> {
    let labels = ratings.iter().map(|(unit, rating)| {
        let label = match rating {
            Rating::Score(score) => score.to_string(),
            Rating::Label(label) => label.clone(),
        };
        (unit.clone(), label)
    });
    labels.collect()
}
