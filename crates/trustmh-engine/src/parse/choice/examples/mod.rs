//! Replies as models write them, and the choice that a careful reader takes from each.

mod any_reply;
mod dressed;
mod explained;
mod more;
mod stated;
mod turned;
mod undecided;
mod worded;

use super::explicit;

const STEPS: [&str; 4] =
    ["Ask for permission", "Call a colleague", "Do nothing for now", "Tell the school"];
const DRUGS: [&str; 5] = ["Fluoxetine", "Quetiapine", "Lorazepam", "Methadone", "Naltrexone"];
const DEFENCES: [&str; 10] = [
    "Sublimation",
    "Projection",
    "Denial",
    "Splitting",
    "Regression",
    "Repression",
    "Rationalisation",
    "Reaction formation",
    "Displacement",
    "Undoing",
];
const CHINESE: [&str; 4] = ["倾听并确认感受", "马上给出建议", "结束通话", "联系房东"];

/// Reads every reply and names those that read otherwise; "" stands for no choice.
fn check(options: &[&str], examples: &[(&str, &str)]) {
    let otherwise: Vec<String> = examples
        .iter()
        .filter_map(|(reply, wanted)| {
            let read = explicit(reply, options).map(String::from).unwrap_or_default();
            (read != *wanted).then(|| format!("{reply:?} reads {read:?}, not {wanted:?}"))
        })
        .collect();
    assert!(otherwise.is_empty(), "{}:\n{}", otherwise.len(), otherwise.join("\n"));
}
