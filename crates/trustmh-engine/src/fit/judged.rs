//! Whether the rubrics of a protocol are those that the scorer needs.

use trustmh_core::id::RubricId;
use trustmh_core::item::ItemKind;

use super::Misfit;
use super::misfit::hint;
use crate::rubric::{Rubric, RubricFile};
use crate::rules::TaskRules;
use crate::score::Judging;
use crate::task::word;

pub(super) fn check(rules: &TaskRules<'_>, found: &mut Vec<Misfit>) {
    check_forms(rules, found);
    let scorer = word(&rules.task.file.scorer);
    let rule = rules.rule;
    match rules.task.file.scorer.scorer().judge {
        Judging::Optional { .. } => {}
        Judging::Nothing => {
            if rule.all_rubrics().next().is_some() {
                let message = format!(
                    "`{}` does not fit: the scorer `{scorer}` needs no judge; leave it out",
                    listed(rule.all_rubrics())
                );
                found.push(misfit(rules, "rubrics", message));
            }
        }
        Judging::ByAnyField => {
            if rule.all_rubrics().next().is_none() {
                let message = format!(
                    "is empty: without a judge the scorer `{scorer}` measures nothing; name a rubric"
                );
                found.push(misfit(rules, "rubrics", message));
            }
        }
        Judging::Needed { field, arms, .. } => {
            if rule.rubrics.is_empty() {
                let message = format!(
                    "is empty: without a judge the scorer `{scorer}` measures nothing; name a rubric with a field `{field}`"
                );
                found.push(misfit(rules, "rubrics", message));
            }
            check_field(rules, "rubrics", &rule.rubrics, field, found);
            for (arm, ids) in &rule.arm_rubrics {
                let own = arms.iter().find(|(known, _)| known == arm);
                let field = own.map_or(field, |(_, field)| *field);
                check_field(rules, &format!("arm_rubrics.{arm}"), ids, field, found);
            }
        }
    }
}

/// Trees, and verdicts on turns, are about conversations.
fn check_forms(rules: &TaskRules<'_>, found: &mut Vec<Misfit>) {
    let (rule, task) = (rules.rule, &rules.task.file);
    if task.items != ItemKind::Conversation {
        if !rule.turn_rubrics.is_empty() {
            let kind = task.items.slug();
            let message =
                format!("only conversations have turns, and the items are of kind `{kind}`");
            found.push(misfit(rules, "turn_rubrics", message));
        }
        for id in rule.all_rubrics().filter(|id| has(rules, id, |file| file.is_tree())) {
            let message =
                format!("`{id}` does not fit: a decision tree is about a whole conversation");
            found.push(misfit(rules, "rubrics", message));
        }
        return;
    }
    for id in &rule.turn_rubrics {
        if has(rules, id, |file| file.is_tree()) {
            let message = format!(
                "`{id}` does not fit: a turn is judged by `fields`, and it has `questions`"
            );
            found.push(misfit(rules, "turn_rubrics", message));
        }
        if has(rules, id, |file| file.about != task.scorer) {
            let message = format!("`{id}` does not fit: it is about another scorer");
            found.push(misfit(rules, "turn_rubrics", message));
        }
    }
    let of_whole = rule.rubrics.iter().chain(rule.arm_rubrics.values().flatten());
    for id in of_whole.filter(|id| has(rules, id, |file| file.from.is_some())) {
        let message = format!(
            "`{id}` does not fit: `from` belongs to a rubric for turns; list it in `turn_rubrics`"
        );
        found.push(misfit(rules, "rubrics", message));
    }
}

/// Whether the rubric is so in any language.
fn has(rules: &TaskRules<'_>, id: &RubricId, is: impl Fn(&RubricFile) -> bool) -> bool {
    rules.benchmark.in_languages(id).any(|rubric| is(&rubric.file))
}

/// One of the rubrics must have the field that the scorer reads.
fn check_field(
    rules: &TaskRules<'_>,
    at: &str,
    ids: &[RubricId],
    field: &str,
    found: &mut Vec<Misfit>,
) {
    let rubrics: Vec<&Rubric> =
        ids.iter().filter_map(|id| rules.benchmark.rubric(id).ok()).collect();
    let fields = rubrics.iter().flat_map(|rubric| &rubric.file.fields).map(|own| &*own.name);
    if !rubrics.is_empty() && !fields.clone().any(|own| own == field) {
        let message = format!(
            "`{}` does not fit: the scorer `{}` reads the field `{field}`, which the rubric does not have; {}",
            listed(ids),
            word(&rules.task.file.scorer),
            hint(field, fields)
        );
        found.push(misfit(rules, at, message));
    }
}

fn misfit(rules: &TaskRules<'_>, field: &str, message: String) -> Misfit {
    Misfit::new(rules.task, format!("protocols.{}.{field}", rules.protocol), message)
}

fn listed<'i>(ids: impl IntoIterator<Item = &'i RubricId>) -> String {
    ids.into_iter().map(RubricId::as_str).collect::<Vec<_>>().join(", ")
}
