//! Keys that come from elsewhere than a reply: programs, addresses, workers.

use crate::support::answering::{Answering, response};
use crate::support::nats::Nats;
use crate::support::{ended, only_run, program, trustmh};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::{KEY, bodies, export_all, nowhere, template};

#[test]
fn a_program_that_says_its_environment_is_not_recorded_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = "#!/bin/sh\necho \"INFO key $OPENAI_API_KEY\"\nwhile read -r line; do\n\
        id=$(printf '%s' \"$line\" | sed 's/.*\"id\": *\\([0-9]*\\).*/\\1/')\n\
        case $((id % 3)) in\n\
        0) printf '{\"id\": %s, \"error\": \"%s\"}\\n' \"$id\" \"$ANTHROPIC_API_KEY\";;\n\
        1) printf '{\"id\": %s, \"text\": \"%s\", \"thought\": \"%s\"}\\n' \"$id\" \"$OPENAI_API_KEY\" \"$MY_OWN_TOKEN\";;\n\
        2) printf '{\"id\": %s, \"text\": [\"%s\"]}\\n' \"$id\" \"$OPENAI_API_KEY\";;\n\
        esac\ndone\n";
    fs::write(folder.path().join("says.sh"), script).unwrap();
    let mut command = program(folder.path());
    command.env("OPENAI_API_KEY", KEY).env("ANTHROPIC_API_KEY", KEY).env("MY_OWN_TOKEN", KEY);
    let subject = format!("command:sh {}", folder.path().join("says.sh").display());
    let asked =
        ["run", "--subject", &subject, "--judge", "none", "--tries", "1", "--tasks", "ethics"];
    let said = ended(command.args(asked).output().unwrap());
    export_all(folder.path());
    nowhere(folder.path(), &said, "program");
    let journal =
        fs::read_to_string(only_run(&folder.path().join("runs")).join("journal.jsonl")).unwrap();
    assert!(journal.contains("[key]"), "{}", said.err);
}

#[test]
fn a_key_in_an_address_is_refused_and_one_in_a_variable_is_sent_and_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let reply = template("openai").to_string();
    let log = folder.path().join("seen");
    let seen = log.clone();
    let server = Answering::start(move |_, request| {
        let line = request.head.lines().next().unwrap_or_default().replace(KEY, "THE KEY");
        fs::write(&seen, line).unwrap();
        let toxicity =
            json!({ "attributeScores": { "TOXICITY": { "summaryScore": { "value": 0.5 } } } });
        let body =
            if request.head.contains("/analyze") { toxicity.to_string() } else { reply.clone() };
        response("200 OK", "application/json", &body.replace("x", KEY))
    });
    let written = format!("http://{}/v1?api-key={KEY}", server.address);
    for option in ["--base-url", "--judge-base-url", "--toxicity-url"] {
        let asked = [
            "run",
            "--subject",
            "openai/m",
            "--judge",
            "openai/j",
            option,
            &written,
            "--tasks",
            "ethics",
        ];
        let refused = trustmh(folder.path(), asked).with_code(2);
        assert!(
            refused.err.contains("?api-key=$NAME'") && refused.err.contains("single quotes"),
            "{}",
            refused.err
        );
        assert!(!folder.path().join("runs").exists());
        nowhere(folder.path(), &refused, option);
    }
    let named = format!("http://{}/v1?v=2&api-key=$GATEWAY_PASS_PHRASE", server.address);
    let toxicity = format!("http://{}/analyze?key=${{GATEWAY_PASS_PHRASE}}", server.address);
    let asked = [
        "run",
        "--subject",
        "openai/m",
        "--judge",
        "none",
        "--base-url",
        &named,
        "--toxicity-url",
        &toxicity,
    ];
    let asked =
        [&asked[..], &["--tasks", "ethics,safety/toxicity", "--items", "2", "--max-calls", "1"]]
            .concat();
    let unset = trustmh(folder.path(), &asked).with_code(2);
    assert!(
        unset.err.contains("GATEWAY_PASS_PHRASE") && unset.err.contains("is not set"),
        "{}",
        unset.err
    );
    let with = |arguments: &[&str]| {
        ended(
            program(folder.path())
                .env("GATEWAY_PASS_PHRASE", KEY)
                .args(arguments)
                .output()
                .unwrap(),
        )
    };
    let said = with(&asked);
    nowhere(folder.path(), &said, "address");
    let made = only_run(&folder.path().join("runs")).display().to_string();
    let manifest = fs::read_to_string(Path::new(&made).join("run.json")).unwrap();
    assert!(manifest.contains("api-key=$GATEWAY_PASS_PHRASE"), "{manifest}");
    let resumed = with(&["resume", &made]);
    nowhere(folder.path(), &resumed, "resumed");
    assert_eq!(resumed.code, Some(0), "{}", resumed.err);
    assert!(fs::read_to_string(&log).unwrap().contains("key=THE KEY"), "it is sent");
}

#[test]
fn a_workers_results_hold_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    let bodies = bodies("openai");
    let server = Answering::start(move |number, _| match number % 7 {
        0 => response(
            "400 Bad",
            "application/json",
            &json!({ "error": { "message": KEY } }).to_string(),
        ),
        _ => response("200 OK", "application/json", &bodies[number % bodies.len()]),
    });
    let server_url = nats.url();
    let model = format!("openai/m=http://{}", server.address);
    let log = fs::File::create(here.join("worker.log")).unwrap();
    let mut worker = program(here)
        .env("OPENAI_API_KEY", KEY)
        .args(["worker", "--cluster", &server_url, "--model-endpoint", &model, "--name", "w"])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let asked = [
        "run",
        "--cluster",
        &server_url,
        "--subject",
        "openai/m",
        "--judge",
        "none",
        "--tasks",
        "ethics",
    ];
    let said = trustmh(here, asked);
    drop(worker.kill());
    drop(worker.wait());
    // What lies on the NATS server's disk is looked at, too.
    nowhere(here, &said, "worker");
    let journal = fs::read_to_string(only_run(&here.join("runs")).join("journal.jsonl")).unwrap();
    assert!(journal.contains("[key]"), "{}", said.err);
}
