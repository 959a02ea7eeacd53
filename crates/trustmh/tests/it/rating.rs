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

/// A form of a person for the trial that a page asks about.
fn form(task: &str, who: &str, page: &str, more: &str) -> String {
    format!("task={task}&annotator={who}&trial={}&note={more}", next(page).unwrap())
}

#[test]
fn people_skip_are_unsure_and_correct_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let task = "crisis/escalation";
    let run = a_run(folder.path(), "scripted/random:1", task);
    let view = View::start(folder.path(), &["--annotate", "--sample", "3"]);
    let path = format!("/run/{run}/rate");
    let begin = view.get(&format!("{path}?task={task}")).body;
    assert!(begin.contains("Everybody rates the same 3 replies"), "{begin}");
    let open = format!("{path}?task={task}&annotator=DRA");
    let page = view.get(&open).body;
    let first = next(&page).unwrap();
    let skipped = view.get(&format!("{open}&after={first}")).body;
    let second = next(&skipped).unwrap();
    assert_ne!(first, second);
    let back = view.get(&format!("{open}&at={first}")).body;
    assert_eq!(next(&back).unwrap(), first);

    let unsure = view.post(&path, &form(task, "DRA", &skipped, "&do=unsure"), "");
    assert_eq!(unsure.status, 303);
    let after = view.get(&format!("{open}&after={second}")).body;
    let third = next(&after).unwrap();
    assert!(after.contains("0 of 3 rated, 1 unsure"), "{after}");
    let rate = |page: &str, who: &str, score: u8| {
        let form = form(task, who, page, &format!("&field%3Aappropriateness={score}"));
        assert_eq!(view.post(&path, &form, "").status, 303);
    };
    rate(&after, "DRA", 2);
    // What was skipped comes again at the end, and is the last.
    let last = view.get(&format!("{open}&after={third}")).body;
    assert_eq!(next(&last).unwrap(), first);
    rate(&last, "DRA", 4);
    let end = view.get(&open).body;
    assert!(end.contains("2 of 3 replies are rated, 1 left as unsure"), "{end}");
    assert!(end.contains("No reply was rated by two people"), "{end}");
    assert!(
        end.contains(&format!("at={}", second.replace('/', "%2F").replace(':', "%3A"))),
        "{end}"
    );

    // Corrected: the form knows what was said, the last word counts, and the file keeps all.
    let known = view.get(&format!("{open}&at={first}")).body;
    assert!(
        known.contains("You have rated this")
            && known.contains("value=\"4\" required data-key=\"4\" checked"),
        "{known}"
    );
    rate(&known, "DRA", 5);
    rate(&view.get(&format!("{open}&at={second}")).body, "DRA", 1);
    let end = view.get(&open).body;
    assert!(end.contains("3 of 3 replies are rated. Thank you"), "{end}");
    let file = folder.path().join("runs").join(&run).join("annotations.jsonl");
    let lines = fs::read_to_string(&file).unwrap();
    assert_eq!(
        (lines.lines().count(), lines.matches("\"kind\":\"unsure\"").count()),
        (5, 1),
        "{lines}"
    );
    for wrong in [format!("{open}&at=nothing"), format!("{open}&at={first}%3A1")] {
        assert_eq!(view.get(&wrong).status, 404, "{wrong}");
    }

    // Unsure is no rating: it is in no table, and agreement counts people and not the judge.
    let page = view.get(&format!("/run/{run}/agreement?task={task}")).body;
    assert!(page.contains("3 replies rated by DRA; 0 by two people or more"), "{page}");
    let other = view.get(&format!("{path}?task={task}&annotator=DRB")).body;
    rate(&other, "DRB", 3);
    let unsure = view.get(&format!("{path}?task={task}&annotator=DRB")).body;
    assert_eq!(view.post(&path, &form(task, "DRB", &unsure, "&do=unsure"), "").status, 303);
    let page = view.get(&format!("/run/{run}/agreement?task={task}")).body;
    assert!(page.contains("3 replies rated by DRA, DRB; 1 by two people or more"), "{page}");
    assert!(page.contains("stands beside them and is not counted"), "{page}");
    let begin = view.get(&format!("{path}?task={task}")).body;
    for words in ["DRA", "3 of 3", "DRB", "1 of 3"] {
        assert!(begin.contains(words), "{words}: {begin}");
    }
    let csv = view
        .get(&format!("/run/{run}/ratings.csv?task={task}&rubric=escalation&field=appropriateness"))
        .body;
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let runs = format!("runs/{run}/annotations.jsonl");
    let found = trustmh(folder.path(), ["agreement", &runs, "--json"]).with_code(0).json();
    assert_eq!(found["units"], 1, "{found}");
}

/// Replies of a conversation are rated one by one where a rubric judges them so, each as far as the person had read.
#[test]
fn conversations_are_rated_whole_or_reply_by_reply() {
    let folder = tempfile::tempdir().unwrap();
    let task = "crisis/conversation";
    let run = a_run(folder.path(), "scripted/random:1", task);
    let view = View::start(folder.path(), &["--annotate", "--sample", "2"]);
    let path = format!("/run/{run}/rate");
    let begin = view.get(&format!("{path}?task={task}")).body;
    assert!(
        begin.contains("each conversation as a whole")
            && begin.contains("each reply of it by itself"),
        "{begin}"
    );
    let whole = view.get(&format!("{path}?task={task}&annotator=DRA")).body;
    assert!(whole.contains("Rate this conversation") && whole.contains("0 of 2 rated"), "{whole}");
    let by_turns =
        |who: &str| view.get(&format!("{path}?task={task}&annotator={who}&by=turns")).body;
    let turn = |page: &str| {
        let rest = page.split("name=\"turn\" value=\"").nth(1)?;
        rest.split('"').next().map(str::to_owned)
    };
    let fields = |page: &str, place: usize| -> String {
        let names = page.split("<fieldset>").skip(1).map(|part| {
            let part = part.split("</fieldset>").next().unwrap();
            let name = part.split("name=\"field:").nth(1).unwrap().split('"').next().unwrap();
            let values: Vec<&str> = part
                .split(" value=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap())
                .collect();
            format!("&field%3A{name}={}", values[place % values.len()])
        });
        names.collect()
    };
    let mut rated = Vec::new();
    for who in ["DRA", "DRB"] {
        for place in 0.. {
            let page = by_turns(who);
            let Some(number) = turn(&page) else { break };
            // Nobody reads ahead.
            let replies = page.matches(" Reply</h3>").count();
            assert_eq!(replies, number.parse::<usize>().unwrap() + 1, "{page}");
            let more = format!("&by=turns&turn={number}{}", fields(&page, place));
            let answer = view.post(&path, &form(task, who, &page, &more), "");
            assert_eq!(answer.status, 303, "{}", answer.body);
            rated.push(number);
        }
        assert!(
            by_turns(who).contains("replies of 2 conversations are rated"),
            "{}",
            by_turns(who)
        );
    }
    assert!(rated.len() >= 4 && rated.len() % 2 == 0, "{rated:?}");
    let page = view.get(&format!("/run/{run}/agreement?task={task}")).body;
    // Rubrics are those of each conversation's language.
    let of_field = page.split("<h2>turn-crisis").filter(|part| part.contains(": noticed</h2>"));
    let counted = of_field.map(|part| {
        let status = part.split("role=\"status\">").nth(1).unwrap();
        let (all, rest) = status.split_once(" repl").unwrap();
        assert!(
            rest.contains(&format!("rated by DRA, DRB; {all} by two people or more")),
            "{rest}"
        );
        all.parse::<usize>().unwrap()
    });
    assert_eq!(counted.sum::<usize>(), rated.len() / 2, "{page}");
    assert!(page.contains("How far may judge"), "the judge's own codes stand beside: {page}");
    // A reply that is none, and one of which no rubric says anything, are refused.
    let first = view.get(&format!("{path}?task={task}&annotator=DRC&by=turns")).body;
    for number in ["250", "-1", "x", ""] {
        let more = format!("&by=turns&turn={number}{}", fields(&first, 0));
        let refused = view.post(&path, &form(task, "DRC", &first, &more), "");
        assert!(matches!(refused.status, 400 | 404), "{number}: {}", refused.status);
    }
    let runs = format!("runs/{run}/annotations.jsonl");
    let found = trustmh(folder.path(), ["agreement", &runs, "--json"]).with_code(0).json();
    let dimensions = found["dimensions"].as_object().unwrap().iter();
    let noticed = dimensions.filter(|(name, _)| name.ends_with("noticed"));
    let units: u64 = noticed.map(|(_, dimension)| dimension["units"].as_u64().unwrap()).sum();
    assert_eq!(units, rated.len() as u64 / 2, "{found}");
}

/// No link leads to where nothing can be rated.
#[test]
fn replies_are_offered_for_rating_only_where_a_rubric_is_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "crisis,reliability/knowledge");
    let view = View::start(folder.path(), &["--annotate"]);
    let all = view.get(&format!("/run/{run}")).body + &view.get(&format!("/run/{run}/rate")).body;
    let links: BTreeSet<&str> = all
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|address| address.contains("/rate?"))
        .collect();
    assert!(!links.is_empty() && !links.iter().any(|link| link.contains("knowledge")), "{links:?}");
    for link in links {
        let path = link.strip_prefix(&format!("/{}", view.token)).unwrap().replace("&amp;", "&");
        assert_eq!(view.get(&path).status, 200, "{path}");
        let page = view.get(&format!("{path}&annotator=AB")).body;
        assert!(next(&page).is_some() || page.contains("All rated"), "{path}: {page}");
    }
    let none = view.get(&format!("/run/{run}/rate?task=reliability/knowledge"));
    assert!(none.status == 400 && none.body.contains("no rubric to rate by"), "{}", none.body);
}
