//! Verdicts on whole conversations: decision trees and flat rubrics.

use trustmh_core::call::Exchange;
use trustmh_core::id::RubricId;
use trustmh_core::item::{Mark, Side};
use trustmh_core::trial::Trial;

use crate::conversation::{Talk, of};
use crate::error::EngineError;
use crate::judge::{TreeVerdict, tree_verdict};
use crate::rubric::{OfflineAnswer, OfflineSign, Question, Rubric, When};
use crate::rules::{JudgeRule, Judges, TaskRules};
use crate::walk::JudgeQuestions;

/// What the decision trees of the protocol say of a conversation.
///
/// # Errors
/// [`EngineError::UnknownRubric`].
pub(crate) fn trees(
    rules: &TaskRules<'_>,
    judges: Judges,
    questions: JudgeQuestions,
    trial: &Trial,
    talk: &Talk<'_>,
    exchanges: &[Exchange],
) -> Result<Vec<(RubricId, TreeVerdict)>, EngineError> {
    let mut found = Vec::new();
    for rubric in rules.rubrics(trial)?.into_iter().filter(|rubric| rubric.file.is_tree()) {
        let verdict = match judges.replies {
            JudgeRule::Offline | JudgeRule::Embedded => by_rules(rules, rubric, trial, talk),
            JudgeRule::Model | JudgeRule::Nobody => {
                tree_verdict(judges, questions, rubric, talk, exchanges)
            }
        };
        found.push((rubric.file.id.clone(), verdict));
    }
    Ok(found)
}

fn by_rules(rules: &TaskRules<'_>, rubric: &Rubric, trial: &Trial, talk: &Talk<'_>) -> TreeVerdict {
    TreeVerdict::from_answers(rubric, |question: &Question| {
        let offline = question.offline.as_ref()?;
        let holds = holds(rules, offline, trial, talk)?;
        let answer = question.answers.get(usize::from(!holds))?;
        Some(answer.answer.clone())
    })
}

/// Whether the first answer holds; none if the rules cannot tell.
fn holds(
    rules: &TaskRules<'_>,
    offline: &OfflineAnswer,
    trial: &Trial,
    talk: &Talk<'_>,
) -> Option<bool> {
    let language = trial.item.language.as_str();
    let signs = rules.benchmark.client_tables().of(language);
    let of_client = |mark: Mark| {
        let said = talk.said.iter().filter(|said| said.side == Side::Client);
        let marked = said.filter(move |said| signs.marks(&said.text, said.line).contains(&mark));
        marked.filter_map(|said| said.turn).collect::<Vec<u8>>()
    };
    let turns = match &offline.sign {
        OfflineSign::Client(mark) => of_client(*mark),
        OfflineSign::Code(code) => {
            let facts = of(trial).map_or(&[][..], |conversation| &conversation.secret_facts);
            let turn_rules = rules.benchmark.turn_rules();
            let mut turns = Vec::new();
            for (turn, reply) in talk.replies() {
                if turn_rules.code(code, language, reply, facts)? {
                    turns.push(turn);
                }
            }
            turns
        }
    };
    Some(match offline.when {
        When::Ever => !turns.is_empty(),
        When::Never => turns.is_empty(),
        When::AfterRiskNever => {
            let risk = of_client(Mark::Risk).first().copied().unwrap_or_default();
            !turns.iter().any(|turn| *turn >= risk)
        }
    })
}
