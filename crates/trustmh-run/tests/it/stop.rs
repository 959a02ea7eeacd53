//! A stop: once it is asked for, no call is begun, and what is in flight comes back unless it is to be left at once.
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

use trustmh_core::call::{CallSpec, Finish, Reply};
use trustmh_core::id::ModelId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Bounds;
use trustmh_model::retry::Retry;
use trustmh_run::dispatch::{
    self, Budget, Ending, InProcess, Limits, ModelPrices, Models, Pace, Progress, Purse,
};
use trustmh_run::plan::Plan;

use crate::support::request;

/// Asks for a stop with its sixth call, and refuses every third.
struct Stopper {
    id: ModelId,
    stop: watch::Sender<Halt>,
    asks: Halt,
    begun: Mutex<(u32, u32)>,
    takes: Duration,
}

impl ModelApi for Stopper {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn complete<'a>(&'a self, _: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        let number = {
            let mut begun = self.begun.lock().unwrap();
            begun.0 += 1;
            begun.1 += u32::from(self.stop.borrow().is_asked());
            begun.0
        };
        async move {
            if number == 6 {
                self.stop.send(self.asks).unwrap();
            }
            let hangs = number == 6 && self.asks == Halt::AtOnce;
            let takes = if hangs { Duration::from_secs(3600) } else { self.takes };
            tokio::time::sleep(takes).await;
            if number % 3 == 0 {
                let endpoint = "http://e".to_owned();
                return Err(ModelError::RateLimited {
                    endpoint,
                    retry_after: None,
                    excerpt: String::new(),
                });
            }
            Ok(Completion::local(Reply::new("A".to_owned(), Finish::Stop, None)))
        }
        .boxed()
    }
}

async fn stopped_run(asks: Halt, takes: Duration) -> (Ending, u32, u32) {
    let benchmark = Benchmark::embedded().unwrap();
    let request = request("openai/s", &["ethics/reasoning"]);
    let plan = Plan::make(&benchmark, &request).unwrap();
    let folder = tempfile::tempdir().unwrap();
    plan.write(&benchmark, folder.path()).unwrap();
    let (stop, stopped) = watch::channel(Halt::No);
    let model =
        Stopper { id: ModelId::new("openai/s"), stop, asks, begun: Mutex::default(), takes };
    let limits = Limits {
        subject: Bounds::at_once(4),
        judge: Bounds::at_once(1),
        client: Bounds::at_once(1),
        retry: Retry::default(),
    };
    let models = Models { client: None, subject: &model, judge: None, toxicity: None };
    let dispatcher = InProcess::new(models, limits, &stopped);
    let pace = Pace {
        purse: Arc::new(Purse::new(Budget::default())),
        prices: ModelPrices::default(),
        reuse: Vec::new(),
        grace: Duration::from_secs(600),
    };
    let watch = |_: Progress| {};
    let ended =
        dispatch::run(&benchmark, &plan, folder.path(), &dispatcher, &pace, stopped, &watch);
    let ending = ended.await.unwrap();
    let (calls, late) = *model.begun.lock().unwrap();
    (ending, calls, late)
}

#[tokio::test]
async fn no_call_is_begun_once_a_stop_is_asked_for() {
    let (ending, calls, late) = stopped_run(Halt::Draining, Duration::from_millis(20)).await;
    assert_eq!(ending, Ending::Stopped);
    assert!(calls >= 6 && late == 0, "{late} of {calls} calls were begun after the stop");
}

#[tokio::test]
async fn a_stop_at_once_waits_for_nothing() {
    // The sixth call would take an hour, and the time of grace ten minutes.
    let ran = stopped_run(Halt::AtOnce, Duration::from_millis(20));
    let (ending, _, late) = tokio::time::timeout(Duration::from_secs(60), ran).await.unwrap();
    assert_eq!((ending, late), (Ending::Stopped, 0));
}
