use super::*;
use proptest::prelude::*;

#[test]
fn finds_fenced_bare_and_embedded_objects() {
    for reply in [
        "```json\n{\"choice\": \"B\"}\n```",
        "```\n{\"choice\": \"B\"}\n```",
        "{\"choice\": \"B\"}",
        "Here it is: {\"choice\": \"B\"} as asked.",
        "```text\nno\n``` then ```json\n{\"choice\": \"B\"}\n```",
    ] {
        let object = object_in(reply).unwrap_or_else(|| panic!("{reply}"));
        assert_eq!(object["choice"], "B");
    }
    assert_eq!(object_in("[1, 2]"), None);
    assert_eq!(object_in("{not json"), None);
}

/// Objects as models write them, and the value of their field.
const TOLERATED: &[(&str, &str)] = &[
    (r#"{'choice': 'B'}"#, "B"),
    (r#"{“choice”: “B”}"#, "B"),
    (r#"{‘choice’: ‘B’}"#, "B"),
    (r#"{「choice」：「B」}"#, "B"),
    (r#"{“choice": "B”}"#, "B"),
    (r#"{`choice`: `B`}"#, "B"),
    ("{choice: B}", "B"),
    ("{choice: B, reason: a calm step, and kind}", "B"),
    ("{ choice = B }", "B"),
    (r#"{"choice" => "B"}"#, "B"),
    (r#"{choice": "B"}"#, "B"),
    (r#"{"choice: B"}"#, ""),
    (r#"{"choice": B"}"#, "B"),
    (r#"{"choice": "B}"#, "B"),
    ("{\"choice\": \"B\n}", ""),
    (r#"{"choice": "B, "reason": "kind"}"#, "B"),
    (r#"{"choice": "B" "reason": "kind"}"#, "B"),
    ("{\"choice\": \"B\"\n reason: \"kind\"}", "B"),
    (r#"{"choice": "B",,}"#, "B"),
    (r#"{, "choice": "B"}"#, "B"),
    (r#"{"choice"："B"，"reason"："kind"}"#, "B"),
    (r#"｛"choice"："B"｝"#, "B"),
    ("{\"choice\": \"B\" // the kind one\n}", "B"),
    ("{ # mine\n\"choice\": \"B\"}", "B"),
    (r#"{/* A or C? */ "choice": /* no */ "B"}"#, "B"),
    ("{\"reason\": \"one\ntwo\", \"choice\": \"B\"}", "B"),
    (r#"{"reason": "she says "not now" and leaves", "choice": "B"}"#, "B"),
    (r#"{"reason": "she says "not now", then leaves", "choice": "B"}"#, "B"),
    (r#"{'reason': 'she doesn't say', 'choice': 'B'}"#, "B"),
    (r#"{"reason": None, "sure": True, "choice": "B"}"#, "B"),
    (r#"{"choice": "B""#, "B"),
    (r#"{"choice": "B", "reason": "kind, and"#, "B"),
    (r#"{"choice": "B", "rea"#, "B"),
    (r#"{"choice": "B","#, "B"),
    ("```json\n{\"choice\": \"B\", \"reason\": \"ki\n```\nas asked", "B"),
    ("\u{feff}{\u{a0}\"choice\":\u{a0}\"B\"\u{a0}}", "B"),
    ("{\u{200b}\"choice\u{200b}\": \"B\"}", "B"),
    (r#"{{"choice": "B"}}"#, "B"),
    (r#"{\"choice\": \"B\"}"#, "B"),
    (r#""{\"choice\": \"B\"}""#, "B"),
    (r#"{"choice": {"B"}}"#, "B"),
    (r#"{"choice": ["B"}"#, "B"),
    (r#"{"choice": ["B"]"#, "B"),
    (r#"[{"choice": "B"}]"#, "B"),
    (r#"{"answer": {"choice": "B"}}"#, "B"),
    (r#"{"result": {"answer": [{"choice": "B"}]}}"#, "B"),
    (r#"{"CHOICE": "B"}"#, "B"),
    (r#"{"Final Choice": "B"}"#, "B"),
    (r#"{"choice": "A"} No: {"choice": "B"}"#, "B"),
    (r#"{"choice": "B"} in {"language": "English"}"#, "B"),
    (r#"{"thought": {"choice": "C"}, "choice": "B"}"#, "B"),
    (r#"{"choice": "B", "others": [{"choice": "A"}, {"choice": "C"}]}"#, "B"),
    (r#"{"first": {"choice": "C"}, "end": {"choice": "B"}}"#, "B"),
    (r#"{"choice": "B"} The form was {"choice": "<one letter: A, B>"}"#, "B"),
    (r#"{"choice": "..."} {"choice": "B"}"#, "B"),
    (r#"{"choice": "A|B|C"} {"choice": "B"}"#, "B"),
    (r#"{"choice": "one of A, B, C"} {"choice": "B"}"#, "B"),
    ("{\"choice\": \"A\", \"why\": \"cut\n\nAgain: {\"choice\": \"B\"}", "B"),
    (r#"{"choice": ""#, ""),
    (r#"{"choice": "B"#, ""),
    ("{choice: B", ""),
    (r#"{"choice": ["A", "#, ""),
    (r#"{"choice": "#, ""),
    (r#"{"choice"#, ""),
    (r#"{"choice": "<one letter: A, B, C>"}"#, ""),
    ("Choice {B}", ""),
];

#[test]
fn objects_are_read_as_they_were_meant() {
    let otherwise: Vec<String> = TOLERATED
        .iter()
        .filter_map(|(text, value)| {
            let found = field(text, &["choice", "final choice"]).map(|field| field.value);
            let read = found.as_ref().map_or("", |v| v.as_str().unwrap_or("no text"));
            (read != *value).then(|| format!("{text} reads {found:?}"))
        })
        .collect();
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
}

#[test]
fn values_keep_their_kind() {
    let text = r#"{"n": 4, "half": 2.5, "no": null, "yes": True, "list": [1, "two", {"three": 3}], open: N/A}"#;
    let expected = serde_json::json!({
        "n": 4, "half": 2.5, "no": null, "yes": true, "list": [1, "two", {"three": 3}], "open": "N/A"
    });
    assert_eq!(Value::Object(objects(text)[0].object.clone()), expected);
}

#[test]
fn places_and_depths_are_told() {
    let text = r#"So {"a": {"b": 1}} and [{"c": 2}, {"c": 3}]"#;
    let found = objects(text);
    let seen: Vec<_> =
        found.iter().map(|one| (&text[one.place.clone()], one.depth, one.list)).collect();
    assert_eq!(
        seen,
        [
            (r#"{"a": {"b": 1}}"#, 0, None),
            (r#"{"b": 1}"#, 1, None),
            (r#"{"c": 2}"#, 1, Some(23)),
            (r#"{"c": 3}"#, 1, Some(23)),
        ]
    );
}

#[test]
fn objects_of_one_list_that_disagree_are_several() {
    let field = field(r#"[{"choice": "A"}, {"choice": "B"}]"#, &["choice"]).unwrap();
    assert_eq!(field.value, serde_json::json!(["A", "B"]));
}

#[test]
fn long_replies_of_signs_end() {
    for piece in [
        "{",
        "[{",
        "{\"a\":",
        "{\"a\": \"",
        "\"}",
        "{a: ",
        "{\"a\": \"//",
        "\"#",
        "{/*",
        "[{\"a\": [",
        "“",
        "\\\"{",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        assert_eq!(field(&text, &["choice"]), None, "{piece}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(|n| serde_json::json!(n)),
        "[a-zA-Z ,.:'{}\"\\\\\n选择]{0,20}".prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map("[a-z]{1,8}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn takes_any_text(reply in "(?s).{0,200}") {
        let _ = object_in(&reply);
    }

    #[test]
    fn takes_many_braces(count in 0_usize..5000) {
        let _ = object_in(&"{".repeat(count));
    }

    #[test]
    fn sound_objects_are_read_exactly(value in json(), before in "[a-z .]{0,10}") {
        let text = format!("{before}{}", serde_json::json!({ "whole": value }));
        let found = objects(&text);
        prop_assert_eq!(&found[0].object["whole"], &value);
        prop_assert_eq!(&found[0].place, &(before.len()..text.len()));
    }

    #[test]
    fn any_text_is_taken(text in "(?s)[{}\\[\\]\"':,a\\\\ \n“”：#/*`B-]{0,80}|.{0,80}") {
        for one in objects(&text) {
            prop_assert!(text.get(one.place).is_some());
        }
    }

    #[test]
    fn what_is_cut_off_is_no_value(cut in 0_usize..60) {
        let text = r#"{"reason": "kind, and the first step", "choice": "consent"}"#;
        let value = field(&text[..cut.min(text.len())], &["choice"]);
        prop_assert!(value.is_none() || cut >= 57);
    }
}
