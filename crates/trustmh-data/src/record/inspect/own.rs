//! Logs that hold trials of this program: a run for each evaluation, with all its attempts.

use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::call::{CallEnd, Exchange};
use trustmh_core::id::{ModelId, TaskId, TrialId};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::ItemSource;
use trustmh_core::trial::Trial;

use super::log::Log;
use super::sample::Sample;
use super::{OWN, OwnTerms};
use crate::error::{DataError, Place};
use crate::record::batch::Source;
use crate::record::{RecordedRun, RecordedTrial};

/// What stands in the metadata of a sample.
#[derive(Debug, Deserialize)]
struct Found {
    trial: Trial,
    exchanges: Vec<Exchange>,
    protocol: Protocol,
    judge: Option<ModelId>,
}

/// The runs made of such logs.
#[derive(Debug, Default)]
pub(super) struct Own {
    evaluations: Vec<Evaluation>,
}

/// The run of an evaluation.
#[derive(Debug)]
struct Evaluation {
    /// What its attempts have in common; none in logs that do not tell evaluations apart.
    name: Option<String>,
    run: RecordedRun,
    /// The attempt that is taken, for each trial of the run.
    taken: BTreeMap<TrialId, Attempt>,
}

/// An attempt at a trial. The one that was answered counts for more, then the newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Attempt {
    answered: bool,
    begun: Option<Timestamp>,
    /// Where its trial stands in the run.
    place: usize,
}

/// What became of the samples of a log whose trials were there already.
#[derive(Debug, Default)]
struct Again {
    taken: usize,
    left: usize,
    same: usize,
}

impl Own {
    /// Takes the samples of a log. One that was taken already is left out, with a warning.
    pub(super) fn take(
        &mut self,
        log: &Log,
        source: &Source,
        samples: &[&Sample],
    ) -> Result<(), DataError> {
        let mut again: BTreeMap<usize, Option<Again>> = BTreeMap::new();
        for sample in samples {
            let Some(trial) = sample.metadata.get(OWN) else { continue };
            let place = Place::file(&format!("{}, sample {}", source.file, sample.name()));
            let found =
                Found::deserialize(trial).map_err(|error| DataError::malformed(place, error))?;
            let index = self.evaluation(log, &found);
            let Some(evaluation) = self.evaluations.get_mut(index) else { continue };
            let again = again.entry(index).or_insert_with(|| evaluation.claim(log, source));
            if let Some(again) = again {
                evaluation.push(log, sample, found, again);
            }
        }
        for (index, again) in again {
            let told = again.and_then(Again::told);
            if let (Some(evaluation), Some(told)) = (self.evaluations.get_mut(index), told) {
                evaluation.run.source.warnings.push(format!("{}: {told}", source.file));
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<RecordedRun> {
        let mut runs: Vec<RecordedRun> = self.evaluations.into_iter().map(|one| one.run).collect();
        for run in runs.iter_mut().filter(|run| run.terms.is_none()) {
            let items: BTreeSet<_> = run.trials.iter().map(|one| &one.trial.item.id).collect();
            run.source.records = items.len() as u64;
        }
        runs
    }

    /// The place of the evaluation: of a model, a task, a protocol and what else decides scores. It is begun if there is none.
    fn evaluation(&mut self, log: &Log, found: &Found) -> usize {
        let task: &TaskId = &found.trial.task;
        let (model, terms) = (log.eval.model.as_str(), log.terms());
        let name = log.evaluation(task);
        let is_it = |one: &Evaluation| {
            let run = &one.run;
            one.name.as_deref() == name
                && run.model.as_str() == model
                && run.task == *task
                && run.protocol == found.protocol
                && run.terms.as_ref() == terms
        };
        self.evaluations.iter().position(is_it).unwrap_or_else(|| {
            let mut run = RecordedRun {
                judge: found.judge.clone(),
                protocol: found.protocol,
                terms: terms.cloned(),
                ..RecordedRun::begun(ModelId::new(model), task.clone(), "inspect")
            };
            if let Some(OwnTerms { source, .. }) = terms {
                // Whose items they are is said of the numbers; the files of this run are the logs.
                let files = std::mem::take(&mut run.source.files);
                run.source = ItemSource { files, ..source.clone() };
            }
            let name = name.map(str::to_owned);
            self.evaluations.push(Evaluation { name, run, taken: BTreeMap::new() });
            self.evaluations.len() - 1
        })
    }
}

impl Evaluation {
    /// Notes a log; none for one with the same content as an earlier one.
    fn claim(&mut self, log: &Log, source: &Source) -> Option<Again> {
        self.run.claim(source).then(|| {
            let unended = log.unended().map(|unended| format!("{}: {unended}", source.file));
            self.run.source.warnings.extend(unended);
            Again::default()
        })
    }

    /// Appends a trial. One that is there already is replaced by an attempt that counts for as much or more.
    fn push(&mut self, log: &Log, sample: &Sample, found: Found, again: &mut Again) {
        let Found { trial, exchanges, .. } = found;
        let is_whole =
            |one: &Exchange| matches!(one.end, CallEnd::Replied(_) | CallEnd::Recorded { .. });
        let attempt = Attempt {
            answered: sample.error.is_none()
                && !exchanges.is_empty()
                && exchanges.iter().all(is_whole),
            begun: log.begun(),
            place: self.run.trials.len(),
        };
        let one = RecordedTrial { trial, exchanges, judge_prompt: None };
        let Some(earlier) = self.taken.get_mut(&one.trial.id) else {
            self.taken.insert(one.trial.id.clone(), attempt);
            self.run.trials.push(one);
            return;
        };
        let Some(there) = self.run.trials.get_mut(earlier.place) else { return };
        let attempt = Attempt { place: earlier.place, ..attempt };
        let is_same = *there == one;
        if attempt >= *earlier {
            *earlier = attempt;
            *there = one;
            again.taken += usize::from(!is_same);
        } else {
            again.left += usize::from(!is_same);
        }
        again.same += usize::from(is_same);
    }
}

impl Again {
    /// How many, in words; none where nothing was there already.
    fn told(self) -> Option<String> {
        let Self { taken, left, same } = self;
        let parts: Vec<String> = [
            (taken, "taken in the place of an earlier attempt"),
            (left, "left out for another attempt, which was answered or is newer"),
            (same, "the same as there"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
        (!parts.is_empty()).then(|| {
            format!("samples of trials that the same evaluation has already: {}", parts.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use std::fs;
    use std::path::PathBuf;

    use crate::error::DataError;
    use crate::record::{Beside, RecordFormat, RecordedRun};

    /// A sample of a trial. Without a reply it ended in an error.
    fn sample(item: &str, reply: Option<&str>) -> Value {
        let end = reply.map_or_else(
            || json!({ "broken": { "message": "down" } }),
            |text| json!({ "replied": { "text": text, "finish": "stop" } }),
        );
        let trial = json!({
            "id": format!("ethics/reasoning:{item}:plain:0"), "task": "ethics/reasoning",
            "item": {
                "id": item, "language": "en", "tags": {},
                "content": { "kind": "multiple-choice", "question": "Which?", "options": ["one", "two"], "key": "A" },
            },
            "variant": "plain", "repeat": 0, "messages": [{ "role": "user", "content": "Which?" }],
            "sampling": { "temperature": 0.0, "max_tokens": 8, "seed": null },
        });
        let exchanges = json!([{ "purpose": { "subject": { "turn": 0 } }, "end": end }]);
        let own = json!({ "trial": trial, "exchanges": exchanges, "protocol": "corrected", "judge": null });
        let mut sample = json!({ "id": item, "epoch": 1, "input": "Which?", "target": "A", "metadata": { "trustmh": own } });
        if reply.is_none() {
            sample["error"] = json!({ "message": "down" });
        }
        sample
    }

    /// A log of the evaluation `task_id` that was begun in this hour.
    fn log(task_id: &str, hour: u32, samples: &[Value]) -> Value {
        json!({
            "version": 2, "status": "success", "samples": samples,
            "eval": {
                "eval_id": format!("{task_id}-{hour}"), "task_id": task_id, "model": "lab/owl",
                "created": format!("2026-01-01T{hour:02}:00:00+00:00"), "dataset": {}, "config": {},
            },
        })
    }

    fn read(logs: &[(&str, &Value)]) -> Result<Vec<RecordedRun>, DataError> {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = logs
            .iter()
            .map(|(name, log)| {
                let path = folder.path().join(name);
                fs::write(&path, log.to_string()).unwrap();
                path
            })
            .collect();
        RecordFormat::named("inspect").unwrap().read(&paths, &Beside::default())
    }

    fn replies(run: &RecordedRun) -> Vec<(&str, Option<&str>)> {
        let reply = |one| -> (&str, Option<&str>) {
            let one: &crate::record::RecordedTrial = one;
            (one.trial.item.id.as_str(), one.exchanges[0].text())
        };
        run.trials.iter().map(reply).collect()
    }

    #[test]
    fn a_retry_takes_the_place_of_what_failed_whatever_the_order_of_the_logs() {
        let first = log("one", 1, &[sample("a", Some("A")), sample("b", None), sample("c", None)]);
        let retry =
            log("one", 2, &[sample("a", Some("A")), sample("b", Some("B")), sample("c", None)]);
        let expected = [("a", Some("A")), ("b", Some("B")), ("c", None)];
        let runs = read(&[("first.json", &first), ("retry.json", &retry)]).unwrap();
        assert_eq!(runs.len(), 1);
        assert_eq!(replies(&runs[0]), expected);
        assert_eq!(
            runs[0].source.warnings,
            [
                "retry.json: samples of trials that the same evaluation has already: 1 taken in the place of an earlier attempt, 2 the same as there"
            ]
        );
        let runs = read(&[("retry.json", &retry), ("first.json", &first)]).unwrap();
        assert_eq!(replies(&runs[0]), expected);
        let warnings = &runs[0].source.warnings;
        assert!(warnings[0].starts_with("first.json: ") && warnings[0].contains("1 left out"));
    }

    #[test]
    fn what_was_answered_is_not_lost_to_a_newer_attempt_that_failed() {
        let first = log("one", 1, &[sample("a", Some("A"))]);
        let retry = log("one", 2, &[sample("a", None)]);
        let newest = log("one", 3, &[sample("a", Some("B"))]);
        let runs = read(&[("first.json", &first), ("retry.json", &retry)]).unwrap();
        assert_eq!(replies(&runs[0]), [("a", Some("A"))]);
        let runs = read(&[("newest.json", &newest), ("first.json", &first)]).unwrap();
        assert_eq!(replies(&runs[0]), [("a", Some("B"))]);
    }

    #[test]
    fn a_trial_that_is_twice_in_a_log_is_there_once() {
        let twice = log("one", 1, &[sample("a", Some("A")), sample("a", Some("B"))]);
        let runs = read(&[("twice.json", &twice)]).unwrap();
        assert_eq!(replies(&runs[0]), [("a", Some("B"))]);
        assert!(runs[0].source.warnings[0].starts_with("twice.json: samples of trials"));
    }

    #[test]
    fn two_evaluations_of_a_model_are_two_runs() {
        let one = log("one", 1, &[sample("a", Some("A")), sample("b", Some("A"))]);
        let two = log("two", 1, &[sample("a", Some("B")), sample("b", Some("B"))]);
        let runs = read(&[("one.json", &one), ("two.json", &two)]).unwrap();
        let found: Vec<_> = runs.iter().map(replies).collect();
        assert_eq!(
            found,
            [[("a", Some("A")), ("b", Some("A"))], [("a", Some("B")), ("b", Some("B"))]]
        );
        assert!(runs.iter().all(|run| run.source.warnings.is_empty()));
        // Exported logs have the task's name there, and name the run beside it.
        let exported = |run: &str| {
            let mut log = log("ethics-reasoning", 1, &[sample("a", Some(run))]);
            log["eval"]["eval_id"] = json!(format!("{run}-ethics-reasoning"));
            log
        };
        let (one, two) = (exported("A"), exported("B"));
        assert_eq!(read(&[("one.json", &one), ("two.json", &two)]).unwrap().len(), 2);
    }

    #[test]
    fn a_log_that_did_not_come_to_its_end_is_named() {
        let mut log = log("one", 1, &[sample("a", Some("A"))]);
        log["status"] = json!("cancelled");
        let runs = read(&[("stopped.json", &log)]).unwrap();
        let [warning] = runs[0].source.warnings.as_slice() else { panic!("{runs:?}") };
        assert!(
            warning.starts_with("stopped.json: the evaluation did not come to its end"),
            "{warning}"
        );
    }

    #[test]
    fn the_plan_comes_along_with_the_rounds_that_inspect_asked() {
        let mut of_plan = log("one", 1, &[sample("a", Some("A"))]);
        of_plan["eval"]["config"] = json!({ "epochs": 3 });
        let source = json!({
            "dataset": "starter-ethics", "origin": "starter", "records": 2, "warnings": [], "files": {},
        });
        of_plan["eval"]["metadata"] = json!({ "trustmh": {
            "judge": "offline", "client": "offline", "seed": 7, "source": source,
        } });
        // A log of an earlier version.
        let earlier = read(&[("log.json", &of_plan)]).unwrap().remove(0);
        assert_eq!(earlier.terms.unwrap().plan, None);
        of_plan["eval"]["metadata"]["trustmh"]["plan"] =
            json!({ "trials": 32, "names": "0a", "caps": { "items": 6, "trials": null } });
        let plan = read(&[("log.json", &of_plan)]).unwrap().remove(0).terms.unwrap().plan.unwrap();
        assert_eq!((plan.trials, plan.repeats.unwrap().get()), (32, 3));
        assert_eq!((plan.caps.items, plan.caps.trials), (Some(6), None));
        // Other trials of the same task are another run.
        let mut other = of_plan.clone();
        other["eval"]["metadata"]["trustmh"]["plan"]["names"] = json!("0b");
        assert_eq!(read(&[("log.json", &of_plan), ("other.json", &other)]).unwrap().len(), 2);
        of_plan["eval"]["metadata"]["trustmh"]["plan"]["trials"] = json!("many");
        let error = read(&[("log.json", &of_plan)]).unwrap_err().to_string();
        assert!(error.contains("log.json, eval.metadata.trustmh"), "{error}");
    }
}
