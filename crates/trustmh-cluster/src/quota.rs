//! What all workers together may ask of one provider key: a pace kept in the key-value store, moved on by compare-and-set.
//!
//! The generic cell rate algorithm (ITU-T I.371): the store holds the time until which calls, and tokens, are paid for; each call moves
//! it on by its share of a minute and waits until the time it found. Workers' clocks must agree to within a second or so.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::num::{NonZeroU32, NonZeroUsize};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

use trustmh_core::call::CallSpec;
use trustmh_core::id::ModelId;
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;
use trustmh_model::learnt::Learnt;

use crate::access::Link;
use crate::error::ClusterError;
use crate::names::{QUOTA, token};
use crate::values::{self, Written};
use crate::wire::encoded;

/// Nanoseconds in a minute.
const MINUTE: i64 = 60_000_000_000;
/// So far ahead calls are reserved in one go, so that fast endpoints do not wait for the store each time.
const AHEAD: i64 = 50_000_000;
/// How often a reservation that others were faster with is tried again.
const TRIES: u32 = 1_000;

/// What one provider key may be asked for in a minute, by all workers together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The environment variable that holds the key: it names the quota, the key itself appears nowhere.
    pub name: String,
    /// Calls.
    pub calls: NonZeroU32,
    /// Tokens, prompts and replies together, if they are bounded.
    pub tokens: Option<NonZeroU32>,
}

impl FromStr for Allowance {
    type Err = ClusterError;

    /// `NAME=CALLS` or `NAME=CALLS,TOKENS`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ClusterError::Configuration {
            message: format!(
                "`{text}` is no quota; write NAME=CALLS or NAME=CALLS,TOKENS, each a minute, above 0"
            ),
        };
        let (name, numbers) = text.split_once('=').ok_or_else(wrong)?;
        let (calls, tokens) = match numbers.split_once(',') {
            Some((calls, tokens)) => (calls, Some(tokens)),
            None => (numbers, None),
        };
        let number = |text: &str| text.trim().parse().map_err(|_| wrong());
        if name.trim().is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            name: name.trim().to_owned(),
            calls: number(calls)?,
            tokens: tokens.map(number).transpose()?,
        })
    }
}

/// What the store holds of a quota: until when calls and tokens are paid for, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Paid {
    calls: i64,
    tokens: i64,
}

impl Paid {
    /// Takes `calls` calls and `tokens` tokens, and says when the first of them may be made.
    fn take(self, now: i64, allowance: &Allowance, calls: i64, tokens: i64) -> (Self, i64) {
        let from_calls = self.calls.max(now);
        let from_tokens = self.tokens.max(now);
        let per_call = MINUTE / i64::from(allowance.calls.get());
        let paid_calls = from_calls.saturating_add(per_call.saturating_mul(calls));
        let paid_tokens = match allowance.tokens {
            Some(bound) => {
                from_tokens.saturating_add((MINUTE / i64::from(bound.get())).saturating_mul(tokens))
            }
            None => self.tokens,
        };
        let from =
            if allowance.tokens.is_some() { from_calls.max(from_tokens) } else { from_calls };
        (Self { calls: paid_calls, tokens: paid_tokens }, from)
    }
}

/// A quota that workers share.
pub struct Quota {
    link: Link,
    key: String,
    allowance: Allowance,
    /// Times at which calls that are reserved already may be made.
    reserved: Mutex<Vec<i64>>,
}

impl Quota {
    /// Opens the quota.
    ///
    /// # Errors
    /// [`ClusterError`] if the server cannot be asked.
    pub async fn open(link: &Link, allowance: Allowance) -> Result<Self, ClusterError> {
        let (link, key) = (link.clone(), token(&allowance.name));
        values::last(&link, QUOTA, &key).await?;
        Ok(Self { link, key, allowance, reserved: Mutex::default() })
    }

    /// Waits until a call of about so many tokens may be made.
    ///
    /// # Errors
    /// [`ClusterError`] if the store cannot be asked: then nobody knows what may be asked.
    pub async fn enter(&self, tokens: u64) -> Result<(), ClusterError> {
        let at = self.reserve(i64::try_from(tokens).unwrap_or(i64::MAX)).await?;
        let wait = at.saturating_sub(now());
        if let Ok(wait) = u64::try_from(wait) {
            tokio::time::sleep(Duration::from_nanos(wait)).await;
        }
        Ok(())
    }

    async fn reserve(&self, tokens: i64) -> Result<i64, ClusterError> {
        let mut reserved = self.reserved.lock().await;
        if let Some(at) = reserved.pop() {
            return Ok(at);
        }
        let per_call = MINUTE / i64::from(self.allowance.calls.get());
        // Tokens are reserved call by call, since calls differ.
        let many = if self.allowance.tokens.is_some() { 1 } else { (AHEAD / per_call).max(1) };
        let (_, from) = self.change(|paid| paid.take(now(), &self.allowance, many, tokens)).await?;
        // Last to first, since they are taken from the end.
        reserved.extend((1..many).rev().map(|place| from + place * per_call));
        Ok(from)
    }

    /// Changes what the store holds, and changes it anew if somebody else was faster.
    async fn change(
        &self,
        change: impl Fn(Paid) -> (Paid, i64),
    ) -> Result<(Paid, i64), ClusterError> {
        let failed = |cause: String| ClusterError::refused("sharing a quota", cause);
        let mut last = String::new();
        for _ in 0..TRIES {
            let (held, revision) = match values::last(&self.link, QUOTA, &self.key).await {
                Ok(Some(found)) => {
                    let paid = serde_json::from_slice(&found.bytes)
                        .map_err(|error| failed(format!("what is kept of it: {error}")))?;
                    (paid, found.revision)
                }
                Ok(None) => (Paid::default(), 0),
                Err(error) => {
                    last = error.to_string();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            let (paid, from) = change(held);
            let text = encoded(&paid);
            match values::replace(&self.link, QUOTA, &self.key, text.into(), revision).await {
                Ok(Written::Here) => return Ok((paid, from)),
                Ok(Written::TooLate) => {}
                Err(error) => {
                    last = error.to_string();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        Err(failed(last))
    }
}

fn now() -> i64 {
    i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}

/// A model behind a quota that workers share.
pub(crate) struct Metered {
    pub(crate) model: Arc<dyn ModelApi>,
    pub(crate) quota: Arc<Quota>,
}

impl ModelApi for Metered {
    fn id(&self) -> &ModelId {
        self.model.id()
    }

    fn parallel(&self) -> NonZeroUsize {
        self.model.parallel()
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        Box::pin(async move {
            let prompt: u64 =
                call.messages.iter().map(|message| message.content.chars().count() as u64).sum();
            let expected = prompt.div_ceil(4) + u64::from(call.sampling.limit());
            self.quota.enter(expected).await.map_err(|error| ModelError::Unreachable {
                endpoint: "the shared quota".to_owned(),
                cause: error.to_string(),
            })?;
            self.model.complete(call).await
        })
    }

    fn ended<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, ()> {
        self.model.ended(call)
    }

    fn learnt(&self) -> Vec<Learnt> {
        self.model.learnt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allowance(text: &str) -> Allowance {
        text.parse().unwrap_or_else(|_| panic!("{text} is an allowance"))
    }

    #[test]
    fn quotas_are_read_and_nonsense_is_refused() {
        let read = allowance("OPENAI_API_KEY=600,90000");
        assert_eq!((read.calls.get(), read.tokens.map(NonZeroU32::get)), (600, Some(90_000)));
        for wrong in ["OPENAI_API_KEY", "=60", "A=0", "A=60,", "A=-1", "A=1.5"] {
            assert!(wrong.parse::<Allowance>().is_err(), "{wrong}");
        }
    }

    proptest! {
        /// However calls come, no more than the allowance are let through in any minute after the first call.
        #[test]
        fn no_minute_has_more_calls_than_allowed(
            calls in 1_u32..600,
            gaps in prop::collection::vec(0_i64..2_000_000_000, 1..200),
        ) {
            let allowance = allowance(&format!("A={calls}"));
            let (mut paid, mut now, mut at) = (Paid::default(), 1_700_000_000_000_000_000, Vec::new());
            for gap in gaps {
                now += gap;
                let (next, from) = paid.take(now, &allowance, 1, 0);
                prop_assert!(from >= now);
                paid = next;
                at.push(from);
            }
            for (place, first) in at.iter().enumerate() {
                let within = at[place..].iter().filter(|one| **one < first + MINUTE).count();
                // Dividing a minute by the calls rounds down by less than a nanosecond each.
                prop_assert!(within <= calls as usize + 1, "{within} calls in a minute");
            }
        }
    }

    #[test]
    fn tokens_hold_calls_back_too() {
        let allowance = allowance("A=6000,600");
        let (paid, first) = Paid::default().take(0, &allowance, 1, 100);
        assert_eq!(first, 0);
        // A hundred tokens at ten a second.
        let (_, second) = paid.take(0, &allowance, 1, 1);
        assert_eq!(second, 10_000_000_000);
    }
}
