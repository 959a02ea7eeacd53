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
    let mut misfit = |field: &str, message: String| {
        let field = format!("protocols.{}.{field}", rules.protocol);
        found.push(Misfit::new(rules.task, field, message));
    };
    match rules.task.file.scorer.scorer().judge {
        Judging::Optional { .. } => {}
        Judging::Nothing => {
            let named: Vec<&str> = rules.rule.all_rubrics().map(RubricId::as_str).collect();
            if !named.is_empty() {
                let message = format!(
                    "`{}` does not fit: the scorer `{scorer}` needs no judge; leave it out",
                    named.join(", ")
                );
                misfit("rubrics", message);
            }
        }
        Judging::Needed { field, .. } => {
            if rules.rule.rubrics.is_empty() {
                let message = format!(
                    "is empty: without a judge the scorer `{scorer}` measures nothing; name a rubric with a field `{field}`"
                );
                misfit("rubrics", message);
            }
            let of_arms = rules.rule.arm_rubrics.iter();
            let of_arms = of_arms.map(|(arm, ids)| (format!("arm_rubrics.{arm}"), ids));
            for (at, ids) in
                [("rubrics".to_owned(), &rules.rule.rubrics)].into_iter().chain(of_arms)
            {
                let rubrics: Vec<&Rubric> =
                    ids.iter().filter_map(|id| rules.benchmark.rubric(id).ok()).collect();
                let fields =
                    rubrics.iter().flat_map(|rubric| &rubric.file.fields).map(|own| &*own.name);
                if !rubrics.is_empty() && !fields.clone().any(|own| own == field) {
                    let message = format!(
                        "`{}` does not fit: the scorer `{scorer}` reads the field `{field}`, which the rubric does not have; {}",
                        ids.iter().map(RubricId::as_str).collect::<Vec<_>>().join(", "),
                        hint(field, fields)
                    );
                    misfit(&at, message);
                }
            }
        }
    }
}
