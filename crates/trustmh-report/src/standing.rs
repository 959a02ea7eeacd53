//! How a run's record stands: what every rendering says before anything else.

use trustmh_core::scorecard::{RecordState, Scorecard, Standing};

/// What must be read before the name and the numbers: that the run is incomplete, was repaired, or was capped. None of a run that is whole
/// and took all items. It is plain text: whoever shows it escapes it.
pub fn banner(card: &Scorecard) -> Option<String> {
    let Standing { state, planned, pending, dropped_lines, note: _, capped } = &card.record;
    let repaired = match state {
        RecordState::Repaired => Some(match dropped_lines {
            0 => "REPAIRED: made of what was sound of a damaged record.".to_owned(),
            1 => "REPAIRED: 1 line of a damaged record was left out.".to_owned(),
            lines => format!("REPAIRED: {lines} lines of a damaged record were left out."),
        }),
        RecordState::Complete | RecordState::Incomplete => None,
    };
    let incomplete = (*pending > 0).then(|| {
        let ended = planned.saturating_sub(*pending);
        let have = if *planned == 1 { "trial has" } else { "trials have" };
        format!("INCOMPLETE: {ended} of {planned} {have} ended, {pending} pending.")
    });
    let whole = if *pending == 0 { "; all trials of these have ended" } else { "" };
    let capped = capped.as_ref().map(|caps| format!("CAPPED: {caps}{whole}."));
    let parts: Vec<String> = [repaired, incomplete, capped].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The caveats of the card without what the banner has said: which trials are pending stands with their tasks.
pub(crate) fn further_caveats(card: &Scorecard) -> Vec<String> {
    let capped = card.record.capped_caveat();
    let pending = match card.record.state {
        RecordState::Incomplete => card.record.note.as_ref(),
        // What was wrong with it is more than the banner says.
        RecordState::Complete | RecordState::Repaired => None,
    };
    let is_said = |caveat: &&String| capped.as_ref() == Some(*caveat) || pending == Some(*caveat);
    card.caveats.iter().filter(|caveat| !is_said(caveat)).cloned().collect()
}
