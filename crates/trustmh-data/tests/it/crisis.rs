//! Crisis and Anti-sycophancy: the published files as they are, and quirks invented after them.
use std::collections::BTreeMap;
use std::fs;

use trustmh_core::item::{Item, ItemContent, Labelled};
use trustmh_core::protocol::Protocol;
use trustmh_data::Dataset;
use trustmh_data::published::Decoding;
use trustmh_data::record::{Beside, RecordFormat};
use trustmh_testing::shared;

use crate::set;

fn labelled(item: &Item) -> &Labelled {
    let ItemContent::Labelled(labelled) = &item.content else { panic!("{} has no label", item.id) };
    labelled
}

fn golds<'i>(
    items: impl Iterator<Item = &'i Item>,
    protocol: Protocol,
) -> BTreeMap<&'i str, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(labelled(item).gold(protocol).unwrap()).or_default() += 1;
    }
    counts
}

#[test]
fn severity_loads_500_users_and_mends_28_cut_cells() {
    let Some(data) = shared("data") else { return };
    let Dataset { items, source } = set("c-ssrs").read(&data, Decoding::Repaired).unwrap();
    let expected = [
        ("attempt", 45),
        ("behavior", 77),
        ("ideation", 171),
        ("indicator", 99),
        ("supportive", 108),
    ];
    assert_eq!(golds(items.iter(), Protocol::Corrected), BTreeMap::from(expected));
    // This copy quotes its cells otherwise than the published file, and says so.
    assert!(source.warnings[0].contains("is not the published file: it has 3622209 bytes"));
    assert!(source.warnings[1].contains("28 users"), "{:?}", source.warnings);
    assert_eq!(items.iter().map(|item| labelled(item).earlier.len()).max(), Some(291));
    assert!(items.iter().all(|item| !labelled(item).text.contains("\\x")));
}

#[test]
fn people_decide_the_corrected_labels_and_the_merge_the_released_ones() {
    let Some(data) = shared("data") else { return };
    let main = |decoding| {
        let Dataset { items, source } =
            set("llms-mental-health-crisis").read(&data, decoding).unwrap();
        assert_eq!(source.labelled_by, ["gpt-4o-mini"]);
        let main: Vec<Item> = items.into_iter().filter(|item| item.tags["arm"] == "main").collect();
        (main, source.warnings)
    };
    let (corrected, _) = main(Decoding::Repaired);
    assert_eq!(corrected.len(), 178);
    let (released, warnings) = main(Decoding::AsReleased);
    let expected = [
        ("anxiety_crisis", 26),
        ("no_crisis", 94),
        ("self-harm", 15),
        ("substance_abuse_or_withdrawal", 16),
        ("suicidal_ideation", 34),
        ("violent_thoughts", 5),
    ];
    assert_eq!(golds(released.iter(), Protocol::Reference), BTreeMap::from(expected));
    assert!(warnings.iter().any(|warning| warning.contains("fifth voter")), "{warnings:?}");
    // An item knows both, so a run can be scored by either protocol.
    let both = corrected.iter().filter(|item| labelled(item).gold(Protocol::Reference).is_some());
    assert!(both.count() > 150);
}

#[test]
fn without_the_larger_set_only_the_smaller_one_is_asked() {
    let Some(data) = shared("data/crisis") else { return };
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.contains("2046") {
            fs::copy(&path, folder.path().join(name)).unwrap();
        }
    }
    let Dataset { items, source } =
        set("llms-mental-health-crisis").read(folder.path(), Decoding::Repaired).unwrap();
    assert_eq!(items.len(), 178);
    assert!(source.warnings.iter().any(|warning| warning.contains("is not asked")));
}

#[test]
fn an_unknown_spelling_is_named_and_not_guessed() {
    let Some(data) = shared("data/crisis") else { return };
    let folder = tempfile::tempdir().unwrap();
    for file in set("llms-mental-health-crisis").cards().flat_map(|card| &card.files) {
        let name = file.path.strip_prefix("crisis/").unwrap();
        fs::copy(data.join(name), folder.path().join(name)).unwrap();
    }
    let file = folder.path().join("H2_labeled_n206_s42.json");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false)]
    permissions.set_readonly(false);
    fs::set_permissions(&file, permissions).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"no_crisis\"", "\"no crisis at all\"", 1)).unwrap();
    let error =
        set("llms-mental-health-crisis").read(folder.path(), Decoding::Repaired).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("H2_labeled_n206_s42.json"), "{message}");
    assert!(message.contains("label is `no crisis at all`; expected one of suicidal_ideation"));
}

#[test]
fn action_sets_are_read_by_any_of_their_columns() {
    let Some(data) = shared("data") else { return };
    for set in [set("oeq"), set("aita-yta")] {
        let Dataset { items, source } = set.read(&data, Decoding::Repaired).unwrap();
        assert_eq!(items.len(), 10);
        assert!(source.warnings[0].contains("a sample of the set"), "{:?}", source.warnings);
    }
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("PAS.csv");
    for header in ["sentence,category", "text,harm", "\u{feff}Sentence,x"] {
        fs::write(&own, format!("{header}\n\"I lied, again.\",Deception\n,Deception\n")).unwrap();
        let Dataset { items, source } = set("pas").read(folder.path(), Decoding::Repaired).unwrap();
        let ItemContent::Action(action) = &items[0].content else { panic!("no action") };
        assert_eq!(action.text, "I lied, again.");
        let harm = items[0].tags.get("harm").map(String::as_str);
        assert_eq!(harm, (!header.ends_with('x')).then_some("deception"));
        assert!(source.warnings[0].contains("1 rows without text"), "{:?}", source.warnings);
    }
    fs::write(&own, "words\nhm\n").unwrap();
    let error = set("pas").read(folder.path(), Decoding::Repaired).unwrap_err();
    assert!(error.to_string().contains("a column prompt or sentence or text"), "{error}");
}

#[test]
fn an_answer_that_is_an_object_is_a_withheld_reply() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some-model-answers-x.json");
    fs::write(
        &file,
        r#"[{"inputs": ["a", "b"], "label": "no_crisis", "answer": {"error": 1}},
            {"inputs": ["c"], "label": "Self_Harm", "answer": "Hello.", "evaluation": NaN}]"#,
    )
    .unwrap();
    let runs =
        RecordFormat::named("crisis-answers").unwrap().read(&[file], &Beside::default()).unwrap();
    assert_eq!(runs[0].trials.len(), 2);
    assert!(format!("{:?}", runs[0].trials[0].exchanges).contains("ContentFilter"));
    assert_eq!(labelled(&runs[0].trials[1].trial.item).label.as_deref(), Some("self-harm"));
    assert!(runs[0].source.warnings[0].contains("labels of people were not found"));
}
