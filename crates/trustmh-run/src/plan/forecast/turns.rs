//! What a conversation will ask for: each call carries all that was said before, so tokens grow with the square of the turns.

use serde_json::json;

use trustmh_core::call::{CallEnd, Exchange, Finish, JudgedPart, Purpose, Reply};
use trustmh_core::id::{QuestionId, RubricId};
use trustmh_core::trial::Trial;
use trustmh_engine::walk::{ClientRule, Walk};

use super::{ANY_REPLY, TaskForecast, replied, tokens};
use crate::error::RunError;

/// What was said before, in tokens, if each message were as long as it may be.
#[derive(Default)]
struct SoFar {
    subject: u64,
    client: u64,
    replies: u64,
}

impl SoFar {
    /// What a judge is shown of it: of a conversation whose turn is judged as far as that turn.
    fn shown(&self, part: &JudgedPart) -> u64 {
        let whole = self.subject + self.client;
        match part {
            JudgedPart::Turn(turn) => whole * (u64::from(*turn) + 1) / self.replies.max(1),
            JudgedPart::Whole | JudgedPart::Question(_) => whole,
        }
    }
}

/// Adds what a conversation asks for if nobody leaves before its last turn.
pub(super) fn add(
    found: &mut TaskForecast,
    walk: &Walk<'_>,
    trial: &Trial,
) -> Result<(), RunError> {
    let (mut exchanges, mut before) = (Vec::new(), SoFar::default());
    while let Some(call) = walk.next_call(trial, &exchanges)? {
        let limit = u64::from(call.sampling.limit());
        let words = u64::from(call.sampling.max_tokens);
        let prompt = tokens(&call) + before.subject + before.client;
        let exchange = match &call.purpose {
            Purpose::Subject { .. } => {
                found.subject_calls += 1;
                found.subject_prompt_tokens += prompt;
                found.subject_reply_tokens += limit;
                before.subject += words;
                before.replies += 1;
                replied(call.purpose)
            }
            Purpose::Client { .. } => match walk.client {
                ClientRule::Model => {
                    found.client_calls += 1;
                    found.client_prompt_tokens += prompt;
                    found.client_reply_tokens += limit;
                    before.client += words;
                    replied(call.purpose)
                }
                ClientRule::Offline => {
                    let words = walk.offline_words(trial, &exchanges);
                    let words = words.unwrap_or_else(|| ANY_REPLY.to_owned());
                    Exchange { purpose: call.purpose, end: said(words) }
                }
            },
            Purpose::Judge { ask, rubric, part } => {
                // What stands for any verdict cannot be read; most verdicts can.
                if *ask == 0 {
                    found.judge_calls += 1;
                    found.judge_prompt_tokens += tokens(&call) + before.shown(part);
                    found.judge_thinking_tokens +=
                        u64::from(call.sampling.thinking_tokens.unwrap_or_default());
                }
                match part {
                    JudgedPart::Question(id) => {
                        Exchange { end: said(leads_on(walk, rubric, id)?), purpose: call.purpose }
                    }
                    JudgedPart::Whole | JudgedPart::Turn(_) => replied(call.purpose),
                }
            }
        };
        exchanges.push(exchange);
    }
    Ok(())
}

/// The answer to a question of a tree that leads to the most others: a judge that is asked them one by one is asked no more than these.
fn leads_on(walk: &Walk<'_>, rubric: &RubricId, id: &QuestionId) -> Result<String, RunError> {
    let longest = walk.rules.benchmark.rubric(rubric)?.file.longest_walk();
    let answer = longest.iter().find(|(question, _)| question.id == *id);
    let answer = answer.map_or("", |(_, rule)| rule.answer.as_str());
    Ok(json!({ "answer": answer }).to_string())
}

fn said(words: String) -> CallEnd {
    CallEnd::Replied(Reply::new(words, Finish::Stop, None))
}
