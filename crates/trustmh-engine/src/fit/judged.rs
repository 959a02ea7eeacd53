//! Whether the rubrics of a protocol are those that the scorer needs.

use trustmh_core::id::RubricId;

use super::Misfit;
use super::misfit::hint;
use crate::rubric::Rubric;
use crate::rules::TaskRules;
use crate::score::Judging;
use crate::task::word;

pub(super) fn check(rules: &TaskRules<'_>, found: &mut Vec<Misfit>) {
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
