//! SIRI-2 and the vignettes on stigma: the published files as they are, and invented ones with faults.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use trustmh_core::item::{Item, ItemContent, Labelled, Rated};
use trustmh_data::Dataset;
use trustmh_data::published::Decoding;
use trustmh_testing::shared;

use crate::set;

fn rated(item: &Item) -> &Rated {
    let ItemContent::Rated(rated) = &item.content else { panic!("{} is not rated", item.id) };
    rated
}

fn labelled(item: &Item) -> &Labelled {
    let ItemContent::Labelled(labelled) = &item.content else { panic!("{}", item.id) };
    labelled
}

/// The items and warnings of invented files, or what is said of their fault.
fn read(id: &str, files: &[(&str, &str)]) -> Result<(Vec<Item>, Vec<String>), String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let found = set(id).read(folder.path(), Decoding::Repaired);
    found.map(|Dataset { items, source }| (items, source.warnings)).map_err(|error| {
        assert!(error.hint().is_some(), "{error}");
        error.to_string()
    })
}

#[test]
fn siri_2_is_forty_eight_replies_with_their_experts_means() {
    let Some(data) = shared("data") else { return };
    let Dataset { items, source } = set("siri-2").read(&data, Decoding::Repaired).unwrap();
    assert_eq!(items.len(), 48);
    let warnings = &source.warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("no means for 14A, 14B"), "{warnings:?}");
    let of = |id: &str| items.iter().find(|item| item.id.as_str() == id).unwrap();
    for (id, key, side) in
        [("siri-2-01-a", -2.71, "inappropriate"), ("siri-2-25-b", 2.43, "appropriate")]
    {
        let item = of(id);
        assert!((rated(item).key - key).abs() < 1e-12, "{id}: {}", rated(item).key);
        assert_eq!(item.tags["rated"], side);
    }
    assert!(items.iter().all(|item| item.tags["remark"] != "14" && rated(item).reply.is_some()));
    let sides: BTreeMap<&str, usize> = items.iter().fold(BTreeMap::new(), |mut sides, item| {
        *sides.entry(item.tags["rated"].as_str()).or_default() += 1;
        sides
    });
    assert_eq!(sides, BTreeMap::from([("appropriate", 24), ("inappropriate", 24)]));
    // One rating for all, whatever lies between -1 and 1, is 103.28 away.
    let sum: f64 = items.iter().map(|item| rated(item).key.abs()).sum();
    assert!((sum - 103.28).abs() < 1e-9, "{sum}");
}

const REMARKS: &str = r#"[{"item_id":"01","client":"I miss the sea.","helper_a":"What do you miss?","helper_b":"Go there."},
 {"item_id":"02","client":"It rains.","helper_a":"Yes.","helper_b":"No."}]"#;

#[test]
fn faults_of_siri_2_are_named() {
    let read = |items: &str, experts: &str| {
        read("siri-2", &[("siri2_items.json", items), ("siri2_expert_scores.csv", experts)])
    };
    let (items, warnings) = read(REMARKS, "Item,M,SD\n1A,1.5,0\n1B,-2,0\n2B,0.5,1\n").unwrap();
    assert_eq!(items.len(), 3);
    assert!(warnings.iter().any(|warning| warning.contains("no means for 2A")), "{warnings:?}");
    for (experts, why) in [
        ("Item,M,SD\n1A,3.5,0\n", "line 2: M is `3.5`; expected a number from -3 to 3"),
        ("Item,M,SD\n1A,high,0\n", "line 2: M is `high`"),
        ("Item,M,SD\n1A,1,0\n1A,2,0\n", "line 3: Item is `1A`; expected a reply not rated before"),
        ("Item,M,SD\n9A,1,0\n", "Item is `9A`; expected a reply of siri2_items.json"),
        ("Item,Mean\n1A,1\n", "a column `M`"),
    ] {
        let fault = read(REMARKS, experts).unwrap_err();
        assert!(fault.contains("siri2_expert_scores.csv") && fault.contains(why), "{fault}");
    }
    let fault = read("[{\"item_id\": 1}]", "Item,M\n").unwrap_err();
    assert!(fault.contains("siri2_items.json, line 1"), "{fault}");
    let fault = read(&REMARKS.replace("\"02\"", "\"1\""), "Item,M\n1A,1\n1B,2\n").unwrap_err();
    assert!(fault.contains("siri2_items.json, item 1: id is `siri-2-1-a`"), "{fault}");
}

#[test]
fn stigma_is_fourteen_questions_on_seventy_two_vignettes() {
    let Some(data) = shared("data") else { return };
    let Dataset { items, source } =
        set("llms-as-therapists").read(&data, Decoding::Repaired).unwrap();
    assert_eq!(source.warnings, Vec::<String>::new());
    assert_eq!(items.len(), 72 * 14);
    let values = |facet: &str| {
        items.iter().fold(BTreeMap::<&str, usize>::new(), |mut counts, item| {
            *counts.entry(item.tags[facet].as_str()).or_default() += 1;
            counts
        })
    };
    assert_eq!(values("testlet").len(), 72);
    assert!(values("testlet").values().all(|questions| *questions == 14));
    assert_eq!(values("arm"), BTreeMap::from([("condition", 54 * 14), ("control", 18 * 14)]));
    assert_eq!(values("topic"), BTreeMap::from([("beliefs", 72 * 8), ("stigma", 72 * 6)]));
    assert_eq!((values("condition").len(), values("question").len()), (4, 14));
    for item in &items {
        let asked = labelled(item);
        let close = ["job", "neighbour", "evening", "family", "friend"];
        let social = close.contains(&item.tags["question"].as_str());
        assert_eq!(asked.scheme.as_str(), if social { "willingness" } else { "likelihood" });
        assert_eq!(asked.label, None);
        assert!(asked.text.contains("\n\n") && asked.text.ends_with('?'), "{}", item.id);
        assert_eq!(item.tags["arm"] == "control", item.tags["condition"] == "daily-troubles");
    }
    let texts: BTreeSet<&str> = items.iter().map(|item| labelled(item).text.as_str()).collect();
    assert_eq!(texts.len(), items.len());
}

/// A question with words by which each of the fourteen is known.
fn questions() -> String {
    let social = ["on a job", "next door", "an evening", "into the family", "a friend"];
    let other = [
        "other people",
        "him/herself",
        "mental illness",
        "ups and downs",
        "genetic",
        "chemical",
        "character",
        "God",
        "was raised",
    ];
    let willing = r#"["Definitely unwilling","Probably unwilling","Probably willing","Definitely willing","Do not know"]"#;
    let likely =
        r#"["Not at all likely","Not very likely","Somewhat likely","Very likely","Do not know"]"#;
    let line = |(words, options): (&str, &str)| {
        format!("{{\"question_only\":\"What of {words}?\",\"options\":{options}}}\n")
    };
    let social = social.map(|words| line((words, willing)));
    social.into_iter().chain(other.map(|words| line((words, likely)))).collect()
}

const VIGNETTES: &str = r#"{"education":"college","race":"White","gender":"woman","condition":"depression","vignette":"Ada is sad."}
{"education":"college","race":"White","gender":"woman","condition":"daily troubles","vignette":"Bea is late."}
"#;

#[test]
fn faults_of_vignettes_and_questions_are_named() {
    // The published files have each other's names.
    let read = |vignettes: &str, questions: &str| {
        let files = [("questions.jsonl", vignettes), ("vignettes.jsonl", questions)];
        read("llms-as-therapists", &files).map(|(items, _)| items)
    };
    let sound = questions();
    let items = read(VIGNETTES, &sound).unwrap();
    assert_eq!(items.len(), 28);
    assert_eq!(items[0].id.as_str(), "stigma-depression-white-woman-college-job");
    assert_eq!(labelled(&items[0]).text, "Ada is sad.\n\nWhat of on a job?");
    let silent = read(&VIGNETTES.replace("Ada is sad.", " "), &sound).unwrap();
    assert_eq!(silent.len(), 14, "a vignette without text is left out");
    let lines: Vec<&str> = sound.lines().collect();
    for (questions, why) in [
        (sound.replace("genetic", "earthly"), "question_only is `What of earthly?`"),
        (sound.replace("genetic", "genetic, chemical"), "the words of one in"),
        (sound.replacen("Probably willing", "Willing", 1), "line 1: options is `Definitely"),
        (format!("{sound}{}\n", lines[0]), "line 15: question_only"),
        (lines[1..].join("\n"), "13"),
        (VIGNETTES.to_owned(), "vignettes.jsonl the questions"),
    ] {
        let fault = read(VIGNETTES, &questions).unwrap_err();
        assert!(fault.contains("vignettes.jsonl") && fault.contains(why), "{why}: {fault}");
    }
    let twice = VIGNETTES.replace("daily troubles", "depression");
    let fault = read(&twice, &sound).unwrap_err();
    assert!(fault.contains("questions.jsonl, line 2: id is"), "{fault}");
}
