//! What is said of files and workers.

use crate::support;
use crate::support::answering::{Answering, response};
use crate::support::nats::{Nats, Worker};
use crate::support::trustmh;
use serde_json::json;
use std::fs;
use std::path::Path;

use super::{hostile, is_inert, runs, said};

#[test]
fn what_is_said_of_files_that_cannot_be_read_is_inert() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let [one, _] = runs(here);
    let evil = hostile();
    let name = serde_json::to_string(&evil).unwrap();
    // An item of an unknown kind, a task file with an unknown field: serde quotes what it does not know.
    let items = here.join("my-tasks/starter/sycophancy-mine.jsonl");
    let good = fs::read_to_string(&items).unwrap();
    fs::write(&items, good.replacen("\"action\",\"text\"", &format!("{name},\"text\""), 1))
        .unwrap();
    let check =
        || said("tasks check", trustmh(here, ["tasks", "check", "--tasks-dir", "my-tasks"]));
    let refused = check().with_code(2);
    fs::write(&items, good).unwrap();
    assert!(!refused.err.is_empty());
    let task = here.join("my-tasks/sycophancy/mine.toml");
    let file = fs::read_to_string(&task).unwrap();
    let escaped: String = evil.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
    for (what, broken) in [
        ("field", format!("\"{escaped}\" = 1\n{file}")),
        ("title", file.replacen("title = \"", &format!("title = \"{escaped}"), 1)),
        ("scorer", file.replacen("scorer = \"", &format!("scorer = \"{escaped}"), 1)),
    ] {
        fs::write(&task, broken).unwrap();
        for command in [
            vec!["tasks", "check"],
            vec!["tasks", "list"],
            vec!["tasks", "show", "sycophancy/mine"],
        ] {
            said(what, trustmh(here, command.iter().chain(&["--tasks-dir", "my-tasks"])));
        }
    }
    fs::write(&task, &file).unwrap();
    // A journal with an event of that name, a manifest with such a field.
    let journal = Path::new(&one).join("journal.jsonl");
    let lines = fs::read_to_string(&journal).unwrap();
    let manifest = Path::new(&one).join("run.json");
    let planned = fs::read_to_string(&manifest).unwrap();
    for (what, path, broken) in [
        (
            "event",
            &journal,
            format!("{}{{\"v\":1,\"event\":{{{name}:{{}}}}}}\n{}", first(&lines), rest(&lines)),
        ),
        (
            "events",
            &journal,
            format!(
                "{}{{\"v\":1,{name}:{name},\"event\":{name}}}\n{}",
                first(&lines),
                rest(&lines)
            ),
        ),
        ("field", &manifest, planned.replacen('{', &format!("{{{name}: 1,"), 1)),
        (
            "value",
            &manifest,
            planned.replacen(
                "\"protocol\": \"",
                &format!("\"protocol\": \"{}", name.trim_matches('"')),
                1,
            ),
        ),
    ] {
        let whole = fs::read_to_string(path).unwrap();
        fs::write(path, broken).unwrap();
        for command in ["verify", "score", "resume", "report"] {
            said(what, trustmh(here, [command, &one, "--tasks-dir", "my-tasks"]));
        }
        said(what, trustmh(here, ["repair", &one, "--output", &format!("mended-{what}")]));
        fs::write(path, whole).unwrap();
    }
    // A log of another program, a policy, a table.
    fs::write(here.join("log.json"), json!({ "eval": { "model": evil, "task": evil }, "samples": [{ "id": evil, "input": evil, "target": evil }] }).to_string()).unwrap();
    said("import", trustmh(here, ["import", "inspect", "log.json"]));
    fs::write(
        here.join("policy.toml"),
        format!("title = \"{escaped}\"\n[[rules]]\nname = \"{escaped}\"\n\"{escaped}\" = 1\n"),
    )
    .unwrap();
    said("gate", trustmh(here, ["gate", &one, "--policy", "policy.toml"]));
    fs::write(
        here.join("table.csv"),
        format!("id,a,b\n1,\"{0}\",\"{0}\"\n2,\"{0}\",x\n", evil.replace('\r', "")),
    )
    .unwrap();
    said("agreement", trustmh(here, ["agreement", "table.csv", "--columns", "a,b"]));
    let set = here.join("people").join("mine");
    fs::create_dir_all(&set).unwrap();
    let cell = evil.replace('\r', "");
    fs::write(
        set.join("ratings.csv"),
        format!(
            "rubric,request,reply,rating,rater,subject\nrefusal,\"{cell}\",\"{cell}\",refused,\"a{cell}\",\"{cell}\"\n\
             refusal,\"{cell}\",\"{cell}\",refused,\"b{cell}\",\"{cell}\"\n\"{cell}\",x,y,\"{cell}\",a,b\n"
        ),
    )
    .unwrap();
    let held = ["validate", "offline", "--data", "people", "--cards", "cards"];
    said("validate", trustmh(here, held));
    said("validate as JSON", trustmh(here, held.iter().chain(&["--json"])));
    said(
        "tasks items",
        trustmh(
            here,
            ["tasks", "items", "table.csv", "--kind", "action", "--map", "text=a", "--id", "id"],
        ),
    );
    let text = evil.replace('\0', "");
    said(
        "perturb",
        trustmh(here, ["perturb", "--diff", "--family", "character", "--level", "low", &text]),
    );
}

fn first(lines: &str) -> &str {
    lines.split_inclusive('\n').next().unwrap()
}

fn rest(lines: &str) -> &str {
    &lines[first(lines).len()..]
}

#[test]
fn names_and_errors_of_workers_are_inert() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    let server = Answering::start(|_, _| {
        response(
            "400 Bad",
            "application/json",
            &json!({ "error": { "message": hostile() } }).to_string(),
        )
    });
    let model = format!("openai/m=http://{}", server.address);
    let name = "w\u{1b}]52;c;eHg=\u{7}\u{202e}\u{61c}";
    let url = nats.url();
    let log = here.join("worker.log");
    let worker = support::program(here)
        .args(["worker", "--cluster", &url, "--model-endpoint", &model, "--name", name])
        .stdout(std::process::Stdio::null())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let worker = Worker(worker);
    let asked = [
        "run",
        "--cluster",
        &url,
        "--subject",
        "openai/m",
        "--judge",
        "none",
        "--tasks",
        "ethics",
        "--items",
        "2",
    ];
    said("coordinator", trustmh(here, asked));
    said("cluster status", trustmh(here, ["cluster", "status", "--cluster", &url]));
    said(
        "cluster status --json",
        trustmh(here, ["cluster", "status", "--cluster", &url, "--json"]),
    );
    drop(worker);
    is_inert("worker", &fs::read_to_string(&log).unwrap());
}
