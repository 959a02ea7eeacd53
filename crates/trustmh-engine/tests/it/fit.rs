//! Task files whose parts do not fit together are refused, each with its field, its value and what would be right.
use std::collections::BTreeMap;

use trustmh_core::item::Item;
use trustmh_core::protocol::Protocol;
use trustmh_engine::benchmark::{Benchmark, SourceFile};
use trustmh_engine::fit::{self, TaskItems};

use crate::support::starter::items_of;

fn built_in(path: &str) -> String {
    let path = format!("{}/../../benchmark/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// The error of a benchmark in which a built-in task has something else in the place of `was`; all occurrences.
fn refused(task: &str, was: &str, is: &str) -> String {
    let path = format!("{task}.toml");
    let text = built_in(&path);
    assert!(text.contains(was), "{was} is not in {path}");
    let text = text.replace(was, is);
    match Benchmark::with_overrides(vec![SourceFile { path, text }]) {
        Ok(_) => panic!("{task}: {was} -> {is} is not refused"),
        Err(error) => error.to_string(),
    }
}

fn says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

#[test]
fn a_template_or_a_rubric_that_is_not_there() {
    let error = refused(
        "reliability/knowledge",
        "prompt = \"reliability-knowledge\"",
        "prompt = \"reliability-knowlege\"",
    );
    says(&error, &["no template prompts/reliability-knowlege.md", "`reliability-knowledge`?"]);
    let error =
        refused("crisis/escalation", "rubrics = [\"escalation\"]", "rubrics = [\"escallation\"]");
    says(&error, &["no rubric `escallation`", "did you mean `escalation`?"]);
    let error = refused("robustness/emotional-support", "of = \"distance\"", "of = \"distanse\"");
    says(&error, &["did you mean `distance`?"]);
}

#[test]
fn a_measure_that_the_scorer_does_not_yield() {
    let error = refused("reliability/knowledge", "of = \"correct\"", "of = \"corect\"");
    says(
        &error,
        &[
            "reliability/knowledge.toml: field `metrics.accuracy.statistic.of`: `corect` is no measure",
            "did you mean `correct`?",
        ],
    );
    for (task, was, is, field) in [
        ("privacy/awareness", "x = \"model_rating\"", "x = \"model\"", "tier_1_r.statistic.x"),
        ("privacy/awareness", "y = \"human_rating\"", "y = \"label\"", "tier_1_r.statistic.y"),
        ("crisis/severity", "x = \"predicted_level\"", "x = \"levels\"", "qwk.statistic.x"),
        ("crisis/severity", "y = \"level\"", "y = \"lvl\"", "spearman.statistic.y"),
        ("fairness/parity", "of = \"quality\"", "of = \"qualty\"", "spread.statistic.of"),
        ("robustness/diagnosis", "of = \"correct\"", "of = \"right\"", "drop_rate.statistic.of"),
        ("safety/jailbreak", "of = \"yielded\"", "of = \"gave_in\"", "attack_effect.statistic.of"),
        (
            "safety/toxicity",
            "\"maximum\", of = \"toxicity\"",
            "\"maximum\", of = \"tox\"",
            "toxicity_max",
        ),
        ("ethics/reasoning", "of = \"sc1\"", "of = \"sc9\"", "sc1.statistic.of"),
        ("ethics/reasoning", "of = \"picked_d\"", "of = \"picked_\"", "d_pick_rate.statistic.of"),
        (
            "crisis/escalation",
            "\"sd-of-items\", of = \"appropriateness\"",
            "\"sd-of-items\", of = \"correct\"",
            "appropriateness_sd",
        ),
        (
            "reliability/knowledge",
            "of = \"unparsed\"",
            "of = \"distance\"",
            "only perturbed trials",
        ),
    ] {
        says(&refused(task, was, is), &[field]);
    }
}

#[test]
fn a_measure_that_is_not_there_under_the_metrics_protocols() {
    let error = refused(
        "safety/jailbreak",
        "statistic = { kind = \"proportion\", of = \"refused\" }",
        "statistic = { kind = \"proportion\", of = \"resisted\" }",
    );
    says(&error, &["refusal_rate.statistic.of", "`resisted`", "protocols = [\"corrected\"]"]);
    let error = refused("ethics/reasoning", "rubrics = [\"ethics-principles\"]", "rubrics = []");
    says(&error, &["metrics.sc1.statistic.of"]);
    let error = refused("privacy/leakage", "rubrics = [\"leak\"]", "rubrics = []");
    says(&error, &["`leaked` takes a judge", "protocols.corrected.rubrics"]);
}

#[test]
fn a_statistic_that_does_not_fit_its_measure() {
    let mean = "kind = \"mean\", of = \"above_chance\"";
    let share = "kind = \"proportion\", of = \"above_chance\"";
    says(&refused("reliability/knowledge", mean, share), &["`above_chance` is not 0 or 1"]);
    let correct = "kind = \"proportion\", of = \"correct\"";
    for (statistic, part) in [
        ("kind = \"f1\", averaging = \"macro\"", "needs the text `label`"),
        ("kind = \"alarm-f1\"", "needs the text `alarm`"),
        ("kind = \"bleu\", order = 1", "needs the text `reply`"),
        ("kind = \"distinct\", order = 1", "needs the text `reply`"),
        ("kind = \"flips\", of = \"correct\", from = \"right\"", "perturbation is none"),
        ("kind = \"drop-rate\", of = \"correct\", floor = 0.0", "perturbation is none"),
        ("kind = \"parity\", of = \"correct\", part = \"spread\"", "compares identities"),
        ("kind = \"quadratic-kappa\", x = \"above_chance\", y = \"correct\"", "is no level"),
        ("kind = \"mean-of\", metrics = []", "name its parts"),
    ] {
        says(&refused("reliability/knowledge", correct, statistic), &["metrics.accuracy", part]);
    }
    says(
        &refused("reliability/emotional-support", "order = 4", "order = 5"),
        &["5 is not in 1..4"],
    );
    says(
        &refused("fairness/parity", "attribute = \"gender\"", "attribute = \"gendre\""),
        &["spread_gender.statistic.attribute", "did you mean `gender`?"],
    );
    says(
        &refused("robustness/diagnosis", "family = \"word\"", "family = \"stacked\""),
        &["`stacked` is not used", "statistic.family"],
    );
}

#[test]
fn a_mean_of_metrics_with_trials_of_its_own() {
    let mean =
        "statistic = { kind = \"mean-of\", metrics = [\"resistance_rate\", \"answered_rate\"] }";
    for more in ["groups = [\"method\"]", "select = { arm = \"attacked\" }"] {
        let error = refused("safety/jailbreak", mean, &format!("{mean}\n{more}"));
        says(&error, &["balanced_accuracy", "a mean of metrics has no trials of its own"]);
    }
}

#[test]
fn a_parser_or_an_expansion_that_does_not_fit() {
    let parsers = [
        ("reliability/knowledge", "parser = \"choice\"", "rating"),
        ("reliability/knowledge", "parser = \"choice\"", "text"),
        ("reliability/knowledge", "parser = \"choice\"", "choice-as-released"),
        ("privacy/awareness", "parser = \"rating\"", "label"),
        ("crisis/severity", "parser = \"label\"", "text"),
        ("crisis/escalation", "parser = \"text\"", "label"),
        ("safety/jailbreak", "parser = \"text\"", "choice"),
        ("privacy/leakage", "parser = \"text-after-answer\"", "label"),
    ];
    for (task, was, is) in parsers {
        let error = refused(task, was, &format!("parser = \"{is}\""));
        says(&error, &[".parser`", &format!("`{is}` does not fit")]);
    }
    let expansions = [
        ("reliability/knowledge", "expansion = \"plain\"", "attacks"),
        ("privacy/leakage", "expansion = \"questions\"", "plain"),
        ("crisis/severity", "expansion = \"plain\"", "shuffled-options"),
        ("fairness/parity", "expansion = \"identities\"", "questions"),
        ("sycophancy/oeq", "expansion = \"plain\"", "attacks-and-plain"),
    ];
    for (task, was, is) in expansions {
        let error = refused(task, was, &format!("expansion = \"{is}\""));
        says(&error, &[".expansion`", &format!("`{is}` does not fit items of kind")]);
    }
    let perturbed = "expansion = \"shuffled-options\"\nperturbation = \"families\"";
    let error = refused("reliability/knowledge", "expansion = \"shuffled-options\"", perturbed);
    says(&error, &["protocols.corrected.perturbation", "`families` does not fit"]);
    let unread = "reasks = 0\nunread_label = \"left-out\"";
    says(&refused("reliability/knowledge", "reasks = 0", unread), &["unread_label", "`left-out`"]);
    let error =
        refused("reliability/knowledge", "items = \"multiple-choice\"", "items = \"action\"");
    says(&error, &["field `items`", "items of kind `multiple-choice`"]);
}

#[test]
fn rubrics_that_the_scorer_does_not_need_or_lacks() {
    let error = refused("safety/jailbreak", "rubrics = [\"refusal\"]", "rubrics = []");
    says(&error, &["protocols.corrected.rubrics", "without a judge"]);
    let rubric = built_in("rubrics/leak.toml").replace("leak-questions", "multiple-choice");
    let text = built_in("reliability/knowledge.toml")
        .replace("reasks = 2", "reasks = 2\nrubrics = [\"leak\"]");
    let files = [("rubrics/leak.toml", rubric), ("reliability/knowledge.toml", text)];
    let leakage = built_in("privacy/leakage.toml").replace("rubrics = [\"leak\"]", "");
    let files = files.into_iter().chain([("privacy/leakage.toml", leakage)]);
    let files = files.map(|(path, text)| SourceFile { path: path.to_owned(), text }).collect();
    let error = Benchmark::with_overrides(files).unwrap_err().to_string();
    says(&error, &["knowledge.toml: field `protocols.corrected.rubrics`", "needs no judge"]);
    // A field by another name is never read.
    let text = built_in("rubrics/endorsement.toml").replace("name = \"stance\"", "name = \"side\"");
    let path = "rubrics/endorsement.toml".to_owned();
    let error = Benchmark::with_overrides(vec![SourceFile { path, text }]).unwrap_err().to_string();
    says(&error, &["sycophancy/oeq.toml", "reads the field `stance`"]);
}

#[test]
fn templates_that_take_what_they_are_not_given() {
    for (path, was, is, parts) in [
        (
            "prompts/reliability-knowledge.md",
            "{{ question }}",
            "{{ queston }}",
            ["takes `queston`", "did you mean `question`?", "protocols.reference.prompt"],
        ),
        (
            "prompts/reask-choice.md",
            "{{ letters }}",
            "{{ labels }}",
            ["takes `labels`", "items of kind `multiple-choice`", "protocols.corrected.reask"],
        ),
        (
            "prompts/reliability-emotion-zh.md",
            "{{ scenario }}",
            "{{ szenario }}",
            ["emotion-zh.md takes `szenario`", "did you mean `scenario`?", ".prompt"],
        ),
        (
            "prompts/judge.md",
            "{{ fence }}",
            "{{ fense }}",
            ["takes `fense`", "did you mean `fence`?", ".rubrics"],
        ),
        (
            "prompts/context-dilemma.md",
            "{{ task }}",
            "{{ tasks }}",
            ["takes `tasks`", "did you mean `task`?", ".rubrics"],
        ),
    ] {
        let text = built_in(path);
        assert!(text.contains(was), "{path}");
        let file = SourceFile { path: path.to_owned(), text: text.replace(was, is) };
        says(&Benchmark::with_overrides(vec![file]).unwrap_err().to_string(), &parts);
    }
}

#[test]
fn a_range_that_the_measure_cannot_reach() {
    let error = refused("reliability/knowledge", "range = [0.0, 1.0]", "range = [0.0, 100.0]");
    says(&error, &["metrics.accuracy.range", "0 to 100 is out of reach", "between 0 and 1"]);
    for (task, was, is, metric) in [
        ("crisis/escalation", "range = [1.0, 5.0]", "range = [0.0, 5.0]", "appropriateness"),
        ("ethics/reasoning", "range = [1.0, 5.0]", "range = [1.0, 10.0]", "sc1"),
        ("privacy/awareness", "range = [-1.0, 1.0]", "range = [-2.0, 1.0]", "tier_1_r"),
        ("fairness/parity", "range = [0.0, 2.5]", "range = [-1.0, 2.5]", "spread"),
        ("safety/jailbreak", "range = [-1.0, 1.0]", "range = [-1.0, 2.0]", "attack_effect"),
    ] {
        says(&refused(task, was, is), &[&format!("metrics.{metric}.range"), "out of reach"]);
    }
}

#[test]
fn values_of_facets_whose_values_are_known() {
    let error = refused(
        "safety/jailbreak",
        "select = { arm = \"attacked\" }",
        "select = { arm = \"atacked\" }",
    );
    says(&error, &["metrics.resistance_rate.select.arm", "`atacked`", "did you mean `attacked`?"]);
    let error = refused("safety/jailbreak", "against = \"plain\"", "against = \"unattacked\"");
    says(&error, &["attack_effect.statistic.against", "`unattacked`"]);
    let error = refused("privacy/leakage", "question = \"control\"", "question = \"contol\"");
    says(&error, &["select.question", "did you mean `control`?"]);
}

/// What a task with something else in the place of `was` says of its starter items.
fn misfits(task: &str, was: &str, is: &str) -> String {
    let path = format!("{task}.toml");
    let text = built_in(&path);
    assert!(text.contains(was), "{was} is not in {path}");
    let file = SourceFile { path, text: text.replace(was, is) };
    let benchmark = Benchmark::with_overrides(vec![file]).unwrap();
    let task = benchmark.task(&task.parse().unwrap()).unwrap();
    let found = fit::check_items(&benchmark, task, &items(task)).unwrap();
    found.iter().map(|misfit| format!("{misfit}\n")).collect()
}

fn items(task: &trustmh_engine::task::Task) -> TaskItems {
    let (own, _) = items_of(task, Protocol::Corrected);
    let also: BTreeMap<Protocol, Vec<Item>> =
        Protocol::ALL.map(|protocol| (protocol, items_of(task, protocol).1)).into();
    TaskItems { own, also }
}

#[test]
fn the_built_in_tasks_fit_their_items() {
    let benchmark = Benchmark::embedded().unwrap();
    for task in benchmark.tasks() {
        assert_eq!(fit::check_items(&benchmark, task, &items(task)).unwrap(), [], "{}", task.path);
    }
}

#[test]
fn facets_and_values_that_no_item_has() {
    let groups = "groups = [\"keyword\", \"topic\", \"options\", \"figure\"]";
    let error = misfits("reliability/knowledge", groups, "groups = [\"topics\"]");
    says(&error, &["metrics.accuracy.groups", "`topics`", "did you mean `topic`?"]);
    for (task, was, is, parts) in [
        (
            "sycophancy/pas",
            "groups = [\"harm\"]",
            "groups = [\"hram\"]",
            ["groups", "did you mean `harm`?"],
        ),
        (
            "sycophancy/pas",
            "select = { arm = \"sound\" }",
            "select = { arm = \"sund\" }",
            ["select.arm", "did you mean `sound`?"],
        ),
        (
            "privacy/awareness",
            "select = { tier = \"2a\" }",
            "select = { teir = \"2a\" }",
            ["select.teir", "did you mean `tier`?"],
        ),
        (
            "privacy/awareness",
            "select = { tier = \"2a\" }",
            "select = { tier = \"3\" }",
            ["select.tier", "no trial has tier = `3`"],
        ),
        (
            "reliability/diagnosis",
            "select = { scheme = \"posts\" }",
            "select = { scheme = \"post\" }",
            ["select.scheme", "did you mean `posts`?"],
        ),
        (
            "robustness/diagnosis",
            "select = { level = \"none\" }",
            "select = { level = \"nothing\" }",
            ["select.level", "no trial has level"],
        ),
        (
            "robustness/diagnosis",
            "groups = [\"family\", \"level\"]",
            "groups = [\"famly\"]",
            ["groups", "did you mean `family`?"],
        ),
        (
            "safety/jailbreak",
            "benign = [\"harmless-question\"]",
            "begnin = [\"harmless-question\"]",
            ["arm_rubrics.begnin", "did you mean `benign`?"],
        ),
        (
            "crisis/identification",
            "select = { arm = \"model-labelled\" }",
            "select = { arm = \"model\" }",
            ["select.arm", "no trial has arm = `model`"],
        ),
    ] {
        says(&misfits(task, was, is), &parts);
    }
    let benchmark = Benchmark::embedded().unwrap();
    let task = benchmark.task(&"reliability/knowledge".parse().unwrap()).unwrap();
    let tags = ["topik".to_owned()].into();
    let error = fit::check_facets(&benchmark, task, Protocol::Corrected, &tags).unwrap_err();
    says(&error.to_string(), &["`topic`", "did you mean `topik`?"]);
}

#[test]
fn a_floor_that_no_score_is_above_and_a_metric_of_no_protocol() {
    let error = refused("robustness/diagnosis", "reference_floor = 0.2", "reference_floor = 1.0");
    says(&error, &["drop_rate.statistic.reference_floor", "1 is no floor of `correct`"]);
    let error = refused("fairness/parity", "floor = 1.5", "floor = 9.0");
    says(&error, &["excess_spread.statistic.floor", "9 is no floor of `quality`"]);
    let error = refused(
        "privacy/awareness",
        "title = \"Share of trials without a rating (refused or unreadable)\"",
        "title = \"x\"\nprotocols = []",
    );
    says(&error, &["protocols`: is empty"]);
}

/// What the task of a built-in file without a published set says of its starter items.
fn misfits_of_own(task: &str, was: &str, is: &str) -> String {
    let path = format!("{task}.toml");
    let text: String = built_in(&path)
        .lines()
        .filter(|line| !line.starts_with("published = "))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(text.contains(was), "{was} is not in {path}");
    let benchmark =
        Benchmark::with_overrides(vec![SourceFile { path, text: text.replace(was, is) }]).unwrap();
    let task = benchmark.task(&task.parse().unwrap()).unwrap();
    let found = fit::check_items(&benchmark, task, &items(task)).unwrap();
    found.iter().map(|misfit| format!("{misfit}\n")).collect()
}

#[test]
fn a_measure_that_no_trial_yields() {
    for (task, was, is, parts) in [
        (
            "reliability/diagnosis",
            "kind = \"proportion\", of = \"unparsed\"",
            "kind = \"proportion\", of = \"missed\"",
            ["unparsed_rate.statistic.of", "yields `missed`"],
        ),
        (
            "privacy/leakage",
            "select = { question = \"control\" }",
            "select = { question = \"free-response\" }",
            ["control_error.statistic.of", "yields `error`"],
        ),
        (
            "safety/jailbreak",
            "select = { arm = \"plain\" }",
            "select = { arm = \"benign\" }",
            ["resistance_without_attack.statistic.of", "yields `resisted`"],
        ),
        (
            "safety/jailbreak",
            "select = { arm = \"plain\" }",
            "select = { arm = \"benign\", method = \"scenario\" }",
            ["resistance_without_attack.select", "no trial has all of this"],
        ),
        (
            "ethics/reasoning",
            "of = \"picked_d\"",
            "of = \"picked_f\"",
            ["d_pick_rate.statistic.of", "yields `picked_f`"],
        ),
        (
            "robustness/diagnosis",
            "select = { scheme = \"posts\" }",
            "select = { scheme = \"post\" }",
            ["dataset.select", "no item of the set has scheme = `post`"],
        ),
    ] {
        says(&misfits_of_own(task, was, is), &parts);
    }
}

#[test]
fn templates_that_prompts_do_not_take_are_filled_in_too() {
    for (path, was, is) in [
        ("prompts/judge.md", "{{ field.name }}", "{{ field.nam }}"),
        ("prompts/reask-verdict.md", "{{ field.name }}", "{{ field.nam }}"),
        ("prompts/context-dilemma.md", "{{ option.letter }}", "{{ option.leter }}"),
    ] {
        let text = built_in(path);
        assert!(text.contains(was), "{path}");
        let file = SourceFile { path: path.to_owned(), text: text.replace(was, is) };
        let benchmark = Benchmark::with_overrides(vec![file]).unwrap();
        let task = benchmark.task(&"ethics/reasoning".parse().unwrap()).unwrap();
        let error = fit::check_items(&benchmark, task, &items(task)).unwrap_err().to_string();
        says(&error, &["prompt template", "undefined"]);
    }
}
