//! Runs of conversations by the program: killed and taken up again, by workers, and by their own rules alone.
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::cluster::{calls, cluster_run};
use crate::support::nats::{Nats, Worker};
use crate::support::questions::{Draws, generated_conversations};
use crate::support::{Ended, Provider, begun, only_run, program, trustmh};
use serde_json::Value;
use trustmh_core::call::{CallEnd, Purpose};
use trustmh_core::digest::Digest;
use trustmh_run::journal::Call;

const TASK: [&str; 4] = ["--tasks", "crisis/conversation", "--tasks-dir", "tasks"];

/// What was said in each conversation, by speaker and turn.
fn transcripts(run: &Path) -> BTreeMap<(String, String), String> {
    let said = calls(run).into_iter().filter_map(|call| {
        let who = match call.purpose {
            Purpose::Subject { turn } => format!("subject {turn}"),
            Purpose::Client { turn } => format!("client {turn}"),
            Purpose::Judge { rubric, part, .. } => format!("judge {rubric} {part:?}"),
        };
        let CallEnd::Replied(reply) = call.end else { return None };
        Some(((call.trial.to_string(), who), reply.text))
    });
    said.collect()
}

/// The only scorecard, without the name of its run.
fn card(ended: &Ended) -> Value {
    let mut card = ended.json()[0].take();
    card["run"] = Value::Null;
    card
}

/// Three providers, for the three who speak.
struct Speakers {
    subject: Provider,
    client: Provider,
    judge: Provider,
}

impl Speakers {
    fn start(more: &[&str]) -> Self {
        let start =
            |behaviour: &str| Provider::start(&[&["--behaviour", behaviour][..], more].concat());
        Self { subject: start("random:3"), client: start("random:4"), judge: start("judge:5") }
    }

    fn arguments(&self) -> Vec<&str> {
        let mut arguments = vec!["--subject", "openai/subject", "--base-url", &self.subject.url];
        arguments.extend(["--client", "openai/client", "--client-base-url", &self.client.url]);
        arguments.extend(["--judge", "openai/judge", "--judge-base-url", &self.judge.url]);
        arguments
    }
}

#[test]
fn forty_kills_over_three_hundred_conversations_lose_and_repeat_nothing() {
    const CONVERSATIONS: usize = 300;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    generated_conversations(folder, CONVERSATIONS);
    let log = folder.join("requests.log");
    let speakers = Speakers::start(&["--latency", "5", "--log", log.to_str().unwrap()]);
    let command = |arguments: &[&str]| -> Command {
        let mut command = program(folder);
        command.args(arguments).args(["--json", "--connections", "16"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let begin = [&["run"][..], &speakers.arguments(), &TASK].concat();
    let mut child = command(&begin).spawn().unwrap();
    let runs = folder.join("runs");
    let run = begun(&runs);
    let journal = run.join("journal.jsonl");
    let length = || fs::metadata(&journal).map_or(0, |file| file.len());
    let resume = ["resume", run.to_str().unwrap(), "--tasks-dir", "tasks"];
    let lines = || -> Vec<String> {
        fs::read_to_string(&log).unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let paid = || -> HashSet<String> {
        let requests = calls(&run).into_iter().filter_map(|call| call.request);
        requests.map(|request| Digest::of(request.get().as_bytes()).to_string()).collect()
    };
    let mut waits = Draws(29);
    for kill in 0..40 {
        let enough = length() + waits.below(200_000);
        while length() <= enough && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(child.try_wait().unwrap().is_none(), "it was over before kill {kill}");
        child.kill().unwrap();
        child.wait().unwrap();
        std::thread::sleep(Duration::from_millis(60));
        let (recorded, before) = (paid(), lines().len());
        child = command(&resume).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(30 + waits.below(60)));
        for request in lines().iter().skip(before) {
            assert!(!recorded.contains(request), "a recorded message is asked for again");
        }
    }
    drop(child.kill());
    child.wait().unwrap();
    std::thread::sleep(Duration::from_millis(60));
    let (recorded, before) = (paid(), lines().len());
    assert!(recorded.len() > 500, "{} calls in 40 lives", recorded.len());
    assert!(command(&resume).status().unwrap().success());
    assert!(lines().iter().skip(before).all(|request| !recorded.contains(request)));
    let calm = [&begin[..], &["--runs-dir", "calm"]].concat();
    assert!(command(&calm).status().unwrap().success());
    let calm = only_run(&folder.join("calm"));
    assert!(transcripts(&run) == transcripts(&calm), "what was said differs from a calm run");
    assert_eq!(calls(&run).len(), calls(&calm).len(), "each message is recorded once");
    let scored = |run: &Path| {
        let arguments = ["score", "--json", "--tasks-dir", "tasks", run.to_str().unwrap()];
        card(&trustmh(folder, arguments).with_code(0))
    };
    assert_eq!(scored(&run), scored(&calm));
}

#[test]
fn three_workers_and_one_process_hold_the_same_conversations() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_conversations(here, 30);
    let speakers = Speakers::start(&[]);
    let local = [&["run", "--json", "--runs-dir", "local"][..], &speakers.arguments(), &TASK];
    let local = trustmh(here, local.concat());
    let server = nats.url();
    let subject = format!("openai/subject={}", speakers.subject.url);
    let (client, judge) = (
        format!("openai/client={}", speakers.client.url),
        format!("openai/judge={}", speakers.judge.url),
    );
    let more = ["--model-endpoint", &client, "--model-endpoint", &judge];
    let _workers: Vec<Worker> = ["one", "two", "three"]
        .iter()
        .map(|name| Worker::start(here, &server, &subject, name, &more))
        .collect();
    let asked = ["--subject", "openai/subject", "--client", "openai/client"];
    let asked = [&asked[..], &["--judge", "openai/judge"], &TASK].concat();
    let remote = trustmh(here, cluster_run(&server, &asked));
    assert_eq!(remote.code, local.code, "{}", remote.err);
    assert_eq!(card(&remote), card(&local));
    let (local, remote) = (only_run(&here.join("local")), only_run(&here.join("runs")));
    assert!(transcripts(&remote) == transcripts(&local), "what was said differs");
    assert!(transcripts(&local).len() > 30 * 20);
}

#[test]
fn without_any_model_a_conversation_is_held_and_judged_by_rules() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "--subject", "scripted/random", "--tasks", "crisis/conversation", "--json"];
    let card = card(&trustmh(folder.path(), run).with_code(0));
    let task = &card["tasks"]["crisis/conversation"];
    assert_eq!(task["suite"], "conversations");
    assert_eq!(task["outcomes"]["scored"], task["n"], "{task}");
    assert!(task["metrics"]["score"]["value"].is_number(), "{task}");
    assert!(card["pillars"].get("crisis").is_none(), "{}", card["pillars"]);
    // The words of the offline client are in the journal, as they were said, and it is whole.
    let run = only_run(&folder.path().join("runs"));
    let verified = trustmh(folder.path(), ["verify", run.to_str().unwrap()]).with_code(0);
    assert!(!verified.out.contains("BROKEN"), "{}", verified.out);
    let said =
        calls(&run).into_iter().filter(|call| matches!(call.purpose, Purpose::Client { .. }));
    let said: Vec<Call> = said.collect();
    assert!(said.len() > 40);
    assert!(
        said.iter().all(|call| call.model.as_str() == "offline-client" && call.request.is_none())
    );
}
