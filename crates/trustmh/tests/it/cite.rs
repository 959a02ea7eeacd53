//! How to cite, and the release of the benchmark.
use std::fs;

use crate::support::{only_run, trustmh};

#[test]
fn a_run_is_cited_with_the_data_it_used() {
    let folder = tempfile::tempdir().unwrap();
    let alone = trustmh(folder.path(), ["cite"]).with_code(0).out;
    assert!(
        alone.contains("arXiv: 2603.03047") && alone.contains(env!("CARGO_PKG_VERSION")),
        "{alone}"
    );
    fs::write(
        folder.path().join("EU.jsonl"),
        fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/hub/EU.jsonl")).unwrap(),
    )
    .unwrap();
    let run = [
        "run",
        "--subject",
        "scripted/random:1",
        "--data",
        ".",
        "--tasks",
        "reliability/emotion-recognition",
    ];
    trustmh(folder.path(), run).with_code(0);
    let starter = [
        "run",
        "--subject",
        "scripted/random:1",
        "--tasks",
        "ethics/reasoning",
        "--runs-dir",
        "own",
    ];
    trustmh(folder.path(), starter).with_code(0);
    let runs =
        ["runs", "own"].map(|runs| only_run(&folder.path().join(runs)).display().to_string());
    let [one, two] = &runs;
    let bib =
        trustmh(folder.path(), ["cite", one, two, one, "--format", "bibtex"]).with_code(0).out;
    let keys: Vec<&str> = bib.lines().filter_map(|line| line.strip_prefix("@misc{")).collect();
    assert_eq!(
        keys,
        ["trustmh,", "trustmh-bench,", "emobench,", "trustmh-starter-items,"],
        "{bib}"
    );
    assert!(bib.contains("eprint = {2402.12071}") && bib.contains("year = {2024}"), "{bib}");
    assert!(bib.contains("not recorded here: see arXiv:2402.12071"), "{bib}");
    assert!(bib.contains("sets used: ethics-reasoning"), "{bib}");
    let json = trustmh(folder.path(), ["cite", one, "--json"]).with_code(0).json();
    assert_eq!(json[2]["licence"], "MIT");
}

#[test]
fn the_release_of_the_benchmark_is_printed_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let release = trustmh(folder.path(), ["tasks", "version", "--json"]).with_code(0).json();
    assert_eq!(release["state"], "released");
    let run =
        ["run", "--subject", "scripted/random:1", "--tasks", "ethics/reasoning", "--items", "2"];
    trustmh(folder.path(), run).with_code(0);
    let run = only_run(&folder.path().join("runs"));
    let card =
        trustmh(folder.path(), ["score", run.to_str().unwrap(), "--json"]).with_code(0).json();
    assert_eq!(card[0]["benchmark"]["version"], release["version"]);
    assert_eq!(card[0]["benchmark"]["digest"], release["digest"]);
    let new = ["tasks", "new", "ethics/mine", "--like", "ethics/reasoning", "--dir", "mine"];
    trustmh(folder.path(), new).with_code(0);
    let own = trustmh(folder.path(), ["tasks", "version", "--tasks-dir", "mine"]).with_code(0).out;
    assert!(own.contains("not the release") && own.contains("own tasks: ethics/mine"), "{own}");
}

#[test]
fn runs_from_before_releases_are_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let run =
        ["run", "--subject", "scripted/random:1", "--tasks", "ethics/reasoning", "--items", "2"];
    trustmh(folder.path(), run).with_code(0);
    let run = only_run(&folder.path().join("runs"));
    let path = run.join("run.json");
    let mut manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("benchmark").unwrap();
    fs::write(&path, manifest.to_string()).unwrap();
    assert_eq!(trustmh_run::manifest::Manifest::read(&run).unwrap().benchmark, None);
}
