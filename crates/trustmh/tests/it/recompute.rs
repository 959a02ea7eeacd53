//! Our numbers, computed again from exported trials with scipy, statsmodels, scikit-learn and krippendorff.
use crate::support;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{other_statistics, trustmh};

/// A script of ours, which asks the statistics of others.
fn recompute(packages: &Path, script: &str, arguments: &[PathBuf]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new("python3")
        .env("PYTHONPATH", packages)
        .arg(root.join("scripts/recompute").join(script))
        .args(arguments)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{out}\n{}", String::from_utf8_lossy(&output.stderr));
    out
}

/// A run of all tasks by a subject that answers at random, judged at random: its scorecard and its exported trials.
fn run(folder: &Path, subject: &str, seed: &str) -> (PathBuf, [PathBuf; 2]) {
    let runs = folder.join(subject.replace('/', "-"));
    let arguments = [
        "run",
        "--json",
        "--subject",
        subject,
        "--judge",
        "scripted/judge",
        "--items",
        "12",
        "--seed",
        seed,
    ];
    let arguments =
        arguments.into_iter().map(Into::into).chain(["--runs-dir".into(), runs.clone()]);
    let card = trustmh::<PathBuf>(folder, arguments).with_code(0);
    let run = support::only_run(&runs);
    let export = ["export", "--format", "jsonl"].map(PathBuf::from);
    let rows = trustmh(folder, export.into_iter().chain([run.clone()])).with_code(0);
    let files = ["card.json", "trials.jsonl"].map(|name| runs.with_extension(name));
    fs::write(&files[0], card.out).unwrap();
    fs::write(&files[1], rows.out).unwrap();
    (run, files)
}

#[test]
fn hundreds_of_values_agree_with_the_statistics_of_others() {
    let Some(packages) = other_statistics() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (first, of_first) = run(folder.path(), "scripted/random", "1");
    let (second, of_second) = run(folder.path(), "scripted/always-a", "1");
    let arguments = ["compare", "--json"].map(PathBuf::from).into_iter().chain([first, second]);
    let compared = trustmh(folder.path(), arguments).with_code(0);
    let comparison = folder.path().join("comparison.json");
    fs::write(&comparison, compared.out).unwrap();
    let benchmark = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benchmark");
    let files = [&[benchmark], &of_first[..], &of_second[..], &[comparison]].concat();
    let out = recompute(&packages, "recompute.py", &files);
    let agreed: u64 = out.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(agreed > 520, "{out}");
}

#[test]
fn the_agreement_of_raters_is_that_of_krippendorff_and_scikit_learn() {
    let Some(packages) = other_statistics() else { return };
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.csv");
    let mut rows = String::from("item,AB,CD,EF\n");
    for unit in 0..40 {
        let first = 1 + unit * 7 % 5;
        let second = 1 + (unit * 7 + unit % 3) % 5;
        let third = if unit % 4 == 0 { 1 + unit % 5 } else { first };
        let second = if unit % 6 == 0 { String::new() } else { second.to_string() };
        let third = if unit % 7 == 0 { String::new() } else { third.to_string() };
        rows += &format!("u{unit},{first},{second},{third}\n");
    }
    fs::write(&table, rows).unwrap();
    let arguments = ["agreement", table.to_str().unwrap(), "--columns", "AB,CD,EF", "--json"];
    let printed = folder.path().join("agreement.json");
    fs::write(&printed, trustmh(folder.path(), arguments).with_code(0).out).unwrap();
    let out = recompute(&packages, "agreement.py", &[table, printed]);
    assert!(out.contains("19 of 19 values agree"), "{out}");
}
