//! What the documentation tells users to type does what it says: each page's ```sh blocks are run in order in an empty folder, after its
//! ```toml and ```json blocks with a file's name are written there.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{PROGRAM, ended, trustmh};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The fenced blocks of a page: what stands behind the fence, and the lines.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some((kind.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, lines)), None) => {
                lines.push_str(line);
                lines.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// Runs the page's blocks, and returns the folder they worked in with what they printed.
fn run(page: &str) -> (tempfile::TempDir, String) {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut script = String::new();
    for (kind, lines) in blocks(&text) {
        match kind.split_once(" file=") {
            Some((_, name)) => {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, lines).unwrap();
            }
            None if kind == "sh" => script.push_str(&lines),
            None => {}
        }
    }
    assert!(!script.is_empty(), "{page} has no block to run");
    let programs = Path::new(PROGRAM).parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("HOME", folder.path())
        .env_remove("TRUSTMH_DATA")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let ended = ended(output).with_code(0);
    (folder, ended.out)
}

#[test]
fn the_quick_start_runs_as_it_stands() {
    let (folder, out) = run("docs/quick-start.md");
    assert_eq!(fs::read_dir(folder.path().join("runs")).unwrap().count(), 2);
    assert!(folder.path().join("random.html").is_file());
    assert!(folder.path().join("refuses.csv").is_file());
    assert!(out.contains("does not pass"), "{out}");
}

#[test]
fn the_page_on_conversations_of_a_product_in_use_runs_as_it_stands() {
    let (folder, out) = run("docs/observed.md");
    assert!(
        out.contains("Nothing was sent or kept") && out.contains("the exit code is 1"),
        "{out}"
    );
    assert_eq!(fs::read_dir(folder.path().join("may")).unwrap().count(), 1);
}

#[test]
fn the_page_on_studies_runs_as_it_stands() {
    let (folder, out) = run("docs/study.md");
    assert!(out.contains("Careful prompts: 6 of 6 runs complete"), "{out}");
    assert!(folder.path().join("archived/comparison.html").is_file());
}

#[test]
fn the_page_on_the_record_runs_as_it_stands() {
    let (folder, out) = run("docs/record.md");
    assert!(folder.path().join("run.zip").is_file());
    assert_eq!(out.matches("ok       signature: ").count(), 2, "{out}");
    assert!(out.contains("ok       bundle: ") && !out.contains("BROKEN"), "{out}");
    // What stands after it in the page: the hash of a line is that of its bytes.
    let run = fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    let journal = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    let [.., forgot, last] = lines.as_slice() else { panic!("{journal}") };
    let hash = trustmh_core::digest::Digest::of(forgot.as_bytes());
    assert!(last.contains(&format!("\"prev\":\"{hash}\"")), "{last}");
    // And of lines whose words were forgotten, the hash of what is left.
    let left = lines.iter().filter(|line| {
        let stated = line.split_once("\"forgotten\":{\"line\":\"").map(|(_, rest)| rest);
        stated.is_some_and(|rest| rest[64..].starts_with("\",\"in\":1,"))
    });
    let left = trustmh_core::digest::Digest::of(left.copied().collect::<String>().as_bytes());
    assert!(forgot.contains(&format!("\"digest\":\"{left}\"")), "{forgot}");
}

#[test]
fn the_page_on_tasks_of_your_own_runs_as_it_stands() {
    let (folder, out) = run("docs/own-tasks.md");
    assert!(folder.path().join("my-tasks/reliability/sleep.toml").is_file());
    assert!(out.contains("scripted/always-a"), "{out}");
}

#[test]
fn the_page_on_conversations_runs_as_it_stands() {
    let (folder, out) = run("docs/conversations.md");
    assert!(folder.path().join("conversations.html").is_file());
    assert!(out.contains("clients played by offline client"), "{out}");
}

#[test]
fn the_page_on_evidence_runs_as_it_stands() {
    let (folder, out) = run("docs/evidence.md");
    assert!(folder.path().join("pack/index.html").is_file());
    assert!(folder.path().join("pack-eu/seal.sig").is_file());
    assert!(out.contains("California SB 243, companion chatbots: 0 filled, "), "{out}");
    assert_eq!(out.matches("ok       seal: manifest ").count(), 2, "{out}");
    assert!(out.contains("ok       signature: ") && !out.contains("BROKEN"), "{out}");
}

#[test]
fn the_pages_for_readers_run_as_they_stand() {
    let (folder, _) = run("docs/for-researchers.md");
    assert!(folder.path().join("comparison.html").is_file());
    let (folder, _) = run("docs/for-release-engineers.md");
    assert!(folder.path().join("gate.xml").is_file());
    let (folder, out) = run("docs/for-auditors.md");
    assert!(folder.path().join("report.html").is_file());
    assert!(out.contains("ok       signature: ") && !out.contains("BROKEN"), "{out}");
}

#[test]
fn the_page_on_models_runs_as_it_stands() {
    let (_, out) = run("docs/models.md");
    assert!(out.contains("provider.order=[\"one\",\"two\"], temperature=null, top_p=0.9"), "{out}");
}

#[test]
fn the_page_on_gates_runs_as_it_stands() {
    let (_, out) = run("docs/gate.md");
    assert!(out.contains("Misses few crises"), "{out}");
}

#[test]
fn the_page_on_exports_runs_as_it_stands() {
    let (folder, _) = run("docs/exports.md");
    for file in
        ["scorecard.md", "table.tex", "MODEL_CARD.md", "trials.csv", "trials.parquet", "logs"]
            .into_iter()
            .chain([
                "figures/tasks.svg",
                "comparison.html",
                "two.tex",
                "comparison.csv",
                "board.html",
            ])
    {
        assert!(folder.path().join(file).exists(), "{file}");
    }
}

#[test]
fn the_page_of_all_commands_is_made_from_their_help() {
    let page = fs::read_to_string(root().join("docs/commands.md")).unwrap();
    let made = trustmh(&root(), ["reference"]).with_code(0).out;
    assert!(page == made, "docs/commands.md is old: `trustmh reference > docs/commands.md`");
}

/// Links to files and to headings of this repository, from README, CONTRIBUTING and docs.
#[test]
fn no_link_leads_nowhere_and_the_readme_names_every_page() {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for page in &pages {
        let name = format!("docs/{}", page.file_name().unwrap().to_string_lossy());
        assert!(readme.contains(&format!("]({name})")), "the README does not link {name}");
    }
    pages.extend([root().join("README.md"), root().join("CONTRIBUTING.md")]);
    let mut links = 0;
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if target.contains("://") || target.starts_with("mailto:") || file.is_empty() {
                continue;
            }
            links += 1;
            let led = page.parent().unwrap().join(file);
            assert!(led.exists(), "{}: {target} leads nowhere", page.display());
        }
    }
    assert!(links > 20, "only {links} links were found");
}
