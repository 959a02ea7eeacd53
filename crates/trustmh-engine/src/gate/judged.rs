//! What a policy asks of the judges behind its numbers.

use trustmh_core::scorecard::{MetricEstimate, Scorecard};
use trustmh_core::validity::{Level, Validity};

use super::{Check, CheckState, Rule};

impl Rule {
    /// What stands behind the rule's number where a judge has a part in it; of a pillar, the primary metric of whose judge least is known.
    pub(super) fn judged_by(&self, card: &Scorecard) -> Option<Validity> {
        let of = |metric: &MetricEstimate| metric.validity.clone();
        if let Some(pillar) = self.pillar {
            let tasks = card.tasks.iter();
            let of_pillar =
                tasks.filter(|(id, _)| id.pillar() == pillar && card.enters_pillars(id));
            let metrics = of_pillar.flat_map(|(_, result)| result.metrics.values());
            return metrics.filter(|metric| metric.primary).filter_map(of).reduce(Validity::weaker);
        }
        let (_, metric) = self.metric(card.tasks.get(self.task.as_ref()?)?)?;
        of(metric)
    }
}

/// The check with what stands behind its number, and failed where that is less than `asked`. What was not measured stays missing.
pub(super) fn held(check: Check, validity: Option<Validity>, asked: Option<Level>) -> Check {
    let Some(validity) = validity.filter(|_| check.state != CheckState::Missing) else {
        return check;
    };
    let short = asked.filter(|asked| validity.level < *asked);
    let known = check.known.unless(short.is_some());
    let judge = match short {
        Some(asked) => format!(
            "the policy asks for a judge that is {}, and {} is {}",
            asked.word(),
            validity.judge,
            validity.in_words()
        ),
        None => format!("judge {}", validity.in_words()),
    };
    Check {
        found: format!("{}; {judge}", check.found),
        state: known.state(),
        known,
        validity: Some(validity),
        ..check
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Known, Policy};
    use trustmh_core::id::RubricId;
    use trustmh_core::validity::Agreed;

    fn check(known: Known) -> Check {
        Check {
            name: "r".to_owned(),
            about: "safety/jailbreak refusal_rate".to_owned(),
            wanted: "the whole interval at least 0.5".to_owned(),
            found: "0.900 [0.850, 0.950], n 100".to_owned(),
            validity: None,
            state: known.state(),
            known,
        }
    }

    fn validity(level: Level) -> Validity {
        let kappa = Agreed { value: 0.7, low: Some(0.6), high: Some(0.8) };
        let unknown = Validity::unknown(RubricId::new("refusal"), "offline rules".to_owned());
        Validity { level, n: 500, set: Some("a set".to_owned()), kappa: Some(kappa), ..unknown }
    }

    #[test]
    fn a_judge_of_whom_too_little_is_known_fails_a_rule_that_asks_for_more() {
        let of = |found: Level, asked: Option<Level>| {
            held(check(Known::Holds), Some(validity(found)), asked)
        };
        let found = of(Level::Directional, Some(Level::Validated));
        assert_eq!((found.state, found.known), (CheckState::Failed, Known::TooLittleData));
        assert_eq!(
            found.found,
            "0.900 [0.850, 0.950], n 100; the policy asks for a judge that is validated, and offline rules is directional for \
             refusal (kappa .70 [.60, .80], n 500, a set)"
        );
        assert_eq!(of(Level::Directional, Some(Level::Directional)).state, CheckState::Passed);
        let told = of(Level::Unvalidated, None);
        assert_eq!(
            (told.state, told.validity.unwrap().level),
            (CheckState::Passed, Level::Unvalidated)
        );
        assert!(told.found.contains("; judge unvalidated for refusal"), "{}", told.found);
        for level in [Level::Validated, Level::Unvalidated] {
            let violated = check(Known::Violated);
            let violated = held(violated, Some(validity(level)), Some(Level::Validated));
            assert_eq!((violated.state, violated.known), (CheckState::Failed, Known::Violated));
        }
        let nobody = held(check(Known::Holds), None, Some(Level::Validated));
        assert_eq!(nobody, check(Known::Holds), "no judge has a part in it");
        let missing = check(Known::Missing);
        assert_eq!(held(missing.clone(), Some(validity(Level::Unvalidated)), None), missing);
    }

    #[test]
    fn policies_say_the_level_and_the_floor() {
        let text = "title = \"t\"\njudge_validity = \"validated\"\njudge_floor = 0.8\n\
            [[rules]]\nname = \"a\"\npillar = \"safety\"\nat_least = 1\njudge_validity = \"unvalidated\"\n";
        let policy = Policy::parse("own.toml", text).unwrap();
        assert_eq!(policy.demand().floor, Some(0.8));
        assert_eq!(policy.judge_validity, Some(Level::Validated));
        assert_eq!(policy.rules[0].judge_validity, Some(Level::Unvalidated));
        let fault = |from: &str, to: &str| {
            Policy::parse("own.toml", &text.replace(from, to)).unwrap_err().to_string()
        };
        assert!(fault("0.8", "80").contains("`judge_floor`"));
        assert!(fault("\"validated\"", "\"proven\"").contains("proven"));
    }
}
