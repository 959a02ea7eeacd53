//! `trustmh power`: how many items it takes to see a difference.

use clap::Args;
use serde_json::json;

use trustmh_core::repeats::Repeats;
use trustmh_report::sections::{self, Section};
use trustmh_stats::power::{Asked, Outcome, PairedDesign};

use crate::arguments::{JsonOutput, chance};
use crate::failure::{Exit, Failure};
use crate::screen;

/// Calculate how many items are needed to detect a difference between two models
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PowerArguments {
    /// Differences to detect, separated by commas, in the metric's own units
    #[arg(long, value_name = "D", value_delimiter = ',')]
    difference: Vec<f64>,
    /// Instead: show what this many items can detect
    #[arg(long, value_name = "N", conflicts_with = "difference")]
    items: Option<u64>,
    /// For shares: share of items that only one of the two models gets right
    #[arg(long, value_name = "SHARE")]
    discordant: Option<f64>,
    /// For scores: standard deviation of the difference between the models on an item
    #[arg(long, value_name = "SD")]
    sd: Option<f64>,
    /// Times that every item is asked of each model
    #[arg(long, value_name = "N", default_value = "1")]
    repeats: Repeats,
    /// With repeats: share of the variance of that difference which is chance within an item, from 0
    /// (a model that always replies the same) to 1
    #[arg(long, value_name = "SHARE")]
    within: Option<f64>,
    /// Accepted probability of a false finding
    #[arg(long, default_value_t = 0.05, value_parser = chance)]
    alpha: f64,
    /// Probability of detecting a difference that exists
    #[arg(long, default_value_t = 0.8, value_parser = chance)]
    power: f64,
    #[command(flatten)]
    output: JsonOutput,
}

const EXAMPLES: &str = r"Examples:
  trustmh power --difference 0.05 --discordant 0.2
  trustmh power --items 125 --discordant 0.2
  trustmh power --difference 0.2,0.3 --sd 1.1 --json
  trustmh power --items 40 --discordant 0.3 --repeats 5 --within 0.6";

pub(crate) fn run(arguments: &PowerArguments) -> Result<Exit, Failure> {
    let (alpha, power) = (arguments.alpha, arguments.power);
    let outcome = match (arguments.sd, arguments.discordant) {
        (Some(spread), None) => Outcome::Scores { spread },
        (None, Some(discordant)) => Outcome::Shares { discordant },
        (Some(_), Some(_)) | (None, None) => return Err(
            Failure::usage("the variation between two models on an item is missing")
                .with_hint("give --discordant for shares (the share of items that only one of the two gets right, often 0.1 to 0.3) or --sd for scores"),
        ),
    };
    check(arguments)?;
    let asked = asked(arguments)?;
    let design = PairedDesign { outcome, alpha, power, asked };
    let rows: Vec<(String, Option<u64>, Option<f64>)> = match arguments.items {
        Some(items) => {
            vec![(format!("{items} items"), Some(items), design.detectable(items))]
        }
        None => arguments
            .difference
            .iter()
            .map(|difference| {
                let items = design.items_for(*difference);
                (format!("a difference of {difference}"), items, Some(*difference))
            })
            .collect(),
    };
    if rows.is_empty() {
        return Err(Failure::usage("nothing to calculate")
            .with_hint("give --difference, or --items to see what they can detect"));
    }
    if arguments.output.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(_, items, difference)| json!({ "items": items, "difference": difference }))
            .collect();
        screen::print_json(&json!({
            "alpha": alpha,
            "power": power,
            "repeats": arguments.repeats,
            "within": arguments.within,
            "rows": rows,
        }))?;
        return Ok(Exit::Ok);
    }
    let test = match outcome {
        Outcome::Shares { .. } if arguments.repeats.is_once() => "McNemar's mid-p test",
        Outcome::Shares { .. } | Outcome::Scores { .. } => "Paired t test",
    };
    let section = Section {
        title: format!("{test}, two-sided at {alpha}, with power {power}"),
        head: ["given", "items", "difference"].map(str::to_owned).into(),
        rows: rows
            .into_iter()
            .map(|(given, items, difference)| {
                vec![
                    given,
                    items.map_or_else(|| "not possible".to_owned(), |items| items.to_string()),
                    difference.map_or_else(|| "none".to_owned(), |found| format!("{found:.3}")),
                ]
            })
            .collect(),
        notes: impossible(arguments)
            .into_iter()
            .chain([
                basis(arguments),
                "Comparing several tasks or models needs more items, because the correction lowers alpha.".to_owned(),
            ])
            .collect(),
    };
    screen::print(&sections::terminal(&[section], screen::width()));
    Ok(Exit::Ok)
}

/// Whether the numbers are such as they say.
fn check(arguments: &PowerArguments) -> Result<(), Failure> {
    if let Some(share) = arguments.discordant.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
        return Err(Failure::usage(format!("--discordant is {share}, and no share of items"))
            .with_hint("give a share above 0 and up to 1; 20 % is 0.2"));
    }
    if let Some(spread) = arguments.sd.filter(|spread| !(spread.is_finite() && *spread > 0.0)) {
        return Err(Failure::usage(format!("--sd is {spread}; a standard deviation is above 0")));
    }
    match arguments.difference.iter().find(|difference| !difference.is_finite()) {
        Some(difference) => Err(Failure::usage(format!("--difference is {difference}"))),
        None => Ok(()),
    }
}

/// Why no number of items shows some of the differences.
fn impossible(arguments: &PowerArguments) -> Option<String> {
    let most = arguments.discordant?;
    let above = arguments.difference.iter().find(|difference| difference.abs() > most)?;
    Some(format!(
        "A difference of {above} is not possible: two models differ by no more than the share of items that only one of them gets right, {most}."
    ))
}

fn asked(arguments: &PowerArguments) -> Result<Asked, Failure> {
    let within = match (arguments.repeats.is_once(), arguments.within) {
        (true, None) => return Ok(Asked::ONCE),
        (true, Some(_)) => {
            return Err(Failure::usage(
                "--within says what repeats are worth: give --repeats, too",
            ));
        }
        (false, Some(within)) => within,
        (false, None) => {
            return Err(Failure::usage("what repeats are worth depends on how much replies to the same item differ")
                .with_hint("give --within: 0 for a model that always replies the same, 1 if all differences are chance; docs/statistics.md says how to find it"));
        }
    };
    Asked::repeatedly(arguments.repeats.get(), within)
        .ok_or_else(|| Failure::usage("--within is a share between 0 and 1"))
}

/// What the numbers rest on.
fn basis(arguments: &PowerArguments) -> String {
    match arguments.repeats.in_words() {
        None => "This is the test that `trustmh compare` uses when each item is asked once. Items count, not trials: more trials of an item add little.".to_owned(),
        Some(_) => format!(
            "This is the test that `trustmh compare` uses on the means of {} replies an item. Items count, not replies: repeats divide only the variance within items.",
            arguments.repeats
        ),
    }
}
