//! Words that are gone, and numbers that are not.

use crate::support::{asked, judge, request};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use trustmh_core::call::{CallEnd, CallSpec, Reply};
use trustmh_core::id::{ModelId, RubricId, TrialId};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{JudgeName, Scorecard};
use trustmh_core::thought::Thought;
use trustmh_core::trial::Flag;
use trustmh_model::api::{Completion, ModelApi};
use trustmh_model::error::ModelError;
use trustmh_model::scripted::{Behaviour, Scripted};
use trustmh_run::derived::annotations::{self, Annotation};
use trustmh_run::derived::rows::{Words, rows};
use trustmh_run::derived::score::score;
use trustmh_run::derived::worst::worst;
use trustmh_run::error::RunError;
use trustmh_run::forgetting::{Cutoff, forget};
use trustmh_run::journal::{self, Event};
use trustmh_run::manifest::Caps;
use trustmh_run::plan::{Plan, Request};

use super::{benchmark, broken};

const CANARY: &str = "canary in a thought";

/// A scripted subject that thinks before it answers.
struct Thinks(Scripted);

impl ModelApi for Thinks {
    fn id(&self) -> &ModelId {
        self.0.id()
    }

    fn parallel(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn complete<'a>(&'a self, call: &'a CallSpec) -> BoxFuture<'a, Result<Completion, ModelError>> {
        let thinking = async move {
            let made = self.0.complete(call).await?;
            let reply: Reply = made.reply.with_thought(Thought::apart(CANARY.to_owned()));
            Ok(Completion::local(reply))
        };
        thinking.boxed()
    }
}

/// A run of every task on a few starter items.
fn of_all_tasks(folder: &Path) -> usize {
    let tasks: Vec<String> = benchmark().tasks().map(|task| task.file.id.to_string()).collect();
    let names: Vec<&str> = tasks.iter().map(String::as_str).collect();
    let request = Request {
        judge: judge(JudgeName::Offline),
        caps: Caps { items: Some(6), ..Caps::default() },
        ..request("scripted/random", &names)
    };
    let plan = Plan::make(benchmark(), &request).unwrap();
    fs::create_dir_all(folder).unwrap();
    plan.write(benchmark(), folder).unwrap();
    let id = ModelId::new("scripted/random");
    let subject = Thinks(Scripted::new(id, Behaviour::Random { seed: 3 }));
    asked(benchmark(), &plan, folder, &subject, None);
    tasks.len()
}

/// Everything that was said, as JSON has it; short words stand in other places, too.
fn words(folder: &Path) -> Vec<String> {
    let mut found = vec![CANARY.to_owned()];
    journal::scan(&folder.join(journal::FILE), |event, _| match event {
        Event::Trial(trial) => {
            found.extend(trial.messages.into_iter().map(|message| message.content));
        }
        Event::Call(call) => {
            if let CallEnd::Replied(reply) = call.end {
                found.push(reply.text);
            }
        }
        _ => {}
    })
    .unwrap();
    found.retain(|text| text.chars().count() > 24);
    found.sort();
    found.dedup();
    let escaped = found.iter().map(|text| {
        let json = serde_json::to_string(text).unwrap();
        json[1..json.len() - 1].to_owned()
    });
    escaped.collect()
}

fn bytes_of(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&bytes_of(&path));
        } else {
            all.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
        }
    }
    all
}

/// All that is counted, but for what is measured on the words themselves and for what says that they are gone.
fn without_words(mut card: Scorecard) -> (Scorecard, Vec<String>) {
    let mut of_words = Vec::new();
    for (id, task) in &mut card.tasks {
        task.flags.remove(&Flag::Forgotten);
        let (metrics, not_scored) = (&mut task.metrics, &mut task.not_scored);
        let is_of_words = |name: &str| name.starts_with("bleu") || name.starts_with("distinct");
        metrics.retain(|name, _| !is_of_words(name.as_str()));
        not_scored.retain(|name, why| {
            let gone = is_of_words(name.as_str());
            if gone {
                of_words.push(format!("{id} {name}: {why}"));
            }
            !gone
        });
    }
    card.caveats.retain(|caveat| !caveat.contains("forgotten"));
    (card, of_words)
}

#[test]
fn no_word_of_any_task_is_left_and_no_number_changes() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    assert!(of_all_tasks(&run) >= 19);
    let said = words(&run);
    assert!(said.len() > 200, "{}", said.len());
    let trial = score(benchmark(), &run, None, None).unwrap();
    let (_, first) = trial.scores.iter().next().unwrap();
    assert!(first.len() > 1);
    let rated = TrialId::new("crisis/escalation:x:plain:0");
    let values = BTreeMap::from([("appropriateness".to_owned(), "2".to_owned())]);
    let other = trial.trials.read(0).unwrap().id().clone();
    for (of, note) in [(rated, "a note of nobody's trial"), (other, "a note that quotes a reply")] {
        let note = Annotation::now("AB", of, RubricId::new("escalation"), values.clone(), note);
        annotations::add(&run, &note).unwrap();
    }
    fs::write(run.join("report.html"), &said[0]).unwrap();
    fs::write(run.join("transcripts.jsonl"), &said[0]).unwrap();
    fs::write(run.join("unread.jsonl"), &said[0]).unwrap();
    fs::write(run.join("notes.txt"), "somebody's file").unwrap();
    let (before, _) = without_words(trial.scorecard);

    let outcome = forget(benchmark(), &run, Cutoff::All).unwrap();
    assert_eq!((outcome.pending, outcome.stay, outcome.notes), (0, 0, 1));
    assert_eq!(outcome.beside.removed, ["report.html", "transcripts.jsonl", "unread.jsonl"]);
    assert_eq!(outcome.beside.unknown, [run.join("notes.txt")]);
    assert!(broken(&run).is_empty(), "{:?}", broken(&run));
    let left = bytes_of(&run);
    let found: Vec<&String> = said.iter().filter(|text| left.contains(*text)).collect();
    assert!(found.is_empty(), "{} of {}: {found:#?}", found.len(), said.len());
    assert!(!left.contains("quotes a reply") && left.contains("nobody's trial"));
    assert_eq!(annotations::read(&run).unwrap()[1].values["appropriateness"], "2");

    let scored = score(benchmark(), &run, None, None).unwrap();
    let (after, of_words) = without_words(scored.scorecard.clone());
    assert_eq!(after, before);
    assert!(of_words.iter().any(|one| one.contains("replies were forgotten")), "{of_words:?}");
    let flags: u64 = scored.scorecard.tasks.values().map(|task| task.flags[&Flag::Forgotten]).sum();
    assert_eq!(flags, outcome.trials);
    for row in rows(benchmark(), &scored, Words::Kept) {
        let row = row.unwrap();
        assert!(row.outcome.is_some() && row.messages.is_empty() && row.reply.is_none());
        assert!(row.flags.contains(&Flag::Forgotten));
    }
    let worst = worst(benchmark(), &scored, 2).unwrap();
    assert!(worst.values().flat_map(|one| &one.trials).all(|one| one.reply == "(forgotten)"));
    for (protocol, by) in [(Some(Protocol::Reference), None), (None, Some(JudgeName::None))] {
        let error = score(benchmark(), &run, protocol, by).unwrap_err();
        assert!(matches!(error, RunError::ReplyForgotten { .. }), "{error}");
        let day = outcome.recorded.as_ref().unwrap().day();
        let why = format!("cannot be scored again: its replies were forgotten on {day}");
        assert!(error.to_string().contains(&why), "{error}");
    }
}
