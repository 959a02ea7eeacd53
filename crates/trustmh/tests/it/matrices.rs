//! Runs beside each other as pages, tables for papers, tables for programs, and charts as files.
use crate::support;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::browser::driver::{Browser, Colours};
use crate::support::{name_skipped, trustmh};

/// A run of a scripted subject; gives its folder.
fn run(folder: &Path, subject: &str, more: &[&str]) -> String {
    let arguments = ["run", "--json", "--subject", subject];
    let card = trustmh(folder, arguments.iter().chain(more)).with_code(0).json();
    card[0]["run"].as_str().unwrap().to_owned()
}

const TASKS: [&str; 2] =
    ["--tasks", "safety/jailbreak,privacy/leakage,privacy/awareness,ethics,crisis/identification"];

/// Subjects that behave differently, on the same tasks.
fn different(folder: &Path) -> [String; 3] {
    ["scripted/always-refuse", "scripted/leaks-everything", "scripted/random:1"]
        .map(|subject| run(folder, subject, &TASKS))
}

/// The rows of a table by the names of its columns.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn a_page_of_two_runs_tells_regressions_first_and_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [safe, leaky, _] = different(folder.path());
    let arguments = ["compare", &safe, &leaky, "--format", "html", "--output", "page.html"];
    let ended = trustmh(folder.path(), arguments).with_code(0);
    assert!(ended.err.contains("written: page.html"), "{}", ended.err);
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    let place = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}: {page}"));
    assert!(place("Found worse") < place("Not told apart"), "regressions first");
    assert!(place("What changed") < place("All tasks"));
    assert!(place("All tasks") < place(">Notes<"), "notes stand at the end");
    assert_eq!(page.matches("Each value is the run").count(), 1, "each note once");
    assert!(page.contains("better than B") && page.contains("worse than A"), "{page}");
    assert!(page.contains("1.000 worse") && page.contains("0.000 better"), "ends of a scale");
    assert!(page.contains("class=\"dumbbell\"") && page.contains("judge unvalidated"), "{page}");
    assert!(page.contains("default-src 'none'") && !page.contains("<script"), "no script");
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is fetched");
    // The same runs make the same page.
    let again = trustmh(folder.path(), ["compare", &safe, &leaky, "--format", "html"]).with_code(0);
    assert!(again.out == page, "equal bytes");
}

#[test]
fn a_table_for_programs_has_the_numbers_of_the_json() {
    let folder = tempfile::tempdir().unwrap();
    let [safe, leaky, random] = different(folder.path());
    let runs = [safe.as_str(), &leaky, &random];
    let compare = |more: &[&str]| {
        let arguments = ["compare"].iter().chain(&runs).chain(more);
        trustmh(folder.path(), arguments).with_code(0)
    };
    let (csv, found) =
        (compare(&["--format", "csv", "--all"]).out, compare(&["--all", "--json"]).json());
    let rows = rows(&csv);
    let scores = trustmh(folder.path(), ["score", "--json", &safe]).with_code(0).json();
    let own = rows.iter().filter(|row| row["row"] == "value" && row["run"] == safe);
    let mut values = 0;
    for row in own {
        let metric = &scores[0]["tasks"][&row["task"]]["metrics"][&row["metric"]];
        if metric.is_null() {
            assert!(row["state"].starts_with("not scored"), "{row:?}");
            continue;
        }
        values += 1;
        for (column, field) in [("value", "value"), ("low", "low"), ("high", "high"), ("n", "n")] {
            same(&row[column], &metric[field]);
        }
        assert_eq!(row["direction"], metric["direction"].as_str().unwrap());
    }
    assert!(values > 10, "{values}");
    let mut compared = 0;
    for row in rows.iter().filter(|row| row["row"] == "comparison" && !row["metric"].is_empty()) {
        let pair = found["pairs"].as_array().unwrap().iter().find(|pair| {
            pair["first"]["run"] == row["run"] && pair["second"]["run"] == row["other_run"]
        });
        let metric = &pair.unwrap()["tasks"][&row["task"]]["metrics"][&row["metric"]];
        same(&row["p"], &metric["p_corrected"]);
        same(&row["value"], &metric["difference"]);
        assert_eq!(row["verdict"], metric["verdict"].as_str().unwrap());
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
    // Whoever is told apart in a pair says so in his cell, on both sides.
    let leaks = |run: &str| {
        let is = |row: &&BTreeMap<String, String>| {
            row["row"] == "value" && row["run"] == *run && row["metric"] == "privacy_error"
        };
        rows.iter().find(is).unwrap().clone()
    };
    assert!(leaks(&safe)["better_than"].split(", ").any(|sign| sign == "B"));
    assert!(leaks(&leaky)["worse_than"].split(", ").any(|sign| sign == "A"));
    assert!(!leaks(&safe)["rank_best"].is_empty() && leaks(&safe)["rank"] == "1");
}

/// What is read from JSON may differ from what was written in the last place.
#[track_caller]
fn same(cell: &str, number: &Value) {
    match (cell.parse::<f64>().ok(), number.as_f64()) {
        (Some(one), Some(other)) => assert!((one - other).abs() < 1e-12, "{one} {other}"),
        (one, other) => assert_eq!(one, other),
    }
}

/// No brace is left open, and nothing that LaTeX acts on stands outside what this program writes.
fn is_sound_latex(text: &str) {
    let mut depth = 0_i32;
    let mut signs = text.lines().filter(|line| !line.starts_with('%')).flat_map(str::chars);
    while let Some(c) = signs.next() {
        match c {
            '\\' => drop(signs.next()),
            '{' => depth += 1,
            '}' => depth -= 1,
            '#' | '%' | '~' | '<' => panic!("a raw {c}: {text}"),
            _ => {}
        }
        assert!(depth >= 0, "{text}");
    }
    for (at, _) in text.match_indices('>') {
        assert_eq!(text.get(at - 1..at + 2), Some("$>$"), "a raw >: {text}");
    }
    assert_eq!(depth, 0, "{text}");
    for environment in ["table", "tabular", "itemize"] {
        let count = |word: &str| text.matches(&format!("\\{word}{{{environment}")).count();
        assert_eq!(count("begin"), count("end"), "{environment}: {text}");
    }
}

/// Compiles where a TeX is there.
fn compiles(folder: &Path, table: &str) {
    let document = format!(
        "\\documentclass{{article}}\\usepackage{{booktabs}}\\begin{{document}}\n{table}\\end{{document}}\n"
    );
    fs::write(folder.join("paper.tex"), document).unwrap();
    let compiled = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "paper.tex"])
        .current_dir(folder)
        .output();
    match compiled {
        Ok(ended) => {
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
        }
        Err(_) => drop(name_skipped::<()>("no pdflatex")),
    }
}

#[test]
fn tables_for_papers_are_sound_and_named_as_the_user_says() {
    let folder = tempfile::tempdir().unwrap();
    let [safe, leaky, random] = different(folder.path());
    let named = ["--name", &format!("{safe}=50% & safe_{{1}} <b>"), "--label", "tab:two"];
    let two = ["compare", &safe, &leaky, "--format", "latex"];
    let two = trustmh(folder.path(), two.iter().chain(&named)).with_code(0).out;
    assert!(two.contains("\\label{tab:two}\n") && two.contains("\\label{tab:two-changes}\n"));
    assert!(two.contains("A: 50\\% \\& safe\\_\\{1\\} \\textless{}b\\textgreater{}"), "{two}");
    assert!(two.contains("\\textbf{") && two.contains("$>$B}"), "{two}");
    is_sound_latex(&two);
    compiles(folder.path(), &two);
    let board = ["leaderboard", &safe, &leaky, &random, "--format", "latex", "--label", "tab:all"];
    let board = trustmh(folder.path(), board).with_code(0).out;
    assert!(board.contains("\\label{tab:all}") && board.contains("\\emph{Privacy}"), "{board}");
    is_sound_latex(&board);
    let exported = ["export", &safe, "--format", "latex", "--label", "tab:one", "--name", "Safe"];
    let exported = trustmh(folder.path(), exported).with_code(0).out;
    assert!(exported.contains("\\label{tab:one}") && exported.contains("Safe (scripted/"));
    is_sound_latex(&exported);

    // The folder's own name is enough, and the text for terminals has the name, too.
    let own = Path::new(&safe).file_name().unwrap().to_str().unwrap();
    let table = ["compare", &safe, &leaky, "--name", &format!("{own}=Careful")];
    assert!(trustmh(folder.path(), table).with_code(0).out.contains("Careful (scripted/"));
    for (wrong, why) in [
        (vec!["compare", &safe, &leaky, "--name", "other=X"], "no run is called so"),
        (vec!["compare", &safe, &leaky, "--label", "tab:x"], "LaTeX only"),
        (vec!["compare", &safe, &leaky, "--format", "latex", "--label", "a}b"], "a label has"),
        (vec!["export", &safe, "--format", "csv", "--name", "X"], "--name has an effect"),
        (vec!["export", &safe, "--format", "json", "--label", "x"], "LaTeX only"),
    ] {
        let refused = trustmh(folder.path(), wrong).with_code(2).err;
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn what_is_not_comparable_is_said_in_words_and_never_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let judged = |subject: &str, judge: &str| {
        let tasks =
            ["--tasks", "safety/jailbreak,sycophancy/pas", "--items", "6", "--judge", judge];
        run(folder.path(), subject, &tasks)
    };
    let one = judged("scripted/always-refuse", "scripted/judge:2");
    let two = judged("scripted/complies", "scripted/judge:2");
    let other = judged("scripted/complies", "offline");
    let runs = [one.as_str(), &two, &other];
    let compare = |more: &[&str]| {
        trustmh(folder.path(), ["compare"].iter().chain(&runs).chain(more)).with_code(0).out
    };
    let of_other = |csv: &str| {
        let mut found = rows(csv);
        found.retain(|row| row["row"] == "value" && row["run"] == other);
        assert_eq!(found.len(), 2, "{csv}");
        found
    };
    for row in of_other(&compare(&["--format", "csv"])) {
        assert_eq!((row["state"].as_str(), row["value"].as_str()), ("not comparable: judge", ""));
        assert!(row["rank"].is_empty() && row["better_than"].is_empty(), "{row:?}");
    }
    for row in of_other(&compare(&["--format", "csv", "--even-if-unlike"])) {
        assert!(row["state"] == "not comparable: judge" && !row["value"].is_empty(), "{row:?}");
        assert!(row["rank"].is_empty() && row["better_than"].is_empty(), "{row:?}");
    }
    let page = compare(&["--format", "html"]);
    assert_eq!(page.matches("<td class=\"unlike\"").count(), 2, "{page}");
    assert!(page.contains("not comparable: judge") && page.contains("A and C differ in judge:"));
    assert!(compare(&["--format", "latex"]).contains(" & n.c. "));
    // Where no two are alike, the page says so and the command ends as it does otherwise.
    let refused = ["compare", &two, &other, "--format", "html"];
    let refused = trustmh(folder.path(), refused).with_code(2);
    assert_eq!(refused.out.matches("<td class=\"unlike\"").count(), 4, "{}", refused.out);
    assert!(refused.out.contains("2 not compared"), "{}", refused.out);
}

#[test]
fn a_run_that_is_not_whole_says_so_first() {
    let folder = tempfile::tempdir().unwrap();
    let whole = run(folder.path(), "scripted/always-refuse", &TASKS);
    let cut = ["run", "--subject", "scripted/random:1", "--max-calls", "40", "--runs-dir", "cut"];
    trustmh(folder.path(), cut.iter().chain(&TASKS)).with_code(4);
    let cut = support::only_run(&folder.path().join("cut")).display().to_string();
    let written = |command: &str, format: &str| {
        let arguments = [command, &whole, &cut, "--format", format];
        trustmh(folder.path(), arguments).with_code(0).out
    };
    for command in ["compare", "leaderboard"] {
        let page = written(command, "html");
        let said = page.find("INCOMPLETE").unwrap();
        assert!(said < page.find("<table").unwrap(), "{page}");
        assert!(page.contains("trials pending"), "{page}");
        let latex = written(command, "latex");
        let said = latex.find("\\caption{\\textbf{B: INCOMPLETE").unwrap();
        assert!(said < latex.find("\\begin{tabular}").unwrap());
        let rows = rows(&written(command, "csv"));
        let of_cut = rows.iter().filter(|row| row["row"] == "value" && row["run"] == cut);
        assert!(of_cut.clone().count() > 0);
        assert!(of_cut.into_iter().all(|row| row["record"].starts_with("INCOMPLETE")));
    }
}

#[test]
fn every_chart_becomes_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let [safe, leaky, _] = different(folder.path());
    let names = |folder: &Path| {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
        let mut names: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    let compare = ["compare", &safe, &leaky, "--figures", "two"];
    let said = trustmh(folder.path(), compare).with_code(0).err;
    assert!(said.contains("written: 1 charts as SVG"), "{said}");
    let two = names(&folder.path().join("two"));
    assert!(two.contains(&"runs-by-task.svg".to_owned()), "{two:?}");
    let has_fonts = said.contains("SVG and PNG");
    assert_eq!(two.contains(&"runs-by-task.png".to_owned()), has_fonts, "{said}");
    let svg = fs::read_to_string(folder.path().join("two/runs-by-task.svg")).unwrap();
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.contains("<style>")
    );
    trustmh(folder.path(), ["report", &safe, "--figures", "one"]).with_code(0);
    let one = names(&folder.path().join("one"));
    for name in ["tasks.svg", "metrics-privacy-leakage.svg", "metrics-safety-jailbreak.svg"] {
        assert!(one.contains(&name.to_owned()), "{one:?}");
    }
    let export = ["export", &safe, "--format", "markdown", "--figures", "same"];
    trustmh(folder.path(), export).with_code(0);
    assert_eq!(names(&folder.path().join("same")), one, "the same names");
    let board = ["leaderboard", &safe, "--format", "csv", "--figures", "board"];
    let board = trustmh(folder.path(), board).with_code(0);
    assert!(rows(&board.out).iter().any(|row| row["row"] == "published"), "{}", board.out);
    assert!(!names(&folder.path().join("board")).is_empty());
}

#[tokio::test]
async fn pages_have_no_findings_at_three_widths_in_light_and_dark() {
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = Browser::start().await else { return };
    let [safe, leaky, random] = different(folder.path());
    let unlike =
        run(folder.path(), "scripted/complies", &["--tasks", "safety/jailbreak", "--items", "4"]);
    let pages = [
        ("two", vec!["compare", &safe, &leaky]),
        ("several", vec!["compare", &safe, &leaky, &random, &unlike, "--even-if-unlike"]),
        ("board", vec!["leaderboard", &safe, &leaky]),
    ];
    for (name, arguments) in pages {
        let file = format!("{name}.html");
        let html = ["--format", "html", "--output", &file];
        trustmh(folder.path(), arguments.into_iter().chain(html)).with_code(0);
        let page = folder.path().join(&file);
        browser.client.goto(&format!("file://{}", page.display())).await.unwrap();
        let (light, dark) = (Colours::Light, Colours::Dark);
        for (width, colours) in [(1440, light), (1024, dark), (390, light), (390, dark)] {
            browser.wide(width).await;
            browser.coloured(colours).await;
            let inside = "return document.documentElement.scrollWidth <= window.innerWidth;";
            let inside = browser.client.execute(inside, Vec::new()).await.unwrap();
            assert_eq!(inside, json!(true), "{name} at {width}: nothing leaves the page");
            browser.has_no_findings(&["minor", "moderate", "serious", "critical"]).await;
            browser.picture(&format!("matrix-{name}-{width}-{colours:?}")).await;
        }
        let fetched = "return performance.getEntriesByType('resource').length;";
        let fetched = browser.client.execute(fetched, Vec::new()).await.unwrap();
        assert_eq!(fetched, json!(0));
    }
    browser.console_is_empty().await;
    browser.end().await;
}
