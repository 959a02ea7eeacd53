//! The HTML report of a run.
use std::fs;

use crate::support::{only_run, trustmh};

#[test]
fn a_report_shows_the_worst_replies_folded_and_how_the_run_stands_to_the_published_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = ["--tasks", "safety/jailbreak,robustness/emotional-support,fairness"];
    let arguments = ["run", "--subject", "scripted/random:1", "--judge", "scripted/judge:1"];
    trustmh(folder.path(), arguments.iter().chain(&tasks)).with_code(0);
    let run = only_run(&folder.path().join("runs"));
    let named = format!("runs/{}", run.file_name().unwrap().to_string_lossy());
    let without = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(!without.contains("blockquote>"), "nobody asked for replies");
    trustmh(folder.path(), ["report", &named, "--with-replies"]).with_code(0);
    let page = fs::read_to_string(run.join("report.html")).unwrap();
    let folded = page.matches("<details class=\"sensitive\">").count();
    assert_eq!(folded, 3, "one fold a task, closed");
    let places = page.find("This run among the published numbers").unwrap();
    assert!(page[places..].contains("asked with this program"), "why there is no place");
    assert!(page.contains("Judged quality, clean and perturbed by level of slips"), "a curve");
    assert!(page.contains("asian</th>"), "parity by identity");
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is fetched");
    // The same run makes the same report, and a report that was deleted comes back.
    fs::remove_file(run.join("report.html")).unwrap();
    trustmh(folder.path(), ["report", &named]).with_code(0);
    assert!(fs::read_to_string(run.join("report.html")).unwrap() == without, "equal bytes");
}
