//! What goes wrong between a run and its workers: each is told apart, ends in order, and loses nothing.
use crate::support;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::cluster::{calls, cluster_run, spawn, the_run};
use crate::support::nats::{Nats, Worker, free_port};
use crate::support::questions::{QUESTIONS, generated_questions};
use crate::support::{only_run, program, trustmh};
use serde_json::json;
use trustmh_core::call::CallEnd;
use trustmh_run::journal::Call;

#[test]
fn servers_that_cannot_be_used_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(closed) = Nats::with(
        here,
        "jetstream { store_dir: \"STORE\" }\nauthorization { user: someone, password: \"a long and secret word\" }",
    ) else {
        return;
    };
    let plain = Nats::with(here, "# no JetStream\n").unwrap();
    let ran = |server: &str| {
        trustmh(
            here,
            ["run", "--subject", "scripted/random", "--tasks", "ethics", "--cluster", server],
        )
    };
    let served = |server: &str| {
        trustmh(here, ["worker", "--model-endpoint", "scripted/random", "--cluster", server])
    };
    let nobody = format!("nats://127.0.0.1:{}", free_port());
    for (server, what, hint) in [
        (nobody, "no NATS server at", "hint: start one with `nats-server -js`"),
        (closed.url(), "refuses the credentials", "hint: set TRUSTMH_NATS_USER"),
        (plain.url(), "has no JetStream", "hint: start the server with -js"),
        (old_server(), "is version 2.2.6; 2.9 or later is needed", "hint: install a later"),
    ] {
        for ended in [ran(&server), served(&server)] {
            let ended = ended.with_code(3);
            assert!(ended.err.contains(what) && ended.err.contains(hint), "{}", ended.err);
        }
    }
    // With the right credentials, which appear nowhere.
    let mut command = program(here);
    command.args(["cluster", "setup", "--cluster", &closed.url()]);
    command
        .env("TRUSTMH_NATS_USER", "someone")
        .env("TRUSTMH_NATS_PASSWORD", "a long and secret word");
    let ended = support::ended(command.output().unwrap()).with_code(0);
    assert!(ended.out.contains("in place"));
    command.env("TRUSTMH_NATS_PASSWORD", "a wrong and secret word");
    let refused = support::ended(command.output().unwrap()).with_code(3);
    assert!(!refused.err.contains("secret word"), "{}", refused.err);
    let in_address = format!("nats://someone:secret@127.0.0.1:{}", closed.port);
    let refused = ran(&in_address).with_code(2);
    assert!(refused.err.contains("credentials do not belong in an address"), "{}", refused.err);
    assert!(!refused.err.contains("someone:secret"), "{}", refused.err);
}

/// Something that greets like a NATS server of old.
fn old_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(mut client) = client else { continue };
            std::thread::spawn(move || {
                let info = json!({
                    "server_id": "OLD", "server_name": "old", "version": "2.2.6", "proto": 1, "go": "go1.16", "host": "127.0.0.1",
                    "port": port, "headers": true, "max_payload": 1_048_576, "client_id": 1,
                });
                drop(client.write_all(format!("INFO {info}\r\n").as_bytes()));
                let mut bytes = [0; 4096];
                while let Ok(read @ 1..) = client.read(&mut bytes) {
                    if String::from_utf8_lossy(&bytes[..read]).contains("PING") {
                        drop(client.write_all(b"PONG\r\n"));
                    }
                }
            });
        }
    });
    format!("nats://127.0.0.1:{port}")
}

#[test]
fn a_full_server_ends_the_run_in_order_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::with(
        here,
        "jetstream { store_dir: \"STORE\", max_file_store: 300KB, max_memory_store: 1MB }",
    ) else {
        return;
    };
    generated_questions(here, 64, "");
    let server = nats.url();
    trustmh(here, ["cluster", "setup", "--cluster", &server]).with_code(0);
    let more =
        [&["--subject", "scripted/always-a", "--cluster-patience", "2"][..], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let run = the_run(here);
    // Results of others take all the room there is.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let context = async_nats::jetstream::new(async_nats::connect(&server).await.unwrap());
        for size in [20_000, 1_000, 10] {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(20) {
                let junk = "x".repeat(size).into();
                let put = context.publish("trustmh.results.others", junk).await.unwrap().await;
                if put.is_err() {
                    break;
                }
            }
        }
    });
    let full = coordinator.0.wait().unwrap();
    let said = fs::read_to_string(here.join("coordinator.log")).unwrap();
    assert_eq!(full.code(), Some(4), "{said}");
    assert!(said.contains("takes no more messages"), "{said}");
    assert!(said.contains("hint: make room on the server"), "{said}");
    drop(nats);
    // The run goes on where it was, on another server.
    let roomy = Nats::start(here).unwrap();
    let _worker = Worker::start(here, &roomy.url(), "scripted/always-a", "one", &[]);
    let arguments =
        ["resume", run.to_str().unwrap(), "--tasks-dir", "tasks", "--cluster", &roomy.url()];
    trustmh(here, arguments).with_code(0);
    assert_eq!(calls(&run).len(), 64);
}

#[test]
fn a_call_that_kills_its_workers_is_given_up_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 30, "");
    // A program that ends the worker which asks it question 17, and answers all others.
    let script = "#!/bin/sh\nwhile read -r line; do\n case \"$line\" in *'(17)'*) kill -9 $PPID;; esac\n \
                  id=$(printf '%s' \"$line\" | sed 's/.*\"id\":\\([0-9]*\\).*/\\1/')\n \
                  printf '{\"id\": %s, \"text\": \"A\"}\\n' \"$id\"\ndone\n";
    let file = here.join("subject.sh");
    fs::write(&file, script).unwrap();
    let model = format!("command:sh {}", file.display());
    let server = nats.url();
    let more =
        [&["--subject", &model, "--lease", "1", "--max-deliveries", "3"][..], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let mut worker = Worker::start(here, &server, &model, "one", &[]);
    let begun = Instant::now();
    let ended = loop {
        if let Some(ended) = coordinator.0.try_wait().unwrap() {
            break ended;
        }
        if worker.0.try_wait().unwrap().is_some() {
            worker = Worker::start(here, &server, &model, "one", &[]);
        }
        assert!(begun.elapsed() < Duration::from_secs(120));
        std::thread::sleep(Duration::from_millis(50));
    };
    let said = fs::read_to_string(here.join("coordinator.log")).unwrap();
    // One call without a reply is a result of that trial, as it is in a local run.
    assert!(ended.success(), "{said}");
    assert!(said.contains("dead letter: handed out 3 times"), "{said}");
    assert!(said.contains("q-00017"), "the trial is named: {said}");
    let run = only_run(&here.join("runs"));
    let calls = calls(&run);
    assert_eq!(calls.len(), 30);
    let broken: Vec<&Call> =
        calls.iter().filter(|call| matches!(call.end, CallEnd::Broken { .. })).collect();
    assert_eq!(broken.len(), 1);
    assert!(broken[0].trial.as_str().contains("q-00017"));
    let report = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(report.contains("dead letter") && report.contains("q-00017"));
}

#[test]
fn programs_of_another_protocol_are_refused_until_nothing_runs() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    let server = nats.url();
    trustmh(here, ["cluster", "setup", "--cluster", &server]).with_code(0);
    // What a later program would have written there.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = async_nats::connect(&server).await.unwrap();
        let context = async_nats::jetstream::new(client);
        let bucket = context.get_key_value("trustmh-cluster").await.unwrap();
        let later = json!({ "protocol": 99, "program": "9.0.0" }).to_string();
        bucket.put("protocol", later.into()).await.unwrap();
    });
    let ran = ["run", "--subject", "scripted/random", "--tasks", "ethics", "--cluster", &server];
    let served = ["worker", "--model-endpoint", "scripted/random", "--cluster", &server];
    for ended in [trustmh(here, ran), trustmh(here, served)] {
        let ended = ended.with_code(2);
        assert!(
            ended
                .err
                .contains("speaks protocol 99 (set up by trustmh 9.0.0); this program speaks 4"),
            "{}",
            ended.err
        );
        assert!(ended.err.contains("hint: use the same version everywhere"), "{}", ended.err);
    }
    trustmh(here, ["cluster", "setup", "--cluster", &server]).with_code(0);
    let _worker = Worker::start(here, &server, "scripted/random", "one", &[]);
    trustmh(here, ran).with_code(0);
}
