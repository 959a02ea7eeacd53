//! The words every room of TrustMH speaks: pillars, tasks, items, trials, calls, outcomes, estimates.
//!
//! Nothing here reads or writes anything; the types travel from benchmark data to reports.

pub mod call;
pub mod caps;
pub mod codebook;
pub mod comparison;
pub mod curve;
pub mod digest;
pub mod facts;
pub mod file_name;
pub mod form_fault;
pub mod given_name;
pub mod id;
pub mod inert;
pub mod item;
pub mod language;
pub mod message;
pub mod metric;
pub mod outcome;
pub mod panel;
pub mod perturbation;
pub mod pillar;
pub mod protocol;
pub mod proxy;
pub mod release;
pub mod repeats;
pub mod reply;
pub mod request;
pub mod row;
pub mod scorecard;
pub mod scores;
pub mod suite;
pub mod thought;
pub mod trial;
pub mod unlike;
pub mod validity;

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use crate::item::{AttackMethod, ItemKind, PrivacyTier};
    use crate::outcome::Outcome;
    use crate::perturbation::{Family, Level};
    use crate::pillar::Pillar;
    use crate::protocol::Protocol;
    use crate::reply::Unanswered;
    use crate::scorecard::RecordState;
    use crate::trial::LeakQuestion;

    fn written(value: impl Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn the_word_of_a_value_is_the_one_in_files() {
        for pillar in Pillar::ALL {
            assert_eq!(
                (written(pillar).as_str(), written(pillar).parse()),
                (pillar.slug(), Ok(pillar))
            );
        }
        for method in AttackMethod::ALL {
            assert_eq!(
                (written(method).as_str(), written(method).parse()),
                (method.slug(), Ok(method))
            );
        }
        for question in LeakQuestion::ALL {
            let word = written(question);
            assert_eq!((word.as_str(), word.parse()), (question.slug(), Ok(question)));
        }
        for protocol in [Protocol::Reference, Protocol::Corrected] {
            assert_eq!(written(protocol), protocol.to_string());
        }
        let others = [
            (written(PrivacyTier::Flow), PrivacyTier::Flow.label()),
            (written(Family::Stacked), Family::Stacked.slug()),
            (written(Level::None), Level::None.slug()),
            (written(Outcome::Unparsed), Outcome::Unparsed.slug()),
            (written(Unanswered::Cut), Unanswered::Cut.slug()),
            (written(ItemKind::MultipleChoice), ItemKind::MultipleChoice.slug()),
            (written(RecordState::Incomplete), RecordState::Incomplete.slug()),
        ];
        for (written, slug) in others {
            assert_eq!(written, slug);
        }
        assert_eq!(Outcome::Unanswered(Unanswered::Empty).slug(), "unanswered");
    }
}
