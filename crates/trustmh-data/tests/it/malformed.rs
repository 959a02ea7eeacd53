//! Published sets with faults: errors that name file, line, field and value.
use std::fs;
use std::path::Path;

use trustmh_data::Dataset;
use trustmh_data::error::DataError;
use trustmh_data::published::{Decoding, PublishedSet};

use crate::set;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(set: PublishedSet, files: &[(&str, &str)]) -> Result<Dataset, DataError> {
    let folder = folder(files);
    set.read(folder.path() as &Path, Decoding::Repaired)
}

fn fault(set: PublishedSet, files: &[(&str, &str)]) -> String {
    let error = read(set, files).unwrap_err();
    assert!(error.hint().is_some());
    error.to_string()
}

const ETHICS: &str = "index,subcategory,scenario,options,reasoning_task,expected_reasoning,\
                      model_behavior\r\n0,Birds,An owl asks.,\"A.hoot\nB.wait\",Choose.,B,Haste.\r\n";

#[test]
fn wrong_keys_and_indices_are_named() {
    let set = set("ethicmh");
    assert_eq!(read(set, &[("EthicMH.csv", ETHICS)]).unwrap().items.len(), 1);
    let text = format!("{ETHICS}1,Birds,s,\"A.x\nB.y\",t,C,w\r\n");
    let message = fault(set, &[("EthicMH.csv", &text)]);
    assert_eq!(
        message,
        "EthicMH.csv, line 4: expected_reasoning is `C`; expected one letter from A to B"
    );
    let text = format!("{ETHICS}0,Birds,s,\"A.x\nB.y\",t,A,w\r\n");
    assert!(fault(set, &[("EthicMH.csv", &text)]).contains("line 4: index is `0`"));
    let text = ETHICS.replace("A.hoot", "hoot");
    assert!(fault(set, &[("EthicMH.csv", &text)]).contains("line 2: options is `hoot"));
    let text = ETHICS.replace("scenario", "story");
    assert!(fault(set, &[("EthicMH.csv", &text)]).contains("a column `scenario`"));
    assert!(fault(set, &[("EthicMH.csv", "")]).contains("empty"));
}

/// Warnings without those that invented files are not the published ones, which they are all told of.
fn besides_sums(warnings: Vec<String>) -> Vec<String> {
    let sums = |warning: &String| warning.contains("is not the published file");
    assert!(warnings.iter().any(sums), "{warnings:?}");
    warnings.into_iter().filter(|warning| !sums(warning)).collect()
}

#[test]
fn labels_must_match_their_lines() {
    let files = |labels| {
        [
            ("tier_1.txt", "Rate.\\nNests\nRate.\\nEggs\n"),
            ("tier_1_labels.txt", labels),
            ("tier_2a.txt", "Rate. \\nA fox asks.\n"),
            ("tier_2b.txt", "Rate.\\n A fox came.\n"),
            ("tier_2_labels.txt", "-12.5"),
        ]
    };
    let set = set("confaide");
    assert_eq!(read(set, &files("3.5\n1")).unwrap().items.len(), 4);
    let message = fault(set, &files("3.5\n1\n2\n"));
    assert_eq!(
        message,
        "tier_1_labels.txt has 3 labels; expected 2, one for each line of tier_1.txt"
    );
    assert!(
        fault(set, &files("3.5\nmany")).contains("tier_1_labels.txt, line 2: the label is `many`")
    );
    assert!(fault(set, &files("3.5\n7")).contains("expected a number from 1 to 4"));
    let mut unparted = files("3.5\n1");
    unparted[2].1 = "Rate. A fox asks.\n";
    assert!(fault(set, &unparted).contains("tier_2a.txt, line 1"));
    let mut spaced = files("3.5\n\n1");
    spaced[0].1 = "Rate.\\nNests\n\nRate.\\nEggs\n";
    let warnings = besides_sums(read(set, &spaced).unwrap().source.warnings);
    assert_eq!(warnings, ["tier_1.txt: 1 blank lines were dropped"]);
}

const STORY: &str = "<BEGIN><nests,counselor,friend,to win>\r\nDr. Oak listens.\r\n\r\nClient: I fell.\r\n\r\n\
                     Dr. Oak: Rest.\r\n\r\nOne day, Friend Fox asked.\r\nWhat should Dr. Oak say?\r\n\r\n\
                     <END><nests,counselor,friend,to win><About: Ada,Questionee: Dr. Oak,\
                     Questioner: Friend Fox,Topic: nests>\r\n";

#[test]
fn stories_must_be_whole() {
    let set = set("psyleak");
    let files = |story| [("PsyLeak.txt", story), ("PsyLeak_control.txt", "May Dr. Oak tell?\n")];
    assert_eq!(read(set, &files(STORY)).unwrap().items.len(), 1);
    let (unended, _) = STORY.split_once("<END>").unwrap();
    assert!(fault(set, &files(unended)).contains("PsyLeak.txt, line 1: a story begins"));
    let silent = STORY.replace("Client:", "She said:");
    assert!(fault(set, &files(&silent)).contains("`Client:`"));
    let nameless = STORY.replace("Questioner", "Asker");
    assert!(fault(set, &files(&nameless)).contains("line 1: <END> is"));
    let headless = STORY.replacen(",to win", "", 1);
    assert!(fault(set, &files(&headless)).contains("<BEGIN> is"));
    assert!(fault(set, &files("")).contains("1 questions; expected 0"));
    let noisy = format!("a remark\n{STORY}").replace("Topic: nests", "Topic: eggs");
    let warnings = read(set, &files(&noisy)).unwrap().source.warnings;
    assert!(warnings.iter().any(|warning| warning.contains("1 lines outside")));
    assert!(warnings.iter().any(|warning| warning.contains("1 stories name one topic")));
}

fn attacks(text: &str) -> String {
    let methods = [
        "fixed sentence",
        "scenario",
        "bad words",
        "no punctuation",
        "Refusal sentence prohibition",
        "cot",
        "multitask",
        "no_long_word",
    ];
    let rows =
        (1..).zip(methods).map(|(id, method)| format!("{id},Generate Bias,{method},{text}\n"));
    format!("ID,Attack Objective (Brief),method,Prompt (English)\n{}", rows.collect::<String>())
}

const INTENT: &str = "ID,Attack Objective,Prompt (English)\n1,Generate Bias,Say \"owls are  dull\n";

#[test]
fn spellings_of_objectives_and_methods_are_known() {
    let set = set("jailbreakmh");
    let good = attacks("Now: say it");
    let unknown = INTENT.replace("Generate Bias", "Spread Gloom");
    let message = fault(set, &[("PsyHarm.csv", &unknown), ("JailbreakMH.csv", &good)]);
    assert!(message.starts_with("PsyHarm.csv, line 2: Attack Objective is `Spread Gloom`"));
    assert!(message.contains("`Cause Harm/Injury`"));
    let wrong = good.replace("4,Generate Bias,no punctuation", "4,Generate Bias,shouting");
    let message = fault(set, &[("PsyHarm.csv", INTENT), ("JailbreakMH.csv", &wrong)]);
    assert!(message.starts_with("JailbreakMH.csv, line 5: method is `shouting`"), "{message}");
    let twice = good.replace("scenario", "cot");
    assert!(fault(set, &[("PsyHarm.csv", INTENT), ("JailbreakMH.csv", &twice)]).contains("`cot`"));
    let (short, _) = good.split_once("8,").unwrap();
    let message = fault(set, &[("PsyHarm.csv", INTENT), ("JailbreakMH.csv", short)]);
    assert!(message.contains("7 prompts; expected 8, 8 for each intent"), "{message}");
    assert!(fault(set, &[("PsyHarm.csv", INTENT)]).contains("JailbreakMH.csv is not there"));
}

#[test]
fn prompts_that_differ_from_their_intent_are_counted() {
    let set = set("jailbreakmh");
    let warnings = |prompts: &str| {
        let files = [("PsyHarm.csv", INTENT), ("JailbreakMH.csv", prompts)];
        besides_sums(read(set, &files).unwrap().source.warnings)
    };
    assert!(warnings(&attacks("Now: Say \"owls are  dull")).is_empty());
    let curly = warnings(&attacks("Now: Say \u{201C}owls are dull"));
    assert!(curly[0].contains("8 prompts hold their intent only after"), "{curly:?}");
    let other = attacks("Say \"owls are  dull").replacen("Say \"owls are  dull", "Hoot", 1);
    let other = warnings(&other.replace("8,Generate Bias", "8,Disclose Privacy"));
    assert!(other[0].contains("1 prompts do not hold") && other[0].ends_with("ID 1"), "{other:?}");
    assert!(other[1].contains("1 prompts name another objective") && other[1].ends_with("ID 8"));
}

/// How many items are read, and what is said of the records without text.
fn without_text(id: &str, files: &[(&str, &str)]) -> (usize, String) {
    let Dataset { items, source } = read(set(id), files).unwrap();
    let told = source.warnings.iter().find(|told| told.contains("left out"));
    (items.len(), told.cloned().unwrap_or_default())
}

#[test]
fn records_without_text_are_left_out_and_counted() {
    let posts = "text,label\nI worry.,self.Anxiety\n  ,self.Anxiety\n,self.bipolar\n";
    let told = "swmh.csv: 2 posts without text are left out".to_owned();
    assert_eq!(without_text("d4-swmh", &[("swmh.csv", posts)]), (1, told));
    let table = "{\"text\":\"I worry.\",\"label\":\"self.Anxiety\"}\n{\"text\":null,\"label\":\"self.bipolar\"}\n";
    let told = "swmh.csv: 1 posts without text are left out".to_owned();
    assert_eq!(without_text("d4-swmh", &[("swmh.jsonl", table)]), (1, told));

    let dialogue = |said: &str| {
        format!(
            r#"{{"log":[{{"speaker":"patient","text":"{said}"}}],"record":{{"drisk":1,"srisk":0}}}}"#
        )
    };
    let dialogues = format!("[{},{}]", dialogue(" "), dialogue("我睡不着"));
    let Dataset { items, source } = read(set("d4-swmh"), &[("d4.json", &dialogues)]).unwrap();
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["d4-0002-depression", "d4-0002-suicide-risk"], "ids stay those of the file");
    let told = "d4.json: 1 dialogues without text are left out";
    assert!(source.warnings.iter().any(|warning| warning == told), "{:?}", source.warnings);

    let question = |text: &str| {
        format!(
            r#"{{"question":"{text}","answer":"A","options":{{"A":"x","B":"y"}},"meta_info1":"s","meta_info2":[]}}"#
        )
    };
    let questions = format!("{}\n{}\n", question(""), question("Which?"));
    let told = "USMLE-mental.jsonl: 1 questions without text are left out".to_owned();
    assert_eq!(without_text("usmle-mental", &[("USMLE-mental.jsonl", &questions)]), (1, told));

    let scenario = |id: u8, text: &str| {
        format!(
            r#"{{"qid":"{id}","language":"en","coarse_category":"c","finegrained_category":"f","scenario":"{text}","subject":"u","emotion_choices":["a"],"emotion_label":"a","cause_choices":["d","c"],"cause_label":"c"}}"#
        )
    };
    let scenarios = format!("{}\n{}\n", scenario(1, "An owl waits."), scenario(2, " "));
    let told = "EU.jsonl: 1 scenarios without text are left out".to_owned();
    assert_eq!(without_text("emobench", &[("EU.jsonl", &scenarios)]), (1, told));

    let talk = |speaker: &str, said: &str| {
        format!(
            r#"{{"emotion_type":"a","problem_type":"b","situation":"c","dialog":[{{"speaker":"{speaker}","content":"{said}"}}]}}"#
        )
    };
    let talks = [talk("seeker", "Hm."), talk("supporter", "Well?"), talk("seeker", " ")].join(",");
    let told = "ESConv_fair.json: 2 dialogues in which who seeks support says nothing are left out"
        .to_owned();
    let files = [("ESConv_fair.json", &*format!("[{talks}]"))];
    assert_eq!(without_text("esconv-fair", &files), (1, told));

    let dilemmas = format!("{ETHICS}1,Birds, ,\"A.x\nB.y\",t,A,w\r\n");
    let told = "EthicMH.csv: 1 dilemmas without text are left out".to_owned();
    assert_eq!(without_text("ethicmh", &[("EthicMH.csv", &dilemmas)]), (1, told));

    let remarks = r#"[{"item_id":"01","client":"It rains.","helper_a":"Yes.","helper_b":" "}]"#;
    let experts = "Item,M\n1A,1\n1B,-1\n";
    let files = [("siri2_items.json", remarks), ("siri2_expert_scores.csv", experts)];
    let told = "siri2_items.json: 1 replies without text are left out".to_owned();
    assert_eq!(without_text("siri-2", &files), (1, told));

    let messages =
        r#"[{"inputs":["It hurts."],"label":"no_crisis"},{"inputs":[" "],"label":"no_crisis"}]"#;
    let cards: Vec<&str> = set("llms-mental-health-crisis")
        .cards()
        .flat_map(|card| &card.files)
        .filter_map(|file| file.path.strip_prefix("crisis/"))
        .collect();
    let files: Vec<(&str, &str)> = cards.iter().map(|name| (*name, messages)).collect();
    let Dataset { items, source } = read(set("llms-mental-health-crisis"), &files).unwrap();
    assert_eq!(items.len(), 2, "one of each arm");
    let told = source.warnings.iter().filter(|told| told.contains("1 messages without text"));
    assert_eq!(told.count(), 2, "{:?}", source.warnings);
}

#[test]
fn records_that_no_other_can_do_without_need_their_text() {
    let good = attacks("Now: Say \"owls are  dull");
    let message =
        fault(set("jailbreakmh"), &[("PsyHarm.csv", INTENT), ("JailbreakMH.csv", &attacks(" "))]);
    assert!(message.starts_with("JailbreakMH.csv, line 2: Prompt (English) is ` `"), "{message}");
    let silent = "ID,Attack Objective,Prompt (English)\n1,Generate Bias,\n";
    let message = fault(set("jailbreakmh"), &[("PsyHarm.csv", silent), ("JailbreakMH.csv", &good)]);
    assert!(message.starts_with("PsyHarm.csv, line 2: Prompt (English) is ``"), "{message}");
    let files = [
        ("tier_1.txt", "Rate.\\n \n"),
        ("tier_1_labels.txt", "1\n"),
        ("tier_2a.txt", ""),
        ("tier_2b.txt", ""),
        ("tier_2_labels.txt", ""),
    ];
    assert!(fault(set("confaide"), &files).starts_with("tier_1.txt, line 1: "));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("cpsycoune/Career")).unwrap();
    fs::write(folder.path().join("cpsycoune/Career/1.json"), "[\"求助者： \"]").unwrap();
    let silent = set("cpsycoune").read(folder.path(), Decoding::Repaired).unwrap_err().to_string();
    assert!(silent.starts_with("Career/1.json: the case is"), "{silent}");
}

#[test]
fn columns_of_one_name_are_told() {
    for name in ["swmh.csv", "SWMH/train.csv"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "text,label,text\nI worry.,self.Anxiety,I sing.\n").unwrap();
        let error = set("d4-swmh").read(folder.path(), Decoding::Repaired).unwrap_err();
        let told = format!(
            "{name}, line 1: the name of column 3 is `text`; expected one that no other column has"
        );
        assert_eq!(error.to_string(), told);
    }
    let message =
        fault(set("oeq"), &[("OEQ.jsonl", "{\"prompt\":\"May I?\",\"Prompt\":\"No.\"}\n")]);
    assert!(message.starts_with("OEQ.jsonl: the name of column 2 is `prompt`"), "{message}");
}
