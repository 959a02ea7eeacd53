//! What a judge is asked about a conversation, by one rubric.

use serde::Serialize;

use trustmh_core::call::{CallSpec, JudgedPart, Purpose, Sampling};
use trustmh_core::digest::Digest;
use trustmh_core::item::Side;
use trustmh_core::message::Message;
use trustmh_core::request::Asking;
use trustmh_core::trial::Trial;

use super::evidence::number;
use crate::block::Block;
use crate::conversation::{Said, Talk};
use crate::error::EngineError;
use crate::judge::{JUDGE_TOKENS, RubricPrompt, context};
use crate::kind::given;
use crate::rubric::{EvidenceRule, Question, Rubric};
use crate::rules::TaskRules;

/// Room for the answers to all questions of a tree, each with a quotation, without what the judge thinks before.
const TREE_TOKENS: u32 = 4096;

/// A template of what a judge is asked.
#[derive(Clone, Copy)]
struct Form {
    /// What it is asked first.
    first: &'static str,
    /// What it is told after an answer from which nothing could be read.
    again: &'static str,
}

const WHOLE: Form = Form { first: "judge-conversation", again: "reask-verdict" };
const TURN: Form = Form { first: "judge-turn", again: "reask-verdict" };
const TREE: Form = Form { first: "judge-tree", again: "reask-tree" };
const QUESTION: Form = Form { first: "judge-question", again: "reask-question" };

/// All templates, each with the variables that it is given.
pub(crate) const TEMPLATES: [(&str, &[&str]); 7] = [
    (WHOLE.first, &["rubric", "context", "fence", "turns"]),
    (TURN.first, &["rubric", "context", "fence", "turns", "turn"]),
    (TREE.first, &["rubric", "context", "fence", "turns", "questions"]),
    (QUESTION.first, &["rubric", "context", "fence", "turns", "question"]),
    (WHOLE.again, &["rubric"]),
    (TREE.again, &["questions"]),
    (QUESTION.again, &["question"]),
];

#[derive(Serialize)]
struct Prompt<'a> {
    rubric: RubricPrompt<'a>,
    context: Vec<Block>,
    fence: String,
    turns: Vec<TurnPrompt>,
    turn: Option<u32>,
    questions: Vec<QuestionPrompt<'a>>,
    question: Option<QuestionPrompt<'a>>,
}

#[derive(Serialize)]
struct TurnPrompt {
    number: u32,
    side: Side,
    text: String,
}

#[derive(Serialize)]
struct QuestionPrompt<'a> {
    id: &'a str,
    dimension: &'a str,
    asks: &'a str,
    guidance: Option<&'a str>,
    /// Whether the judge is to show where it sees the answer.
    evidence: bool,
    answers: Vec<AnswerPrompt<'a>>,
}

#[derive(Serialize)]
struct AnswerPrompt<'a> {
    answer: &'a str,
    /// The question to which it leads; none where the walk ends.
    leads: Option<&'a str>,
}

/// What a judge is asked about a part of a conversation by one rubric.
pub(super) struct TalkCall<'a> {
    pub(super) rules: &'a TaskRules<'a>,
    pub(super) asking: &'a Asking,
    pub(super) rubric: &'a Rubric,
    pub(super) trial: &'a Trial,
    pub(super) talk: &'a Talk<'a>,
    pub(super) part: JudgedPart,
}

impl TalkCall<'_> {
    /// The call that asks for a verdict.
    ///
    /// The conversation stands between fences that carry a number, drawn over all its words as that of a single reply is
    /// ([`JudgeCall::first`](crate::judge::JudgeCall::first)): neither side can write the fence that stands around its own words. And no
    /// line of a turn but the first begins at the margin, so that nobody can write a turn of the other side.
    ///
    /// # Errors
    /// [`EngineError::Template`] if the judge's prompt cannot be filled in.
    pub(super) fn first(&self) -> Result<CallSpec, EngineError> {
        let prompt = self.render(self.form().first)?;
        let Asking { thinking_tokens, options, .. } = self.asking;
        Ok(CallSpec {
            purpose: self.purpose(0),
            messages: vec![Message::user(prompt)],
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: self.room(),
                seed: None,
                thinking_tokens: *thinking_tokens,
            },
            repeat: 0,
            trial: None,
            options: options.clone(),
        })
    }

    /// The call that asks for the same verdict once more, after an answer from which none could be read: it is shown back to the judge as
    /// its own, unless it says nothing.
    ///
    /// # Errors
    /// [`EngineError::Template`] if a prompt cannot be filled in.
    pub(super) fn again(&self, ask: u8, unread: &str) -> Result<CallSpec, EngineError> {
        let first = self.first()?;
        let form = self.render(self.form().again)?;
        let mut messages = first.messages;
        match messages.last_mut() {
            Some(prompt) if unread.trim().is_empty() => {
                prompt.content.push_str("\n\n");
                prompt.content.push_str(&form);
            }
            _ => messages.extend([Message::assistant(unread), Message::user(form)]),
        }
        Ok(CallSpec { purpose: self.purpose(ask), messages, ..first })
    }

    fn form(&self) -> Form {
        match &self.part {
            JudgedPart::Turn(_) => TURN,
            JudgedPart::Question(_) => QUESTION,
            JudgedPart::Whole if self.rubric.file.is_tree() => TREE,
            JudgedPart::Whole => WHOLE,
        }
    }

    fn room(&self) -> u32 {
        match &self.part {
            JudgedPart::Whole if self.rubric.file.is_tree() => TREE_TOKENS,
            JudgedPart::Whole | JudgedPart::Turn(_) | JudgedPart::Question(_) => JUDGE_TOKENS,
        }
    }

    fn purpose(&self, ask: u8) -> Purpose {
        Purpose::Judge { rubric: self.rubric.file.id.clone(), ask, part: self.part.clone() }
    }

    fn render(&self, template: &str) -> Result<String, EngineError> {
        let Self { rules, rubric, trial, .. } = self;
        let said = self.shown();
        let questions = rubric.file.questions.iter().filter(|one| one.answers.len() > 1);
        let prompt = Prompt {
            rubric: RubricPrompt::of(rubric),
            context: context(rules, rubric, trial)?,
            fence: self.fence(said),
            turns: said.iter().map(TurnPrompt::of).collect(),
            turn: match &self.part {
                JudgedPart::Turn(turn) => Some(u32::from(*turn) + 1),
                JudgedPart::Whole | JudgedPart::Question(_) => None,
            },
            questions: questions.map(|question| self.question(question)).collect(),
            question: match &self.part {
                JudgedPart::Question(id) => rubric.file.question(id).map(|one| self.question(one)),
                JudgedPart::Whole | JudgedPart::Turn(_) => None,
            },
        };
        let template = rules.benchmark.template_for(template, &trial.item.language);
        rules.benchmark.templates.render(&template, &given(&prompt))
    }

    /// What of the conversation the judge is shown: all, or as far as the reply that it judges.
    fn shown(&self) -> &[Said<'_>] {
        let said = self.talk.said.as_slice();
        let JudgedPart::Turn(turn) = &self.part else { return said };
        let is_reply = |one: &Said<'_>| one.side == Side::Subject && one.turn == Some(*turn);
        let end = said.iter().position(is_reply).map_or(said.len(), |at| at + 1);
        said.get(..end).unwrap_or(said)
    }

    fn fence(&self, said: &[Said<'_>]) -> String {
        let mut drawn = format!("{}:{}", self.rules.seed, self.rubric.file.id);
        for one in said {
            drawn.push_str(&format!(":{}:{}", one.text.len(), one.text));
        }
        let nonce = Digest::of(drawn.as_bytes());
        format!("=== conversation {} ===", nonce.as_str().get(..16).unwrap_or_default())
    }

    fn question<'q>(&'q self, question: &'q Question) -> QuestionPrompt<'q> {
        let file = &self.rubric.file;
        let dimension = file.dimensions.iter().find(|known| known.id == question.dimension);
        let answers = question.answers.iter().map(|rule| AnswerPrompt {
            answer: &rule.answer,
            leads: file.next_asked(question, rule).map(|next| next.id.as_str()),
        });
        QuestionPrompt {
            id: question.id.as_str(),
            dimension: dimension.map_or("", |dimension| &dimension.title),
            asks: question.asks.trim(),
            guidance: question.guidance.as_deref().map(str::trim),
            evidence: question.evidence == EvidenceRule::Wanted,
            answers: answers.collect(),
        }
    }
}

impl TurnPrompt {
    fn of(said: &Said<'_>) -> Self {
        Self { number: number(said), side: said.side, text: indented(&said.text) }
    }
}

/// The text with all lines but the first indented, whatever sign breaks them.
fn indented(text: &str) -> String {
    let breaks = ['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    let text = text.trim().replace("\r\n", "\n").replace(breaks, "\n");
    text.replace('\n', "\n    ")
}
