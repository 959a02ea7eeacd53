//! Trying again: bounded, with full jitter, honouring what the provider asks.
//!
//! A loop of our own rather than backon: the record wants the number of tries, and the jitter is to
//! cover the whole wait (backon adds it on top), to differ between calls and yet to repeat.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

use trustmh_core::call::{CallKey, CallSpec};
use trustmh_core::digest::Digest;

use crate::api::{Completion, ModelApi};
use crate::error::{Fault, ModelError};
use crate::limit::{Limiter, Passage, Patience, Turn};
use crate::traffic::Doing;

/// How often and how patiently a call is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all; 0 counts as 1.
    pub attempts: u32,
    /// Upper bound of the first wait; it doubles with every try.
    pub first: Duration,
    /// No wait is longer, whatever the provider asks.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, first: Duration::from_millis(500), longest: Duration::from_secs(60) }
    }
}

impl Retry {
    /// The wait after try number `tries`, from 1: drawn evenly up to the doubled bound, so that many
    /// callers do not return at once; or what the provider asks, and for the same reason a little more.
    fn wait(
        &self,
        tries: u32,
        asked: Option<Duration>,
        patience: Patience,
        rng: &mut ChaCha8Rng,
    ) -> Duration {
        let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
        let first = match patience {
            Patience::Usual => self.first,
            Patience::Short(bound) => bound.min(self.first),
        };
        let wait = match asked {
            Some(asked) => asked.saturating_add(drawn(first, rng)),
            None => drawn(first.saturating_mul(doubled).min(self.longest), rng),
        };
        wait.min(self.longest)
    }
}

fn drawn(bound: Duration, rng: &mut ChaCha8Rng) -> Duration {
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(rng.random_range(0..=nanos))
}

/// Makes the call until it brings a reply, an error that trying again cannot mend, or no tries are left.
/// Returns the tries it took; [`ModelError::Halted`] where a stop was asked for before the call could be made or tried again.
///
/// The jitter is seeded by the call's key: calls wait differently, and a run repeats its waits.
pub async fn complete_with_retry(
    api: &dyn ModelApi,
    call: &CallSpec,
    retry: &Retry,
    gate: &Limiter,
) -> (Result<Completion, ModelError>, u32) {
    let key = CallKey::of(api.id(), call);
    let mut rng = ChaCha8Rng::seed_from_u64(Digest::seed(key.as_str().as_bytes()));
    let expected = expected_tokens(call);
    let mut tries = 1;
    loop {
        let turn = if tries == 1 { Turn::First } else { Turn::Again };
        let Ok(mut permit) = gate.enter(expected, turn).await else {
            return (Err(ModelError::Halted), tries - 1);
        };
        let result = api.complete(call).await;
        if let Some(usage) = result.as_ref().ok().and_then(|completion| completion.reply.usage) {
            permit.took(usage.prompt_tokens.saturating_add(usage.reply_tokens));
        }
        if let Some(left) = api.quota() {
            gate.advise(left);
        }
        // A place is not held while waiting for the next try.
        let patience = permit.done(match &result {
            Ok(_) => Passage::Through,
            Err(ModelError::RateLimited { retry_after, .. }) => {
                Passage::Limited(retry_after.map(|asked| asked.min(retry.longest)))
            }
            Err(_) => Passage::Failed,
        });
        match result.as_ref().err().map(ModelError::fault) {
            Some(Fault::Transient { retry_after }) if tries < retry.attempts => {
                let wait = retry.wait(tries, retry_after, patience, &mut rng);
                let _counted = gate.counted(match &result {
                    Err(ModelError::RateLimited { .. }) => Doing::Limited,
                    Ok(_) | Err(_) => Doing::Retrying,
                });
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = gate.halted() => return (Err(ModelError::Halted), tries),
                }
                tries += 1;
            }
            _ => return (result, tries),
        }
    }
}

/// A quarter of the prompt's characters, and the longest reply.
fn expected_tokens(call: &CallSpec) -> u64 {
    let characters = call.messages.iter().map(|message| message.content.chars().count() as u64);
    characters.sum::<u64>().div_ceil(4) + u64::from(call.sampling.limit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Bounds;
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use proptest::prelude::*;
    use std::num::NonZeroUsize;
    use std::sync::Mutex;
    use tokio::time::Instant;
    use trustmh_core::call::{Finish, Purpose, Reply, Sampling};
    use trustmh_core::id::ModelId;
    use trustmh_core::message::Message;
    use trustmh_core::request::RequestOptions;

    /// Fails with each of `errors` in turn, then replies.
    struct Faulty {
        id: ModelId,
        errors: Mutex<Vec<ModelError>>,
    }

    impl ModelApi for Faulty {
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
            let next = self.errors.lock().unwrap().pop();
            let reply = Reply::new("ok".to_owned(), Finish::Stop, None);
            async move { next.map_or(Ok(Completion::local(reply)), Err) }.boxed()
        }
    }

    async fn tried(errors: Vec<ModelError>, retry: Retry, text: &str) -> (bool, u32, Duration) {
        let api = Faulty { id: ModelId::new("a/b"), errors: Mutex::new(errors) };
        let call = CallSpec {
            purpose: Purpose::Subject { turn: 0 },
            messages: vec![Message::user(text)],
            sampling: Sampling {
                temperature: 0.0,
                max_tokens: 1,
                seed: None,
                thinking_tokens: None,
            },
            repeat: 0,
            trial: None,
            options: RequestOptions::default(),
        };
        let begun = Instant::now();
        let (result, tries) =
            complete_with_retry(&api, &call, &retry, &Limiter::new(Bounds::at_once(8))).await;
        (result.is_ok(), tries, begun.elapsed())
    }

    fn limited(seconds: u64) -> ModelError {
        let retry_after = Some(Duration::from_secs(seconds));
        ModelError::RateLimited { endpoint: String::new(), retry_after, excerpt: String::new() }
    }

    fn broken() -> ModelError {
        ModelError::Unreachable { endpoint: String::new(), cause: String::new() }
    }

    #[tokio::test(start_paused = true)]
    async fn transient_errors_are_tried_again_and_no_more_than_told() {
        let retry = Retry::default();
        assert!(matches!(tried(vec![], retry, "x").await, (true, 1, Duration::ZERO)));
        assert!(matches!(tried(vec![broken(); 2], retry, "x").await, (true, 3, _)));
        let (ok, tries, took) = tried(vec![broken(); 9], retry, "x").await;
        assert!(!ok && tries == 5);
        // Half a second, doubled three times, and a millisecond of the clock's grain each.
        assert!(took <= Duration::from_millis(500 + 1000 + 2000 + 4000 + 4), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_attempts_count_as_one() {
        let retry = Retry { attempts: 0, ..Retry::default() };
        assert!(matches!(tried(vec![broken()], retry, "x").await, (false, 1, Duration::ZERO)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_asked_for_is_kept_within_bounds() {
        let retry = Retry::default();
        let (ok, tries, took) = tried(vec![limited(7)], retry, "x").await;
        assert!(ok && tries == 2 && took >= Duration::from_secs(7), "{took:?}");
        assert!(took <= Duration::from_millis(7501), "{took:?}");
        let (ok, _, took) = tried(vec![limited(100_000)], retry, "x").await;
        assert!(ok && took <= Duration::from_millis(60_001), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_mended_is_tried_once() {
        let refused = ModelError::BadRequest { status: Some(400), message: String::new() };
        let unusable = ModelError::configuration("no");
        for error in [refused, unusable] {
            let ended = tried(vec![error], Retry::default(), "x").await;
            assert!(matches!(ended, (false, 1, Duration::ZERO)));
        }
        // A permanent error after a transient one ends it at once too.
        let errors = vec![ModelError::configuration("no"), broken()];
        assert!(matches!(tried(errors, Retry::default(), "x").await, (false, 2, _)));
    }

    #[tokio::test(start_paused = true)]
    async fn waits_differ_between_calls_and_repeat_for_a_call() {
        let retry = Retry { first: Duration::from_secs(30), ..Retry::default() };
        let (_, _, one) = tried(vec![broken()], retry, "x").await;
        let (_, _, again) = tried(vec![broken()], retry, "x").await;
        let (_, _, other) = tried(vec![broken()], retry, "y").await;
        assert_eq!(one, again);
        assert_ne!(one, other);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest(
            first in any::<Duration>(),
            longest in any::<Duration>(),
            asked in any::<Option<Duration>>(),
            tries in any::<u32>(),
        ) {
            let retry = Retry { attempts: 5, first, longest };
            let mut rng = ChaCha8Rng::seed_from_u64(0);
            let short = Patience::Short(first / 7);
            prop_assert!(retry.wait(tries, asked, Patience::Usual, &mut rng) <= longest);
            prop_assert!(retry.wait(tries, asked, short, &mut rng) <= longest);
        }
    }
}
