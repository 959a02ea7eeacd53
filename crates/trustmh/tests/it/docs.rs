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

/// The Markdown pages below a folder, the summary left out.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|ending| ending == "md")
            && path.file_name().is_some_and(|name| name != "SUMMARY.md")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a page links, in order: files of this repository, as written.
fn linked(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .map(str::to_owned)
        .collect()
}

/// Links to files of this repository; `scripts/site` looks at anchors and at the built site, too.
#[test]
fn no_link_leads_nowhere() {
    let mut pages = pages(&root().join("docs"));
    pages.extend(["README.md", "CONTRIBUTING.md", "docs/SUMMARY.md"].map(|page| root().join(page)));
    let mut links = 0;
    for page in &pages {
        for target in linked(page) {
            let file = target.split('#').next().unwrap_or_default();
            links += usize::from(!file.is_empty());
            let led = page.parent().unwrap().join(file);
            assert!(file.is_empty() || led.exists(), "{}: {target} leads nowhere", page.display());
        }
    }
    assert!(links > 20, "only {links} links were found");
}

#[test]
fn the_summary_of_the_site_names_every_page_once_and_no_other() {
    let summary = root().join("docs/SUMMARY.md");
    let mut named: Vec<PathBuf> = linked(&summary)
        .iter()
        .filter(|target| !target.starts_with("../"))
        .map(|target| root().join("docs").join(target))
        .collect();
    named.sort();
    let written = pages(&root().join("docs"));
    let missing: Vec<_> = written.iter().filter(|page| !named.contains(page)).collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md does not name {missing:?}");
    assert_eq!(named, written, "docs/SUMMARY.md names a page twice, or one that is not there");
}

/// A line that people copy with `--max-cost` would be refused if a model of it had no price.
#[test]
fn what_pages_limit_by_cost_has_a_price() {
    let mut limited = 0;
    let mut pages = pages(&root().join("docs"));
    pages.push(root().join("README.md"));
    pages.retain(|page| !page.ends_with("commands.md"));
    for page in &pages {
        let text = fs::read_to_string(page).unwrap().replace("\\\n", " ");
        let runs = text.lines().filter(|line| {
            line.starts_with("    trustmh run ")
                && line.contains("--max-cost")
                && !line.contains("--prices")
        });
        for line in runs {
            limited += 1;
            let words: Vec<&str> = line.split_whitespace().collect();
            let models =
                words.windows(2).filter(|pair| ["--subject", "--judge"].contains(&pair[0]));
            let asked = ["plan", "--tasks", "ethics/reasoning"].into_iter();
            let planned = trustmh(&root(), asked.chain(models.flatten().copied())).with_code(0).out;
            assert!(planned.contains("Estimated cost"), "{}: {line}\n{planned}", page.display());
        }
    }
    assert!(limited > 0, "no page limits a run by its cost");
}
