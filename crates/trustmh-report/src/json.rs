//! JSON for machines.

use trustmh_core::inert;
use trustmh_core::scorecard::Scorecard;

/// An array of scorecards, one per run, with a line break at the end. The shape of a scorecard is a promise;
/// fields may be added, never renamed. Characters that act on a terminal are written as `\uXXXX`.
///
/// # Errors
/// None in practice: scorecards are plain data.
pub fn json(cards: &[Scorecard]) -> Result<String, serde_json::Error> {
    Ok(inert::json(&serde_json::to_string_pretty(cards)?) + "\n")
}
