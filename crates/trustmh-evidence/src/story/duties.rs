//! What the framework asks, and how far it is answered.

use super::{not_here, places, section};
use crate::document::{Block, Inline, Line, Row, Section, Table, Weight};
use crate::pack::{AnsweredDuty, AnsweredMethod, Pack};
use crate::status::{MethodStatus, Status};

const NO_PLACE: &str = "nowhere";

/// All duties.
pub(super) fn duties(pack: &Pack) -> Section {
    let counted: Vec<String> =
        Status::ALL.map(|status| format!("{} {}", pack.duties_with(status), status.words())).into();
    let intro = format!(
        "Of {} duties: {}. “Filled” means that what is asked for is in this pack, “in part” that something in it speaks to the duty, and \
         “the operator's to fill” that nothing does. No status says that a duty is met.",
        pack.duties.len(),
        counted.join(", ")
    );
    let rows = pack.duties.iter().map(|duty| of_duty(duty, pack)).collect();
    let table = Table {
        caption: format!("Duties of {}", pack.framework.title),
        head: vec!["Section", "Duty", "Status", "Where in this pack", "Why, and what is not here"],
        rows,
    };
    section("duties", "The duties", vec![Block::Text(intro.into()), Block::Table(table)])
}

fn of_duty(duty: &AnsweredDuty, pack: &Pack) -> Row {
    let since = match duty.since > pack.date {
        true => format!("Applies from {}, after the date of this pack.", duty.since),
        false => format!("Applies from {}.", duty.since),
    };
    let what = Line::default()
        .and(Inline::Strong(duty.title.clone()))
        .below(Some(duty.says.clone()))
        .below(Some(since))
        .below(duty.note.as_ref().map(|note| format!("Note: {note}")));
    Row {
        anchor: Some(format!("duty-{}", duty.id)),
        cells: vec![
            duty.section.as_str().into(),
            what,
            duty.status.words().into(),
            if duty.at_hand.is_empty() { NO_PLACE.into() } else { places(&duty.at_hand) },
            Line::text(duty.reason.clone()).below(not_here(&duty.missing)),
        ],
        weight: Weight::Usual,
    }
}

/// All methods of testing that the framework lists; none if it lists none.
pub(super) fn methods(pack: &Pack) -> Option<Section> {
    let counted: Vec<String> = MethodStatus::ALL
        .map(|status| format!("{} {}", pack.methods_with(status), status.words()))
        .into();
    let intro = format!(
        "Methods of testing that the framework lists, {} in all: {}.",
        pack.methods.len(),
        counted.join(", ")
    );
    let table = Table {
        caption: format!("Methods of {}", pack.framework.title),
        head: vec!["Method", "What it measures", "Status", "Where in this pack", "Why not more"],
        rows: pack.methods.iter().map(of_method).collect(),
    };
    let blocks = vec![Block::Text(intro.into()), Block::Table(table)];
    (!pack.methods.is_empty()).then(|| section("methods", "The methods of testing", blocks))
}

fn of_method(method: &AnsweredMethod) -> Row {
    let about = Line::text(method.about.clone())
        .below(method.note.as_ref().map(|note| format!("Note: {note}")));
    Row {
        anchor: Some(format!("method-{}", method.id)),
        cells: vec![
            method.title.as_str().into(),
            about,
            method.status.words().into(),
            match method.status {
                MethodStatus::Not => NO_PLACE.into(),
                MethodStatus::Measured | MethodStatus::InPart => places(&method.at_hand),
            },
            Line::text(method.reason.clone()).below(match method.status {
                MethodStatus::Not => None,
                MethodStatus::Measured | MethodStatus::InPart => not_here(&method.missing),
            }),
        ],
        weight: Weight::Usual,
    }
}
