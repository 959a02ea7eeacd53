//! Whether a protocol's rules fit the items and the scorer.

use super::Misfit;
use crate::kind::{self, Perturbed};
use crate::rules::TaskRules;
use crate::task::{PerturbationPlan, ScorerKind, UnreadLabel, word};

pub(super) fn check(rules: &TaskRules<'_>, found: &mut Vec<Misfit>) {
    let file = &rules.task.file;
    let (rule, facts) = (rules.rule, kind::facts(file.items));
    let kind = file.items.slug();
    let mut misfit = |field: &str, message: String| {
        let field = format!("protocols.{}.{field}", rules.protocol);
        found.push(Misfit::new(rules.task, field, message));
    };
    let parsers = file.scorer.scorer().parsers;
    if !parsers.contains(&rule.parser) {
        misfit(
            "parser",
            format!(
                "`{}` does not fit: the scorer `{}` takes what is read by {}",
                word(&rule.parser),
                word(&file.scorer),
                listed(parsers.iter().map(word))
            ),
        );
    }
    if !facts.expansions.contains(&rule.expansion) {
        misfit(
            "expansion",
            format!(
                "`{}` does not fit items of kind `{kind}`: they are expanded by {}",
                word(&rule.expansion),
                listed(facts.expansions.iter().map(word))
            ),
        );
    }
    if rule.perturbation != PerturbationPlan::None && facts.perturbed == Perturbed::Nothing {
        let plan = word(&rule.perturbation);
        let message =
            format!("`{plan}` does not fit: items of kind `{kind}` have no text that is perturbed");
        misfit("perturbation", message);
    }
    if !facts.roles.contains(&rule.roles) {
        let roles = word(&rule.roles);
        let message = format!(
            "`{roles}` does not fit: items of kind `{kind}` are no dialogues, they are shown as {}",
            listed(facts.roles.iter().map(word))
        );
        misfit("roles", message);
    }
    if !takes_unread(file.scorer, rule.unread_label) {
        let message = format!(
            "`{}` does not fit the scorer `{}`; leave it out",
            word(&rule.unread_label),
            word(&file.scorer)
        );
        misfit("unread_label", message);
    }
}

/// Whether a scorer knows what to do about replies that could not be read.
fn takes_unread(scorer: ScorerKind, unread: UnreadLabel) -> bool {
    match unread {
        UnreadLabel::Wrong => true,
        UnreadLabel::LeftOut => matches!(scorer, ScorerKind::Label | ScorerKind::RatingDistance),
        UnreadLabel::WorstLevel => scorer == ScorerKind::Label,
    }
}

/// `a`, `b` or `c`.
pub(super) fn listed(words: impl IntoIterator<Item = String>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
