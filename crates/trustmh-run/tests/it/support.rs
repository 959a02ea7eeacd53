//! Runs to try things on.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use trustmh_core::call::{CallSpec, Finish, Reply};
use trustmh_core::id::ModelId;
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Bounds;
use trustmh_model::retry::Retry;
use trustmh_run::dispatch::{
    Budget, Ending, InProcess, Limits, ModelPrices, Models, Pace, Progress, Purse, run,
};
use trustmh_run::journal::{self, Event};
use trustmh_run::manifest::{Caps, JudgeRecord, ModelRecord};
use trustmh_run::plan::{Plan, Request};

/// A run of `tasks` on starter items by the corrected protocol, judged by nobody.
pub fn request(subject: &str, tasks: &[&str]) -> Request {
    Request {
        subject: ModelRecord {
            id: ModelId::new(subject),
            name: None,
            base_url: None,
            asked: Asking::USUAL,
        },
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
        repeats: Repeats::ONCE,
        prompts_from: None,
        observed: None,
    }
}

/// A judge that is asked as usual.
pub fn judge(name: JudgeName) -> JudgeRecord {
    JudgeRecord { name, base_url: None, asked: Asking::USUAL }
}

pub fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Works on a plan until it ends, or has made so many calls, one after the other.
pub fn asked(
    benchmark: &Benchmark,
    plan: &Plan,
    folder: &Path,
    subject: &dyn ModelApi,
    calls: Option<u64>,
) -> Ending {
    let models = Models { subject, client: None, judge: None, toxicity: None };
    let one = || Bounds::at_once(1);
    let limits = Limits { subject: one(), client: one(), judge: one(), retry: Retry::default() };
    let pace = Pace {
        purse: Arc::new(Purse::new(Budget { calls, ..Budget::default() })),
        prices: ModelPrices::default(),
        reuse: Vec::new(),
        grace: Duration::from_secs(1),
    };
    let (_sender, stop) = tokio::sync::watch::channel(Halt::default());
    let watch = |_: Progress| {};
    block(async {
        let dispatcher = InProcess::new(models, limits, &stop);
        run(benchmark, plan, folder, &dispatcher, &pace, stop.clone(), &watch).await.unwrap()
    })
}

/// What endpoints taught during a run, in words.
pub fn lessons(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    journal::scan(&folder.join(journal::FILE), |event, _| {
        if let Event::Lesson(lesson) = event {
            found.push(lesson.to_string());
        }
    })
    .unwrap();
    found
}

/// A model that says the same to everything, and remembers what it was asked.
pub struct Says {
    id: ModelId,
    text: String,
    calls: Mutex<Vec<CallSpec>>,
}

impl Says {
    pub fn new(id: &str, text: &str) -> Self {
        Self { id: ModelId::new(id), text: text.to_owned(), calls: Mutex::default() }
    }

    pub fn calls(&self) -> Vec<CallSpec> {
        self.calls.lock().unwrap().clone()
    }
}

impl ModelApi for Says {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.calls.lock().unwrap().push(call.clone());
        let reply = Reply::new(self.text.clone(), Finish::Stop, None);
        async move { Ok(Completion::local(reply)) }.boxed()
    }
}
