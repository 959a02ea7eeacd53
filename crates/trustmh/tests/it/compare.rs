//! Runs beside each other.
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{shared, trustmh};
use serde_json::Value;

/// A run of a scripted subject; gives its folder.
fn run(folder: &Path, subject: &str, more: &[&str]) -> String {
    let arguments = ["run", "--json", "--subject", subject];
    let card = trustmh(folder, arguments.iter().chain(more)).with_code(0).json();
    card[0]["run"].as_str().unwrap().to_owned()
}

/// The six recorded models of the Ethics pillar as runs, in the order of their names.
fn ethics(folder: &Path) -> Option<Vec<String>> {
    let records = shared("records")?.join("ethics");
    let mut files: Vec<PathBuf> =
        fs::read_dir(records).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let arguments = ["import", "--json", "trustmh-ethics"].map(Into::into).into_iter();
    let ended = trustmh(folder, arguments.chain(files)).with_code(0).json();
    Some(ended.as_array().unwrap().iter().map(|run| run.as_str().unwrap().to_owned()).collect())
}

#[test]
fn the_published_order_of_ethics_rests_on_four_of_fifteen_pairs() {
    let folder = tempfile::tempdir().unwrap();
    let Some(runs) = ethics(folder.path()) else { return };
    assert_eq!(runs.len(), 6);
    let arguments = ["compare", "--json"].map(str::to_owned).into_iter().chain(runs);
    let found = trustmh(folder.path(), arguments).with_code(0).json();
    assert_eq!(found["pairs"].as_array().unwrap().len(), 15);
    let standing = &found["standings"]["ethics/reasoning"];
    assert_eq!((&standing["separated"], &standing["shared"]), (&4.into(), &125.into()));
    let order: Vec<&str> = standing["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["run"]["subject"].as_str().unwrap())
        .collect();
    // Published ranks 1, 2, 3, 9, 11 and 12.
    let published = [
        "Medtron3-70B",
        "PsycoLLM",
        "gpt-4o-mini",
        "MentalLLaMA",
        "claude-sonnet-4-5-20250929",
        "gpt-5.1",
    ];
    assert_eq!(order, published);
    for row in standing["rows"].as_array().unwrap() {
        let rank = |end: &str| row[end].as_u64().unwrap();
        assert!(rank("best") <= rank("rank") && rank("rank") <= rank("worst"), "{row}");
        assert!(rank("best") < rank("worst"), "125 items fix no rank: {row}");
    }
    // A pillar of one task has the ranks of that task, and one pillar makes no order over all.
    let mut of_task: Vec<&Value> = standing["rows"].as_array().unwrap().iter().collect();
    of_task.sort_by_key(|row| row["run"]["run"].as_str());
    let by_run = |at: usize| &found["runs"][at]["run"];
    for (place, range) in found["pillars"]["ethics"]["ranks"].as_array().unwrap().iter().enumerate()
    {
        let row = of_task.iter().find(|row| row["run"]["run"] == *by_run(place)).unwrap();
        for part in ["rank", "best", "worst"] {
            assert_eq!(row[part], range[part], "{row}");
        }
    }
    assert_eq!(found["overall"], Value::Null);
}

#[test]
fn ranks_by_pillar_and_over_all_have_ranges() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = ["--tasks", "safety/jailbreak,privacy/leakage,privacy/awareness,ethics"];
    let subjects = ["scripted/always-refuse", "scripted/random:1", "scripted/leaks-everything"];
    let runs: Vec<String> =
        subjects.iter().map(|subject| run(folder.path(), subject, &tasks)).collect();
    let arguments = ["compare", "--json"].map(str::to_owned).into_iter().chain(runs.clone());
    let found = trustmh(folder.path(), arguments).with_code(0).json();
    let overall = &found["overall"];
    let pillars: Vec<&str> =
        overall["of"].as_array().unwrap().iter().map(|of| of.as_str().unwrap()).collect();
    assert!(pillars.contains(&"safety") && pillars.contains(&"privacy"), "{pillars:?}");
    let safety = &found["pillars"]["safety"]["ranks"];
    assert_eq!((&safety[0]["rank"], &safety[0]["worst"]), (&1.into(), &1.into()), "{safety}");
    for range in overall["ranks"].as_array().unwrap() {
        let rank = |end: &str| range[end].as_u64().unwrap();
        assert!(1 <= rank("best") && rank("best") <= rank("rank") && rank("rank") <= rank("worst"));
        assert!(rank("worst") <= 3, "{range}");
    }
    let arguments = ["compare"].map(str::to_owned).into_iter().chain(runs);
    let table = trustmh(folder.path(), arguments).with_code(0).out;
    assert!(table.contains("Ranks by the sum of ranks"), "{table}");
}

#[test]
fn a_run_beside_itself_differs_in_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let one = run(folder.path(), "scripted/random:1", &["--tasks", "ethics,privacy"]);
    let two = run(folder.path(), "scripted/random:1", &["--tasks", "ethics,privacy"]);
    let found = trustmh(folder.path(), ["compare", "--json", "--all", &one, &two]).with_code(0);
    let pair = found.json()["pairs"][0].take();
    assert_eq!(pair["differs"], Value::Array(Vec::new()), "{pair:#}");
    for task in pair["tasks"].as_object().unwrap().values() {
        for metric in task["metrics"].as_object().unwrap().values() {
            assert!(metric["difference"].as_f64().unwrap().abs() < 1e-15, "{metric}");
            assert_ne!(metric["verdict"], "better");
            assert_ne!(metric["verdict"], "worse");
        }
        assert_eq!(task["changed"], Value::Array(Vec::new()));
    }
}

#[test]
fn a_clear_difference_is_told_in_the_right_direction() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = ["--tasks", "safety/jailbreak,privacy/leakage,crisis/identification"];
    let safe = run(folder.path(), "scripted/always-refuse", &tasks);
    let leaky = run(folder.path(), "scripted/leaks-everything", &tasks);
    let arguments = ["compare", "--json", &safe, &leaky];
    let pair = trustmh(folder.path(), arguments).with_code(0).json()["pairs"][0].take();
    let leaks = &pair["tasks"]["privacy/leakage"];
    let metric = &leaks["metrics"]["leak_rate"];
    let primary = &leaks["metrics"]["privacy_error"];
    assert!(primary["primary"] == true && primary["verdict"] == "worse", "{primary}");
    assert_eq!((&metric["direction"], &metric["verdict"]), (&"lower".into(), &"worse".into()));
    // No item differs from the next, and the interval has width all the same.
    let low = metric["low"].as_f64().unwrap();
    assert!(metric["difference"] == 1.0 && low > 0.4 && low < 0.9, "{metric}");
    let resists = &pair["tasks"]["safety/jailbreak"]["metrics"]["resistance_rate"];
    assert!(resists["high"].as_f64().unwrap() < 0.0, "{resists}");
    assert_eq!(resists["verdict"], "worse");
    assert!(!leaks["changed"].as_array().unwrap().is_empty());
    let table = trustmh(folder.path(), ["compare", &leaky, &safe]).with_code(0).out;
    assert!(table.contains(" better"), "{table}");
    let page = trustmh(folder.path(), ["compare", "--format", "markdown", &safe, &leaky]);
    assert!(page.with_code(0).out.contains("| worse, by an unvalidated judge |"));
}

#[test]
fn means_of_items_and_of_metrics_are_compared_too() {
    let folder = tempfile::tempdir().unwrap();
    let more =
        ["--judge", "scripted/judge:1", "--tasks", "crisis/escalation,reliability/diagnosis"];
    let one = run(folder.path(), "scripted/random:1", &more);
    let two = run(folder.path(), "scripted/random:2", &more);
    let cards = trustmh(folder.path(), ["score", "--json", &one, &two]).with_code(0).json();
    let found = trustmh(folder.path(), ["compare", "--json", &one, &two]).with_code(0).json();
    for (task, metric) in
        [("crisis/escalation", "appropriateness"), ("reliability/diagnosis", "macro_f1")]
    {
        let difference = &found["pairs"][0]["tasks"][task]["metrics"][metric];
        let of =
            |card: usize| cards[card]["tasks"][task]["metrics"][metric]["value"].as_f64().unwrap();
        let number = |field: &str| difference[field].as_f64().unwrap_or(f64::NAN);
        assert!((number("difference") - (of(1) - of(0))).abs() < 1e-9, "{task}: {difference}");
        assert!(number("low") < number("difference") && number("difference") < number("high"));
        assert!(number("p") > 0.0 && difference["verdict"] == "not-separated", "{difference}");
    }
}

#[test]
fn runs_that_were_judged_otherwise_are_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = ["--tasks", "ethics,reliability/knowledge"];
    let one = run(folder.path(), "scripted/random:1", &tasks);
    let two = run(folder.path(), "scripted/random:2", &[&tasks[..], &["--judge", "none"]].concat());
    // Nobody judges the other task, so that one is compared.
    let table = trustmh(folder.path(), ["compare", &one, &two]).with_code(0).out;
    assert!(table.contains("Not directly comparable, and not compared"), "{table}");
    assert!(table.contains("ethics/reasoning: judge: offline rules version"), "{table}");
    let pair =
        trustmh(folder.path(), ["compare", "--json", &one, &two]).with_code(0).json()["pairs"][0]
            .take();
    let ethics = &pair["tasks"]["ethics/reasoning"];
    assert_eq!(ethics["metrics"], serde_json::json!({}), "{ethics}");
    assert_eq!(ethics["differs"][0]["what"], "judge");
    assert_eq!(ethics["differs"][0]["bearing"], "forbids");
    assert_eq!(ethics["differs"][0]["second"], "none");
    assert!(pair["tasks"]["reliability/knowledge"]["metrics"]["accuracy"]["p"].is_number());
    let alone = trustmh(folder.path(), ["compare", &one]).with_code(2);
    assert!(alone.err.contains("nothing to be compared with"), "{}", alone.err);
}

#[test]
fn the_published_results_built_in_are_those_of_the_reference() {
    let Some(folder) = shared("reference") else { return };
    let text = fs::read_to_string(folder.join("published.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let published = trustmh_engine::published::Published::embedded().unwrap();
    assert_eq!(serde_json::to_value(&published.models).unwrap(), reference["models"]);
    assert_eq!(serde_json::to_value(&published.task_ranks).unwrap(), reference["task_ranks"]);
    assert_eq!(serde_json::to_value(&published.pillar_ranks).unwrap(), reference["pillar_ranks"]);
    let mut compared = 0;
    for (part, task) in [
        ("ethics", "ethics/reasoning"),
        ("awareness", "privacy/awareness"),
        ("leakage", "privacy/leakage"),
    ] {
        for (model, numbers) in reference[part].as_object().unwrap() {
            for (name, value) in numbers.as_object().unwrap() {
                let Some(value) = value.as_f64().filter(|_| !name.ends_with("_n")) else {
                    continue;
                };
                let name = match name.as_str() {
                    "free_response_string_match" => "string_match",
                    "free_response_proxy_model" => "proxy_model_leaks",
                    other => other,
                };
                let name = trustmh_core::id::MetricName::new(name);
                let own = published.numbers[model][&task.parse().unwrap()][&name];
                assert!((own - value).abs() < 1e-15, "{model} {task} {name}: {own} {value}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared} numbers");
}

#[test]
fn recorded_ethics_runs_stand_in_the_published_order_and_own_runs_apart() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut runs) = ethics(folder.path()) else { return };
    runs.push(run(folder.path(), "scripted/random:1", &["--tasks", "ethics"]));
    let arguments = ["leaderboard", "--json"].map(str::to_owned).into_iter().chain(runs);
    let board = trustmh(folder.path(), arguments).with_code(0).json();
    let task = &board["tasks"]["ethics/reasoning"];
    let [recorded, own] = task["groups"].as_array().unwrap().as_slice() else {
        panic!("{:#}", task["groups"])
    };
    assert_eq!(recorded["beside_published"], "directly");
    let rows = recorded["runs"].as_array().unwrap();
    let names = |rows: &[Value], field: &str| -> Vec<String> {
        rows.iter().map(|row| row[field].as_str().unwrap().to_lowercase()).collect()
    };
    // The records spell some names otherwise.
    let spelt = |name: String| {
        name.replace("medtron3", "meditron3").replace("-20250929", "").replace("4-5", "4.5")
    };
    let found: Vec<String> = names(rows, "subject").into_iter().map(spelt).collect();
    let published = names(task["published"].as_array().unwrap(), "model");
    let order: Vec<String> = published.into_iter().filter(|model| found.contains(model)).collect();
    assert_eq!(found, order);
    for row in rows {
        let (best, worst) = (row["place"][0].as_u64().unwrap(), row["place"][1].as_u64().unwrap());
        assert!(best < worst, "{row}");
    }
    assert!(own["beside_published"]["not"].as_str().unwrap().contains("own prompts"), "{own}");
    assert_eq!(own["runs"][0]["place"], Value::Null);
    let text = trustmh(folder.path(), ["leaderboard"]).with_code(0).out;
    assert!(text.contains("safety/jailbreak: published ranks"), "{text}");
    assert!(text.contains("prints rank 2 for PsycoLLM"), "{text}");
}

#[test]
fn power_says_how_many_items_a_difference_takes() {
    let folder = tempfile::tempdir().unwrap();
    let power = |more: &[&str]| trustmh(folder.path(), ["power", "--json"].iter().chain(more));
    let found = power(&["--difference", "0.05,0.1", "--discordant", "0.2"]).with_code(0).json();
    // scipy 1.17, over all outcomes of McNemar's mid-p test: 622 and 152.
    let items: Vec<u64> = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["items"].as_u64().unwrap())
        .collect();
    assert_eq!(items, [622, 152]);
    let shown = power(&["--items", "125", "--discordant", "0.2"]).with_code(0).json();
    let difference = shown["rows"][0]["difference"].as_f64().unwrap();
    assert!((0.105..0.115).contains(&difference), "{difference}");
    let impossible = power(&["--difference", "0.3", "--discordant", "0.2"]).with_code(0).json();
    assert_eq!(impossible["rows"][0]["items"], Value::Null);
    assert!(power(&["--difference", "0.1"]).with_code(2).err.contains("--discordant"));
    let shown = ["power", "--difference", "0.3", "--discordant", "0.2"];
    assert!(trustmh(folder.path(), shown).with_code(0).out.contains("0.3 is not possible"));
    power(&["--difference", "0.1", "--discordant", "5"]).with_code(2);
    for chance in ["5", "0", "nan"] {
        let alpha = ["compare", "runs/a", "runs/b", "--alpha", chance];
        let refused = trustmh(folder.path(), alpha).with_code(2);
        assert!(refused.err.contains("between 0 and 1"), "{}", refused.err);
    }
}

#[test]
fn peoples_scores_put_a_judge_right() {
    let folder = tempfile::tempdir().unwrap();
    let subject = run(folder.path(), "scripted/random:1", &["--tasks", "crisis/escalation"]);
    let json = trustmh(folder.path(), ["score", "--json", &subject]).with_code(0).json();
    let metrics = &json[0]["tasks"]["crisis/escalation"]["metrics"];
    let judge = metrics["appropriateness"]["value"].as_f64().unwrap();
    // People who find every third reply fully appropriate.
    let items = fs::read_to_string(folder.path().join(&subject).join("journal.jsonl")).unwrap();
    let texts: Vec<Value> = items
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"]["trial"].clone())
        .filter(Value::is_object)
        .step_by(3)
        .map(|trial| serde_json::json!({ "text": trial["item"]["content"]["text"], "score": 5 }))
        .collect();
    fs::write(folder.path().join("people.json"), serde_json::to_string(&texts).unwrap()).unwrap();
    let calibrate = ["--calibration", "people.json", "--task", "crisis/escalation"];
    let arguments = ["score", "--json", &subject, "--measure", "appropriateness"];
    let found = trustmh(folder.path(), arguments.into_iter().chain(calibrate)).with_code(0).json();
    let (raw, corrected) = (&found[0]["raw"], &found[0]["corrected"]);
    assert!((raw["value"].as_f64().unwrap() - judge).abs() < 1e-9);
    assert!(corrected["value"].as_f64().unwrap() > judge);
    assert!(found[0]["labelled"].as_u64().unwrap() >= 10, "{found:#}");
    let table =
        trustmh(folder.path(), arguments.into_iter().filter(|a| *a != "--json").chain(calibrate));
    assert!(table.with_code(0).out.contains("corrected by people's ratings"));
    let off = ["score", &subject, "--measure", "kindness"];
    trustmh(folder.path(), off.into_iter().chain(calibrate)).with_code(2);
}

#[test]
fn a_new_subject_is_asked_the_recorded_prompts_and_judged_by_the_recorded_words() {
    let folder = tempfile::tempdir().unwrap();
    let Some(runs) = ethics(folder.path()) else { return };
    let recorded = runs.iter().find(|run| run.contains("gpt-4o-mini")).unwrap();
    // A judge that writes down what it is asked, and is content with everything.
    let script = "n=0; while read -r line; do n=$((n+1)); printf '%s\\n' \"$line\" >> asked.jsonl; echo \"{\\\"id\\\": $n, \\\"text\\\": \\\"{\\\\\\\"sc1\\\\\\\": 4, \\\\\\\"sc2\\\\\\\": 4, \\\\\\\"sc3\\\\\\\": 4, \\\\\\\"sc4\\\\\\\": 4, \\\\\\\"sc5\\\\\\\": 4}\\\"}\"; done";
    fs::write(folder.path().join("judge.sh"), script).unwrap();
    let common = ["run", "--json", "--subject", "scripted/random:4", "--prompts-from", recorded];
    let judged = ["--judge", "command:sh judge.sh"];
    let refused = trustmh(folder.path(), common.iter().chain(&judged)).with_code(2);
    assert!(refused.err.contains("--protocol reference"), "{}", refused.err);
    let arguments = common.iter().chain(&judged).chain(&["--protocol", "reference"]);
    let new = trustmh(folder.path(), arguments).with_code(0).json()[0]["run"]
        .as_str()
        .unwrap()
        .to_owned();

    let events = |run: &str| -> Vec<Value> {
        let text = fs::read_to_string(folder.path().join(run).join("journal.jsonl")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].take())
            .collect()
    };
    let prompts = |run: &str| -> std::collections::BTreeMap<String, Value> {
        let trials = events(run).into_iter().filter(|event| event["trial"].is_object());
        trials
            .map(|mut event| {
                (
                    event["trial"]["id"].as_str().unwrap().to_owned(),
                    event["trial"]["messages"].take(),
                )
            })
            .collect()
    };
    assert_eq!(prompts(&new), prompts(recorded));
    assert_eq!(prompts(&new).len(), 125);
    let new_events = events(&new);
    let trial = "ethics/reasoning:ethicmh-007:plain:0";
    let words = new_events.iter().find(|event| event["trial"]["id"] == trial).unwrap();
    let words = &words["trial"]["judge_prompt"];
    let reply = new_events
        .iter()
        .find(|event| {
            event["call"]["trial"] == trial && event["call"]["purpose"]["subject"].is_object()
        })
        .map(|event| event["call"]["end"]["replied"]["text"].as_str().unwrap())
        .unwrap();
    let part = |name: &str| words[name].as_str().unwrap();
    let expected = format!("{}{}{}", part("before"), reply.trim(), part("after"));
    let asked = fs::read_to_string(folder.path().join("asked.jsonl")).unwrap();
    let asked = asked.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut contents =
        asked.map(|call| call["messages"][0]["content"].as_str().unwrap().to_owned());
    assert!(contents.any(|content| content == expected), "the judge was not asked:\n{expected}");

    // Such a run stands beside the published numbers; that its judge is another is told by its group.
    let board =
        trustmh(folder.path(), ["leaderboard", "--json", recorded, &new]).with_code(0).json();
    let groups = board["tasks"]["ethics/reasoning"]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{groups:#?}");
    assert!(groups.iter().all(|group| group["beside_published"] == "directly"), "{groups:#?}");
    let pair =
        trustmh(folder.path(), ["compare", "--json", recorded, &new]).with_code(2).json()["pairs"]
            [0]
        .take();
    let differs = pair["differs"].as_array().unwrap();
    assert!(
        differs.len() == 1 && differs[0].as_str().unwrap().contains("judge: gpt-4.1"),
        "{differs:?}"
    );
    assert_eq!(pair["tasks"]["ethics/reasoning"]["shared"], 125);
    trustmh(folder.path(), ["verify", &new]).with_code(0);
    trustmh(folder.path(), ["resume", &new]).with_code(0);
    let without = runs.iter().find(|run| run.contains("PsycoLLM")).unwrap();
    let none = [
        "run",
        "--subject",
        "scripted/random",
        "--protocol",
        "reference",
        "--prompts-from",
        without,
    ];
    let refused = trustmh(folder.path(), none).with_code(2);
    assert!(refused.err.contains("not the prompts they answer"), "{}", refused.err);
}
