//! The calls of a journal: each once, of a trial, with the key of what was asked and the text that was answered.

use std::collections::{BTreeMap, HashMap, HashSet};

use trustmh_core::call::{CallEnd, CallKey, CallSpec, Purpose};
use trustmh_core::digest::Digest;
use trustmh_core::id::{ModelId, TaskId, TrialId};
use trustmh_core::trial::Trial;
use trustmh_engine::conversation;
use trustmh_engine::score::ENDPOINT;
use trustmh_model::reread::text_of;

use crate::integrity::finding::{Finding, State, finding};
use crate::journal::{Call, CallLeft, Event, Left};
use crate::manifest::{Manifest, Origin};

type Half = [u8; 16];

/// Names of trials or calls that were found at fault: the first, and how many.
#[derive(Default)]
struct Found {
    first: Option<TrialId>,
    count: u64,
}

impl Found {
    fn note(&mut self, trial: &TrialId) {
        self.first.get_or_insert_with(|| trial.clone());
        self.count += 1;
    }
}

/// What a walk over the journal gathers of its calls, in halves of hashes: a run of any length is checked in little memory.
pub(super) struct Calls<'m> {
    manifest: &'m Manifest,
    /// The key that the first ask of each trial must have; none of a conversation.
    trials: HashMap<Half, Option<Half>>,
    finished: HashSet<Half>,
    twice: u64,
    strays: u64,
    wrong_keys: Found,
    wrong_models: Found,
    wrong_texts: Found,
    texts: u64,
    per_task: BTreeMap<TaskId, u64>,
    /// Trials whose words were forgotten, and the tasks of those.
    forgotten_trials: HashSet<Half>,
    forgotten_of: Vec<(Half, TaskId)>,
}

impl<'m> Calls<'m> {
    pub(super) fn of(manifest: &'m Manifest) -> Self {
        Self {
            manifest,
            trials: HashMap::new(),
            finished: HashSet::new(),
            twice: 0,
            strays: 0,
            wrong_keys: Found::default(),
            wrong_models: Found::default(),
            wrong_texts: Found::default(),
            texts: 0,
            per_task: BTreeMap::new(),
            forgotten_trials: HashSet::new(),
            forgotten_of: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Trial(trial) => self.trial(trial),
            Event::Call(call) => self.call(call),
            Event::Forgotten(forgotten) => match &forgotten.left {
                Left::Trial(trial) => {
                    if self.forgotten_trials.insert(Digest::half(trial.id.as_str())) {
                        self.forgotten_of
                            .push((Digest::half(trial.id.as_str()), trial.task.clone()));
                    }
                }
                Left::Call(call) => self.call_left(call),
            },
            Event::Session(_)
            | Event::Finish(_)
            | Event::Interrupted(_)
            | Event::Lesson(_)
            | Event::Reuse { .. }
            | Event::Scored(_)
            | Event::Forgot(_) => {}
        }
    }

    /// Of a call whose words were forgotten only its model can still be held to the plan.
    fn call_left(&mut self, call: &CallLeft) {
        if self.model_for(&call.purpose).is_some_and(|model| model != call.model) {
            self.wrong_models.note(&call.trial);
        }
        if !self.forgotten_trials.contains(&Digest::half(call.trial.as_str())) {
            self.strays += 1;
        }
    }

    fn trial(&mut self, trial: &Trial) {
        let asked = CallSpec {
            purpose: Purpose::Subject { turn: 0 },
            messages: trial.messages.clone(),
            sampling: trial.sampling,
            repeat: trial.repeat,
            trial: None,
            options: self.manifest.subject.asked.options.clone(),
        };
        let key = CallKey::of(&self.manifest.subject.id, &asked);
        // What a conversation asks first holds words of its client, too.
        let half = conversation::of(trial).is_none().then(|| Digest::half(key.as_str()));
        if self.trials.insert(Digest::half(trial.id.as_str()), half).is_none() {
            *self.per_task.entry(trial.task.clone()).or_default() += 1;
        }
    }

    fn call(&mut self, call: &Call) {
        let key = Digest::half(call.key.as_str());
        if !matches!(call.end, CallEnd::Broken { .. }) && !self.finished.insert(key) {
            self.twice += 1;
        }
        if self.model_for(&call.purpose).is_some_and(|model| model != call.model) {
            self.wrong_models.note(&call.trial);
        }
        self.text(call);
        match self.trials.get(&Digest::half(call.trial.as_str())) {
            None => self.strays += 1,
            // Only the first ask can be told from the trial alone.
            Some(Some(asked))
                if call.purpose == (Purpose::Subject { turn: 0 }) && *asked != key =>
            {
                self.wrong_keys.note(&call.trial);
            }
            Some(_) => {}
        }
    }

    /// Who is to be asked for this; none where the manifest does not name one.
    fn model_for(&self, purpose: &Purpose) -> Option<ModelId> {
        match purpose {
            Purpose::Subject { .. } => Some(self.manifest.subject.id.clone()),
            Purpose::Judge { rubric, .. } if rubric.as_str() == ENDPOINT => None,
            Purpose::Judge { .. } => self.manifest.judge.name.model().cloned(),
            Purpose::Client { .. } => Some(self.manifest.player()),
        }
    }

    fn text(&mut self, call: &Call) {
        let (CallEnd::Replied(reply), Some(response)) = (&call.end, &call.response) else { return };
        if let Some(text) = text_of(&call.model, response) {
            self.texts += 1;
            if text != reply.text {
                self.wrong_texts.note(&call.trial);
            }
        }
    }

    pub(super) fn findings(&self, manifest: &Manifest) -> Vec<Finding> {
        let mut findings = Vec::new();
        let held = |check: &str, found: &Found, ok: String, broken: &str| match &found.first {
            None => finding(check, State::Ok, ok),
            Some(first) => {
                let detail = format!("{} {broken}, the first that of {first}", found.count);
                finding(check, State::Broken, detail)
            }
        };
        if manifest.origin == Origin::Asked {
            findings.push(held(
                "call keys",
                &self.wrong_keys,
                "every first ask has the key of what was asked".to_owned(),
                "calls have another key than their trials",
            ));
            findings.push(held(
                "models",
                &self.wrong_models,
                "every call was made to the model that was planned".to_owned(),
                "calls were made to another model than was planned",
            ));
            findings.push(held(
                "replies",
                &self.wrong_texts,
                match self.texts {
                    0 => "no response is recorded from which a text could be read again".to_owned(),
                    texts => format!("{texts} texts are those of the responses recorded with them"),
                },
                "replies have another text than the response recorded with them",
            ));
            findings.push(match (self.twice, self.strays) {
                (0, 0) => finding(
                    "calls",
                    State::Ok,
                    format!("{} finished, each once", self.finished.len()),
                ),
                (twice, strays) => {
                    // Resuming a repaired run gives its trials back to such calls.
                    let mended = manifest.repaired.is_some() && twice == 0;
                    let state = if mended { State::Differs } else { State::Broken };
                    let detail = format!("{twice} are recorded twice, {strays} belong to no trial");
                    finding("calls", state, detail)
                }
            });
        }
        for (id, planned) in &manifest.tasks {
            // One that was asked again since is there as a whole.
            let left = self
                .forgotten_of
                .iter()
                .filter(|(trial, of)| of == id && !self.trials.contains_key(trial));
            let whole = self.per_task.get(id).copied().unwrap_or_default();
            let recorded = whole + left.count() as u64;
            let state = if recorded == planned.trials { State::Ok } else { State::Differs };
            let detail = format!("{recorded} of {} planned", planned.trials);
            findings.push(finding(&format!("trials of {id}"), state, detail));
        }
        findings
    }
}
