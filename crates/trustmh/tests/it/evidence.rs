//! Evidence packs, as an operator makes them and an auditor checks them.
mod browser;
mod files;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

use crate::support::answering::{Answering, response};
use crate::support::{Ended, only_run, trustmh};

pub(super) const FRAMEWORKS: [&str; 7] =
    ["ca-sb243", "chai", "eu-annex-iv", "iso-42001", "nist-ai-rmf", "ny-gbl47", "ut-58-60-118"];

/// What every reply of the subject holds, and no file of a pack may.
const CANARY: &str = "canaryreply4711";

const SYSTEM: &str = r#"
[system]
name = "Quiet Harbour"
version = "1.4.0"
provider = "Example Ltd"
hardware = "none of its own"
[use]
languages = ["English", "Spanish"]
[safeguards]
crisis_protocol = "Published at the address that the contract names."
[contacts]
responsible = "safety@example.org"
"#;

/// A folder with one whole run of a few tasks on starter items, `runs/RUN`, and `system.toml`.
static HOME: LazyLock<TempDir> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let server = Answering::start(|_, _| {
        let said = format!("I am an AI. You can call 988. {CANARY}");
        let choice = json!({ "message": { "content": said }, "finish_reason": "stop" });
        response("200 OK", "application/json", &json!({ "choices": [choice] }).to_string())
    });
    let url = format!("http://{}", server.address);
    let asked = ["run", "--subject", "openai/harbour", "--base-url", &url, "--judge", "offline"];
    let tasks = "crisis/conversation,crisis/identification,ethics/dependency,privacy/awareness,fairness/parity";
    trustmh(home.path(), asked.iter().chain(&["--items", "2", "--tasks", tasks]));
    fs::write(home.path().join("system.toml"), SYSTEM).unwrap();
    home
});

pub(super) fn home() -> &'static Path {
    HOME.path()
}

pub(super) fn run() -> String {
    let run = only_run(&home().join("runs"));
    format!("runs/{}", run.file_name().unwrap().to_string_lossy())
}

/// Makes a pack of the run into `output`, with further arguments.
pub(super) fn pack(framework: &str, output: &Path, more: &[&str]) -> Ended {
    let (run, output) = (run(), output.display().to_string());
    let asked = ["evidence", &run, "--for", framework, "--output", &output];
    let usual: &[&str] =
        if more.contains(&"--system") { &[] } else { &["--system", "system.toml"] };
    trustmh(home(), asked.iter().chain(usual).chain(more))
}

/// All files below a folder, by their paths in it.
fn all_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in fs::read_dir(inside).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

/// Everything between `before` and a quotation mark or bracket.
fn targets<'t>(text: &'t str, before: &str, end: char) -> Vec<&'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn packs_for_all_frameworks_are_whole_and_the_same_when_made_again() {
    let folder = tempfile::tempdir().unwrap();
    for framework in FRAMEWORKS {
        let [one, two] = ["one", "two"].map(|name| folder.path().join(framework).join(name));
        for output in [&one, &two] {
            let made = pack(framework, output, &["--json"]).with_code(0);
            assert_eq!(made.json()["framework"], framework);
        }
        let files = all_files(&one);
        assert!(files == all_files(&two), "{framework}: not the same bytes");
        for name in
            ["index.html", "pack.md", "pack.json", "system.toml", "manifest.json", "seal.json"]
        {
            assert!(files.contains_key(name), "{framework}: {name}");
        }
        assert_eq!(files.contains_key("model-card.xml"), framework == "chai");
        assert_eq!(files["system.toml"], SYSTEM.as_bytes());
        for (name, bytes) in &files {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains(CANARY), "{framework}: a reply in {name}");
            assert!(!text.contains(&home().display().to_string()), "{framework}: a path in {name}");
            assert!(!text.contains("127.0.0.1"), "{framework}: an address in {name}");
        }
        let verified = trustmh(home(), ["evidence", "verify", &one.display().to_string()]);
        let verified = verified.with_code(0).out;
        assert!(verified.contains("ok       seal: manifest "), "{verified}");
        leads_somewhere(framework, &files);
        every_duty_is_there(framework, &files);
    }
}

/// Every link of the page and of the Markdown leads to an anchor or a file that is there, and every anchor is there once.
fn leads_somewhere(framework: &str, files: &BTreeMap<String, Vec<u8>>) {
    for (name, link, end) in [("index.html", "href=\"", '"'), ("pack.md", "](", ')')] {
        let text = String::from_utf8(files[name].clone()).unwrap();
        let anchors = targets(&text, " id=\"", '"');
        let mut once = anchors.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), anchors.len(), "{framework}: an anchor of {name} is there twice");
        let links = targets(&text, link, end);
        assert!(links.len() > 12, "{framework}: {name} has {} links", links.len());
        for to in links {
            match to.strip_prefix('#') {
                Some(anchor) => {
                    assert!(anchors.contains(&anchor), "{framework}: {name}: #{anchor}")
                }
                None => assert!(files.contains_key(to), "{framework}: {name}: {to}"),
            }
        }
    }
}

fn every_duty_is_there(framework: &str, files: &BTreeMap<String, Vec<u8>>) {
    let pack: Value = serde_json::from_slice(&files["pack.json"]).unwrap();
    let asked = trustmh(home(), ["evidence", "frameworks", "--for", framework, "--json"]);
    let asked = asked.with_code(0).json();
    let ids = |of: &Value| -> Vec<String> {
        let duties = of["duties"].as_array().unwrap();
        duties.iter().map(|duty| duty["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&pack), ids(&asked));
    let page = String::from_utf8(files["index.html"].clone()).unwrap();
    assert!(
        page.contains("Evidence, not a certification. It does not say that the system complies")
    );
    for id in ids(&asked) {
        assert!(page.contains(&format!("id=\"duty-{id}\"")), "{framework}: {id}");
    }
    // Starter items are no evidence, and transcripts are not at hand.
    let first = pack["read_first"].as_array().unwrap();
    assert!(
        first.iter().any(|one| one.as_str().unwrap().starts_with("Starter items show")),
        "{first:?}"
    );
    let found = pack["found"].as_array().unwrap().len();
    assert!((5..=10).contains(&found), "{framework}: {found} sentences");
    assert!(pack["changes"].is_null() && pack["referrals"].is_null());
}

#[test]
fn duties_are_answered_by_what_the_run_and_the_operator_have() {
    let folder = tempfile::tempdir().unwrap();
    let status = |framework: &str, duty: &str| {
        let output = folder.path().join(framework);
        if !output.exists() {
            pack(framework, &output, &[]).with_code(0);
        }
        let pack: Value =
            serde_json::from_slice(&fs::read(output.join("pack.json")).unwrap()).unwrap();
        let all = pack["duties"].as_array().unwrap().iter();
        let found = all.chain(pack["methods"].as_array().into_iter().flatten());
        let found = found.filter(|one| one["id"] == duty).map(|one| one["status"].clone());
        found.collect::<Vec<Value>>()
    };
    // The crisis protocol is stated, and conversations were tested.
    assert_eq!(status("ca-sb243", "22602-b-1-protocol"), ["in-part"]);
    // The operator's own words on the protocol, and nothing else.
    assert_eq!(status("ca-sb243", "22603-a-2"), ["in-part"]);
    // Referrals are counted in transcripts alone.
    assert_eq!(status("ca-sb243", "22603-a-1"), ["operators"]);
    assert_eq!(status("ca-sb243", "22602-b-2"), ["operators"]);
    assert_eq!(status("eu-annex-iv", "annex-iv-1-e"), ["filled"]);
    assert_eq!(status("chai", "card-developer-contact"), ["filled"]);
    assert_eq!(status("chai", "card-out-of-scope"), ["operators"]);
    assert_eq!(status("chai", "ctas"), ["not"]);
    // The task of fairness was run, but its judge cannot judge it.
    assert_eq!(status("chai", "gsebr"), ["not"]);
    // No task of robustness was run, those of crisis were.
    assert_eq!(status("chai", "consistency-critical"), ["in-part"]);
}

#[test]
fn an_unfinished_run_says_so_before_anything_else() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("system.toml"), SYSTEM).unwrap();
    let asked = ["run", "--subject", "scripted/random", "--tasks", "crisis/identification"];
    trustmh(here, asked.iter().chain(&["--max-calls", "3"])).with_code(4);
    let run = only_run(&here.join("runs")).display().to_string();
    let made = ["evidence", &run, "--for", "ny-gbl47", "--system", "system.toml", "--output", "p"];
    let made = trustmh(here, made).with_code(4);
    assert!(made.err.contains("read first: INCOMPLETE. Run "), "{}", made.err);
    let page = fs::read_to_string(here.join("p/index.html")).unwrap();
    let begin = page.find("Read first: </strong>INCOMPLETE. Run ").unwrap();
    assert!(begin < page.find("Evidence, not a certification").unwrap());
    assert!(!page.contains(&here.display().to_string()), "the run's place is nobody's business");
}

#[test]
fn what_an_operator_writes_is_text_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "<script>alert(1)</script> ![x](//e) | `a` ]]> &amp; \\u202e \\u001b[31m";
    let name = SYSTEM.replace("Quiet Harbour", evil).replace("Example Ltd", evil);
    let file = folder.path().join("evil.toml");
    fs::write(&file, name).unwrap();
    let (output, file) = (folder.path().join("p"), file.display().to_string());
    pack("chai", &output, &["--system", &file]).with_code(0);
    let read = |name: &str| fs::read_to_string(output.join(name)).unwrap();
    let (page, text, card) = (read("index.html"), read("pack.md"), read("model-card.xml"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script"));
    assert!(text.contains("\\<script\\>") && text.contains("!\\[x\\](//e) \\|"), "Markdown");
    assert!(card.contains("<ModelName>&lt;script&gt;") && card.contains("]]&gt; &amp;amp; "));
    for shown in [&page, &text, &card, &read("pack.json")] {
        assert!(!shown.contains(['\u{202e}', '\u{1b}']), "a character that acts");
    }
    let page = trustmh(home(), ["evidence", "verify", &output.display().to_string()]);
    page.with_code(0);
}

#[test]
fn nothing_is_written_where_something_else_lies_or_of_what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let fails = |framework: &str, output: &str, more: &[&str], code: i32| {
        pack(framework, &here.join(output), more).with_code(code).err
    };
    fs::create_dir(here.join("full")).unwrap();
    fs::write(here.join("full/letter.txt"), "mine").unwrap();
    let told = fails("chai", "full", &[], 2);
    assert!(told.contains("is there already and is no evidence pack"), "{told}");
    assert_eq!(all_files(&here.join("full")).len(), 1);
    let told = fails("ca-sb234", "a", &[], 2);
    assert!(told.contains("did you mean `ca-sb243`?"), "{told}");
    let wrong = here.join("wrong.toml").display().to_string();
    fs::write(&wrong, SYSTEM.replace("hardware", "hardwear")).unwrap();
    let told = fails("chai", "a", &["--system", &wrong], 2);
    assert!(
        told.contains("wrong.toml:6: `hardwear = \"none of its own\"`: unknown field"),
        "{told}"
    );
    let run = run();
    let told = fails("chai", "a", &[&run], 2);
    assert!(told.contains("is given twice"), "{told}");
    let schema = here.join("other.xsd").display().to_string();
    fs::write(&schema, r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Card" type="xs:string"/></xs:schema>"#).unwrap();
    let told = fails("chai", "a", &["--schema", &schema], 1);
    assert!(told.contains("the schema has no element AppliedModelCard at the top"), "{told}");
    let told = fails("ny-gbl47", "a", &["--schema", &schema], 2);
    assert!(told.contains("only packs for chai hold a model card"), "{told}");
    assert!(!here.join("a").exists());
    trustmh(here, ["evidence", "init", "own.toml"]).with_code(0);
    let told = trustmh(here, ["evidence", "init", "own.toml"]).with_code(2).err;
    assert!(told.contains("is there already"), "{told}");
    let told = trustmh(here, ["evidence"]).with_code(2).err;
    assert!(told.contains("--for <FRAMEWORK>"), "{told}");
}

#[test]
fn an_earlier_pack_is_replaced_and_a_changed_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (output, key) = (here.join("p"), here.join("k").display().to_string());
    trustmh(here, ["seal", "--new-key", &key]).with_code(0);
    trustmh(here, ["seal", "--new-key", &format!("{key}2")]).with_code(0);
    pack("chai", &output, &[]).with_code(0);
    fs::write(output.join("note.txt"), "mine").unwrap();
    pack("ny-gbl47", &output, &["--key", &key]).with_code(0);
    assert!(!output.join("model-card.xml").exists(), "of the earlier pack");
    assert!(output.join("note.txt").exists(), "not of any pack");
    let at = output.display().to_string();
    let verify = |more: &[&str], code: i32| {
        let asked = ["evidence", "verify", &at];
        trustmh(here, asked.iter().chain(more)).with_code(code).out
    };
    let told = verify(&["--signed-by", &format!("{key}.pub")], 0);
    assert!(
        told.contains("ok       signature: ") && told.contains("not of the pack: note.txt"),
        "{told}"
    );
    assert!(verify(&["--signed-by", &format!("{key}2.pub")], 5).contains("BROKEN   signature: "));
    let page = output.join("index.html");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replace("not a certification", "a certification")).unwrap();
    assert!(verify(&[], 5).contains("BROKEN   file: index.html: is not as it was written"));
    fs::write(&page, text).unwrap();
    verify(&[], 0);
    // Who changes the manifest along with a file has no seal for it.
    let manifest = output.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("ny-gbl47", "ca-sb243")).unwrap();
    assert!(verify(&[], 5).contains("BROKEN   seal: the manifest is not the one"));
    let told = trustmh(here, ["evidence", "verify", "."]).with_code(2).err;
    assert!(told.contains("no evidence pack"), "{told}");
}

#[test]
fn changes_since_an_earlier_run_are_paired_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("system.toml"), SYSTEM).unwrap();
    for (subject, runs) in [("scripted/always-no-crisis", "old"), ("scripted/random:3", "new")] {
        let asked = ["run", "--subject", subject, "--tasks", "crisis/identification"];
        trustmh(here, asked.iter().chain(&["--runs-dir", runs])).with_code(0);
    }
    let [old, new] = ["old", "new"].map(|runs| only_run(&here.join(runs)).display().to_string());
    let made = ["evidence", &new, "--baseline", &old, "--for", "eu-annex-iv", "--output", "p"];
    trustmh(here, made.iter().chain(&["--system", "system.toml"])).with_code(0);
    let pack: Value = serde_json::from_slice(&fs::read(here.join("p/pack.json")).unwrap()).unwrap();
    let change = &pack["changes"]["runs"][0]["changes"];
    let macro_f1 = change.as_array().unwrap().iter().find(|one| one["metric"] == "macro_f1");
    let macro_f1 = macro_f1.unwrap();
    let value = |name: &str| macro_f1[name].as_f64().unwrap();
    assert!((value("second") - value("first") - value("difference")).abs() < 1e-9, "{macro_f1}");
    assert_eq!(macro_f1["task"], "crisis/identification");
    let last = pack["found"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned();
    assert!(
        last.starts_with("Of 1 primary figures that can be compared with the earlier run "),
        "{last}"
    );
}

#[test]
fn the_schema_of_packs_and_the_page_are_up_to_date() {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let schema = trustmh(home(), ["evidence", "schema"]).with_code(0).out;
    let published = fs::read_to_string(docs.join("evidence-pack.schema.json")).unwrap();
    assert!(
        schema == published,
        "renew it: trustmh evidence schema > docs/evidence-pack.schema.json"
    );
    let page = fs::read_to_string(docs.join("evidence.md")).unwrap();
    let all = trustmh(home(), ["evidence", "frameworks", "--json"]).with_code(0).json();
    for framework in all.as_array().unwrap() {
        let text = |name: &str| framework[name].as_str().unwrap();
        let row = format!("| `{}` |", text("id"));
        let row = page.lines().find(|line| line.starts_with(&row)).unwrap();
        assert!(row.contains(text("in_force")) && row.contains(text("read_on")), "{row}");
    }
}
