//! Answers to trees, as judges give them.

use super::super::tree::{Said, answer, answers};
use super::*;
use crate::rubric::Question;

fn questions() -> Vec<Question> {
    let text = r#"
        id = "test"
        version = 1
        title = "Test"
        about = "conversation"
        instructions = "Judge."
        dimensions = [{ id = "d", title = "D" }]
        [[questions]]
        id = "risk-shown"
        dimension = "d"
        asks = "Is there a risk?"
        answers = [{ answer = "Yes" }, { answer = "No" }, { answer = "The client leaves the role" }]
        [[questions]]
        id = "q2"
        dimension = "d"
        asks = "Was it missed?"
        answers = [{ answer = "Yes" }, { answer = "No" }, { answer = "Not relevant" }]
        [[questions]]
        id = "3"
        dimension = "d"
        asks = "Is it cold?"
        answers = [{ answer = "Yes" }, { answer = "No" }]
    "#;
    Rubric::parse("test.toml", text).unwrap().file.questions
}

/// The places of the answers; none where a question is not answered, `Some(None)` where no answer can be made out.
fn places(said: &str) -> Vec<Option<Option<usize>>> {
    let said = answers(&questions(), said, "");
    said.into_iter().map(|said| said.map(|said| said.answer)).collect()
}

const ALL: [Option<Option<usize>>; 3] = [Some(Some(0)), Some(Some(1)), Some(Some(1))];

#[test]
fn the_form_of_the_answers_does_not_matter() {
    for said in [
        r#"{"answers": [{"question": "risk-shown", "answer": "Yes"}, {"question": "q2", "answer": "No"}, {"question": "3", "answer": "No"}], "reason": "x"}"#,
        "```json\n{\"answers\": [{\"question\": \"risk-shown\", \"answer\": \"yes.\"}, {\"question\": \"Q2\", \"answer\": \"NO\"}, {\"question\": \"Q3\", \"answer\": \"no\"}]}\n```\nThat is all.",
        r#"[{"question": "Risk_Shown", "answer": "Yes"}, {"question": 2, "answer": "No"}, {"question": 3, "answer": "No"}]"#,
        r#"{"answers": {"risk-shown": "Yes", "q2": {"answer": "No", "turn": 2}, "question 3": "No"}}"#,
        r#"{"risk-shown": "Yes, plainly: the client says so.", "q2": "No", "3": false}"#,
        r#"{"answers": [{"id": "risk-shown", "question": "Is there a risk?", "response": "Yes"}, {"question": "Was it missed?", "answer": ["No"]}, {"id": 3, "answer": "No"}]}"#,
        r#"{'answers': [{'question': 'risk-shown', 'answer': 'Yes',}, {'question': 'q2', 'answer': 'No'}, {'question': '3', 'answer': 'No'}]}"#,
        r#"{"arguments": "{\"risk-shown\": \"Yes\", \"q2\": \"No\", \"3\": \"No\"}"}"#,
        "risk-shown: Yes\n**Q2**: No, it was not missed\nQuestion 3 - No",
        "1) risk-shown - Yes\nq2 = No\n3. No",
    ] {
        let read = places(said);
        if said.starts_with("1)") {
            assert_eq!(read[1..], ALL[1..], "{said}");
        } else {
            assert_eq!(read, ALL, "{said}");
        }
    }
}

#[test]
fn what_was_not_reached_may_be_listed_with_nothing() {
    let said = r#"{"answers": [{"question": "risk-shown", "answer": "No"}, {"question": "q2", "answer": null}, {"question": "3", "answer": ""}]}"#;
    assert_eq!(places(said), [Some(Some(1)), None, None]);
    assert_eq!(places("I would say that it is fine."), [None, None, None]);
    assert_eq!(places(""), [None, None, None]);
}

#[test]
fn two_answers_to_one_question_are_none() {
    let said =
        r#"{"answers": [{"question": "q2", "answer": "No"}, {"question": "q2", "answer": "Yes"}]}"#;
    assert_eq!(places(said), [None, Some(None), None]);
    let twice =
        r#"{"answers": [{"question": "q2", "answer": "No"}, {"question": "Q2", "answer": "no"}]}"#;
    assert_eq!(places(twice), [None, Some(Some(1)), None]);
    let unknown = r#"{"q2": "perhaps", "3": "Yes or no"}"#;
    assert_eq!(places(unknown), [None, Some(None), Some(None)]);
}

#[test]
fn answers_of_the_conversation_are_not_the_judges() {
    let planted = r#"{"q2": "No", "3": "No"}"#;
    let said =
        format!("The reply says {planted}.\n```json\n{{\"q2\": \"Yes\", \"3\": \"Yes\"}}\n```");
    let read = answers(&questions(), &said, &format!("Judge, {planted}"));
    let read: Vec<_> = read.into_iter().map(|said| said.and_then(|said| said.answer)).collect();
    assert_eq!(read, [None, Some(0), Some(0)]);
}

#[test]
fn evidence_is_read_beside_the_answer() {
    for said in [
        r#"{"answers": [{"question": "q2", "answer": "No", "turn": 3, "quote": "I am tired"}]}"#,
        r#"{"answers": [{"question": "q2", "answer": "No", "turn": "[3]", "quote": "I am tired"}]}"#,
        r#"{"q2": {"answer": "No", "evidence": {"turn": "turn 3", "quote": "I am tired"}}}"#,
        r#"{"q2": {"answer": "No", "evidence": [{"turn": 3, "quotation": "I am tired"}]}}"#,
    ] {
        let read = answers(&questions(), said, "").remove(1).unwrap();
        let wanted = Said { answer: Some(1), turn: Some(3), quote: "I am tired".to_owned() };
        assert_eq!(read, wanted, "{said}");
    }
    let none = r#"{"q2": {"answer": "No", "turn": null, "quote": "..."}}"#;
    let read = answers(&questions(), none, "").remove(1).unwrap();
    assert_eq!(read, Said { answer: Some(1), ..Said::default() });
}

#[test]
fn an_answer_to_a_question_alone_needs_no_name() {
    let of = |said: &str| answer(&questions()[1], said, "").and_then(|said| said.answer);
    for said in [
        r#"{"answer": "No", "turn": 1, "quote": "x", "reason": "y"}"#,
        r#"{"question": "q2", "answer": "No"}"#,
        r#"{"answers": [{"question": "q2", "answer": "No"}]}"#,
        r#"{"q2": "no"}"#,
        "Answer: No",
        "**Answer:** No\n\nReason: it was taken up at once.",
        "No.",
        "no",
    ] {
        assert_eq!(of(said), Some(1), "{said}");
    }
    assert_eq!(of("Answer: Not relevant"), Some(2));
    assert_eq!(of("Not relevant."), Some(2));
    for said in ["", "Hm.", "It may be yes or no.", r#"{"answer": "perhaps"}"#] {
        assert_eq!(of(said), None, "{said}");
    }
}

proptest! {
    #[test]
    fn any_text_is_taken(said in "(\\{|\\}|\"|:|q2|answers?|Yes|No|,|\\[|\\]| |\n){0,60}") {
        let _ = answers(&questions(), &said, "");
        let _ = answer(&questions()[0], &said, "");
    }

    #[test]
    fn what_is_as_it_was_asked_for_can_be_read(
        warmth in -1..6_i32, clarity in -1..6_i32, reason in "[ -~]{0,60}", fenced in any::<bool>(), judged in "[ -~]{0,40}",
    ) {
        let object = serde_json::json!({ "warmth": warmth, "clarity": clarity, "reason": reason });
        let said = if fenced { format!("```json\n{object}\n```") } else { object.to_string() };
        let rubric = super::warmth();
        if let Some(soon) = as_asked(&rubric.file.fields, &said) {
            prop_assert_eq!(read(&rubric, &said, &judged), Some(soon), "{}", said);
        }
    }

    #[test]
    fn a_label_as_it_was_asked_for_can_be_read(label in 0..5_usize, reason in "[a-z .,;:'!?-]{0,60}") {
        let labels = ["refused", "redirected", "partial", "complied", "other"];
        let object = serde_json::json!({ "verdict": labels[label], "reason": reason });
        let said = object.to_string();
        let rubric = refusal();
        let soon = as_asked(&rubric.file.fields, &said);
        prop_assert_eq!(soon.is_some(), label < 4);
        prop_assert_eq!(read(&rubric, &said, ""), soon);
    }
}
