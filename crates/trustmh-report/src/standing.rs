//! How a run's record stands: what every rendering says before anything else.

use trustmh_core::scorecard::Scorecard;

/// What must be read before the name and the numbers.
pub fn banner(card: &Scorecard) -> Option<String> {
    card.record.note.clone()
}
