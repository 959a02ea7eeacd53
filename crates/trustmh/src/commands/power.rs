//! `trustmh power`: how many items it takes to see a difference.

use serde_json::json;

use trustmh_report::sections::{self, Section};
use trustmh_stats::power::{Outcome, PairedDesign};

use crate::arguments::PowerArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &PowerArguments) -> Result<Exit, Failure> {
    let (alpha, power) = (arguments.alpha, arguments.power);
    if ![alpha, power].iter().all(|chance| *chance > 0.0 && *chance < 1.0) {
        return Err(Failure::usage("--alpha and --power are chances between 0 and 1"));
    }
    let outcome = match (arguments.sd, arguments.discordant) {
        (Some(spread), None) => Outcome::Scores { spread },
        (None, Some(discordant)) => Outcome::Shares { discordant },
        (Some(_), Some(_)) | (None, None) => return Err(
            Failure::usage("say how much two subjects differ on an item")
                .with_hint("give --discordant for shares (the share of items that only one of the two gets right, often .1 to .3) or --sd for scores"),
        ),
    };
    let design = PairedDesign { outcome, alpha, power };
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
        return Err(Failure::usage("nothing to work out")
            .with_hint("give --difference, or --items to learn what they can show"));
    }
    if arguments.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(_, items, difference)| json!({ "items": items, "difference": difference }))
            .collect();
        screen::print_json(&format!(
            "{:#}\n",
            json!({ "alpha": alpha, "power": power, "rows": rows })
        ));
        return Ok(Exit::Ok);
    }
    let test = match outcome {
        Outcome::Shares { .. } => "McNemar's mid-p test",
        Outcome::Scores { .. } => "Paired t test",
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
        notes: vec![
            "This is the test of `trustmh compare` where each item is asked once. Items count, not trials: several trials of an item add little.".to_owned(),
            "Comparing several tasks or models needs more: the correction lowers alpha.".to_owned(),
        ],
    };
    screen::print(&sections::terminal(&[section], screen::width()));
    Ok(Exit::Ok)
}
