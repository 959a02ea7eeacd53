//! Workers and coordinators that are not ours: what they say is looked at, refused, named, and breaks nothing.
use crate::support;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::cluster::{asked, calls, cluster_run, spawn, the_run, wait_until};
use crate::support::nats::{Nats, Worker};
use crate::support::questions::{QUESTIONS, generated_questions};
use crate::support::wire::{Stray, replied, result};
use crate::support::{Provider, only_run, trustmh};
use futures_util::StreamExt;
use serde_json::{Value, json};
use trustmh_cluster::PROTOCOL;
use trustmh_core::call::CallEnd;

fn blocking<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

const SCRIPTED: [&str; 2] = ["--subject", "scripted/always-a"];

fn verified(here: &Path, run: &Path) {
    trustmh(here, ["verify", run.to_str().unwrap(), "--tasks-dir", "tasks"]).with_code(0);
}

#[test]
fn bad_results_are_refused_named_and_their_calls_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 12, "");
    let server = nats.url();
    let more = [&SCRIPTED[..], &["--lease", "2", "--max-deliveries", "50"], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let said = || fs::read_to_string(here.join("coordinator.log")).unwrap();
    blocking(async {
        let evil = "evil\u{1b}]52;c;eHg=\u{7}\u{202e}";
        // One that brings what can be mended: a line break between the tokens of a body.
        let mut broken = Stray::at(&server, "broken").await;
        let (key, permit) = broken.take().await;
        let good = replied("null", "{\"a\":\n1}");
        broken.bring(&[result(&key, &permit, &good)]).await;
        // Each of these has a name of its own, since three bad results are the last of a worker.
        let bad = [
            replied("{\"model\":\"expensive\"}", "null"),
            replied("{\"model\":\"always-a\",\"messages\":[\"ATTACKER PROMPT\"]}", "null"),
            replied("null", &format!("{}{}", "[".repeat(500), "]".repeat(500))),
            "{\"replied\":{}}".to_owned(),
            "7".to_owned(),
        ];
        for (number, end) in (0..).zip(&bad) {
            let mut stray = Stray::at(&server, &format!("{evil} {number}")).await;
            let (key, permit) = stray.take().await;
            stray.bring(&[result(&key, &permit, end)]).await;
        }
        let mut stray = Stray::at(&server, "unreadable").await;
        let (key, permit) = stray.take().await;
        stray.bring_text("no result".to_owned()).await;
        stray.bring_text(format!("{{\"v\":{PROTOCOL},\"worker\":\"{key}\",\"results\":[]}}")).await;
        stray.bring_text("{\"v\":999,\"worker\":\"from the future\",\"what\":1}".to_owned()).await;
        // A key that was given to somebody else, or to nobody; a permit that was never given.
        let other = result(&key, "0123", &replied("null", "null"));
        let nobody = result(&"0".repeat(64), &permit, &replied("null", "null"));
        stray.bring(&[other, nobody]).await;
        let future = stray.request(999, &json!({ "whatever": 1 })).await;
        assert_eq!(future["refused"]["v"], PROTOCOL, "{future}");
        assert!(coordinator.0.try_wait().unwrap().is_none(), "{}", said());
    });
    let named = || said().matches("is refused, and its call made again").count() >= 5;
    wait_until("all are refused", Duration::from_secs(60), named);
    for what in [
        "its request asks the model expensive, not scripted/always-a",
        "its request does not ask what call",
        "nested deeper than",
        "results of worker somebody cannot be used and are dropped",
        "worker from the future cannot be used and are dropped: it speaks protocol 999, this program 4",
        "worker unreadable brought a result of call",
        "worker unreadable speaks protocol 999, this program 4; it is given no calls",
    ] {
        wait_until(what, Duration::from_secs(60), || said().contains(what));
    }
    assert!(!said().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", said());
    let _worker = Worker::start(here, &server, "scripted/always-a", "one", &[]);
    assert!(coordinator.0.wait().unwrap().success(), "{}", said());
    let run = only_run(&here.join("runs"));
    let calls = calls(&run);
    assert_eq!(calls.len(), 12);
    assert!(calls.iter().all(|call| matches!(call.end, CallEnd::Replied(_))));
    let mended = calls.iter().filter_map(|call| call.response.as_ref());
    assert_eq!(mended.map(|body| body.get()).collect::<Vec<_>>(), ["{\"a\": 1}"]);
    verified(here, &run);
}

#[test]
fn a_result_of_another_protocol_ends_no_run_and_no_resume() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 8, "");
    let server = nats.url();
    let more = [&SCRIPTED[..], &["--lease", "2"], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let run = the_run(here);
    let future = "{\"v\":999,\"worker\":\"evil\",\"results\":{\"whole\":[]}}";
    blocking(async {
        let stray = Stray::at(&server, "evil").await;
        stray.bring_text(future.to_owned()).await;
        coordinator.kill();
        stray.bring_text(future.to_owned()).await;
    });
    let _worker = Worker::start(here, &server, "scripted/always-a", "one", &[]);
    let resume = ["resume", run.to_str().unwrap(), "--tasks-dir", "tasks", "--cluster", &server];
    let resumed = trustmh(here, resume).with_code(0);
    assert!(resumed.err.contains("it speaks protocol 999"), "{}", resumed.err);
    verified(here, &run);
}

#[test]
fn calls_that_are_taken_and_never_brought_go_to_others_after_the_lease() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 8, "");
    let server = nats.url();
    let more = [&SCRIPTED[..], &["--lease", "2"], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    blocking(async {
        let mut idle = Stray::at(&server, "idle").await;
        for _ in 0..4 {
            idle.take().await;
        }
    });
    let _worker = Worker::start(here, &server, "scripted/always-a", "one", &[]);
    assert!(coordinator.0.wait().unwrap().success());
    let calls = calls(&only_run(&here.join("runs")));
    assert_eq!(calls.len(), 8);
    assert_eq!(calls.iter().filter(|call| call.handed_out.is_some()).count(), 4);
}

#[test]
fn thousands_of_results_that_nobody_wants_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 4, "");
    let server = nats.url();
    let mut coordinator = Worker(spawn(
        here,
        &cluster_run(&server, &[&SCRIPTED[..], &QUESTIONS].concat()),
        "coordinator.log",
    ));
    let memory = || {
        let status = fs::read_to_string(format!("/proc/{}/status", coordinator.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    blocking(async {
        let stray = Stray::at(&server, "flood").await;
        let before = memory();
        let large = format!("\"{}\"", "x".repeat(50_000));
        for number in 0..2_000 {
            let key = format!("{number:064x}");
            stray.bring(&[result(&key, "0123", &replied("null", &large))]).await;
        }
        let context = async_nats::jetstream::new(stray.client.clone());
        for round in 0.. {
            let mut stream = context.get_stream("TRUSTMH_RESULTS").await.unwrap();
            if stream.info().await.unwrap().state.messages == 0 {
                break;
            }
            assert!(round < 300, "they are taken out");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // 100 MB were sent.
        let after = memory();
        assert!(after < before + 40_000, "{before} kB before, {after} kB after");
    });
    let _worker = Worker::start(here, &server, "scripted/always-a", "one", &[]);
    assert!(coordinator.0.wait().unwrap().success());
}

/// Somebody in the coordinator's place, who would have a worker spend its key on prompts of theirs.
#[test]
fn a_worker_makes_no_call_that_is_not_what_its_key_says() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    let server = nats.url();
    trustmh(here, ["cluster", "setup", "--cluster", &server]).with_code(0);
    let log = here.join("requests.log");
    let provider = Provider::start(&["--log", log.to_str().unwrap()]);
    let model = format!("openai/victim={}", provider.url);
    let _worker = Worker::start(here, &server, &model, "victim", &[]);
    let job = |model: &str| {
        json!({ "model": model, "purpose": { "subject": { "turn": 0 } },
            "messages": [{ "role": "user", "content": "ATTACKER PROMPT" }],
            "sampling": { "temperature": 0.0, "max_tokens": 8, "seed": null }, "repeat": 0, "tries": 1 })
    };
    let said = || fs::read_to_string(here.join("victim.log")).unwrap();
    blocking(async {
        let client = async_nats::connect(&server).await.unwrap();
        let run = support::wire::token("forged");
        let mut asked = client.subscribe(format!("trustmh.work.{run}")).await.unwrap();
        let offer = json!({ "v": PROTOCOL, "run": "forged", "models": ["openai/victim"] });
        for _ in 0..100 {
            client.publish("trustmh.offers", offer.to_string().into()).await.unwrap();
            let next = tokio::time::timeout(Duration::from_millis(300), asked.next()).await;
            let Ok(Some(question)) = next else { continue };
            let wants: Value = serde_json::from_slice(&question.payload).unwrap();
            if wants["wants"]["calls"].is_null() {
                continue;
            }
            let calls: Vec<Value> = ["openai/victim", "openai/other"]
                .iter()
                .map(|model| {
                    json!({ "key": "ab".repeat(32), "time": 1, "content": { "job": job(model) } })
                })
                .collect();
            let answer =
                json!({ "calls": { "lease_millis": 1000, "permit": "x", "calls": calls } });
            client.publish(question.reply.unwrap(), answer.to_string().into()).await.unwrap();
            if said().contains("it does not ask what its key says")
                && said().contains("model openai/other is not served here")
            {
                break;
            }
        }
    });
    assert!(said().contains("it does not ask what its key says"), "{}", said());
    assert!(said().contains("model openai/other is not served here"), "{}", said());
    assert!(asked(&log).is_empty(), "nothing is spent");
}

#[test]
fn one_worker_that_cannot_make_calls_ends_no_run_that_others_can_make() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 300, "");
    let provider = Provider::start(&["--latency", "20"]);
    let server = nats.url();
    let good = format!("openai/subject={}", provider.url);
    let nobody = format!("openai/subject=http://127.0.0.1:{}/v1", support::nats::free_port());
    let _good = Worker::start(here, &server, &good, "good", &["--max-connections", "4"]);
    let more = [&["--subject", "openai/subject", "--tries", "1"][..], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let run = the_run(here);
    wait_until("some are recorded", Duration::from_secs(60), || calls(&run).len() > 20);
    let _lost = Worker::start(here, &server, &nobody, "lost", &["--max-connections", "4"]);
    blocking(async {
        // One that says that no call of the run can work.
        let stray = Stray::at(&server, "doomsayer").await;
        let failed = "{\"failed\":{\"fault\":\"permanent\",\"message\":\"\\u001b]0;all is lost\"}}";
        let room = json!([{ "model": "openai/subject", "calls": 1 }]);
        for ask in 1..100 {
            let wants = json!({ "calls": { "ask": ask, "lost": [], "room": room, "patience_millis": 200 } });
            let answer = stray.request(PROTOCOL, &wants).await;
            if let Some(call) = answer["calls"]["calls"].get(0) {
                let (key, permit) =
                    (call["key"].as_str().unwrap(), answer["calls"]["permit"].as_str().unwrap());
                stray.bring(&[result(key, permit, failed)]).await;
                break;
            }
        }
    });
    let said = || fs::read_to_string(here.join("coordinator.log")).unwrap();
    assert!(coordinator.0.wait().unwrap().success(), "{}", said());
    assert!(
        said().contains("worker doomsayer cannot make calls of openai/subject, which go to others"),
        "{}",
        said()
    );
    assert!(said().contains("worker lost cannot make calls of openai/subject"), "{}", said());
    assert!(!said().contains('\u{1b}'));
    let calls = calls(&run);
    assert_eq!(calls.len(), 300);
    assert!(calls.iter().all(|call| matches!(call.end, CallEnd::Replied(_))));
}

#[test]
fn an_audit_asks_a_second_worker_again_and_says_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 60, "");
    let logs = ["honest", "liar"].map(|name| here.join(format!("{name}.requests")));
    let honest = Provider::start(&[
        "--behaviour",
        "always-a",
        "--latency",
        "20",
        "--log",
        logs[0].to_str().unwrap(),
    ]);
    let liar = Provider::start(&[
        "--behaviour",
        "random:9",
        "--latency",
        "20",
        "--log",
        logs[1].to_str().unwrap(),
    ]);
    let server = nats.url();
    let _workers = [("honest", &honest), ("liar", &liar)].map(|(name, provider)| {
        let model = format!("openai/subject={}", provider.url);
        Worker::start(here, &server, &model, name, &["--max-connections", "4"])
    });
    let both = || {
        let status = trustmh(here, ["cluster", "status", "--json", "--cluster", &server]);
        status.code == Some(0) && status.json()["workers"].as_array().unwrap().len() == 2
    };
    trustmh(here, ["cluster", "setup", "--cluster", &server]).with_code(0);
    wait_until("both are there", Duration::from_secs(60), both);
    let more = [&["--subject", "openai/subject", "--audit-share", "0.5"][..], &QUESTIONS].concat();
    let ran = trustmh(here, cluster_run(&server, &more)).with_code(0);
    let run = only_run(&here.join("runs"));
    let lines = fs::read_to_string(run.join("audit.jsonl")).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!((15..=45).contains(&lines.len()), "{} of 60", lines.len());
    assert!(lines.iter().all(|line| line["first"] != line["second"] && line["requests"] == "same"));
    let different = lines.iter().filter(|line| line["replies"] == "different").count();
    assert!(different > 5, "{different} of {}", lines.len());
    let told = format!(
        "audit: {0} calls drawn, {0} asked again of a second worker and compared",
        lines.len()
    );
    assert!(ran.err.contains(&told), "{}", ran.err);
    let alike = format!("replies identical in {} of {}", lines.len() - different, lines.len());
    assert!(ran.err.contains(&alike), "{}", ran.err);
    // Each is paid for once more, and enters neither record nor score.
    let paid: u32 = logs.iter().flat_map(|log| asked(log).into_values()).sum();
    assert_eq!(usize::try_from(paid).unwrap(), 60 + lines.len());
    assert_eq!(calls(&run).len(), 60);
    verified(here, &run);
    let resume = [
        "resume",
        run.to_str().unwrap(),
        "--tasks-dir",
        "tasks",
        "--cluster",
        &server,
        "--audit-share",
        "0.5",
    ];
    let again = trustmh(here, resume).with_code(0);
    assert!(again.err.contains(&told), "{}", again.err);
    let paid_after: u32 = logs.iter().flat_map(|log| asked(log).into_values()).sum();
    assert_eq!(paid_after, paid, "nothing is paid twice");
    for wrong in ["0", "1.5", "-1", "x", "nan"] {
        let more =
            [&["--subject", "openai/subject", "--audit-share", wrong][..], &QUESTIONS].concat();
        trustmh(here, cluster_run(&server, &more)).with_code(2);
    }
}
