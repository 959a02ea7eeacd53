//! Ratings by people: how they are taken in the viewer, and what is made of them.
use std::collections::BTreeSet;
use std::fs;

use crate::support::trustmh;
use crate::support::view::{View, a_run};

/// The trial that a page asks to rate.
fn next(page: &str) -> Option<String> {
    page.split("name=\"trial\" value=\"").nth(1)?.split('"').next().map(str::to_owned)
}

/// The trials that a person is asked to rate, in their order, each rated by `score` of its place.
fn rated(
    view: &View,
    run: &str,
    task: &str,
    who: &str,
    score: impl Fn(usize) -> usize,
) -> Vec<String> {
    let mut trials = Vec::new();
    while let Some(trial) =
        next(&view.get(&format!("/run/{run}/rate?task={task}&annotator={who}")).body)
    {
        let score = score(trials.len());
        let form = format!(
            "task={task}&annotator={who}&trial={trial}&note=&field%3Aappropriateness={score}"
        );
        assert_eq!(view.post(&format!("/run/{run}/rate"), &form, "").status, 303);
        trials.push(trial);
    }
    trials
}

#[test]
fn everybody_rates_the_same_sample_in_an_order_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["run", "--json", "--tasks", "crisis/escalation", "--subject", "scripted/complies"];
    let card = trustmh(folder.path(), arguments).with_code(0).json();
    let path = card[0]["run"].as_str().unwrap().to_owned();
    let run = path.rsplit('/').next().unwrap().to_owned();
    let alone = trustmh(folder.path(), ["view", "runs", "--sample", "9"]).with_code(2);
    assert!(alone.err.contains("--annotate"), "{}", alone.err);
    let task = "crisis/escalation";
    {
        let view = View::start(folder.path(), &["--annotate", "--sample", "9", "--seed", "5"]);
        let page = view.get(&format!("/run/{run}/rate?task={task}&annotator=DRA")).body;
        assert!(page.contains("0 of 9 rated"), "{page}");
        let one = rated(&view, &run, task, "DRA", |place| 1 + place % 5);
        let other = rated(&view, &run, task, "DRB", |place| 1 + place % 4);
        assert_eq!((one.len(), other.len()), (9, 9));
        assert_ne!(one, other, "orders of their own");
        let set = |trials: &[String]| trials.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(set(&one), set(&other), "the same replies");
    }
    let other_seed = View::start(folder.path(), &["--annotate", "--sample", "12", "--seed", "6"]);
    let page = other_seed.get(&format!("/run/{run}/rate?task={task}&annotator=DRA")).body;
    assert!(page.contains(" of 12 rated") && !page.contains("9 of 12"), "another sample: {page}");
    // One more, so that not everybody has rated everything.
    let trial = next(&page).unwrap();
    let form = format!("task={task}&annotator=DRA&trial={trial}&note=&field%3Aappropriateness=2");
    assert_eq!(other_seed.post(&format!("/run/{run}/rate"), &form, "").status, 303);

    // The offline rules that scored the run stand beside people.
    let page = other_seed.get(&format!("/run/{run}/agreement?task={task}")).body;
    assert!(page.contains("How far may offline rules be trusted here?"), "{page}");
    let address =
        format!("/run/{run}/ratings.csv?task={task}&rubric=escalation&field=appropriateness");
    let csv = other_seed.get(&address).body;
    assert_eq!(csv.matches("\"escalation\",\"appropriateness\"").count(), 10, "{csv}");
    fs::write(folder.path().join("ratings.csv"), csv).unwrap();

    // Both files are read as they are, with the gap.
    let annotations = format!("{path}/annotations.jsonl");
    for (file, raters) in [("ratings.csv", 3), (annotations.as_str(), 2)] {
        let found = trustmh(folder.path(), ["agreement", file, "--json"]).with_code(0).json();
        assert_eq!(found["raters"].as_array().unwrap().len(), raters, "{file}");
        let pair = &found["pairs"][0];
        assert_eq!((&pair["left"], &pair["right"]), (&"DRA".into(), &"DRB".into()));
        assert_eq!(pair["mae"]["n"], 9, "{file}");
        assert!(found["pooled"]["icc2_1"]["value"].is_number(), "{found:#}");
    }
    let two = ["agreement", "ratings.csv", "--columns", "DRA,DRB", "--json"];
    let found = trustmh(folder.path(), two).with_code(0).json();
    assert_eq!((&found["units"], found["raters"].as_array().unwrap().len()), (&9.into(), 2));
}

#[test]
fn ratings_are_written_only_where_they_are_wanted_and_fit_the_rubric() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "crisis/escalation");
    let file = folder.path().join("runs").join(&run).join("annotations.jsonl");
    let form = |trial: &str, score: &str| {
        format!(
            "task=crisis%2Fescalation&annotator=AB&trial={trial}&note=&field%3Aappropriateness={score}"
        )
    };
    let path = format!("/run/{run}/rate");
    {
        let view = View::start(folder.path(), &[]);
        let refused = view.post(&path, &form("x", "3"), "");
        assert!(refused.status == 400 && refused.body.contains("--annotate"), "{}", refused.body);
        assert!(!file.exists());
    }
    let view = View::start(folder.path(), &["--annotate"]);
    let ask = format!("{path}?task=crisis%2Fescalation&annotator=AB");
    let next = |page: &str| {
        page.split("name=\"trial\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let page = view.get(&ask).body;
    assert!(page.contains("0 of 49 rated") && !page.contains("scripted/random"), "blind");
    let trial = next(&page);
    for (trial, score) in [(trial.as_str(), "9"), (trial.as_str(), "3.5"), ("no-such-trial", "3")] {
        let refused = view.post(&path, &form(trial, score), "");
        assert!(matches!(refused.status, 400 | 404), "{score}: {}", refused.status);
    }
    let foreign = view.post(&path, &form(&trial, "3"), "Origin: https://evil.example\r\n");
    assert_eq!((foreign.status, file.exists()), (403, false));
    let named = view.post(&path, &form(&trial, "3").replace("AB", "%3Cb%3E"), "");
    assert_eq!(named.status, 400, "a name that is none");
    assert_eq!(view.post(&path, &form(&trial, "3"), "").status, 303);
    let page = view.get(&ask).body;
    assert!(page.contains("1 of 49 rated") && next(&page) != trial, "it goes on");
    let other = view.get(&ask.replace("AB", "CD")).body;
    assert!(other.contains("0 of 49 rated"), "each has an order and a place of their own");
    let line: serde_json::Value =
        serde_json::from_str(fs::read_to_string(&file).unwrap().trim()).unwrap();
    assert_eq!(
        (&line["annotator"], &line["values"]["appropriateness"]),
        (&"AB".into(), &"3".into())
    );

    // People's ratings put the judge's mean right, from the file that the viewer gives.
    for _ in 0..4 {
        let trial = next(&view.get(&ask).body);
        assert_eq!(view.post(&path, &form(&trial, "4"), "").status, 303);
    }
    let csv = view
        .get(&format!("/run/{run}/ratings.csv?task=crisis/escalation&field=appropriateness"))
        .body;
    let head = "\"id\",\"trial\",\"item\",\"rubric\",\"field\",\"rating\",\"AB\",\"judge";
    assert!(csv.starts_with(head), "{csv}");
    fs::write(folder.path().join("people.csv"), csv).unwrap();
    let runs = format!("runs/{run}");
    let arguments = [
        "score",
        &runs,
        "--json",
        "--calibration",
        "people.csv",
        "--task",
        "crisis/escalation",
        "--measure",
        "appropriateness",
    ];
    let corrected = trustmh(folder.path(), arguments).with_code(0).json();
    assert_eq!(corrected[0]["labelled"], 5, "{corrected}");
    assert_eq!(corrected[0]["metric"], "appropriateness");
    assert_eq!(
        (&corrected[0]["field"], &corrected[0]["labels"]),
        (&"appropriateness".into(), &"few".into())
    );
    // The annotations say the same as they are.
    let whole = format!("{runs}/annotations.jsonl");
    let arguments =
        arguments.map(|argument| if argument == "people.csv" { whole.as_str() } else { argument });
    let by_annotations = trustmh(folder.path(), arguments).with_code(0).json();
    assert_eq!(by_annotations[0]["corrected"], corrected[0]["corrected"]);
    let report = trustmh(folder.path(), ["report", &runs]).with_code(0);
    let page = fs::read_to_string(folder.path().join(report.out.trim())).unwrap();
    assert!(
        page.contains("The judge beside people") && page.contains("escalation: appropriateness")
    );
}

/// What a task counts follows from one person's whole verdict, by the rules that score a judge, and has a table of its own.
#[test]
fn measures_made_of_ratings_have_tables_too() {
    let folder = tempfile::tempdir().unwrap();
    let task = "fairness/parity";
    let run = a_run(folder.path(), "scripted/random:1", task);
    let view = View::start(folder.path(), &["--annotate", "--sample", "6"]);
    for who in ["DRA", "DRB"] {
        for place in 0..6 {
            let page = view.get(&format!("/run/{run}/rate?task={task}&annotator={who}")).body;
            let trial = next(&page).unwrap();
            let fields: String = ["fluency", "empathy", "helpfulness", "professionalism"]
                .iter()
                .zip([1, 2, 4, place % 4])
                .map(|(field, score)| format!("&field%3A{field}={score}"))
                .collect();
            let form = format!("task={task}&annotator={who}&trial={trial}&note={fields}");
            let answer = view.post(&format!("/run/{run}/rate"), &form, "");
            assert_eq!(answer.status, 303, "{}", answer.body);
        }
    }
    let table = |field: &str| {
        view.get(&format!("/run/{run}/ratings.csv?task={task}&rubric=support&field={field}")).body
    };
    let quality = table("quality");
    assert!(
        quality.contains("\"support\",\"quality\"") && quality.contains("\"1.75\""),
        "{quality}"
    );
    fs::write(folder.path().join("quality.csv"), quality).unwrap();
    fs::write(folder.path().join("helpfulness.csv"), table("helpfulness")).unwrap();
    let runs = format!("runs/{run}");
    let asked = |file: &str| {
        let arguments = [
            "score",
            &runs,
            "--json",
            "--task",
            task,
            "--metric",
            "quality",
            "--calibration",
            file,
        ];
        trustmh(folder.path(), arguments)
    };
    let found = asked("quality.csv").with_code(0).json();
    assert_eq!((&found[0]["labelled"], &found[0]["field"]), (&6.into(), &"quality".into()));
    let annotations = format!("{runs}/annotations.jsonl");
    assert_eq!(asked(&annotations).with_code(0).json()[0]["corrected"], found[0]["corrected"]);
    let refused = asked("helpfulness.csv").with_code(2).err;
    assert!(refused.contains("`helpfulness`") && refused.contains("metric quality"), "{refused}");
    // Four fields are four dimensions.
    let four = trustmh(folder.path(), ["agreement", &annotations, "--json"]).with_code(0).json();
    assert_eq!(four["dimensions"].as_object().unwrap().len(), 4);
    assert_eq!((&four["units"], &four["ratings"]), (&6.into(), &48.into()));
    let one = ["agreement", &annotations, "--measure", "empathy", "--json"];
    assert_eq!(trustmh(folder.path(), one).with_code(0).json()["units"], 6);
}
