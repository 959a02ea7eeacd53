//! The published files of Reliability and Fairness; gated sets in invented records of the same schema.
use std::collections::BTreeMap;
use std::fs;

use trustmh_core::item::{Dialogue, Item, ItemContent, Speaker};
use trustmh_data::Dataset;
use trustmh_data::published::{Decoding, PublishedSet};
use trustmh_data::sources::Terms;
use trustmh_testing::shared;

use crate::set;

fn read(set: PublishedSet) -> Option<Dataset> {
    Some(set.read(&shared("data")?, Decoding::Repaired).unwrap())
}

fn dialogue(item: &Item) -> &Dialogue {
    let ItemContent::Dialogue(dialogue) = &item.content else { panic!("{}", item.id) };
    dialogue
}

#[test]
fn usmle_mental_has_727_questions_with_the_known_keys() {
    let Some(Dataset { items, source }) = read(set("usmle-mental")) else { return };
    assert_eq!(items.len(), 727);
    let mut keys: BTreeMap<char, u32> = BTreeMap::new();
    for item in &items {
        let ItemContent::MultipleChoice(question) = &item.content else { panic!("{}", item.id) };
        assert!((5..=10).contains(&question.options.len()), "{}", item.id);
        *keys.entry(question.key).or_default() += 1;
    }
    let expected = [159, 153, 129, 127, 112, 30, 11, 4, 1, 1];
    let expected: BTreeMap<char, u32> = "BACDEFGHIJ".chars().zip(expected).collect();
    assert_eq!(keys, expected);
    assert_eq!(source.warnings.len(), 1, "{:?}", source.warnings);
}

#[test]
fn emobench_has_200_scenarios_in_each_language() {
    let Some(Dataset { items, source }) = read(set("emobench")) else { return };
    for language in ["en", "zh"] {
        assert_eq!(items.iter().filter(|item| item.language == language).count(), 200);
    }
    assert!(
        source.warnings.iter().any(|warning| warning.contains("`zh`")),
        "{:?}",
        source.warnings
    );
}

#[test]
fn cpsycoune_has_296_client_turns_in_45_cases() {
    let Some(Dataset { items, .. }) = read(set("cpsycoune")) else { return };
    let seekers = |item: &Item| {
        dialogue(item).turns.iter().filter(|turn| turn.speaker == Speaker::Seeker).count()
    };
    assert_eq!((items.len(), items.iter().map(seekers).sum::<usize>()), (45, 296));
}

#[test]
fn every_fair_dialogue_equals_its_original() {
    let (Some(whole), Some(fair)) = (read(set("esconv")), read(set("esconv-fair"))) else {
        return;
    };
    assert_eq!((whole.items.len(), fair.items.len()), (400, 11));
    for item in &fair.items {
        let same = whole.items.iter().filter(|known| dialogue(known).turns == dialogue(item).turns);
        assert_eq!(same.count(), 1, "{}", item.id);
    }
}

#[test]
fn failed_dialogues_have_both_speakers() {
    let Some(Dataset { items, .. }) = read(set("failed-esconv")) else { return };
    assert_eq!(items.len(), 196);
    for speaker in [Speaker::Seeker, Speaker::Supporter] {
        assert!(
            items
                .iter()
                .any(|item| dialogue(item).turns.iter().any(|turn| turn.speaker == speaker))
        );
    }
}

const D4: &str = r#"[{"log":[{"speaker":"doctor","text":"你好，最近怎么样？","action":"x","topic":"y"},
 {"speaker":"patient","text":"睡不好。","action":"x","topic":"y"}],
 "portrait":{"martial_status":"z"},"record":{"drisk":2,"srisk":0,"summary":"s"}}]"#;

const SWMH: &str =
    "text,label\n\"I can't sleep, and\nI worry.\",self.Anxiety\nNothing helps.,self.depression\n";

#[test]
fn gated_sets_are_read_in_their_published_schemas() {
    assert_eq!(set("d4-swmh").terms(), Terms::Gated);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d4.json"), D4).unwrap();
    fs::write(folder.path().join("swmh.csv"), SWMH).unwrap();
    let read = || set("d4-swmh").read(folder.path(), Decoding::Repaired);
    let Dataset { items, source } = read().unwrap();
    let labels: Vec<(&str, &str)> = items
        .iter()
        .map(|item| {
            let ItemContent::Labelled(labelled) = &item.content else { panic!("{}", item.id) };
            (labelled.scheme.as_str(), labelled.label.as_deref().unwrap())
        })
        .collect();
    let expected =
        [("depression", "2"), ("suicide-risk", "0"), ("posts", "anxiety"), ("posts", "depression")];
    assert_eq!(labels, expected);
    assert!(source.warnings.iter().any(|warning| warning.contains("forums")));

    fs::write(folder.path().join("swmh.csv"), SWMH.replace("self.Anxiety", "self.Other")).unwrap();
    let error = read().unwrap_err().to_string();
    assert!(error.contains("swmh.csv, line 2") && error.contains("self.Other"), "{error}");
    fs::write(folder.path().join("d4.json"), D4.replace("\"drisk\":2", "\"drisk\":7")).unwrap();
    let error = read().unwrap_err().to_string();
    assert!(error.contains("depression of record 1") && error.contains('7'), "{error}");
}

#[test]
fn malformed_records_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let error =
        |set: PublishedSet| set.read(folder.path(), Decoding::Repaired).unwrap_err().to_string();
    write(
        "USMLE-mental.jsonl",
        r#"{"question":"q","answer":"C","options":{"A":"x","B":"y"},"meta_info1":"s","meta_info2":[]}"#,
    );
    let usmle = error(set("usmle-mental"));
    assert!(usmle.contains("line 1") && usmle.contains("answer is `C`"), "{usmle}");
    write(
        "EU.jsonl",
        r#"{"qid":"1","language":"en","coarse_category":"c","finegrained_category":"f","scenario":"s","subject":"u","emotion_choices":["a","b"],"emotion_label":"z","cause_choices":["c"],"cause_label":"c"}"#,
    );
    assert!(error(set("emobench")).contains("emotion_label is `z`"));
    write(
        "ESConv_fair.json",
        r#"[{"emotion_type":"a","problem_type":"b","situation":"c","dialog":[{"speaker":"owl","content":"hoo"}]}]"#,
    );
    assert!(error(set("esconv-fair")).contains("speaker of dialogue 1 is `owl`"));
}
