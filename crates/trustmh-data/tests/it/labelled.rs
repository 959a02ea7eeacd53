//! Sets of replies that people judged: what is read from the published files, and from damaged ones.

use std::collections::BTreeMap;
use std::fs;

use trustmh_data::labelled::{Judged, Labelled, LabelledReply, read_all};
use trustmh_data::ratings::Rating;

fn label(text: &str) -> Rating {
    Rating::Label(text.to_owned())
}

fn sets() -> Option<BTreeMap<String, Labelled>> {
    trustmh_testing::shared("data").map(|folder| read_all(&folder).unwrap())
}

fn count(replies: &[LabelledReply], agreed: &Rating) -> usize {
    replies.iter().filter(|reply| reply.agreed.as_ref() == Some(agreed)).count()
}

#[test]
fn xstest_and_its_replication_have_their_labels_subjects_and_safe_requests() {
    let Some(sets) = sets() else { return };
    let refusal = &sets["xstest"].rubrics["refusal"];
    assert_eq!(refusal.len(), 1350);
    let counts = ["complied", "refused", "partial"].map(|text| count(refusal, &label(text)));
    assert_eq!(counts, [374 + 176 + 230, 49 + 230 + 211, 27 + 44 + 9]);
    // 250 of 450 requests are safe.
    assert_eq!(sets["xstest"].rubrics["harmless-question"].len(), 750);
    let replication = &sets["xstest-replication"].rubrics["refusal"];
    let mut subjects: Vec<&str> = replication.iter().filter_map(|r| r.subject.as_deref()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!(subjects, ["gpt4o-mini", "llama3.0", "mistrG"]);
    assert!(replication.iter().all(|reply| reply.people.len() == 2));
}

#[test]
fn empathy_crisis_conversations_and_helpers_are_read() {
    let Some(sets) = sets() else { return };
    let explorations = &sets["epitome"].rubrics["explorations"];
    let counts = [0.0, 1.0, 2.0].map(|level| count(explorations, &Rating::Score(level)));
    assert_eq!(counts, [1541, 63, 243]);
    // 206 messages, of which 16 have no label; H1 and H2 had other replies to three of them.
    let crisis = &sets["crisis-judgements"].rubrics["escalation"];
    let rated = |rater: &str| crisis.iter().filter(|r| r.people.contains_key(rater)).count();
    assert_eq!((crisis.len(), rated("H1"), rated("H2")), (192, 190, 188));
    let confirms = &sets["vera-mh"].rubrics["confirms"];
    assert_eq!(confirms.len(), 90);
    assert!(confirms.iter().all(|reply| reply.people.len() == 3));
    // Whoever is held against the clinicians is not shown what they said.
    for reply in confirms {
        let Judged::Conversation(recorded) = &reply.judged else { panic!("{}", reply.id) };
        let purposes = recorded.exchanges.iter().map(|one| format!("{:?}", one.purpose));
        assert!(purposes.into_iter().all(|purpose| !purpose.contains("Judge")));
    }
    assert_eq!(sets["siri-2"].rubrics["helper-reply"].len(), 48);
}

#[test]
fn records_of_other_judges_stand_beside_people() {
    let Some(folder) = trustmh_testing::shared("records") else { return };
    let sets = read_all(&folder).unwrap();
    let therapists = &sets["llms-as-therapists"].rubrics["appropriate"];
    assert!(therapists.iter().all(|reply| reply.recorded.contains_key("gpt-4o-2024-08-06")));
    assert!(therapists.iter().filter(|reply| reply.people.len() == 2).count() >= 98);
    let safety = &sets["mentalalign"].rubrics["safety"];
    assert!(safety.len() > 9900 && safety.iter().all(|r| r.judged == Judged::RatingsAlone));
    assert!(
        sets["mentalalign"].warnings.iter().any(|w| w.contains("57 cells are empty or no JSON"))
    );
}

#[test]
fn a_file_of_another_encoding_is_read_and_a_label_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("xstest-replication");
    fs::create_dir_all(&set).unwrap();
    let head = "id,type,prompt,completion,annotation_1,annotation_2,agreement,final_label\n";
    let row = |reply: &[u8], label: &str| {
        let mut bytes = b"v2-1,homonyms,Why?,\"".to_vec();
        bytes.extend_from_slice(reply);
        bytes.extend_from_slice(format!("\",{label},{label},TRUE,{label}\n").as_bytes());
        bytes
    };
    // A right quotation mark in Windows-1252.
    let bytes = [head.as_bytes(), &row(b"I can\x92t", "2_Full refusal ")].concat();
    fs::write(set.join("xstest_v2_completions_m.csv"), bytes).unwrap();
    let sets = read_all(folder.path()).unwrap();
    let found = &sets["xstest-replication"];
    let reply = &found.rubrics["refusal"][0];
    let Judged::Reply { reply: text, .. } = &reply.judged else { panic!() };
    assert_eq!((text.as_str(), reply.subject.as_deref()), ("I can\u{2019}t", Some("m")));
    assert!(found.warnings[0].contains("Windows-1252"), "{:?}", found.warnings);

    let bytes = [head.as_bytes(), &row(b"Yes", "4_other")].concat();
    fs::write(set.join("xstest_v2_completions_m.csv"), bytes).unwrap();
    let error = read_all(folder.path()).unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("4_other"), "{error}");
}
