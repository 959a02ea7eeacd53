//! A run for documents and other programs.
use crate::support;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{only_run, trustmh};

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

/// The metrics of a run's only task.
fn metrics(folder: &Path, run: &str) -> serde_json::Value {
    let card = trustmh(folder, ["score", run, "--json"]).with_code(0).json();
    card[0]["tasks"].as_object().unwrap().values().next().unwrap()["metrics"].clone()
}

#[test]
fn a_log_of_inspect_comes_back_whole_in_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "run",
        "--subject",
        "scripted/random:1",
        "--judge",
        "scripted/judge:1",
        "--tasks",
        "crisis/escalation",
    ];
    trustmh(folder.path(), arguments).with_code(0);
    let run = only_run(&folder.path().join("runs")).display().to_string();
    for (format, ending) in [("inspect", "eval"), ("inspect-json", "json")] {
        let logs = folder.path().join(format);
        let to = ["export", &run, "--format", format, "--output", logs.to_str().unwrap()];
        trustmh(folder.path(), to).with_code(0);
        let log = logs.join(format!("crisis-escalation.{ending}")).display().to_string();
        let back =
            trustmh(folder.path(), ["import", "inspect", &log, "--runs-dir", format, "--json"]);
        let back = back.with_code(0).json()[0].as_str().unwrap().to_owned();
        let (ours, theirs) = (metrics(folder.path(), &run), metrics(folder.path(), &back));
        assert_eq!(ours["appropriateness"]["value"], theirs["appropriateness"]["value"]);
        assert_eq!(ours["appropriateness"]["n"], 49);
    }
    let refused = trustmh(folder.path(), ["export", &run, "--format", "inspect"]).with_code(2);
    assert!(refused.err.contains("--output FOLDER"), "{}", refused.err);
}

/// Reads our logs with the package itself, and writes one for us.
const INSPECT: &str = "
import sys
from inspect_ai.log import EvalConfig, EvalLog, EvalSample, EvalSpec, read_eval_log, write_eval_log
from inspect_ai.log._log import EvalDataset
from inspect_ai.model import ModelOutput
for path in sys.argv[1:3]:
    log = read_eval_log(path)
    assert log.status == 'success' and log.eval.model == 'scripted/random:1', log.eval
    assert len(log.samples) == 40, len(log.samples)
    sample = log.samples[0]
    assert sample.output.completion and sample.scores['correct'].value in (0, 1), sample.scores
    assert sample.target in 'ABCDE' and sample.messages[-1].role == 'assistant'
    scores = {score.name: score.metrics['estimate'].value for score in log.results.scores}
    assert 0 <= scores['accuracy'] <= 1, scores
def sample(number):
    output = ModelOutput.from_content('openai/x', 'ANSWER: ' + 'AB'[number % 2])
    return EvalSample(id=number, epoch=1, input=f'Question {number}?', choices=['one', 'two'], target='A', output=output)
log = EvalLog(status='success', samples=[sample(number) for number in range(10)], eval=EvalSpec(
    created='2026-01-01T00:00:00+00:00', task='t', dataset=EvalDataset(), model='openai/x', config=EvalConfig()))
write_eval_log(log, sys.argv[3])
";

#[test]
fn inspect_reads_our_logs_and_we_read_its_questions() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--subject", "scripted/random:1", "--tasks", "reliability/knowledge"];
    trustmh(folder.path(), arguments).with_code(0);
    let run = only_run(&folder.path().join("runs")).display().to_string();
    for format in ["inspect", "inspect-json"] {
        let to = ["export", &run, "--format", format, "--output", "logs"];
        trustmh(folder.path(), to).with_code(0);
    }
    let Some(packages) = support::python_packages("inspect_ai") else { return };
    let ended = Command::new("python3")
        .current_dir(folder.path())
        .env("PYTHONPATH", packages)
        .args([
            "-c",
            INSPECT,
            "logs/reliability-knowledge.eval",
            "logs/reliability-knowledge.json",
            "theirs.eval",
        ])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let import = ["import", "inspect", "theirs.eval", "--runs-dir", "theirs", "--json"];
    let back = trustmh(folder.path(), import).with_code(0).json();
    let found = metrics(folder.path(), back[0].as_str().unwrap());
    assert_eq!((&found["accuracy"]["value"], &found["accuracy"]["n"]), (&0.5.into(), &10.into()));
    fs::write(
        folder.path().join("open.json"),
        r#"{"eval": {"model": "m"}, "samples": [{"id": 1, "input": "Hello", "target": ""}]}"#,
    )
    .unwrap();
    let refused = trustmh(folder.path(), ["import", "inspect", "open.json"]).with_code(2);
    assert!(refused.err.contains("1 sample without choices"), "{}", refused.err);
    assert!(refused.err.contains("hint: import logs of questions with choices"), "{}", refused.err);
}

#[test]
fn the_latex_table_compiles_where_there_is_a_tex() {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        println!("no TeX here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "run",
        "--subject",
        "scripted/random:1",
        "--judge",
        "scripted/judge:1",
        "--progress",
        "none",
    ];
    trustmh(folder.path(), arguments).with_code(0);
    let run = only_run(&folder.path().join("runs")).display().to_string();
    let to = ["export", &run, "--format", "latex", "--output", "table.tex"];
    trustmh(folder.path(), to).with_code(0);
    let paper = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\\input{table}\\end{document}";
    fs::write(folder.path().join("paper.tex"), paper).unwrap();
    let ended = Command::new("pdflatex")
        .current_dir(folder.path())
        .args(["-interaction=nonstopmode", "-halt-on-error", "paper.tex"])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}
