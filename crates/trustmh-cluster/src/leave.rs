//! Leave to make calls: a coordinator lets workers make each call, and so knows how many may have made it.

use async_nats::jetstream::stream::LastRawMessageErrorKind;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use trustmh_core::call::CallKey;
use trustmh_core::id::RunId;
use trustmh_run::journal::Replay;

use crate::access::{Link, causes};
use crate::error::ClusterError;
use crate::names::{
    GRANTS, JOBS, PROTOCOL, RESULTS, jobs_of_run, key_of, questions_of, result, token,
};
use crate::setup::{bucket, stream};
use crate::wire::{Answer, Question};

/// From this time on a call is suspected of killing its workers.
const SUSPECT: u32 = 3;
/// Suspects are let out one after the other, so that the innocent do not die beside the one that is not; but none is waited for longer.
const BETWEEN_SUSPECTS: Duration = Duration::from_secs(5);

/// Who may make the calls of a run.
pub(crate) struct Leave {
    link: Link,
    run: RunId,
    recorded: Arc<Replay>,
    /// Calls whose result has not come, with how many workers have had leave to make them, at the most.
    wanted: Mutex<HashMap<CallKey, u32>>,
    /// The same for calls of an earlier coordinator, whose jobs are still in the queue, and that are not wanted yet.
    before: Mutex<HashMap<CallKey, u32>>,
    /// A call that was handed out so often is given up.
    most: u32,
    /// Set when the coordinator leaves: no more calls are granted.
    withheld: AtomicBool,
    suspect: Mutex<Option<(CallKey, Instant)>>,
}

impl Leave {
    pub(crate) fn new(link: Link, run: RunId, recorded: Arc<Replay>, most: u32) -> Self {
        Self {
            link,
            run,
            recorded,
            wanted: Mutex::default(),
            before: Mutex::default(),
            most,
            withheld: AtomicBool::new(false),
            suspect: Mutex::default(),
        }
    }

    /// Finds out which jobs stand in the queue since an earlier coordinator. Workers may have had leave for them; how often is known from
    /// the second time on.
    ///
    /// # Errors
    /// [`ClusterError`] if the server does not tell.
    pub(crate) async fn recall(&self) -> Result<(), ClusterError> {
        let failed = |cause: String| ClusterError::refused("looking for earlier jobs", cause);
        let jobs = stream(&self.link, JOBS).await?;
        let subjects = jobs.info_with_subjects(jobs_of_run(&self.run)).await;
        let mut subjects = subjects.map_err(|error| failed(causes(&error)))?;
        let kept = bucket(&self.link, GRANTS).await?;
        while let Some(subject) = subjects.next().await {
            let (subject, _) = subject.map_err(|error| failed(causes(&error)))?;
            let Some(key) = key_of(&subject) else { continue };
            let grants = kept.get(self.place(&key)).await;
            let grants = grants.map_err(|error| failed(causes(&error)))?;
            let times = grants.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or(1);
            held(&self.before).insert(key, times);
        }
        Ok(())
    }

    /// Notes that a call is wanted.
    pub(crate) fn want(&self, key: &CallKey) {
        let granted = held(&self.before).remove(key).unwrap_or_default();
        held(&self.wanted).insert(key.clone(), granted);
    }

    /// Notes that a call's result has come, and says how many workers had leave to make it.
    pub(crate) fn has_come(&self, key: &CallKey) -> u32 {
        held(&self.wanted).remove(key).unwrap_or_default()
    }

    /// Whether a worker may have made a call, or may be making it.
    pub(crate) fn was_granted(&self, key: &CallKey) -> bool {
        held(&self.wanted).get(key).is_none_or(|granted| *granted > 0)
    }

    /// Grants no more calls.
    pub(crate) fn withhold(&self) {
        self.withheld.store(true, Ordering::Relaxed);
    }

    /// Gives workers leave to make calls, until the connection ends.
    pub(crate) async fn answer(self: Arc<Self>) -> ClusterError {
        let subject = questions_of(&token(self.run.as_str()));
        let failed = |cause: String| ClusterError::refused("listening to workers", cause);
        let mut questions = match self.link.client.subscribe(subject).await {
            Ok(questions) => questions,
            Err(error) => return failed(error.to_string()),
        };
        while let Some(message) = questions.next().await {
            let question = serde_json::from_slice::<Question>(&message.payload);
            let (Ok(question), Some(reply)) = (question, message.reply) else { continue };
            if question.v != PROTOCOL {
                continue;
            }
            let own = Arc::clone(&self);
            // Some answers want a look at the server; other workers do not wait for them.
            tokio::spawn(async move {
                let mut answers = Vec::with_capacity(question.keys.len());
                for key in &question.keys {
                    answers.push(own.standing(key).await);
                }
                let answers = serde_json::to_vec(&answers).unwrap_or_default();
                // A worker that gets no answer asks again.
                let _ = own.link.client.publish(reply, answers.into()).await;
            });
        }
        failed("the connection was closed".to_owned())
    }

    async fn standing(&self, key: &CallKey) -> Answer {
        if self.recorded.has_call(key) {
            return Answer::Recorded;
        }
        let granted = held(&self.wanted).get(key).copied();
        match granted {
            None => Answer::Later,
            Some(0) => self.grant(key).await,
            // Not knowing whether a result is there is no leave to pay twice.
            Some(_) if self.has_result(key).await.unwrap_or(true) => Answer::Later,
            Some(_) => self.grant(key).await,
        }
    }

    async fn grant(&self, key: &CallKey) -> Answer {
        let answer = self.next(key);
        match answer {
            // The next coordinator would take it for the first time.
            Answer::Granted { time: time @ 2.. } if self.keep(key, time).await.is_err() => {
                Answer::Later
            }
            _ => answer,
        }
    }

    fn next(&self, key: &CallKey) -> Answer {
        if self.withheld.load(Ordering::Relaxed) {
            return Answer::Later;
        }
        let mut all_wanted = held(&self.wanted);
        // If it is not there, it has come in the meantime.
        let Some(granted) = all_wanted.get(key).copied() else {
            return Answer::Later;
        };
        if granted >= self.most {
            return Answer::GivenUp { times: granted };
        }
        let suspected = granted > 0 && granted + 1 >= self.most.min(SUSPECT);
        if suspected && !self.may_be_let_out(key, &all_wanted) {
            return Answer::Soon;
        }
        all_wanted.insert(key.clone(), granted + 1);
        Answer::Granted { time: granted + 1 }
    }

    /// Whether no other suspect is out.
    fn may_be_let_out(&self, key: &CallKey, wanted: &HashMap<CallKey, u32>) -> bool {
        let mut suspect = held(&self.suspect);
        let is_out = suspect.as_ref().is_some_and(|(other, since)| {
            wanted.contains_key(other) && since.elapsed() < BETWEEN_SUSPECTS
        });
        if !is_out {
            *suspect = Some((key.clone(), Instant::now()));
        }
        !is_out
    }

    /// Whether the result of a call is on the server.
    async fn has_result(&self, key: &CallKey) -> Result<bool, ClusterError> {
        let subject = result(&token(self.run.as_str()), key);
        let results = stream(&self.link, RESULTS).await?;
        match results.get_last_raw_message_by_subject(&subject).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(false),
            Err(error) => Err(ClusterError::refused("looking for a result", causes(&error))),
        }
    }

    /// Keeps for the next coordinator how often a call was granted.
    async fn keep(&self, key: &CallKey, times: u32) -> Result<(), ClusterError> {
        let text = times.to_string();
        let put = bucket(&self.link, GRANTS).await?.put(self.place(key), text.into()).await;
        put.map(drop).map_err(|error| ClusterError::refused("keeping a grant", causes(&error)))
    }

    fn place(&self, key: &CallKey) -> String {
        format!("{}.{key}", token(self.run.as_str()))
    }

    /// Forgets what was kept for the next coordinator: there will be none.
    pub(crate) async fn forget(&self) {
        if let Ok(stream) = stream(&self.link, &format!("KV_{GRANTS}")).await {
            let of_this_run = format!("$KV.{GRANTS}.{}.*", token(self.run.as_str()));
            // What stays is dropped when it is old.
            let _ = stream.purge().filter(of_this_run).await;
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
