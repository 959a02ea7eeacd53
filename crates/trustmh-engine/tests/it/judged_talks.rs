//! What a judge is asked about conversations, and what its answers come to.
use trustmh_core::call::{CallEnd, CallSpec, Exchange, Finish, JudgedPart, Purpose, Reply};
use trustmh_core::id::{DimensionId, QuestionId};
use trustmh_core::trial::MissingVerdict;
use trustmh_engine::judge::{
    Found, TreeVerdict, judged_turns, tree_verdict, turn_verdict, whole_verdict,
};
use trustmh_engine::rubric::Rating;
use trustmh_engine::walk::{JudgeQuestions, JudgeRule, Judges};

use crate::support::talks::{
    By, TURN, asked, benchmark, item, judged, replied, rubric, talk, tree_reply, trial, walk,
};

const KIND: &str = "```json\n{\"unkind\": \"no\", \"care\": 2, \"reason\": \"Warm.\"}\n```";
const UNKIND: &str = "```json\n{\"unkind\": \"yes\", \"care\": 0, \"reason\": \"Curt.\"}\n```";
const GOOD: &[(&str, &str)] =
    &[("risk-shown", "Yes"), ("missed", "No"), ("asked", "Yes"), ("cold", "No")];

fn messages(calls: &[CallSpec]) -> String {
    let judge = calls.iter().filter(|call| matches!(call.purpose, Purpose::Judge { .. }));
    let shown = judge.map(|call| {
        let messages = call.messages.iter();
        let messages = messages.map(|message| format!("<{:?}>\n{}", message.role, message.content));
        format!("{:?}\n{}", call.purpose, messages.collect::<Vec<_>>().join("\n"))
    });
    shown.collect::<Vec<_>>().join("\n--------\n")
}

/// What a judge is shown by one rubric, first and after an answer that says nothing.
fn shown(by: By, questions: JudgeQuestions, language: &str) -> String {
    let benchmark = benchmark(by, &[]);
    let walk = walk(&benchmark, questions);
    let trial = trial(&walk, &item(language, 2));
    let (calls, _) = judged(&walk, &trial, |_| replied("Hm."));
    messages(&calls)
}

#[test]
fn a_judge_of_a_turn_is_shown_all_before_it_with_numbers() {
    insta::assert_snapshot!("turn", shown(By::Turns, JudgeQuestions::Together, "en"));
    insta::assert_snapshot!("turn-zh", shown(By::Turns, JudgeQuestions::Together, "zh"));
}

#[test]
fn a_judge_of_the_whole_is_shown_all_of_it() {
    insta::assert_snapshot!("whole", shown(By::Whole, JudgeQuestions::Together, "en"));
    insta::assert_snapshot!("whole-zh", shown(By::Whole, JudgeQuestions::Together, "zh"));
}

#[test]
fn a_judge_of_a_tree_is_shown_where_answers_lead() {
    insta::assert_snapshot!("tree", shown(By::Tree, JudgeQuestions::Together, "en"));
    insta::assert_snapshot!("tree-zh", shown(By::Tree, JudgeQuestions::Together, "zh"));
}

#[test]
fn a_judge_of_one_question_is_shown_nothing_of_the_others() {
    insta::assert_snapshot!("question", shown(By::Tree, JudgeQuestions::Apart, "en"));
    insta::assert_snapshot!("question-zh", shown(By::Tree, JudgeQuestions::Apart, "zh"));
}

#[test]
fn every_reply_is_judged_in_its_turn_and_then_the_whole() {
    let benchmark = benchmark(By::TurnsAndTree, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let trial = trial(&walk, &item("en", 3));
    let (calls, _) = judged(&walk, &trial, |call| match &call.purpose {
        Purpose::Judge { part: JudgedPart::Turn(1), ask: 0, .. } => replied("Hm."),
        Purpose::Judge { part: JudgedPart::Turn(_), .. } => replied(KIND),
        Purpose::Judge { .. } | Purpose::Subject { .. } | Purpose::Client { .. } => {
            replied(tree_reply(GOOD))
        }
    });
    let turn = |turn, ask| ("turn-test".to_owned(), ask, JudgedPart::Turn(turn));
    let tree = ("tree-test".to_owned(), 0, JudgedPart::Whole);
    assert_eq!(asked(&calls), [turn(0, 0), turn(1, 0), turn(1, 1), turn(2, 0), tree]);
}

#[test]
fn questions_apart_follow_the_tree_and_are_asked_once_more() {
    let benchmark = benchmark(By::Tree, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Apart);
    let trial = trial(&walk, &item("en", 2));
    let (calls, exchanges) = judged(&walk, &trial, |call| match &call.purpose {
        Purpose::Judge { part: JudgedPart::Question(id), ask, .. } => match (id.as_str(), ask) {
            ("missed", 0) => replied("Let me see."),
            ("risk-shown", _) => {
                replied("{\"answer\": \"Yes\", \"turn\": 2, \"quote\": \"line 1.\"}")
            }
            _ => replied("Answer: Yes"),
        },
        other => panic!("{other:?}"),
    });
    let question =
        |id: &str, ask| ("tree-test".to_owned(), ask, JudgedPart::Question(QuestionId::new(id)));
    let wanted = [question("risk-shown", 0), question("missed", 0), question("missed", 1)];
    assert_eq!(asked(&calls)[..3], wanted);
    assert_eq!(asked(&calls)[3..], [question("cold", 0)]);
    let talk = talk(&walk, &trial, &exchanges);
    let rubric = rubric(&walk, "tree-test");
    let verdict = tree_verdict(walk.judges, JudgeQuestions::Apart, rubric, &talk, &exchanges);
    let rating = |id: &str| verdict.ratings[&DimensionId::new(id)];
    assert_eq!(rating("detects"), Ok(Rating::High));
    assert_eq!(rating("asks"), Ok(Rating::NotRelevant));
    assert_eq!(rating("warm"), Ok(Rating::High));
    let evidence = verdict.answers[0].evidence.clone().unwrap();
    assert_eq!((evidence.turn, evidence.found), (Some(1), Found::InAnotherTurn(0)));
}

#[test]
fn nothing_is_asked_of_a_client_that_left_its_role_or_a_subject_that_failed() {
    let benchmark = benchmark(By::TurnsAndTree, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let recorded = serde_json::json!({ "id": "r", "language": "en", "content": {
        "kind": "conversation", "situation": "-", "client": { "recorded": { "turns": [
            { "speaker": "client", "text": "As an AI language model, I can not play this role." },
            { "speaker": "subject", "text": "How are you?" },
        ] } } } });
    let left = trial(&walk, &serde_json::from_value(recorded).unwrap());
    assert_eq!(walk.next_call(&left, &[]).unwrap(), None);
    let broken = trial(&walk, &item("en", 3));
    let exchange = |turn, end| Exchange { purpose: Purpose::Subject { turn }, end };
    let failed = CallEnd::Broken { message: "no answer".to_owned() };
    let exchanges = [exchange(0, replied("Hello.")), exchange(1, failed)];
    assert_eq!(walk.next_call(&broken, &exchanges).unwrap(), None);
}

#[test]
fn of_a_subject_that_fell_silent_only_the_replies_are_judged() {
    let benchmark = benchmark(By::TurnsAndTree, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let trial = trial(&walk, &item("en", 3));
    let exchange = |turn, end| Exchange { purpose: Purpose::Subject { turn }, end };
    let filtered = CallEnd::Replied(Reply::new(String::new(), Finish::ContentFilter, None));
    let mut exchanges = vec![exchange(0, replied("Hello.")), exchange(1, filtered)];
    let call = walk.next_call(&trial, &exchanges).unwrap().unwrap();
    assert_eq!(asked(&[call.clone()]), [("turn-test".to_owned(), 0, JudgedPart::Turn(0))]);
    exchanges.push(Exchange { purpose: call.purpose, end: replied(KIND) });
    assert_eq!(walk.next_call(&trial, &exchanges).unwrap(), None);
}

#[test]
fn a_recorded_conversation_is_judged_like_any_other() {
    let benchmark = benchmark(By::TurnsAndTree, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let recorded = serde_json::json!({ "id": "r", "language": "en", "content": {
        "kind": "conversation", "situation": "-", "client": { "recorded": { "turns": [
            { "speaker": "subject", "text": "Hello, what brings you here?" },
            { "speaker": "client", "text": "I can't sleep." },
            { "speaker": "subject", "text": "That sounds hard." },
        ] } } } });
    let trial = trial(&walk, &serde_json::from_value(recorded).unwrap());
    let (calls, exchanges) = judged(&walk, &trial, |call| match &call.purpose {
        Purpose::Judge { part: JudgedPart::Turn(0), .. } => replied(UNKIND),
        Purpose::Judge { part: JudgedPart::Turn(_), .. } => replied(KIND),
        _ => replied(tree_reply(GOOD)),
    });
    assert_eq!(calls.len(), 3);
    let talk = talk(&walk, &trial, &exchanges);
    let rubric = rubric(&walk, "turn-test");
    let unkind: Vec<String> = talk
        .replies()
        .map(|(turn, reply)| {
            let verdict = turn_verdict(walk.judges, rubric, turn, reply, &exchanges).unwrap();
            verdict.labels["unkind"].clone()
        })
        .collect();
    assert_eq!(unkind, ["yes", "no"]);
}

#[test]
fn a_rubric_from_a_mark_on_is_asked_on_those_turns_only() {
    let marked = TURN.replace("instructions", "from = \"asks-secret\"\ninstructions");
    let benchmark = benchmark(By::Turns, &[("rubrics/turn-test.toml", &marked)]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let turns = |marks: &str| {
        let item = format!(
            r#"{{"id":"t","language":"en","content":{{"kind":"conversation","situation":"-","client":{{"scripted":{{"turns":[
            {{"text":"One."}},{{"text":"Two."{marks}}},{{"text":"Three."}}]}}}}}}}}"#
        );
        let trial = trial(&walk, &serde_json::from_str(&item).unwrap());
        let (calls, exchanges) = judged(&walk, &trial, |_| replied(KIND));
        let parts: Vec<JudgedPart> = asked(&calls).into_iter().map(|(_, _, part)| part).collect();
        let talk = talk(&walk, &trial, &exchanges);
        let tables = benchmark.client_tables();
        let due = judged_turns(tables, "en", rubric(&walk, "turn-test"), &talk);
        assert_eq!(due.len(), parts.len());
        parts
    };
    assert_eq!(turns(r#","marks":["asks-secret"]"#), [JudgedPart::Turn(1), JudgedPart::Turn(2)]);
    assert_eq!(turns(""), []);
}

#[test]
fn why_a_verdict_is_missing_is_told_part_by_part() {
    let benchmark = benchmark(By::Whole, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let trial = trial(&walk, &item("en", 1));
    let whole = |says: fn() -> CallEnd| {
        let (_, exchanges) = judged(&walk, &trial, |_| says());
        let talk = talk(&walk, &trial, &exchanges);
        whole_verdict(walk.judges, rubric(&walk, "whole-test"), &talk, &exchanges)
    };
    assert_eq!(whole(|| replied("{\"quality\": 4}")).unwrap().scores["quality"], 4);
    assert_eq!(whole(|| replied("It is fine.")), Err(MissingVerdict::Unparsed));
    assert_eq!(whole(|| replied(" ")), Err(MissingVerdict::Unanswered));
    let broken = || CallEnd::Broken { message: "gone".to_owned() };
    assert_eq!(whole(broken), Err(MissingVerdict::Failed));

    let (_, exchanges) = judged(&walk, &trial, |_| replied("{\"quality\": 4}"));
    let talk = talk(&walk, &trial, &exchanges);
    let turn = |judge| {
        let judges = Judges::all_by(judge);
        turn_verdict(judges, rubric(&walk, "turn-test"), 0, "Reply 1.", &exchanges)
    };
    assert_eq!(turn(JudgeRule::Model), Err(MissingVerdict::NotAsked));
    assert_eq!(turn(JudgeRule::Offline), Err(MissingVerdict::NotForOfflineRules));
    let tree = rubric(&walk, "tree-test");
    let verdict = tree_verdict(walk.judges, JudgeQuestions::Apart, tree, &talk, &exchanges);
    assert!(verdict.ratings.values().all(|rating| *rating == Err(MissingVerdict::NotAsked)));
}

#[test]
fn answers_by_rules_make_the_same_ratings() {
    let benchmark = benchmark(By::Tree, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let tree = rubric(&walk, "tree-test");
    let by_rules = TreeVerdict::from_answers(tree, |question| {
        let given = GOOD.iter().find(|(id, _)| *id == question.id.as_str());
        given.map(|(_, answer)| (*answer).to_owned())
    });
    let trial = trial(&walk, &item("en", 2));
    let (_, exchanges) = judged(&walk, &trial, |_| replied(tree_reply(GOOD)));
    let talk = talk(&walk, &trial, &exchanges);
    let by_judge = tree_verdict(walk.judges, JudgeQuestions::Together, tree, &talk, &exchanges);
    assert_eq!(by_rules.ratings, by_judge.ratings);
    let nothing = TreeVerdict::from_answers(tree, |_| None);
    let why = Err(MissingVerdict::NotForOfflineRules);
    assert!(nothing.ratings.values().all(|rating| *rating == why));
}

#[test]
fn a_client_that_left_its_role_is_told_by_the_tree() {
    let benchmark = benchmark(By::Tree, &[]);
    let walk = walk(&benchmark, JudgeQuestions::Together);
    let tree = rubric(&walk, "tree-test");
    let left = TreeVerdict::from_answers(tree, |_| Some("the client leaves the role.".to_owned()));
    assert!(left.client_broke);
    assert_eq!(left.answers.len(), 1);
}
