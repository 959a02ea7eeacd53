//! `trustmh power`: how many items it takes to see a difference.

use serde_json::json;

use trustmh_report::sections::{self, Section};
use trustmh_stats::power::PairedDesign;

use crate::arguments::PowerArguments;
use crate::failure::{Exit, Failure};
use crate::screen;

pub(super) fn run(arguments: &PowerArguments) -> Result<Exit, Failure> {
    let (alpha, power) = (arguments.alpha, arguments.power);
    if ![alpha, power].iter().all(|chance| *chance > 0.0 && *chance < 1.0) {
        return Err(Failure::usage("--alpha and --power are chances between 0 and 1"));
    }
    let design = |difference: f64| match (arguments.sd, arguments.discordant) {
        (Some(spread), None) => Some(PairedDesign { spread, alpha, power }),
        (None, Some(discordant)) => PairedDesign::of_shares(discordant, difference, alpha, power),
        _ => None,
    };
    if arguments.sd.is_some() == arguments.discordant.is_some() {
        return Err(Failure::usage("say how much two subjects differ on an item")
            .with_hint("give --discordant for shares (the share of items that only one of the two gets right, often .1 to .3) or --sd for scores"));
    }
    let rows: Vec<(String, Option<u64>, Option<f64>)> = match arguments.items {
        Some(items) => {
            // Of shares the spread itself depends on the difference: the two meet where it is just detectable.
            let seen = detectable(items, &design);
            vec![(format!("{items} items"), Some(items), seen)]
        }
        None => arguments
            .difference
            .iter()
            .map(|difference| {
                let items = design(*difference).and_then(|design| design.items_for(*difference));
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
        screen::print(&format!("{:#}\n", json!({ "alpha": alpha, "power": power, "rows": rows })));
        return Ok(Exit::Ok);
    }
    let section = Section {
        title: format!("Paired, two-sided test at {alpha} with power {power}"),
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
            "Items count, not trials: several trials of an item add little.".to_owned(),
            "Comparing several tasks or models needs more: the correction lowers alpha.".to_owned(),
        ],
    };
    screen::print(&sections::terminal(&[section], screen::width()));
    Ok(Exit::Ok)
}

/// The least difference that `items` show, by halving.
fn detectable(items: u64, design: &impl Fn(f64) -> Option<PairedDesign>) -> Option<f64> {
    let sees = |difference: f64| {
        let seen = design(difference)?.detectable(items)?;
        Some(seen <= difference)
    };
    let (mut low, mut high) = (0.0_f64, 100.0_f64);
    // A share's difference cannot exceed the share of items that differ.
    while sees(high).is_none() && high > 1e-6 {
        high *= 0.99;
    }
    if sees(high) != Some(true) {
        return None;
    }
    for _ in 0..60 {
        let middle = low.midpoint(high);
        if sees(middle) == Some(true) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}
