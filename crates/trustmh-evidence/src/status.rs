//! How far a pack answers a duty, by rule: what a framework file allows at most, and what is at hand.

use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

use crate::framework::{Duty, DutyAtMost, Method, MethodAtMost};
use crate::need::Need;

/// How far a duty is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// What is asked for is in the pack.
    Filled,
    /// The pack speaks to it, and does not settle it.
    InPart,
    /// Nothing in the pack speaks to it: the operator has to show it.
    Operators,
}

impl Status {
    /// All of them, the fullest first.
    pub const ALL: [Self; 3] = [Self::Filled, Self::InPart, Self::Operators];

    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::InPart => "in part",
            Self::Operators => "the operator's to fill",
        }
    }
}

/// How far a method of testing is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MethodStatus {
    /// As the framework describes it.
    Measured,
    /// Some of it.
    InPart,
    /// Not here.
    Not,
}

impl MethodStatus {
    /// All of them, the fullest first.
    pub const ALL: [Self; 3] = [Self::Measured, Self::InPart, Self::Not];

    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::InPart => "in part",
            Self::Not => "not measured",
        }
    }
}

/// An answer: how far, why not further, and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<S> {
    /// How far.
    pub status: S,
    /// Why.
    pub reason: String,
    /// What is at hand of what is needed.
    pub at_hand: Vec<Need>,
    /// What is not.
    pub missing: Vec<Need>,
}

/// How the pack answers a duty.
pub fn of_duty(duty: &Duty, at_hand: &BTreeSet<Need>) -> Answer<Status> {
    let (there, missing) = parted(&duty.needs, at_hand);
    let stated = there.iter().any(|need| matches!(need, Need::Field(_)));
    let because = &duty.because;
    let (status, reason) = match (duty.at_most, there.is_empty(), missing.is_empty()) {
        (DutyAtMost::Operator, ..) if stated => (
            Status::InPart,
            format!("The operator's own statement, which nothing here checks. {because}"),
        ),
        (DutyAtMost::Operator, ..) => (Status::Operators, because.clone()),
        (DutyAtMost::Filled | DutyAtMost::InPart, true, _) => {
            (Status::Operators, format!("Nothing that speaks to it is in this pack. {because}"))
        }
        (DutyAtMost::Filled, false, true) => (Status::Filled, because.clone()),
        (DutyAtMost::Filled, false, false) => {
            (Status::InPart, format!("Something that it needs is missing. {because}"))
        }
        (DutyAtMost::InPart, false, _) => (Status::InPart, because.clone()),
    };
    Answer { status, reason, at_hand: there, missing }
}

/// How far the pack does what a method asks.
pub fn of_method(method: &Method, at_hand: &BTreeSet<Need>) -> Answer<MethodStatus> {
    let (there, missing) = parted(&method.needs, at_hand);
    let because = &method.because;
    let (status, reason) = match (method.at_most, there.is_empty(), missing.is_empty()) {
        (MethodAtMost::Not, ..) => (MethodStatus::Not, because.clone()),
        (MethodAtMost::Measured | MethodAtMost::InPart, true, _) => {
            (MethodStatus::Not, format!("These runs hold no test that speaks to it. {because}"))
        }
        (MethodAtMost::Measured, false, true) => (MethodStatus::Measured, because.clone()),
        (MethodAtMost::Measured | MethodAtMost::InPart, false, _) => {
            (MethodStatus::InPart, because.clone())
        }
    };
    Answer { status, reason, at_hand: there, missing }
}

fn parted(needs: &[Need], at_hand: &BTreeSet<Need>) -> (Vec<Need>, Vec<Need>) {
    needs.iter().cloned().partition(|need| at_hand.contains(need))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn duty(at_most: DutyAtMost, needs: &[&str]) -> Duty {
        Duty {
            id: "d".to_owned(),
            section: "1".to_owned(),
            title: "T".to_owned(),
            says: "S".to_owned(),
            since: date(2026, 1, 1),
            needs: needs.iter().map(|need| need.parse().unwrap()).collect(),
            at_most,
            because: "It is so.".to_owned(),
            note: None,
        }
    }

    #[test]
    fn a_duty_is_answered_by_what_is_at_hand_and_never_beyond_what_its_file_allows() {
        use DutyAtMost::{Filled, InPart, Operator};
        let at_hand: BTreeSet<Need> =
            ["crisis", "results", "policies.privacy"].map(|need| need.parse().unwrap()).into();
        for (at_most, needs, status) in [
            (Filled, vec!["crisis", "policies.privacy"], Status::Filled),
            (Filled, vec!["crisis", "policies.retention"], Status::InPart),
            (Filled, vec!["change-log"], Status::Operators),
            (InPart, vec!["crisis", "results"], Status::InPart),
            (InPart, vec!["crisis", "change-log"], Status::InPart),
            (InPart, vec!["change-log"], Status::Operators),
            (InPart, vec![], Status::Operators),
            (Operator, vec!["policies.privacy"], Status::InPart),
            (Operator, vec!["policies.retention"], Status::Operators),
            // A measurement is no statement of the operator's.
            (Operator, vec!["results"], Status::Operators),
            (Operator, vec![], Status::Operators),
        ] {
            let found = of_duty(&duty(at_most, &needs), &at_hand);
            assert_eq!(found.status, status, "{at_most:?} {needs:?}");
            assert!(found.reason.ends_with("It is so."), "{}", found.reason);
            assert_eq!(found.at_hand.len() + found.missing.len(), needs.len());
        }
        let stated = of_duty(&duty(Operator, &["policies.privacy"]), &at_hand);
        assert!(stated.reason.starts_with("The operator's own statement"), "{}", stated.reason);
    }

    #[test]
    fn a_method_that_takes_people_is_not_measured_whatever_is_at_hand() {
        let method = |at_most, needs: &[&str]| Method {
            id: "m".to_owned(),
            title: "M".to_owned(),
            about: "A".to_owned(),
            needs: needs.iter().map(|need| need.parse().unwrap()).collect(),
            at_most,
            because: "It is so.".to_owned(),
            note: None,
        };
        let at_hand: BTreeSet<Need> = ["crisis"].map(|need| need.parse().unwrap()).into();
        use MethodAtMost::{InPart, Measured, Not};
        for (at_most, needs, status) in [
            (Not, vec!["crisis"], MethodStatus::Not),
            (InPart, vec!["crisis"], MethodStatus::InPart),
            (InPart, vec!["fairness"], MethodStatus::Not),
            (Measured, vec!["crisis"], MethodStatus::Measured),
            (Measured, vec!["crisis", "fairness"], MethodStatus::InPart),
        ] {
            let found = of_method(&method(at_most, &needs), &at_hand);
            assert_eq!(found.status, status, "{at_most:?} {needs:?}");
        }
    }
}
