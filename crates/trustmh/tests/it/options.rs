//! Room to think and fields of requests, from the command line to the body that is sent, the record and the report.
use std::collections::BTreeSet;
use std::fs;

use crate::support::cluster::{asked, calls};
use crate::support::{Provider, only_run, trustmh};
use serde_json::{Value, json};
use trustmh_core::digest::Digest;

fn body(request: &str) -> Value {
    let mut body: Value = serde_json::from_str(request).unwrap();
    body.as_object_mut().unwrap().remove("messages");
    body
}

#[test]
fn what_the_user_says_of_requests_is_sent_recorded_and_kept_by_resume() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let provider = Provider::start(&["--behaviour", "random:1", "--log", log.to_str().unwrap()]);
    let arguments = [
        "--subject",
        "openai/s",
        "--base-url",
        &provider.url,
        "--tasks",
        "ethics/reasoning",
        "--items",
        "6",
        "--reply-tokens",
        "700",
        "--thinking-tokens",
        "2000",
        "--subject-option",
        "reasoning.effort=low",
        "--subject-option",
        "temperature=null",
    ];
    let words = "2000 tokens to think; reasoning.effort=low, temperature=null";
    let plan = trustmh(folder.path(), ["plan"].into_iter().chain(arguments)).with_code(0);
    assert!(plan.out.contains(&format!("the subject is asked with {words}")), "{}", plan.out);
    let plan = trustmh(folder.path(), ["plan", "--json"].into_iter().chain(arguments)).json();
    let total = &plan["total"];
    let expected = total["subject_calls"].as_u64().unwrap() * 2700;
    assert_eq!(total["subject_reply_tokens"].as_u64().unwrap(), expected);

    let begun = ["run", "--max-calls", "2", "--connections", "1"].into_iter().chain(arguments);
    let begun = trustmh(folder.path(), begun).with_code(4);
    assert!(begun.err.contains(&format!("the subject is asked with {words}")), "{}", begun.err);
    let run = only_run(&folder.path().join("runs"));
    let resumed = trustmh(folder.path(), ["resume", run.to_str().unwrap()]).with_code(0);
    assert!(resumed.err.contains(words), "{}", resumed.err);

    let calls = calls(&run);
    let options = json!({ "effort": "low" });
    for call in &calls {
        let expected =
            json!({ "model": "s", "stream": false, "max_tokens": 2700, "reasoning": options });
        assert_eq!(body(call.request.as_ref().unwrap().get()), expected);
    }
    let recorded: BTreeSet<String> = calls
        .iter()
        .map(|call| Digest::of(call.request.as_ref().unwrap().get().as_bytes()).to_string())
        .collect();
    let sent: BTreeSet<String> = asked(&log).into_keys().collect();
    assert_eq!(sent, recorded, "what is recorded is what was sent");

    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(run.join("run.json")).unwrap()).unwrap();
    let fields = json!({ "reasoning.effort": "low", "temperature": null });
    let expected = json!({ "thinking_tokens": 2000, "options": fields });
    assert_eq!(manifest["subject"]["asked"], expected);
    trustmh(folder.path(), ["verify", run.to_str().unwrap()]).with_code(0);
    let report = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(report.contains("2000 tokens to think"), "the report says how it was asked");
}

#[test]
fn models_that_are_known_to_think_get_room_and_others_are_asked_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(&["--behaviour", "random:1"]);
    let asked_with = |subject: &str, more: &[&str]| {
        let arguments = ["plan", "--json", "--tasks", "ethics/reasoning", "--base-url"];
        let named = [provider.url.as_str(), "--subject", subject];
        let arguments = arguments.into_iter().chain(named).chain(more.iter().copied());
        let plan = trustmh(folder.path(), arguments).with_code(0).json();
        plan["subject_asked"].clone()
    };
    assert_eq!(asked_with("openai/o3-mini", &[]), json!({ "thinking_tokens": 4096 }));
    assert_eq!(asked_with("gemini-2.5-flash", &[]), json!({ "thinking_tokens": 4096 }));
    let none = ["--thinking-tokens", "0"];
    assert_eq!(asked_with("gemini-2.5-flash", &none), json!({ "thinking_tokens": 0 }));
    assert_eq!(asked_with("openai/small-model", &[]), json!({}));
    let table = folder.path().join("models.toml");
    let text = r#"
        as_of = "2026-01"
        [models.calm]
        model = "openai/small-model"
        chat_format = "the server's"
        exact = "yes"
        traits = { thinks = "by-default", thinking_tokens = 900, options = { top_p = 0.5, seed = 1 } }
    "#;
    fs::write(&table, text).unwrap();
    let own = ["--models", table.to_str().unwrap(), "--subject-option", "top_p=0.9"];
    let expected = json!({ "thinking_tokens": 900, "options": { "seed": 1, "top_p": 0.9 } });
    assert_eq!(asked_with("calm", &own), expected);
}

#[test]
fn options_without_effect_and_credentials_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |more: &[&str]| {
        let arguments = ["plan", "--tasks", "ethics/reasoning"].iter().chain(more).copied();
        trustmh(folder.path(), arguments).with_code(2).err
    };
    let openai = ["--subject", "openai/o3", "--base-url", "http://127.0.0.1:9/v1"];
    for (option, why) in [
        ("api_key=canary", "looks like a credential"),
        ("messages=[]", "cannot be set"),
        ("top_p", "is no option"),
    ] {
        let error = refused(&[&openai[..], &["--subject-option", option]].concat());
        assert!(error.contains(why) && !error.contains("canary"), "{error}");
    }
    let error = refused(&[&openai[..], &["--thinking-tokens", "0"]].concat());
    assert!(error.contains("openai/o3 always thinks"), "{error}");
    let error = refused(&["--subject", "scripted/random", "--subject-option", "top_p=1"]);
    assert!(error.contains("have no effect on it"), "{error}");
    let error = refused(&["--subject", "scripted/random", "--judge-option", "top_p=1"]);
    assert!(error.contains("no model judges"), "{error}");
}

/// What is refused because nothing would heed it, by command line and option.
const IDLE: [(&str, &str); 40] = [
    ("plan --subject scripted/random --base-url http://127.0.0.1:9/v1", "--base-url"),
    ("plan --subject scripted/random --key-env KEY", "--key-env"),
    ("plan --subject scripted/random --stream", "--stream"),
    ("plan --subject scripted/random --allow-plain-http", "--allow-plain-http"),
    ("plan --subject scripted/random --connect-timeout 3", "--connect-timeout"),
    ("plan --subject scripted/random --first-byte-timeout 3", "--first-byte-timeout"),
    ("plan --subject scripted/random --timeout 3", "--timeout"),
    ("plan --subject scripted/random --subject-option top_p=1", "options have no effect"),
    ("plan --subject scripted/random --thinking-tokens 10", "options have no effect"),
    ("plan --subject scripted/random --judge offline --judge-rpm 3", "--judge-rpm"),
    ("plan --subject scripted/random --judge none --judge-tpm 3", "--judge-tpm"),
    ("plan --subject scripted/random --judge-option top_p=1", "no model judges"),
    ("plan --subject scripted/random --judge-thinking-tokens 9", "no model judges"),
    (
        "plan --subject openai/x --base-url http://127.0.0.1:9 --judge offline --judge-base-url http://127.0.0.1:9",
        "--judge-base-url",
    ),
    (
        "plan --subject openai/x --base-url http://127.0.0.1:9 --judge-key-env KEY --judge offline",
        "--judge-key-env",
    ),
    (
        "plan --subject scripted/random --judge scripted/judge --judge-base-url http://127.0.0.1:9",
        "--judge-base-url",
    ),
    ("plan --subject scripted/random --client-rpm 3", "--client-rpm"),
    ("plan --subject scripted/random --client-tpm 3", "--client-tpm"),
    ("plan --subject scripted/random --max-client-calls 3", "--max-client-calls"),
    ("plan --subject scripted/random --max-client-tokens 3", "--max-client-tokens"),
    ("plan --subject scripted/random --client-key-env KEY", "--client-key-env"),
    ("plan --subject scripted/random --client-base-url http://127.0.0.1:9", "have no effect"),
    ("plan --subject scripted/random --client-temperature 1", "have no effect"),
    ("plan --subject scripted/random --client scripted/echo", "--client has no effect"),
    ("plan --subject scripted/random --judge-questions apart", "--judge-questions apart"),
    (
        "plan --subject scripted/random --tasks ethics --toxicity-url http://127.0.0.1:9",
        "--toxicity-url",
    ),
    ("plan --subject scripted/random --toxicity-key-env KEY", "--toxicity-key-env"),
    ("plan --subject scripted/random --lease 3", "--lease"),
    ("plan --subject scripted/random --cluster-replicas 3", "--cluster-replicas"),
    ("plan --subject scripted/random --cluster-patience 3", "--cluster-patience"),
    ("plan --subject scripted/random --max-deliveries 3", "--max-deliveries"),
    ("plan --subject scripted/random --cluster-ca ca.pem", "--cluster-ca"),
    ("plan --subject openai/x --cluster nats://127.0.0.1:9 --key-env KEY", "trustmh worker"),
    ("plan --subject openai/x --cluster nats://127.0.0.1:9 --timeout 3", "trustmh worker"),
    ("plan --subject scripted/random --audit-share 0.5", "--cluster"),
    ("plan --subject scripted/random --reuse-any-endpoint", "--reuse"),
    ("validate offline --max-calls 3", "--max-calls"),
    ("validate scripted/judge --thinking-tokens 3", "--thinking-tokens"),
    ("score runs/x --task ethics/reasoning", "--calibration"),
    ("power --items 10 --difference 0.1 --discordant 0.2", "--difference"),
];

#[test]
fn options_that_nothing_heeds_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (line, named) in IDLE {
        let ended = trustmh(folder.path(), line.split(' ')).with_code(2);
        assert!(ended.err.contains(named), "{line}: {}", ended.err);
        assert!(!folder.path().join("runs").exists(), "{line}");
    }
}

#[test]
fn options_that_something_heeds_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    for line in [
        // A model among the judges heeds what is a judge's.
        "plan --subject scripted/random --tasks ethics --judge offline --judge openai/x --judge-base-url http://127.0.0.1:9 --judge-rpm 3 --key-env KEY",
        "plan --subject scripted/random --tasks safety/toxicity --toxicity-url http://127.0.0.1:9 --toxicity-key-env KEY --connect-timeout 3",
        "plan --subject scripted/random --tasks conversations --items 1 --client scripted/echo --client-rpm 3 --max-client-calls 3",
        "plan --subject command:cat --tasks ethics --timeout 3 --rpm 3",
    ] {
        trustmh(folder.path(), line.split(' ')).with_code(0);
    }
}

#[test]
fn what_is_recorded_or_allowed_in_vain_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let line = "plan --subject scripted/random --tasks ethics --temperature 0.5 --allow-self-judge";
    let ended = trustmh(folder.path(), line.split(' ')).with_code(0);
    assert!(ended.err.contains("--temperature is recorded, and changes nothing"), "{}", ended.err);
    assert!(ended.err.contains("--allow-self-judge changes nothing"), "{}", ended.err);
}

#[cfg(unix)]
#[test]
fn a_run_whose_replies_are_cut_says_so_with_the_option_that_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bot.sh");
    // It ends in the middle of its thought.
    let answer = r#"{\"id\": $n, \"text\": \"<think>Let me see\"}"#;
    let lines = format!("n=0\nwhile read -r line; do n=$((n+1)); echo \"{answer}\"; done\n");
    fs::write(&script, lines).unwrap();
    let subject = format!("command:sh {}", script.display());
    let run = ["run", "--subject", &subject, "--tasks", "ethics/reasoning"];
    let err = trustmh(folder.path(), run).err;
    let warned: Vec<&str> = err.lines().filter(|line| line.contains("were cut at")).collect();
    assert_eq!(warned.len(), 2, "while it runs and at its end: {err}");
    assert!(warned[0].starts_with("warning: ethics/reasoning: 20 of 20 replies"), "{}", warned[0]);
    assert!(warned.iter().all(|line| line.contains("--thinking-tokens 4096")), "{err}");
}

/// Nobody may ask for ever because nobody counts.
#[cfg(unix)]
#[test]
fn replies_whose_tokens_nobody_counts_reach_a_limit_and_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bot.sh");
    let lines = "n=0\nwhile read -r line; do n=$((n+1)); echo \"{\\\"id\\\": $n, \\\"text\\\": \\\"B\\\"}\"; done\n";
    fs::write(&script, lines).unwrap();
    let subject = format!("command:sh {}", script.display());
    let run = ["run", "--subject", &subject, "--tasks", "ethics/reasoning", "--items", "12"];
    let limit = ["--max-tokens", "3000"];
    let stopped = trustmh(folder.path(), run.into_iter().chain(limit)).with_code(4);
    assert!(stopped.err.contains("the limit on tokens"), "{}", stopped.err);
    assert!(stopped.out.contains("tokens not counted, cost not known"), "{}", stopped.out);
    let folder = only_run(&folder.path().join("runs"));
    let journal = fs::read_to_string(folder.join("journal.jsonl")).unwrap();
    let calls = journal.matches("{\"call\":{").count();
    assert!((1..12).contains(&calls), "{calls}");
}

#[cfg(unix)]
#[test]
fn what_an_endpoint_teaches_is_told_recorded_and_named_in_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bot.sh");
    let lines = "n=0\necho loading\nwhile read -r line; do n=$((n+1)); \
                 echo \"{\\\"id\\\": $n, \\\"text\\\": \\\"B\\\"}\"; done\n";
    fs::write(&script, lines).unwrap();
    let subject = format!("command:sh {}", script.display());
    let run = ["run", "--json", "--subject", &subject, "--tasks", "ethics/reasoning", "--items"];
    let ended = trustmh(folder.path(), run.into_iter().chain(["3"])).with_code(0);
    assert_eq!(ended.err.matches("are skipped: loading").count(), 2, "{}", ended.err);
    let said = "wrote lines that are no answers: they were skipped";
    assert!(ended.json()[0]["caveats"].to_string().contains(said), "{}", ended.out);
    let run = only_run(&folder.path().join("runs"));
    let journal = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    assert_eq!(journal.matches("\"lesson\":{\"model\"").count(), 1);
    assert!(fs::read_to_string(run.join("report.html")).unwrap().contains(said));
}
