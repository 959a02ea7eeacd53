//! How runs end on a terminal: on one screen of any width.
#![cfg(unix)]
use crate::support;
use std::fs;

use crate::support::terminal::{on_terminal, shown, written};
use crate::support::trustmh;

/// What stands on the terminal at the end, with the run's name and its time made the same everywhere.
fn at_the_end(folder: &std::path::Path, columns: usize, more: &str) -> Vec<String> {
    let line = format!(
        "exec {} run --subject scripted/random:1 --judge scripted/judge:1 --runs-dir runs {more} 2> notes.txt",
        support::PROGRAM
    );
    on_terminal(folder, columns, &line).wait().unwrap();
    let run = support::only_run(&folder.join("runs"));
    let name = run.file_name().unwrap().to_str().unwrap().to_owned();
    // Not wrapped: what is to be copied may be longer than the terminal is wide.
    let lines = shown(&written(folder), 500);
    let text = lines.join("\n").replace(&name, "RUN");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_run_ends_on_one_screen_at_four_widths() {
    for columns in [60, 80, 100, 200] {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = at_the_end(folder.path(), columns, "--tasks all,crisis/conversation");
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        let place = |word: &str| lines.iter().position(|line| line.starts_with(word));
        let report = place("Report").unwrap_or_else(|| panic!("{lines:#?}"));
        assert!(report < 24, "{lines:#?}");
        assert!(lines[..report].iter().all(|line| line.chars().count() <= columns), "{lines:#?}");
        assert!(place("What stands out").is_some() && place("Next").is_some(), "{lines:#?}");
        let told = lines.join("\n");
        assert!(!told.contains('\u{1b}'));
        let told = told.replace(row_of(&told), &without_time(row_of(&told)));
        insta::assert_snapshot!(format!("ending_at_{columns}"), told);
    }
}

/// The second row, which has the run's time.
fn row_of(told: &str) -> &str {
    told.lines().find(|line| line.contains(" trials · ")).unwrap()
}

/// The row without its time, such as `12s` or `1m 02s`, and without what its length cuts off.
fn without_time(row: &str) -> String {
    let mut parts: Vec<&str> = row.split(" · ").collect();
    parts[1] = "TIME";
    if parts.last().is_some_and(|last| last.ends_with('…')) {
        parts.pop();
        parts.push("…");
    }
    parts.join(" · ")
}

#[test]
fn an_interrupted_run_says_so_first_and_how_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let lines = at_the_end(folder.path(), 80, "--tasks ethics,privacy --max-calls 20");
    assert!(lines[0].starts_with("INCOMPLETE: "), "{lines:#?}");
    let next = lines.iter().find(|line| line.starts_with("Next")).unwrap();
    assert_eq!(next, "Next    trustmh resume runs/RUN", "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("pending")), "{lines:#?}");
    let notes = fs::read_to_string(folder.path().join("notes.txt")).unwrap();
    assert!(notes.contains("the limit on calls is reached"), "{notes}");
    // Every metric is one option away.
    let run = support::only_run(&folder.path().join("runs"));
    let all = trustmh(folder.path(), ["score".as_ref(), run.as_os_str(), "--all".as_ref()])
        .with_code(4)
        .out;
    assert!(all.starts_with("INCOMPLETE") && all.contains("task and metric"), "{all}");
}
