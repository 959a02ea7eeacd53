//! Runs to try things on.

use trustmh_core::id::ModelId;
use trustmh_core::protocol::Protocol;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::starter::Shelf;
use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};
use trustmh_run::manifest::{Caps, JudgeRecord, ModelRecord};
use trustmh_run::plan::Request;

/// A run of `tasks` on starter items by the corrected protocol, judged by nobody.
pub fn request(subject: &str, tasks: &[&str]) -> Request {
    Request {
        subject: ModelRecord { id: ModelId::new(subject), base_url: None, asked: Asking::USUAL },
        judge: judge(JudgeName::None),
        toxicity_url: None,
        client: None,
        judge_questions: JudgeQuestions::Together,
        tasks: tasks.iter().map(|task| task.parse().unwrap()).collect(),
        protocol: Protocol::Corrected,
        unread_verdict: UnreadVerdict::AskedAgain,
        seed: 1,
        data: None,
        starter: Shelf::embedded(),
        caps: Caps::default(),
        prompts_from: None,
    }
}

/// A judge that is asked as usual.
pub fn judge(name: JudgeName) -> JudgeRecord {
    JudgeRecord { name, base_url: None, asked: Asking::USUAL }
}

pub fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
