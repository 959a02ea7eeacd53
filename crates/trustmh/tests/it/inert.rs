//! Characters that act instead of being seen do nothing, whatever they come in and wherever they go out.

mod files;

use crate::support::answering::{Answering, response};
use crate::support::view::View;
use crate::support::{Ended, ended, program, trustmh};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use trustmh_core::inert::{ACTING, acts};

/// Commands whose output may hold what others wrote: all of them are tried below. A new command is put here, or below.
const TRIED: [&str; 27] = [
    "run",
    "resume",
    "judge",
    "score",
    "report",
    "evidence",
    "export",
    "verify",
    "repair",
    "seal",
    "forget",
    "compare",
    "panel",
    "gate",
    "leaderboard",
    "agreement",
    "validate",
    "tasks",
    "plan",
    "import",
    "view",
    "worker",
    "cluster",
    "perturb",
    "study",
    "walk",
    "cite",
];

/// Commands that show nothing but what is built in, or files of this program's own.
const OWN: [&str; 12] = [
    "attack",
    "data",
    "doctor",
    "models",
    "power",
    "weights",
    "completions",
    "man",
    "help",
    "fake-provider",
    "judge-features",
    "reference",
];

/// Formats that `export` writes as text; the others are read by programs only.
const TEXTS: [&str; 6] = ["markdown", "latex", "model-card", "json", "csv", "jsonl"];

const FOR_PROGRAMS: [&str; 5] = ["parquet", "inspect", "inspect-json", "bundle", "huggingface"];

/// Every acting character between two that are none; of the many tags those that mean something.
fn hostile() -> String {
    let all = ACTING.into_iter().flatten().filter(|c| !matches!(c, '\0' | '\n'));
    let all =
        all.filter(|c| *c < '\u{e0080}' || matches!(c, '\u{e0100}' | '\u{e01ef}' | '\u{e0fff}'));
    all.flat_map(|c| ['x', c])
        .chain("x \u{1b}]8;;http://e\u{7}y\u{1b}]52;c;eHg=\u{7}".chars())
        .collect()
}

#[track_caller]
fn is_inert(what: &str, text: &str) {
    // Lines of CSV end with CR LF.
    let text = text.replace("\r\n", "\n");
    let found: BTreeSet<String> = text
        .chars()
        .filter(|c| *c != '\n' && acts(*c))
        .map(|c| c.escape_unicode().to_string())
        .collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

#[track_caller]
fn said(what: &str, ended: Ended) -> Ended {
    is_inert(&format!("{what}, stdout"), &ended.out);
    is_inert(&format!("{what}, stderr"), &ended.err);
    ended
}

/// Two runs of a hostile subject on hostile items, and what they said.
fn runs(here: &Path) -> [String; 2] {
    trustmh(here, ["tasks", "new", "sycophancy/mine", "--like", "sycophancy/oeq"]).with_code(0);
    let evil = hostile();
    let items: String = (0..2)
        .map(|number| {
            let content = json!({ "kind": "action", "text": format!("I did {number}. {evil}") });
            let item = json!({ "id": format!("item-{number}{evil}"), "language": "en", "tags": { "action": evil }, "content": content });
            format!("{item}\n")
        })
        .collect();
    fs::write(here.join("my-tasks/starter/sycophancy-mine.jsonl"), items).unwrap();
    let card = here.join("my-tasks/starter/sycophancy-mine.card.toml");
    let text = fs::read_to_string(&card).unwrap().replace("records = 3", "records = 2");
    fs::write(card, text).unwrap();
    let server = Answering::start(move |number, _| {
        let evil = hostile();
        match number % 2 {
            0 => {
                let message =
                    json!({ "content": format!("Reply. {evil}"), "reasoning_content": evil });
                let body = json!({ "choices": [{ "message": message, "finish_reason": evil }] });
                response("200 OK", "application/json", &body.to_string())
            }
            _ => response(
                "400 Bad",
                "application/json",
                &json!({ "error": { "message": evil } }).to_string(),
            ),
        }
    });
    let url = format!("http://{}", server.address);
    ["one", "two"].map(|name| {
        let subject = format!("openai/{name}\u{202e}\u{1b}[31m");
        let asked = [
            "run",
            "--subject",
            &subject,
            "--base-url",
            &url,
            "--tasks-dir",
            "my-tasks",
            "--tasks",
            "sycophancy/mine",
        ];
        let more =
            ["--judge", "openai/j", "--judge-base-url", &url, "--tries", "1", "--runs-dir", name];
        said("run", trustmh(here, asked.iter().chain(&more)));
        let made = fs::read_dir(here.join(name)).unwrap().next().unwrap().unwrap().path();
        made.display().to_string()
    })
}

#[test]
fn every_command_that_shows_what_others_wrote_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let listed = |help: &str, title: &str| -> BTreeSet<String> {
        let part = help.split(title).nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
        let named = part
            .lines()
            .filter_map(|line| line.strip_prefix("  "))
            .filter(|line| !line.starts_with(' '));
        named.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    };
    let help = trustmh(folder.path(), ["--help"]).with_code(0).out;
    let known: BTreeSet<String> = TRIED.iter().chain(&OWN).map(|name| (*name).to_owned()).collect();
    let unknown: Vec<String> = listed(&help, "Commands:\n").difference(&known).cloned().collect();
    assert!(
        unknown.is_empty(),
        "new commands: put them into TRIED and try them, or into OWN: {unknown:?}"
    );
    let wrong = trustmh(folder.path(), ["export", "x", "--format", "none"]).with_code(2).err;
    let formats =
        wrong.split("possible values: ").nth(1).unwrap().split(']').next().unwrap().to_owned();
    let formats: BTreeSet<&str> = formats.split(", ").collect();
    assert_eq!(formats, TEXTS.iter().chain(&FOR_PROGRAMS).copied().collect(), "new formats");
}

#[test]
fn what_a_run_holds_is_inert_wherever_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let [one, two] = runs(here);
    let own = ["--tasks-dir", "my-tasks"];
    let quoted = toml::Value::String(hostile()).to_string();
    let system = format!("[system]\nname = {quoted}\nversion = {quoted}\nprovider = {quoted}\n");
    fs::write(here.join("system.toml"), system).unwrap();
    let tried =
        |what: &str, arguments: &[&str]| said(what, trustmh(here, arguments.iter().chain(&own)));
    for (what, arguments) in [
        ("score", vec!["score", &one]),
        ("score --json", vec!["score", &one, "--json"]),
        ("verify", vec!["verify", &one, "--against", &two]),
        ("verify --json", vec!["verify", &one, "--json"]),
        ("compare", vec!["compare", &one, &two, "--all", "--even-if-unlike"]),
        (
            "compare --format markdown",
            vec!["compare", &one, &two, "--even-if-unlike", "--format", "markdown"],
        ),
        ("compare --json", vec!["compare", &one, &two, "--even-if-unlike", "--json"]),
        ("compare --format html", vec!["compare", &one, &two, "--format", "html", "--all"]),
        ("compare --format latex", vec!["compare", &one, &two, "--format", "latex"]),
        ("compare --format csv", vec!["compare", &one, &two, "--format", "csv", "--all"]),
        ("compare --figures", vec!["compare", &one, &two, "--figures", "figures"]),
        ("panel", vec!["panel", &one, &two]),
        (
            "gate",
            vec![
                "gate",
                &one,
                "--policy",
                "research",
                "--junit",
                "gate.xml",
                "--markdown",
                "gate.md",
            ],
        ),
        ("leaderboard", vec!["leaderboard", &one]),
        ("leaderboard --format markdown", vec!["leaderboard", &one, "--format", "markdown"]),
        ("leaderboard --format html", vec!["leaderboard", &one, "--format", "html"]),
        ("leaderboard --format latex", vec!["leaderboard", &one, "--format", "latex"]),
        ("leaderboard --format csv", vec!["leaderboard", &one, "--format", "csv"]),
        (
            "agreement",
            vec!["agreement", &one, &two, "--task", "sycophancy/mine", "--measure", "endorsed"],
        ),
        ("resume", vec!["resume", &one, "--tries", "1"]),
        ("plan", vec!["plan", "--subject", "scripted/random:1", "--tasks", "sycophancy/mine"]),
        ("tasks check", vec!["tasks", "check"]),
        ("report", vec!["report", &one]),
        (
            "evidence",
            vec![
                "evidence",
                &one,
                "--baseline",
                &two,
                "--for",
                "chai",
                "--system",
                "system.toml",
                "--output",
                "pack",
            ],
        ),
        ("cite", vec!["cite", &one]),
        ("cite --format bibtex", vec!["cite", &one, "--format", "bibtex"]),
        ("cite --json", vec!["cite", &one, "--json"]),
        ("tasks export", vec!["tasks", "export", "sycophancy/mine"]),
        ("huggingface", vec!["export", &one, "--format", "huggingface", "--output", "hub"]),
        ("seal", vec!["seal", &one]),
        ("bundle", vec!["export", &one, "--format", "bundle", "--output", "one.zip"]),
        ("score of a bundle", vec!["score", "one.zip"]),
        ("verify of a bundle", vec!["verify", "one.zip"]),
        ("forget --dry-run", vec!["forget", &one, "--all", "--dry-run"]),
        ("forget", vec!["forget", &two, "--all"]),
        ("forget --json", vec!["forget", &two, "--all", "--json"]),
        ("score of a run that forgot", vec!["score", &two]),
        ("verify of a run that forgot", vec!["verify", &two]),
    ] {
        tried(what, &arguments);
    }
    for format in TEXTS {
        let shown = tried(format, &["export", &one, "--format", format]).with_code(0);
        assert!(
            ["csv", "jsonl"].iter().all(|all| *all != format) || shown.out.contains("202e"),
            "{format}"
        );
        let file = format!("out.{format}");
        tried(format, &["export", &one, "--format", format, "--output", &file]).with_code(0);
    }
    let files = ["gate.xml", "gate.md"].into_iter().map(PathBuf::from);
    let files = files.chain(TEXTS.iter().map(|format| PathBuf::from(format!("out.{format}"))));
    let pack = ["index.html", "pack.md", "pack.json", "model-card.xml"];
    let shared = fs::read_dir(here.join("pack/every-eval-ever")).unwrap();
    let shared = shared.map(|entry| entry.unwrap().path());
    let pack = pack.into_iter().map(|name| here.join("pack").join(name)).chain(shared);
    let dataset = [PathBuf::from("hub/README.md"), Path::new(&one).join("report.html")];
    for file in files.chain(dataset).chain(pack) {
        is_inert(&file.display().to_string(), &fs::read_to_string(here.join(&file)).unwrap());
    }
}

#[test]
fn what_a_study_file_says_is_inert_wherever_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    runs(here);
    let quoted = toml::Value::String(hostile()).to_string();
    let study = |subject: &str, more: &str| {
        format!(
            "[study]\nname = \"ours\"\ndescription = {quoted}\n[[subjects]]\nmodel = \"scripted/random:1\"\n{subject}\n\
             [[judges]]\nmodel = \"offline\"\n[data]\ntasks = [\"sycophancy/mine\"]\ntasks_folder = \"my-tasks\"\n{more}\n"
        )
    };
    let named = format!("name = {quoted}");
    let prompted = format!("name = \"A\"\nsystem_text = {quoted}");
    for (name, text) in [
        ("named.toml", study(&named, "")),
        ("prompted.toml", study(&prompted, "")),
        ("unknown.toml", study("", &format!("{quoted} = {quoted}"))),
        ("broken.toml", format!("{}\n", hostile())),
    ] {
        fs::write(here.join(name), text).unwrap();
        for command in ["check", "plan", "run"] {
            said(&format!("study {command} {name}"), trustmh(here, ["study", command, name]));
        }
    }
    let made = here.join("studies/ours");
    said("study report", trustmh(here, ["study", "report", "studies/ours"])).with_code(0);
    let json = ["study", "report", "studies/ours", "--json"];
    said("study report --json", trustmh(here, json)).with_code(0);
    for file in [
        "comparison.html",
        "comparison.csv",
        "comparison.tex",
        "leaderboard.html",
        "comparison.json",
    ] {
        is_inert(file, &fs::read_to_string(made.join(file)).unwrap());
    }
}

#[test]
fn trials_that_another_program_drives_are_inert() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    runs(here);
    let asked = ["walk", "sycophancy/mine", "--tasks-dir", "my-tasks", "--judge", "offline"];
    let mut child = program(here)
        .args(asked)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ask = |number: u8, ask: Value| json!({ "id": number, "ask": ask }).to_string();
    let lines =
        [ask(1, json!("plan")), ask(2, json!("trials")), ask(3, json!(hostile())), hostile()];
    let mut stdin = child.stdin.take().unwrap();
    for line in lines {
        writeln!(stdin, "{line}").unwrap();
    }
    drop(stdin);
    let ended = ended(child.wait_with_output().unwrap());
    assert!(ended.out.contains("202e"), "{}", ended.out);
    said("walk", ended);
}

#[test]
fn transcripts_from_elsewhere_are_inert_wherever_they_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let evil = hostile();
    let talk = json!({
        "id": evil, "model": evil, "version": evil, "channel": evil,
        "messages": [{ "role": "user", "content": evil }, { "role": "assistant", "content": evil }],
    });
    let torn = format!("{{\"{evil}\": [\n");
    let name = format!("log{}.jsonl", '\u{202e}');
    fs::write(here.join(&name), format!("{talk}\n{torn}")).unwrap();
    let by = format!("channel,none{evil}");
    let arguments = ["judge", &name, "--judge", "offline", "--by", &by, "--name", "ours"];
    let arguments = arguments.map(|one| one.replace('\0', ""));
    said("judge", trustmh(here, &arguments)).with_code(0);
    said(
        "judge --dry-run",
        trustmh(here, arguments.iter().map(String::as_str).chain(["--dry-run"])),
    );
    said(
        "judge --map",
        trustmh(here, ["judge", &name, "--map", &format!("role={}", evil.replace('\0', ""))]),
    );
    let run = fs::read_dir(here.join("runs")).unwrap().next().unwrap().unwrap().path();
    is_inert("report", &fs::read_to_string(run.join("report.html")).unwrap());
    let run = run.display().to_string();
    said("score", trustmh(here, ["score", &run]));
    said("verify", trustmh(here, ["verify", &run]));
}

#[test]
fn the_viewer_shows_nothing_that_acts() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let [one, _] = runs(here);
    fs::rename(here.join("one"), here.join("runs")).unwrap();
    let run = Path::new(&one).file_name().unwrap().to_string_lossy().into_owned();
    let view = View::start(here, &["--tasks-dir", "my-tasks", "--annotate"]);
    let list = view.get(&format!("/run/{run}/trials"));
    let name =
        list.body.split("/trial?name=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let strange: String = hostile().bytes().map(|byte| format!("%{byte:02X}")).collect();
    for page in [
        "/".to_owned(),
        format!("/run/{run}"),
        format!("/run/{run}/trials"),
        format!("/run/{run}/trials?q={strange}"),
        format!("/run/{run}/trials?from={strange}"),
        format!("/run/{run}/trial?name={name}"),
        format!("/run/{run}/trial?name={strange}"),
        format!("/run/{strange}"),
        format!("/run/{run}/rate?task=sycophancy%2Fmine&annotator={strange}"),
        format!("/run/{run}/agreement?task=sycophancy%2Fmine"),
        format!("/compare?a={run}&b={run}"),
        format!("/compare/trial?a={run}&b={run}&name={name}"),
    ] {
        is_inert(&page[..page.len().min(80)], &view.get(&page).body);
    }
}
