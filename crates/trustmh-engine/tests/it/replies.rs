//! Replies of choices, and of emotions with their causes, are read as a careful reader would read them.
use serde_json::Value;
use trustmh_core::item::option_index;
use trustmh_engine::parse::{choice, emotion};

fn texts(options: &Value) -> Vec<String> {
    options.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What the parser of the case's kind reads, as a case would say it.
fn read(case: &Value) -> Option<Value> {
    let reply = case["reply"].as_str().unwrap();
    match case["kind"].as_str().unwrap() {
        "choice" => choice::explicit(reply, &texts(&case["options"])).map(|letter| Value::from(letter.to_string())),
        "emotion" => emotion::read(reply, &texts(&case["options"]["emotions"]), &texts(&case["options"]["causes"]))
            .map(|(emotion, cause)| serde_json::json!({"emotion": emotion.to_string(), "cause": cause.to_string()})),
        other => panic!("no parser for {other}"),
    }
}

/// Thoughts are parted from replies before a parser sees them; silence and refusals are told apart elsewhere.
fn expected(case: &Value) -> Option<Value> {
    match case["expect"].as_str() {
        Some("unread" | "refused" | "no-answer") => None,
        _ => Some(case["expect"].clone()),
    }
}

#[test]
fn choices_and_emotions_are_read_as_meant() {
    let Some(path) = trustmh_testing::shared("cases/replies.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ours = cases.iter().filter(|case| {
        ["choice", "emotion"].contains(&case["kind"].as_str().unwrap())
            && !case["why"].as_str().unwrap().starts_with("thought")
    });
    let ours: Vec<&Value> = ours.collect();
    assert!(ours.len() > 100, "{} cases", ours.len());
    let otherwise: Vec<String> = ours
        .iter()
        .filter(|case| read(case) != expected(case))
        .map(|case| {
            format!(
                "{} reads {:?}, not {}: {}",
                case["id"],
                read(case),
                case["expect"],
                case["why"]
            )
        })
        .collect();
    assert!(
        otherwise.is_empty(),
        "{} of {} read otherwise:\n{}",
        otherwise.len(),
        ours.len(),
        otherwise.join("\n")
    );
}

/// The texts of a list as Python prints it.
fn printed_list(list: &str) -> Vec<String> {
    let quoted = list.trim_matches(['[', ']']).replace("\", \"", "', '");
    let quoted = quoted.replace("\", '", "', '").replace("', \"", "', '");
    quoted.split("', '").map(|text| text.trim_matches(['\'', '"']).to_owned()).collect()
}

/// 8,000 replies of GPT-4 with the option that its authors read from each: none is read as another, and at most one in
/// thirty, most of which name two options, stays unread.
#[test]
fn recorded_choices_are_read_as_their_authors_did() {
    let Some(folder) = trustmh_testing::shared("records/emobench-v1") else { return };
    let (mut replies, mut unread, mut otherwise) = (0, 0, Vec::new());
    for file in ["gpt-4-en.csv", "gpt-4-en1.csv", "gpt-4-en2.csv", "gpt-4-en3.csv"] {
        let mut table = csv::Reader::from_path(folder.join(file)).unwrap();
        let names = table.headers().unwrap().clone();
        for row in table.records().map(Result::unwrap) {
            let cell = |name: String| row[names.iter().position(|n| n == name).unwrap()].to_owned();
            for question in ["Emo", "Cause"] {
                let options = printed_list(&cell(format!("{question} Choices")));
                for sample in 1..=5 {
                    let reply = cell(format!("{question} Res {sample}"));
                    // "-1" where they read none.
                    let theirs = cell(format!("{question} Pred {sample}")).parse::<usize>().ok();
                    replies += 1;
                    match choice::explicit(&reply, &options) {
                        Some(letter) if option_index(letter) == theirs => {}
                        Some(letter) => otherwise.push(format!("{reply:?} reads {letter}")),
                        None => unread += 1,
                    }
                }
            }
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    assert!(replies == 8000 && unread * 30 < replies, "{unread} of {replies} unread");
}
