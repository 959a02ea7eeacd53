//! A run for documents and other programs.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{only_run, trustmh};

/// A subject whose replies attack whatever shows them.
const HOSTILE: &str = r#"#!/bin/sh
while read -r line; do
  id=$(printf '%s' "$line" | sed 's/.*"id": *\([0-9]*\).*/\1/')
  printf '{"id": %s, "text": "%s"}\n' "$id" \
    '=HYPERLINK(1)<script>alert(1)</script>\u001b[2J\u202eturned {x} & 50% |'
done
"#;

fn hostile_run(folder: &Path) -> String {
    fs::write(folder.join("hostile.sh"), HOSTILE).unwrap();
    let subject = format!("command:sh {}", folder.join("hostile.sh").display());
    let arguments = ["run", "--tasks", "sycophancy/oeq,privacy/leakage", "--subject", &subject];
    trustmh(folder, arguments);
    only_run(&folder.join("runs")).display().to_string()
}

#[test]
fn hostile_replies_are_inert_in_every_export() {
    let folder = tempfile::tempdir().unwrap();
    let run = hostile_run(folder.path());
    let export = |format: &str| {
        trustmh(folder.path(), ["export", &run, "--format", format]).with_code(0).out
    };
    let table = export("csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let place = reader.headers().unwrap().iter().position(|name| name == "reply").unwrap();
    let replies: Vec<String> =
        reader.records().map(|row| row.unwrap().get(place).unwrap().to_owned()).collect();
    assert_eq!(replies.len(), 72, "24 questions, and four of each of 12 secrets");
    for reply in &replies {
        assert!(reply.starts_with("'=HYPERLINK"), "{reply}");
        assert!(!reply.contains('\u{1b}') && !reply.contains('\u{202e}'), "{reply}");
    }
    for format in ["markdown", "latex", "model-card", "json"] {
        let text = export(format);
        assert!(!text.contains("<script") && !text.contains('\u{1b}'), "{format}: {text}");
    }
    let page = fs::read_to_string(Path::new(&run).join("report.html")).unwrap();
    assert!(!page.contains("<script") && !page.contains('\u{202e}'), "the report");
    let shown = trustmh(folder.path(), ["score", &run]).with_code(0).out;
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "the terminal");
}

#[test]
fn a_parquet_file_needs_a_place_and_opens_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let run = hostile_run(folder.path());
    let parquet = ["export", &run, "--format", "parquet"];
    let refused = trustmh(folder.path(), parquet).with_code(2);
    assert!(refused.err.contains("--output"), "{}", refused.err);
    let path = folder.path().join("trials.parquet");
    let to = ["--output", path.to_str().unwrap()];
    trustmh(folder.path(), parquet.iter().chain(&to)).with_code(0);
    assert!(!folder.path().join("trials.parquet.new").exists(), "no half file");
    let Some(packages) = support::python_packages("polars") else { return };
    let script = "import polars, sys\n\
         table = polars.read_parquet(sys.argv[1])\n\
         kinds = {name: str(kind) for name, kind in table.schema.items()}\n\
         assert kinds['trial'] == kinds['reply'] == 'String', kinds\n\
         assert kinds['repeat'] == 'Int32' and kinds['measure_leaked'] == 'Float64', kinds\n\
         assert table.height == 72 and table['measure_leaked'].null_count() == 60, table\n\
         assert table['reply'][0].startswith('=HYPERLINK'), table['reply'][0]\n";
    let ended = Command::new("python3")
        .env("PYTHONPATH", packages)
        .args(["-c", script])
        .arg(&path)
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
