//! Options of a new run that nothing in it would heed.

use trustmh_core::id::TaskId;
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::{ScorerKind, Task};
use trustmh_engine::walk::JudgeQuestions;
use trustmh_run::manifest::{JudgeRecord, ModelRecord};

use super::{Answering, Answers, Heed, NO_CLIENT_CALLS, refuse_idle};
use crate::arguments::RunRequest;
use crate::failure::Failure;
use crate::models::{self, Typed};

/// A new run as far as it is known before it is planned.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) benchmark: &'r Benchmark,
    pub(crate) request: &'r RunRequest,
    pub(crate) tasks: &'r [TaskId],
    pub(crate) subject: &'r ModelRecord,
    /// The judge of this run; the request may name more, each with a run of its own.
    pub(crate) judge: &'r JudgeRecord,
    pub(crate) client: Option<&'r ModelRecord>,
}

impl Asked<'_> {
    /// Refuses options without effect; what is recorded and changes nothing comes back in words.
    pub(crate) fn check(self) -> Result<Vec<String>, Failure> {
        let answering = self.answering()?;
        refuse_idle(self.options(answering))?;
        super::check(answering, &self.request.calls)?;
        Ok(self.notes())
    }

    fn answering(self) -> Result<Answering, Failure> {
        let Self { request, subject, judge, client, .. } = self;
        let mut judged = Answers::of_judge(&judge.name);
        for other in &request.judge {
            judged = judged.max(match other {
                JudgeName::Model(typed) => {
                    let endpoints = &request.calls.endpoints;
                    Answers::of(&models::resolved(Typed::JUDGE, typed.as_str(), None, endpoints)?.0)
                }
                own => Answers::of_judge(own),
            });
        }
        let toxicity = request.toxicity_url.as_ref().map_or(Answers::Nobody, |_| Answers::Remote);
        Ok(Answering {
            subject: Answers::of(&subject.id),
            judge: judged,
            client: client.map_or(Answers::Nobody, |client| Answers::of(&client.id)),
            toxicity,
        })
    }

    fn options(self, answering: Answering) -> [Heed; 5] {
        let Self { request, .. } = self;
        let player = &request.player;
        let is_remote = |answers: Answers| answers == Answers::Remote;
        let apart = player.judge_questions.rule() == JudgeQuestions::Apart;
        let asks_tree =
            answering.judge != Answers::Nobody && self.any(|task| self.is_judged_by_tree(task));
        [
            Heed::new(
                "--base-url",
                request.base_url.is_some(),
                is_remote(answering.subject),
                "the subject is not reached through the network",
            ),
            Heed::new(
                "--judge-base-url",
                !request.judge_base_url.is_empty(),
                is_remote(answering.judge),
                "no judge is reached through the network",
            ),
            Heed::new(
                "--client-base-url",
                player.client_base_url.is_some(),
                is_remote(answering.client),
                NO_CLIENT_CALLS,
            ),
            Heed::new(
                "--toxicity-url",
                request.toxicity_url.is_some(),
                self.any(|task| task.file.scorer == ScorerKind::Toxicity),
                "no task that is asked measures toxicity",
            ),
            Heed::new(
                "--judge-questions apart",
                apart,
                asks_tree,
                "no judge is asked the questions of a decision tree",
            ),
        ]
    }

    fn any(self, wanted: impl Fn(&Task) -> bool) -> bool {
        self.tasks.iter().filter_map(|id| self.benchmark.task(id).ok()).any(wanted)
    }

    fn is_judged_by_tree(self, task: &Task) -> bool {
        let mut rubrics = task.rule(self.request.protocol).all_rubrics();
        rubrics.any(|id| self.benchmark.rubric(id).is_ok_and(|rubric| rubric.file.is_tree()))
    }

    /// Names what is recorded and changes nothing here, or was allowed in vain.
    fn notes(self) -> Vec<String> {
        let mut notes = Vec::new();
        let Self { request, subject, judge, .. } = self;
        let is_scripted = Answers::of(&subject.id) == Answers::Itself
            && subject.id.as_str().starts_with("scripted/");
        let product = &request.product;
        for (option, is_given) in [
            ("--system", (product.system.is_some() || product.system_text.is_some())),
            ("--temperature", product.temperature.is_some()),
        ] {
            if is_given && is_scripted {
                notes.push(format!(
                    "{option} is recorded, and changes nothing: {} follows its rule",
                    subject.id
                ));
            }
        }
        if request.allow_self_judge && judge.name != JudgeName::Model(subject.id.clone()) {
            notes.push(
                "--allow-self-judge changes nothing: the judge is not the subject".to_owned(),
            );
        }
        notes
    }
}
