//! Several endpoints that serve the same model: each call goes to the one with the least to do.
//!
//! An endpoint that cannot be reached three times in a row, or says when to come back, is left out for a while
//! (a circuit breaker, Nygard, Release It!, 2007); then one call tries whether it is back.

use futures_util::future::{BoxFuture, FutureExt};
use parking_lot::{Mutex, MutexGuard};
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::time::Instant;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;

use crate::api::{Completion, ModelApi};
use crate::error::ModelError;
use crate::learnt::Learnt;

/// So many failures in a row open the circuit.
const FAILURES: u32 = 3;
/// How long an endpoint that is not there is left out.
const LEFT_OUT: Duration = Duration::from_secs(15);

/// The endpoints of one model.
pub struct Pool {
    id: ModelId,
    members: Vec<Member>,
}

struct Member {
    api: Box<dyn ModelApi>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    in_flight: u32,
    failures: u32,
    left_out_until: Option<Instant>,
}

impl Pool {
    /// A model that goes by `id` and is served by each of `members`.
    pub fn new(id: ModelId, members: Vec<Box<dyn ModelApi>>) -> Self {
        let members = members.into_iter().map(|api| Member { api, state: Mutex::default() });
        Self { id, members: members.collect() }
    }

    /// The endpoint with the least to do that is not left out and not among `tried`.
    fn next(&self, tried: &[usize]) -> Option<(usize, Place<'_>)> {
        let now = Instant::now();
        let open = self.members.iter().enumerate().filter(|(index, member)| {
            !tried.contains(index) && member.held().left_out_until.is_none_or(|until| until <= now)
        });
        let (index, member) = open.min_by_key(|(_, member)| member.held().in_flight)?;
        Some((index, Place::at(member)))
    }

    async fn call(&self, call: &CallSpec) -> Result<Completion, ModelError> {
        let mut tried = Vec::new();
        let mut last = None;
        while let Some((index, place)) = self.next(&tried) {
            let result = place.member.api.complete(call).await;
            place.member.note(result.as_ref().err());
            match result {
                Err(error) if is_of_endpoint(&error) => {
                    tried.push(index);
                    last = Some(error);
                }
                result => return result,
            }
        }
        match (last, self.soonest()) {
            (Some(error), _) => Err(error),
            // All are left out: whoever is back first may be asked then.
            (None, Some((member, until))) => {
                tokio::time::sleep_until(until).await;
                let place = Place::at(member);
                let result = place.member.api.complete(call).await;
                place.member.note(result.as_ref().err());
                result
            }
            (None, None) => Err(ModelError::configuration("a pool without endpoints")),
        }
    }

    fn soonest(&self) -> Option<(&Member, Instant)> {
        let until = |member: &Member| member.held().left_out_until.unwrap_or_else(Instant::now);
        self.members.iter().map(|member| (member, until(member))).min_by_key(|(_, until)| *until)
    }
}

/// Whether another endpoint may do better.
fn is_of_endpoint(error: &ModelError) -> bool {
    matches!(error, ModelError::Unreachable { .. } | ModelError::RateLimited { .. })
}

impl Member {
    fn held(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn note(&self, error: Option<&ModelError>) {
        let mut state = self.held();
        match error {
            Some(ModelError::Unreachable { .. }) => {
                state.failures += 1;
                if state.failures >= FAILURES {
                    state.left_out_until = Some(Instant::now() + LEFT_OUT);
                }
            }
            Some(ModelError::RateLimited { retry_after: Some(wait), .. }) => {
                state.left_out_until = Some(Instant::now() + (*wait).min(LEFT_OUT));
            }
            _ => {
                state.failures = 0;
                state.left_out_until = None;
            }
        }
    }
}

/// A call under way at an endpoint, counted for as long as it is.
struct Place<'m> {
    member: &'m Member,
}

impl<'m> Place<'m> {
    fn at(member: &'m Member) -> Self {
        member.held().in_flight += 1;
        Self { member }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.member.held();
        state.in_flight = state.in_flight.saturating_sub(1);
    }
}

impl ModelApi for Pool {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn parallel(&self) -> NonZeroUsize {
        let all = self.members.iter().map(|member| member.api.parallel().get()).sum();
        NonZeroUsize::new(all).unwrap_or(NonZeroUsize::MIN)
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.call(call).boxed()
    }

    fn learnt(&self) -> Vec<Learnt> {
        self.members.iter().flat_map(|member| member.api.learnt()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use trustmh_core::call::{Finish, Purpose, Reply, Sampling};
    use trustmh_core::message::Message;
    use trustmh_core::request::RequestOptions;

    #[derive(Clone, Copy, PartialEq)]
    enum Mood {
        Well,
        Gone,
        Busy,
    }

    struct Endpoint {
        id: ModelId,
        mood: Arc<Mutex<Mood>>,
        asked: Arc<AtomicU32>,
    }

    impl ModelApi for Endpoint {
        fn id(&self) -> &ModelId {
            &self.id
        }

        fn parallel(&self) -> NonZeroUsize {
            NonZeroUsize::MIN
        }

        fn complete<'a>(
            &'a self,
            _: &'a CallSpec,
        ) -> BoxFuture<'a, Result<Completion, ModelError>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let mood = *self.mood.lock();
            async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let endpoint = "http://e".to_owned();
                match mood {
                    Mood::Well => {
                        Ok(Completion::local(Reply::new("ok".to_owned(), Finish::Stop, None)))
                    }
                    Mood::Gone => {
                        Err(ModelError::Unreachable { endpoint, cause: "nobody".to_owned() })
                    }
                    Mood::Busy => Err(ModelError::RateLimited {
                        endpoint,
                        retry_after: Some(Duration::from_secs(5)),
                        excerpt: String::new(),
                    }),
                }
            }
            .boxed()
        }
    }

    type Handles = Vec<(Arc<Mutex<Mood>>, Arc<AtomicU32>)>;

    fn pool(moods: &[Mood]) -> (Pool, Handles) {
        let handles: Handles =
            moods.iter().map(|mood| (Arc::new(Mutex::new(*mood)), Arc::default())).collect();
        let members = handles.iter().map(|(mood, asked)| {
            let (mood, asked) = (Arc::clone(mood), Arc::clone(asked));
            Box::new(Endpoint { id: ModelId::new("a/b"), mood, asked }) as Box<dyn ModelApi>
        });
        (Pool::new(ModelId::new("a/b"), members.collect()), handles)
    }

    fn call() -> CallSpec {
        CallSpec {
            purpose: Purpose::Subject { turn: 0 },
            messages: vec![Message::user("hello")],
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: 1,
                seed: None,
                thinking_tokens: None,
            },
            repeat: 0,
            trial: None,
            options: RequestOptions::default(),
        }
    }

    fn asked(handles: &Handles) -> Vec<u32> {
        handles.iter().map(|(_, asked)| asked.load(Ordering::Relaxed)).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn calls_go_where_least_is_to_do() {
        let (pool, handles) = pool(&[Mood::Well, Mood::Well]);
        let call = call();
        let calls = (0..10).map(|_| pool.complete(&call));
        assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
        assert_eq!(asked(&handles), [5, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_endpoint_is_left_out_and_tried_again_later() {
        let (pool, handles) = pool(&[Mood::Gone, Mood::Well]);
        for _ in 0..20 {
            assert!(pool.complete(&call()).await.is_ok());
        }
        assert_eq!(asked(&handles), [FAILURES, 20]);
        *handles[0].0.lock() = Mood::Well;
        tokio::time::sleep(LEFT_OUT).await;
        for _ in 0..4 {
            assert!(pool.complete(&call()).await.is_ok());
        }
        assert!(asked(&handles)[0] > FAILURES, "it is asked again: {:?}", asked(&handles));
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_endpoint_is_left_alone_for_as_long_as_it_asks() {
        let (pool, handles) = pool(&[Mood::Busy, Mood::Well]);
        for _ in 0..5 {
            assert!(pool.complete(&call()).await.is_ok());
        }
        assert_eq!(asked(&handles), [1, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn if_nobody_is_there_the_call_says_so() {
        let (pool, handles) = pool(&[Mood::Gone, Mood::Gone]);
        for _ in 0..FAILURES + 1 {
            let error = pool.complete(&call()).await.unwrap_err();
            assert!(matches!(error, ModelError::Unreachable { .. }));
        }
        // Both circuits are open by then: the last call waited until one was tried again.
        assert_eq!(asked(&handles).iter().sum::<u32>(), 2 * FAILURES + 1);
    }
}
