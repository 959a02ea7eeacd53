//! Whether templates take only variables that they are given.

use trustmh_core::item::ItemKind;

use super::Misfit;
use super::misfit::hint;
use crate::block;
use crate::conversation;
use crate::judge::talk;
use crate::kind;
use crate::rules::TaskRules;

/// What the judge's prompt is given.
const JUDGE: &[&str] = &["rubric", "context", "fence", "reply"];

/// What the prompt is given that asks a judge again.
const VERDICT: &[&str] = &["rubric"];

pub(super) fn check(rules: &TaskRules<'_>, found: &mut Vec<Misfit>) {
    let (rule, items) = (rules.rule, rules.task.file.items);
    let facts = kind::facts(items);
    let kind = format!("items of kind `{}`", items.slug());
    let mut takes = |field: &str, template: &str, given: &[&str], by: &str| {
        let templates = &rules.benchmark.templates;
        for name in templates.in_languages(template) {
            for variable in templates.variables(name) {
                if !given.contains(&variable.as_str()) {
                    let hint = hint(&variable, given.iter().copied());
                    let message = format!(
                        "`{template}` does not fit: prompts/{name}.md takes `{variable}`, which {by} do not give; {hint}"
                    );
                    let field = format!("protocols.{}.{field}", rules.protocol);
                    found.push(Misfit::new(rules.task, field, message));
                }
            }
        }
    };
    takes("prompt", &rule.prompt, facts.prompt, &kind);
    if let Some(reask) = &rule.reask {
        takes("reask", reask, facts.format, &kind);
    }
    if items == ItemKind::Conversation {
        for (template, given) in conversation::TEMPLATES {
            takes("prompt", template, given, "the players of clients");
        }
    }
    if rule.all_rubrics().next().is_some() {
        takes("rubrics", &block::template_of(items), facts.context, &kind);
        if items == ItemKind::Conversation {
            for (template, given) in talk::TEMPLATES {
                takes("rubrics", template, given, "calls to a judge");
            }
        } else {
            takes("rubrics", "judge", JUDGE, "calls to a judge");
            takes("rubrics", "reask-verdict", VERDICT, "calls to a judge");
        }
    }
}
