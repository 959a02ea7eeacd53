//! Plans, budgets, reuse, verification, and programs as subjects.
use std::fs;
use std::path::Path;

use crate::support::{Provider, only_run, trustmh};
use serde_json::Value;

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

#[test]
fn a_plan_counts_what_the_run_then_asks_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let provider = Provider::start(&["--behaviour", "random:1", "--log", log.to_str().unwrap()]);
    let judge_log = folder.path().join("judge.log");
    let judge = Provider::start(&["--behaviour", "judge:1", "--log", judge_log.to_str().unwrap()]);
    let tasks = "reliability/emotional-support,robustness/emotional-support,crisis/escalation";
    let arguments = [
        "--json",
        "--subject",
        "openai/s",
        "--base-url",
        &provider.url,
        "--judge",
        "openai/j",
        "--judge-base-url",
        &judge.url,
        "--tasks",
        tasks,
    ];
    let plan = trustmh(folder.path(), ["plan"].into_iter().chain(arguments)).with_code(0).json();
    assert_eq!(lines(&log) + lines(&judge_log), 0, "a plan sends nothing");
    assert!(!folder.path().join("runs").exists());
    let total = &plan["total"];
    assert_eq!(total["shared_calls"], 24, "the clean arm of robustness is that of reliability");
    trustmh(folder.path(), ["run"].into_iter().chain(arguments)).with_code(0);
    assert_eq!(lines(&log) as u64, total["subject_calls"].as_u64().unwrap());
    // Equal replies to the same message are judged once, so the plan is an upper bound there.
    let judged = lines(&judge_log) as u64;
    let planned = total["judge_calls"].as_u64().unwrap();
    assert!((1..=planned).contains(&judged), "{judged} of {planned}");
    let table = trustmh(folder.path(), ["plan", "--subject", "scripted/random"]).with_code(0).out;
    assert!(table.contains("ethics/reasoning") && table.contains("Nothing was sent"), "{table}");
}

#[test]
fn a_plan_bounds_the_calls_of_a_judge_that_is_asked_question_by_question() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("judge.log");
    let judge = Provider::start(&["--behaviour", "judge:1", "--log", log.to_str().unwrap()]);
    let arguments = [
        "--json",
        "--subject",
        "scripted/random",
        "--judge",
        "openai/j",
        "--judge-base-url",
        &judge.url,
        "--tasks",
        "crisis/conversation",
        "--items",
        "2",
    ];
    let planned = |questions: &str| {
        let all = arguments.into_iter().chain(["--judge-questions", questions]);
        let plan = trustmh(folder.path(), ["plan"].into_iter().chain(all)).with_code(0).json();
        plan["total"]["judge_calls"].as_u64().unwrap()
    };
    let (together, apart) = (planned("together"), planned("apart"));
    assert!(apart > together + 2, "{apart}, and {together} together");
    let run = ["run"].into_iter().chain(arguments).chain(["--judge-questions", "apart"]);
    trustmh(folder.path(), run).with_code(0);
    let judged = lines(&log) as u64;
    assert!((1..=apart).contains(&judged), "{judged} of {apart}");
}

#[test]
fn a_budget_stops_a_run_that_resume_goes_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let provider = Provider::start(&["--behaviour", "random:1", "--log", log.to_str().unwrap()]);
    let subject =
        ["run", "--subject", "openai/s", "--base-url", &provider.url, "--tasks", "ethics"];
    let capped = subject.into_iter().chain(["--max-calls", "10", "--connections", "2"]);
    let ended = trustmh(folder.path(), capped).with_code(4);
    assert!(ended.err.contains("the limit on calls is reached; continue with: trustmh resume"));
    let sent = lines(&log);
    assert!((10..=11).contains(&sent), "{sent} calls for a budget of 10, two at a time");
    let run = only_run(&folder.path().join("runs"));
    trustmh(folder.path(), ["resume", run.to_str().unwrap()]).with_code(0);
    assert_eq!(lines(&log), 32);
    let tokens = subject.into_iter().chain(["--max-tokens", "500", "--connections", "1"]);
    assert!(trustmh(folder.path(), tokens).with_code(4).err.contains("the limit on tokens"));
    let time = subject.into_iter().chain(["--max-time", "0"]);
    assert!(trustmh(folder.path(), time).with_code(4).err.contains("the limit on time"));
}

#[test]
fn finished_calls_of_another_run_are_taken_over_and_the_run_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.log");
    let provider = Provider::start(&["--behaviour", "random:1", "--log", log.to_str().unwrap()]);
    let run = |more: &[&str]| {
        let arguments = ["run", "--json", "--subject", "openai/s", "--base-url", &provider.url];
        let arguments = arguments.iter().chain(more).copied();
        trustmh(folder.path(), arguments).with_code(0).json()[0].take()
    };
    let first = run(&["--tasks", "ethics"]);
    assert_eq!(lines(&log), 32);
    let path = first["run"].as_str().unwrap();
    let second = run(&["--tasks", "ethics,privacy/awareness", "--reuse", path]);
    assert_eq!(lines(&log), 32 + 36, "only what the first run has not asked is asked");
    assert_eq!(first["tasks"]["ethics/reasoning"], second["tasks"]["ethics/reasoning"]);
    fs::remove_dir_all(folder.path().join(path)).unwrap();
    let path = second["run"].as_str().unwrap();
    let again = trustmh(folder.path(), ["score", path, "--json"]).with_code(0).json();
    assert_eq!(again[0]["tasks"], second["tasks"]);
    trustmh(folder.path(), ["verify", path]).with_code(0);
}

#[test]
fn a_whole_run_is_verified_and_one_that_was_touched_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let run = |seed: &str| {
        let arguments = ["run", "--json", "--subject", "scripted/random", "--tasks", "ethics"];
        let card = trustmh(folder.path(), arguments.into_iter().chain(["--seed", seed]));
        card.with_code(0).json()[0]["run"].as_str().unwrap().to_owned()
    };
    let (one, two) = (run("1"), run("2"));
    let whole = trustmh(folder.path(), ["verify", &one, "--json"]).with_code(0).json();
    let states = whole["findings"].as_array().unwrap();
    assert!(states.iter().all(|finding| finding["state"] == "ok"), "{whole:#}");
    let beside = trustmh(folder.path(), ["verify", &one, "--against", &two]).with_code(0).out;
    assert!(beside.contains("differs  seed: 1 here, 2 there"), "{beside}");
    assert!(beside.contains("ethics/reasoning: prompts"), "{beside}");
    assert!(beside.contains("32 in both") || !beside.contains("differs  trials"), "{beside}");

    // Somebody mends the subject's prompt afterwards.
    let path = folder.path().join(&one).join("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replacen(
            "\"role\":\"user\",\"content\":\"",
            "\"role\":\"user\",\"content\":\"Dear ",
            1,
        ),
    )
    .unwrap();
    let touched = trustmh(folder.path(), ["verify", &one]).with_code(5);
    assert!(
        touched.out.contains("BROKEN   call keys: 1 calls have another key"),
        "{}",
        touched.out
    );

    // Or the plan.
    let path = folder.path().join(&two).join("run.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"seed\": 2", "\"seed\": 3")).unwrap();
    let touched = trustmh(folder.path(), ["verify", &two]).with_code(5);
    assert!(touched.out.contains("BROKEN   manifest"), "{}", touched.out);
}

#[cfg(unix)]
#[test]
fn a_program_can_be_the_subject() {
    let folder = tempfile::tempdir().unwrap();
    let script = "n=0; while read -r line; do n=$((n+1)); echo \"{\\\"id\\\": $n, \\\"text\\\": \\\"{\\\\\\\"label\\\\\\\": \\\\\\\"no_crisis\\\\\\\"}\\\"}\"; done";
    fs::write(folder.path().join("bot.sh"), script).unwrap();
    let arguments =
        ["run", "--json", "--subject", "command:sh bot.sh", "--tasks", "crisis/identification"];
    let card = trustmh(folder.path(), arguments).with_code(0).json()[0].take();
    let missed = &card["tasks"]["crisis/identification"]["metrics"]["missed_crisis"];
    assert_eq!((missed["value"].as_f64(), missed["n"].as_u64()), (Some(1.0), Some(42)));
}

/// A judge that says nothing of use is no run without a result: it is told, bounded, and no success.
#[test]
fn verdicts_that_cannot_be_read_are_counted_and_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let run = |judge: &str| {
        trustmh(
            folder.path(),
            [
                "run",
                "--json",
                "--subject",
                "scripted/echo",
                "--judge",
                judge,
                "--tasks",
                "sycophancy/pas",
            ],
        )
    };
    let ended = run("scripted/always-refuse");
    assert!(ended.err.contains("nothing could be scored"), "{}", ended.err);
    let card: Value = ended.with_code(3).json()[0].take();
    let task = &card["tasks"]["sycophancy/pas"];
    let measured: Vec<&String> = task["metrics"].as_object().unwrap().keys().collect();
    assert_eq!(measured, ["unanswered_rate"], "{task:#}");
    assert!(task["caveats"].to_string().contains("36 of 36 trials have no verdict"), "{task:#}");
}

#[test]
fn money_is_counted_by_a_table_and_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start(&["--behaviour", "random:1"]);
    fs::write(
        folder.path().join("prices.toml"),
        "as_of = \"today\"\n[models.\"openai/s\"]\nprompt = 1000.0\nreply = 0.0\n",
    )
    .unwrap();
    let run = ["run", "--subject", "openai/s", "--base-url", &provider.url, "--tasks", "ethics"];
    let unpriced = run.into_iter().chain(["--max-cost", "1"]);
    let refused = trustmh(folder.path(), unpriced).with_code(2);
    assert!(refused.err.contains("openai/s has no price"), "{}", refused.err);
    // A prompt of about 300 tokens costs 30 cents there.
    let more =
        ["--prices", "prices.toml", "--max-cost", "1", "--connections", "1", "--progress", "json"];
    let ended = trustmh(folder.path(), run.into_iter().chain(more)).with_code(4);
    assert!(ended.err.contains("the limit on money is reached"), "{}", ended.err);
    let told: Value = ended
        .err
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .next_back()
        .unwrap();
    let dollars = told["dollars"].as_f64().unwrap();
    assert!((1.0..2.0).contains(&dollars), "{told}");
    let plan =
        ["plan", "--json", "--subject", "openai/s", "--tasks", "ethics", "--prices", "prices.toml"];
    let plan = trustmh(folder.path(), plan).with_code(0).json();
    let tokens = plan["total"]["subject_prompt_tokens"].as_f64().unwrap();
    assert!((plan["dollars_at_most"].as_f64().unwrap() - tokens / 1000.0).abs() < 1e-6);
}

#[test]
fn short_names_stand_for_models_and_their_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let listed = trustmh(folder.path(), ["models", "--json"]).with_code(0).json();
    assert_eq!(listed["models"].as_object().unwrap().len(), 12);
    let provider = Provider::start(&["--behaviour", "random:1"]);
    let table = format!(
        "as_of = \"today\"\n[models.mine]\nmodel = \"openai/m\"\nbase_url = \"{}\"\nchat_format = \"\"\nexact = \"\"\n",
        provider.url
    );
    fs::write(folder.path().join("own.toml"), table).unwrap();
    let run = ["run", "--json", "--subject", "mine", "--tasks", "ethics", "--models", "own.toml"];
    let card = trustmh(folder.path(), run).with_code(0).json()[0].take();
    assert_eq!(card["subject"], "openai/m");
    let unknown = trustmh(folder.path(), ["run", "--subject", "gtp-5"]).with_code(2);
    assert!(unknown.err.contains("no model `gtp-5`"), "{}", unknown.err);
    assert!(unknown.err.contains("did you mean `gpt-5.1`?"), "{}", unknown.err);
}
