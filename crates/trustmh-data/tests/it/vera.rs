//! VERA-MH and psychosis-bench: sets, transcripts and clinicians' ratings as they are, and quirks invented after them.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use trustmh_core::item::{
    Client, Conversation, Item, ItemContent, Mark, Openness, Reaction, RiskLevel, Side,
};
use trustmh_data::Dataset;
use trustmh_data::published::Decoding;
use trustmh_data::record::{Beside, RecordFormat, RecordedRun};
use trustmh_testing::shared;

use crate::set;

fn conversation(item: &Item) -> &Conversation {
    let ItemContent::Conversation(conversation) = &item.content else {
        panic!("{} is no conversation", item.id)
    };
    conversation
}

#[test]
fn psychosis_bench_is_sixteen_scripts_in_two_arms() {
    let Some(data) = shared("data") else { return };
    let Dataset { items, source } = set("psychosis-bench").read(&data, Decoding::Repaired).unwrap();
    assert_eq!(source.warnings.len(), 1, "{:?}", source.warnings);
    assert!(source.warnings[0].contains("1 turns repeat"));
    let mut arms: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in &items {
        arms.entry(&item.tags["arm"]).or_default().insert(&item.tags["case"]);
        let Client::Scripted { turns } = &conversation(item).client else { panic!("{}", item.id) };
        assert_eq!(turns.len(), 12);
        assert!(turns.iter().all(|turn| turn.marks.contains(&Mark::Belief)));
        let intent: Vec<bool> =
            turns.iter().map(|turn| turn.marks.contains(&Mark::HarmIntent)).collect();
        assert_eq!(intent.iter().position(|intent| *intent), Some(10));
    }
    assert_eq!((arms.len(), arms["explicit"].len()), (2, 8));
    assert_eq!(arms["explicit"], arms["implicit"]);
}

#[test]
fn a_hundred_personas_are_read_and_the_shifted_one_is_named() {
    let Some(data) = shared("data") else { return };
    let Dataset { items, source } =
        set("vera-mh-personas").read(&data, Decoding::Repaired).unwrap();
    assert_eq!(items.len(), 100);
    let warnings = &source.warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("1 of 100 personas") && warnings[0].contains("Skylar"));
    assert!(warnings[1].contains("no endorsement by Spring Care"));
    let mut risks: BTreeMap<RiskLevel, usize> = BTreeMap::new();
    let mut openness: BTreeMap<Openness, usize> = BTreeMap::new();
    for item in &items {
        let talk = conversation(item);
        let Client::Simulated { persona } = &talk.client else { panic!("{}", item.id) };
        *risks.entry(persona.risk).or_default() += 1;
        *openness.entry(persona.disclosure).or_default() += 1;
        assert_eq!((talk.most_turns(), persona.plan.len()), (10, 5));
        assert!(persona.opening.is_some() && persona.lines.is_none());
    }
    let risks: Vec<usize> = risks.into_values().collect();
    assert_eq!(risks, [10, 30, 30, 30]);
    let openness: Vec<usize> = openness.into_values().collect();
    assert_eq!(openness, [8, 26, 38, 28]);
    let skylar = items.iter().find(|item| item.tags["persona"] == "skylar").unwrap();
    assert_eq!(skylar.tags["risk"], "low");
}

const PERSONAS: &str = "Name\tAge\tGender\tCurrent Suicide Risk Level\tShort Current Suicide Risk Level\tCurrent Suicidal Thoughts and Behaviors\tRemote History of Suicidal Thoughts and Behaviors\tDisclosure of Suicide Risk\tPrimary Communication Style\tReaction to Chatbot Responses\tDiagnoses and Symptoms\tTreatment Engagement / Access\tMental Health Stigma\tFinancial Stress\tSocial Isolation\tDiscrimination Exposure\tBackground\tRecent Triggers and Stressors\tFinal Seed Phrase\n";

fn persona(name: &str, level: &str, short: &str, disclosure: &str, reaction: &str) -> String {
    format!(
        "{name}\t30\tWoman\t{level}\t{short}\tnone\tnone\t{disclosure}\tshort\t{reaction}\tlow mood\tnone\tlow\tlow\tlow\tnone\tbaker\tnew oven\tthe bread burns\n"
    )
}

fn personas(rows: &str) -> Result<Dataset, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("personas.tsv"), format!("{PERSONAS}{rows}")).unwrap();
    let read = set("vera-mh-personas").read(folder.path(), Decoding::Repaired);
    read.map_err(|error| error.to_string())
}

#[test]
fn personas_with_unknown_words_are_errors_and_those_without_a_name_are_left_out() {
    let sound = persona("Ann", "Low (so)", "Low", "High (so)", "Resistant (so)");
    let nameless = persona("", "Low", "Low", "High", "Engaged");
    let Dataset { items, source } = personas(&format!("{sound}{nameless}")).unwrap();
    let Client::Simulated { persona: ann } = &conversation(&items[0]).client else { panic!() };
    assert_eq!((ann.reaction, ann.disclosure), (Reaction::Resistant, Openness::High));
    assert_eq!(ann.opening.as_ref().unwrap().text, "the bread burns");
    assert!(
        source.warnings[0].contains("1 rows without a name") && source.warnings[0].contains("3")
    );
    for (row, fault) in [
        (
            persona("Ann", "Low", "Lowish", "High", "Engaged"),
            "line 2: Short Current Suicide Risk Level is `Lowish`",
        ),
        (persona("Ann", "Low", "Low", "Open", "Engaged"), "Disclosure of Suicide Risk is `Open`"),
        (persona("Ann", "Low", "Low", "High", "Keen"), "Reaction to Chatbot Responses is `Keen`"),
        (format!("{sound}{sound}"), "line 3: id is `vera-mh-ann`"),
    ] {
        let found = personas(&row).unwrap_err();
        assert!(found.contains(fault), "{found}");
    }
}

fn imported(
    format: &str,
    folder: &std::path::Path,
    ratings: Option<&std::path::Path>,
) -> Result<Vec<RecordedRun>, String> {
    let beside = Beside { ratings: ratings.map(Into::into), ..Beside::default() };
    let format = RecordFormat::named(format).unwrap();
    format.read(&[folder.to_owned()], &beside).map_err(|error| error.to_string())
}

#[test]
fn the_120_transcripts_are_read_and_all_90_rated_ones_joined() {
    let Some(folder) = shared("data/vera-mh") else { return };
    let ratings = folder.join("clinician_ratings_2025-12.csv");
    let runs = imported("vera-mh", &folder.join("conversations"), Some(&ratings)).unwrap();
    assert_eq!(runs.len(), 4);
    let mut marked = Vec::new();
    let (mut read, mut rated, mut given, mut answers) = (0, 0, 0, 0);
    for run in &runs {
        assert_eq!((run.trials.len(), run.source.records), (30, 30), "{}", run.model);
        let judged = run.trials.iter().filter(|one| !one.exchanges.is_empty()).count();
        assert_eq!(run.judge.is_some(), judged > 0);
        read += run.trials.len();
        rated += judged;
        given += run.ratings.len();
        for one in &run.trials {
            let Client::Recorded { turns } = &conversation(&one.trial.item).client else {
                panic!()
            };
            assert_eq!(turns.len(), 20, "{}", one.trial.id);
            assert_eq!(turns[0].speaker, Side::Client);
            let persona = &one.trial.item.tags["persona"];
            assert_eq!(one.trial.cluster().as_str(), persona);
            for exchange in &one.exchanges {
                answers += exchange.text().unwrap().matches("\"question\"").count();
            }
        }
        assert!(!run.source.warnings.iter().any(|warning| warning.contains("have no transcript")));
        assert!(run.source.warnings.iter().any(|warning| warning.contains("no endorsement")));
        marked
            .extend(run.source.warnings.iter().filter(|warning| warning.contains("a sign before")));
    }
    // 270 ratings by six people, of 90 conversations of three of the four models.
    assert_eq!((read, rated, given), (120, 90, 270));
    // On one dimension of one conversation all three differ.
    assert_eq!(answers, 449);
    // Two ids of the table would be numbers without the sign before them; under what is written no file stands.
    let marked = marked.iter().map(|warning| warning.as_str()).collect::<String>();
    assert!(marked.contains("#402e12") && marked.contains("#0413e7"), "{marked}");
    let unrated = runs.iter().find(|run| run.judge.is_none()).unwrap();
    assert!(unrated.source.warnings[0].starts_with("30 of 30 conversations are not rated"));
}

const RATED: &str = "clinician_id,conversation_id,clinician_detects,clinician_confirms,clinician_guides,clinician_supportive,clinician_boundaries,user_profile,user_prompt_risk_level,user_prompt_disclosure_level\n";

#[test]
fn rated_conversations_without_a_transcript_and_those_of_others_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let talks = folder.path().join("p_a__a_b__t4__r1__1");
    fs::create_dir(&talks).unwrap();
    for name in ["1a_Ann_a_run1.txt", "2b_Bo_a_run1.txt", "notes.md"] {
        fs::write(talks.join(name), format!("user: hello {name}\n\nuser: again\nchatbot: hi\n"))
            .unwrap();
    }
    let best = "Best Practice,Best Practice,NA,Best Practice,Best Practice";
    let table = format!(
        "{RATED}x,1a,{best},Ann,High,Low\nx,2b,{best},Cy,High,Low\nx,3c,{best},Di,High,Low\n"
    );
    let ratings = folder.path().join("ratings.csv");
    fs::write(&ratings, table).unwrap();
    let runs = imported("vera-mh", folder.path(), Some(&ratings)).unwrap();
    let [run] = runs.as_slice() else { panic!("{runs:?}") };
    assert_eq!((run.model.as_str(), run.trials.len()), ("b", 2));
    let tags = &run.trials[0].trial.item.tags;
    assert_eq!((tags["client_model"].as_str(), tags["risk"].as_str()), ("a", "high"));
    let told = run.source.warnings.join("\n");
    for wanted in [
        "put together: 1 in 1a, 1 in 2b",
        "1 of 2 conversations are not rated",
        "names another persona than the file; not joined: 2b",
        "no rating has a majority, so the verdict is missing: 1a guides",
        "1 conversations rated in ratings.csv have no transcript here: 3c",
    ] {
        assert!(told.contains(wanted), "{wanted} is not in {told}");
    }
}

#[test]
fn anybodys_transcripts_need_no_names_and_no_ratings() {
    let folder = tempfile::tempdir().unwrap();
    let talks = folder.path().join("our-product");
    fs::create_dir(&talks).unwrap();
    fs::write(
        talks.join("monday.txt"),
        "chatbot: 你好，想聊什么？\nuser: 睡不着。\nchatbot: 多久了？\n",
    )
    .unwrap();
    let runs = imported("transcripts", folder.path(), None).unwrap();
    let item = &runs[0].trials[0].trial.item;
    assert_eq!((runs[0].model.as_str(), item.id.as_str()), ("our-product", "transcripts-monday"));
    assert_eq!((item.language.as_str(), item.tags.get("persona")), ("zh", None));
    assert!(runs[0].source.warnings.is_empty() && runs[0].trials[0].exchanges.is_empty());
    fs::write(talks.join("notes.txt"), "Nothing was said.").unwrap();
    let fault = imported("transcripts", folder.path(), None).unwrap_err();
    assert!(fault.starts_with("notes.txt: the text is `Nothing was said.`"), "{fault}");
    let empty = tempfile::tempdir().unwrap();
    assert!(imported("transcripts", empty.path(), None).unwrap_err().contains("no file to import"));
}
